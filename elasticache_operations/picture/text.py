"""Text in a picture: its width without a browser, cutting, wrapping and escaping."""

import unicodedata
from html import escape
from typing import Final

from elasticache_rules.output import printable

ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_EM: Final = 1000
_NARROW: Final = dict.fromkeys("ijl'|!", 290) | dict.fromkeys("frt.,:;()[]/\\-`I J\N{MIDDLE DOT}", 410)
_WIDE: Final = dict.fromkeys("mwMW@%\N{HORIZONTAL ELLIPSIS}", 1000) | dict.fromkeys(
    "NOQGHUD&+~=<>#\N{MULTIPLICATION SIGN}", 840
)
_CAPITAL: Final = 770
_OTHER: Final = 640
"""Widths in thousandths of the size, of DejaVu Sans, which is as wide as any font in the list of the page."""


def safe(text: str) -> str:
    """A text for HTML and SVG: on one line, with characters that cannot be seen written as escapes."""
    return escape(printable(text))


def width_of(text: str, size: int, *, bold: bool = False) -> int:
    """The width of a text in pixels, not less than in the fonts that the page names.

    :param size: of the font, in pixels.
    """
    total = sum(_of_character(character) for character in text)
    return -(-total * size * (113 if bold else 100) // (_EM * 100))


def _of_character(character: str) -> int:
    if character in _NARROW:
        return _NARROW[character]
    if character in _WIDE:
        return _WIDE[character]
    if ord(character) > 0x2FF:
        return 0 if unicodedata.combining(character) else 1250
    return _CAPITAL if character.isupper() else _OTHER


def cut(text: str, most: int, size: int, *, bold: bool = False) -> str:
    """A text that is at most so wide, with an ellipsis where something is left out.

    :param most: in pixels.
    """
    text = printable(text)
    if width_of(text, size, bold=bold) <= most:
        return text
    length = len(text)
    while length and width_of(text[:length].rstrip() + ELLIPSIS, size, bold=bold) > most:
        length -= max(1, length // 16)
    return text[:length].rstrip() + ELLIPSIS if length > 0 else ""


def first_that_fits(texts: tuple[str, ...], most: int, size: int, *, bold: bool = False) -> str:
    """The first text that is at most so wide, otherwise the last one, cut."""
    return next(
        (text for text in texts if width_of(text, size, bold=bold) <= most), cut(texts[-1], most, size, bold=bold)
    )


def wrap(parts: tuple[str, ...], most: int, size: int, *, separator: str = " ", bold: bool = False) -> list[str]:
    """Parts in lines that are at most so wide; a part that is wider is broken at its spaces, and else cut.

    :param separator: between two parts of a line.
    """
    lines: list[str] = []
    for part in map(printable, parts):
        joined = f"{lines[-1]}{separator}{part}" if lines else part
        if lines and width_of(joined, size, bold=bold) <= most:
            lines[-1] = joined
        elif width_of(part, size, bold=bold) <= most or " " not in part:
            lines.append(cut(part, most, size, bold=bold))
        else:
            lines += wrap(tuple(part.split(" ")), most, size, bold=bold)
    return lines
