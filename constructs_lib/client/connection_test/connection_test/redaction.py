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
_WORDS = (
    "password",
    "secret",
    "credential",
    "connection",
    "database",
    "security",
    "cluster",
    "replica",
    "primary",
    "connectiontest",
)
# A part with so many letters of one of these words in a row has one other character, or none.
_FAMILIAR = 7
_COMMON = frozenset(word[at : at + _FAMILIAR] for word in _WORDS for at in range(len(word) - _FAMILIAR + 1))
# Letters before and after the word "password" in this program's own texts, which are no secret with it either where
# the characters between letters do not count.
_BEFORE = ("a", "and", "any", "ase", "che", "lid", "md5", "no", "of", "ong", "ram", "s", "the")
_AFTER = ("and", "con", "exi", "fro", "in", "is", "nev", "or", "out", "was", "wer")
_AROUND = frozenset().union(
    *({f"{text}password"[at : at + _LENGTH] for at in range(len(text))} for text in _BEFORE),
    *({f"password{text}"[at : at + _LENGTH] for at in range(1, len(text) + 1)} for text in _AFTER),
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

# In bytes. A password has at most 128 characters; of a longer secret, such as a session, the rare forms take too long.
_LONG = 512
_EACH_BYTE = (r"\x%02x", r"\%03o", "%%%02x", "=%02x", "0x%02x,", "0x%02x, ")
_EACH_LETTER = (r"\u%04x", "&#%d;", "&#x%x;")

_kept: set[str] = set()
_parts: dict[int, set[str]] = {}
# Of the letters and digits alone: a program can put a backslash, a space or a line's end between any two characters.
_bare: set[str] = set()


def keep(secret: str) -> None:
    """Register a secret: a password, or a token of IAM, of which the signature and the session are secret."""
    if secret in _kept:
        return
    _kept.add(secret)
    signed = [form for part in _SIGNED.findall(secret) for form in (part, unquote(part))]
    for part in signed or [secret]:
        for form in _forms(part):
            size = min(_LENGTH, len(form))
            _parts.setdefault(size, set()).update(_secret_runs(form, size))
        for form in (part, *_in_base64(part.encode("utf-8", "surrogatepass"))):
            bare = "".join(filter(str.isalnum, form.translate(_LOWER)))
            _bare.update(run for run in _secret_runs(bare, _LENGTH) - _AROUND if not run.isdigit())


def forget() -> None:
    """Forget all secrets."""
    _kept.clear()
    _parts.clear()
    _bare.clear()


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
    places = [place for place, letter in enumerate(plain) if letter.isalnum()] if _bare else []
    bare = "".join(plain[place] for place in places)
    for start in range(len(bare) - _LENGTH + 1):
        if bare[start : start + _LENGTH] in _bare:
            first, last = places[start], places[start + _LENGTH - 1]
            marked[first : last + 1] = b"\1" * (last + 1 - first)
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


def _secret_runs(text: str, size: int) -> set[str]:
    """All parts of a text with this size, except those that are mostly a word of this program's own texts."""
    runs = {text[start : start + size] for start in range(len(text) - size + 1)}
    return {run for run in runs if size < _LENGTH or not _is_familiar(run)}


def _is_familiar(run: str) -> bool:
    return any(run[at : at + _FAMILIAR] in _COMMON for at in range(len(run) - _FAMILIAR + 1))


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
        quote(quote(encoded, safe=""), safe=""),
        secret.replace("/", "\\/"),
        "\0".join(secret),
        r"\x00".join(secret),
        encoded.hex(),
    }
    for inner in _in_base64(encoded):
        forms.update((inner, inner.replace("+", "-").replace("/", "_")))
    if len(encoded) <= _LONG:
        forms |= _rare_forms(secret, encoded)
    return {form.translate(_LOWER) for form in forms if form}


def _rare_forms(secret: str, encoded: bytes) -> set[str]:
    forms = {
        *(encoded.hex(separator) for separator in " :-"),
        # Programs that escape each character, and not only those that need it.
        *(separator.join(map(str, encoded)) for separator in (", ", ",", " ")),
        *("".join(pattern % byte for byte in encoded) for pattern in _EACH_BYTE),
        *("".join(pattern % ord(letter) for letter in secret) for pattern in _EACH_LETTER),
    }
    for offset in range(5):
        whole = base64.b32encode(b"\0" * offset + encoded).decode()
        forms.add(whole[8 if offset else 0 : len(whole) - 8 if whole.endswith("=") else len(whole)])
    for inner in _in_base64(encoded):
        forms.update(_in_base64(inner.encode()))
    for inner in _in_base64(secret.encode("utf-16-le", "surrogatepass")):
        forms.update((inner, inner.replace("+", "-").replace("/", "_")))
    for offset in range(4):
        for encode in (base64.b85encode, base64.a85encode):
            forms.add(encode(b"\0" * offset + encoded)[5 if offset else 0 :].decode()[: len(encoded) // 4 * 5 - 5])
    return forms


def _in_base64(text: bytes) -> list[str]:
    """The text in base64, after a multiple of three bytes of other text, one byte more, and two more."""
    forms = []
    for offset in range(3):
        # The first and the last group of four characters also encode the bytes next to the text.
        whole = base64.b64encode(b"\0" * offset + text).decode()
        forms.append(whole[4 if offset else 0 : len(whole) - 4 if whole.endswith("=") else len(whole)])
    return forms
