"""Keeps secrets out of all texts: causes, actions, details, reports, signals and standard error.

Each secret is registered before it is sent. Texts are hidden where they are created: replies of servers, failures,
warnings and results. A server can repeat a secret in part, escaped or encoded, so any eight characters in a row of one
of its forms are replaced.
"""

from __future__ import annotations

import base64
import html
import json
import re
import string
from urllib.parse import quote, quote_plus, unquote

_LENGTH = 8
_HIDDEN = "***"
# Parts of a signed token that are secret; the others are names, and words of the report.
_SIGNED = re.compile(r"(?:Signature|Security-Token)=([^&\s]+)", re.IGNORECASE)
# Words of this program's own texts, which are no secret where a password contains them.
_WORDS = ("password", "secret", "credential", "connection", "database", "security", "cluster", "replica", "primary")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_parts: dict[int, set[str]] = {}


def keep(secret: str) -> None:
    """Register a secret: a password, or a token of IAM, of which the signature and the session are secret."""
    signed = [form for part in _SIGNED.findall(secret) for form in (part, unquote(part))]
    for part in signed or [secret]:
        for form in _forms(part):
            size = min(_LENGTH, len(form))
            grams = _parts.setdefault(size, set())
            parts = (form[start : start + size] for start in range(len(form) - size + 1))
            grams.update(part for part in parts if size < _LENGTH or not any(part in word for word in _WORDS))


def forget() -> None:
    """Forget all secrets."""
    _parts.clear()


def hide(text: str) -> str:
    """The text, with `***` in place of each part of a secret."""
    if not _parts or not text:
        return text
    plain = text.translate(_LOWER)
    marked = bytearray(len(plain))
    for size, grams in _parts.items():
        for start in range(len(plain) - size + 1):
            if plain[start : start + size] in grams:
                marked[start : start + size] = b"\1" * size
    if not any(marked):
        return text
    shown = "".join("\0" if mark else letter for letter, mark in zip(text, marked))  # noqa: B905 - equally long
    return re.sub("\0+", _HIDDEN, shown)


def hidden(value: object) -> object:
    """A value of JSON with all its texts hidden; keys are those of this program, and stay."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {key: hidden(item) for key, item in value.items()}
    return [hidden(item) for item in value] if isinstance(value, (list, tuple)) else value


def _forms(secret: str) -> set[str]:
    """How a program may write it, in lower case."""
    encoded = secret.encode("utf-8", "surrogatepass")
    forms = {
        secret,
        repr(secret)[1:-1],
        repr(encoded)[2:-1],
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret)[1:-1])[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        quote(encoded, safe=""),
        quote(encoded),
        quote_plus(encoded),
        encoded.hex(),
        encoded.hex(" "),
    }
    for text in (encoded, secret.encode("utf-16-le", "surrogatepass")):
        for offset in range(3):
            # The first and the last group of four characters also encode the bytes next to the secret.
            whole = base64.b64encode(b"\0" * offset + text).decode()
            inner = whole[4 if offset else 0 : len(whole) - 4 if whole.endswith("=") else len(whole)]
            forms.update((inner, inner.replace("+", "-").replace("/", "_")))
    return {form.translate(_LOWER) for form in forms if form}
