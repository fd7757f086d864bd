"""Reads files of JSON records, one in a line, with the line in every error."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from elasticache_operations.errors import InputError

_Kind = TypeVar("_Kind", str, bool, list[Any])
SUFFIX: Final = ".jsonl"
MOST: Final = 64 * 1024 * 1024
"""The largest file, in bytes; a watch of an hour with 500 shards writes less than 2 MB."""
_KINDS: Final = {str: "text", bool: "true or false", list: "a list", dict: "an object"}


def is_records(path: str) -> bool:
    """Whether a path names records and no template: by its suffix, or by its first line, which is a record."""
    file = Path(path)
    if file.suffix == SUFFIX:
        return True
    try:
        with file.open("rb") as opened:
            first = json.loads(opened.readline(MOST))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(first, dict) and ("event" in first or "drill" in first)


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    :param where: the file and the line, for errors.
    """

    where: str
    content: Mapping[str, Any]

    def error(
        self, name: str, rule: str, fix: str = "write the file again with the command that records it"
    ) -> InputError:
        """The error for a value.

        :param name: of the property.
        :param rule: what it must be.
        """
        given = repr(self.content.get(name))
        shown = given if len(given) <= 60 else f"{given[:60]}..."
        return InputError(f"{self.where}: {name} must be {rule}, got {shown}; {fix}")

    def number(self, name: str) -> float:
        """A number.

        :raises InputError: when it is not there or none.
        """
        value = self.content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(name, "a number")
        return value

    def count(self, name: str, *, default: int | None = None) -> int:
        """A whole number from 0 on.

        :param default: when it is not there. Default: an error.
        :raises InputError: when it is not there or none.
        """
        value = self.content.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.error(name, "a whole number from 0 on")
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        """A text.

        :param default: when it is not there. Default: an error.
        :raises InputError: when it is not there or none.
        """
        return self._of(name, str, default)

    def truth(self, name: str, *, default: bool | None = None) -> bool:
        """True or false.

        :param default: when it is not there. Default: an error.
        :raises InputError: when it is not there or neither.
        """
        return self._of(name, bool, default)

    def each(self, name: str, *, default: list[Any] | None = None) -> "list[Record]":
        """The objects in a list, as records in the same line.

        :param default: when it is not there. Default: an error.
        :raises InputError: when it is not there or no list of objects.
        """
        listed = self._of(name, list, default)
        if not all(isinstance(item, dict) for item in listed):
            raise self.error(name, "a list of objects")
        return [Record(f"{self.where}, {name}[{number}]", item) for number, item in enumerate(listed)]

    def moment(self, name: str) -> datetime:
        """A time with its distance to UTC.

        :raises InputError: when it is not there or none.
        """
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            value = datetime.min
        if value.tzinfo is None:
            raise self.error(name, "a time like 2026-11-27T04:00:00+00:00")
        return value.astimezone(UTC)

    def _of(self, name: str, kind: type[_Kind], default: _Kind | None) -> _Kind:
        value = self.content.get(name, default)
        if not isinstance(value, kind):
            raise self.error(name, _KINDS[kind])
        return value


def read(path: str) -> list[Record]:
    """The records of a file; empty lines are left out.

    :raises InputError: when it cannot be read, is too large, or has a line that is no JSON object.
    """
    try:
        file = Path(path)
        if file.stat().st_size > MOST:
            raise InputError(f"{path}: must be at most {MOST // 1024 // 1024} MiB, got more; draw a shorter watch")
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise InputError(f"{path}: must be a readable file, got {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: must be text in UTF-8, got other bytes; write the file again") from None
    records = [_record(f"{path} line {number}", line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not records:
        raise InputError(
            f"{path}: must have a record in each line, got none; write it with cache-connection-test --watch 60 "
            f"--format json > {path}"
        )
    return records


def _record(where: str, line: str) -> Record:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        shown = line.strip() if len(line.strip()) <= 60 else f"{line.strip()[:60]}..."
        raise InputError(
            f"{where}: must be one JSON object, got {shown!r}; remove the line if the recording was stopped there"
        )
    return Record(where, content)
