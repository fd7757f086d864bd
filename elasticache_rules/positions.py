"""Positions of values in a template's text, for JSON and YAML."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)
_SPACE: Final = " \t\r\n"


class Position(NamedTuple):
    """A line and a column in a text, both counted from 1."""

    line: int
    column: int


class Positions(Protocol):
    """The positions of a parsed text."""

    def find(self, path: Sequence[str]) -> Position:
        """The position of a value, or of its closest ancestor that exists.

        :param path: keys, and list indexes as digits.
        """


class JsonPositions:
    """The positions of a JSON text; a container is scanned once, on first use.

    :param text: valid JSON.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, dict[str, tuple[int, int]]] = {}

    def find(self, path: Sequence[str]) -> Position:
        """Where a value stands: its key, or the member of a list itself."""
        shown = value = self._skip(0)
        for part in path:
            if value not in self._known:
                self._known[value] = dict(self._members(value))
            if part not in self._known[value]:
                break
            shown, value = self._known[value][part]
        start = self._text.rfind("\n", 0, shown) + 1
        return Position(self._text.count("\n", 0, shown) + 1, shown - start + 1)

    def _members(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The keys or indexes of the container at an offset, with the offsets of the key and its value."""
        text, opening = self._text, self._text[at : at + 1]
        if opening not in ("{", "["):
            return
        at, index = self._skip(at + 1), 0
        while text[at : at + 1] not in ("}", "]", ""):
            key, shown = str(index), at
            if opening == "{":
                key, at = _DECODER.raw_decode(text, at)
                at = self._skip(self._skip(at) + 1)
            yield key, (shown, at)
            at = self._skip(_DECODER.raw_decode(text, at)[1])
            if text[at : at + 1] == ",":
                at = self._skip(at + 1)
            index += 1

    def _skip(self, at: int) -> int:
        """The offset of the next character that is not white space."""
        while at < len(self._text) and self._text[at] in _SPACE:
            at += 1
        return at


class YamlPositions:
    """The positions of a YAML text.

    :param root: PyYAML's node of the document.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def find(self, path: Sequence[str]) -> Position:
        """Where a value stands: its key, or the member of a list itself."""
        shown = value = self._root
        for part in path:
            member = dict(self._members(value)).get(part)
            if member is None:
                break
            shown, value = member
        return Position(shown.start_mark.line + 1, shown.start_mark.column + 1)

    def _members(self, node: Any) -> Iterator[tuple[str, tuple[Any, Any]]]:
        entries = node.value if isinstance(node.value, list) and not node.tag.startswith("!") else []
        for index, entry in enumerate(entries):
            if isinstance(entry, tuple):
                yield str(entry[0].value), entry
            else:
                yield str(index), (entry, entry)
