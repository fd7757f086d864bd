"""The output of a subcommand: tables and lines as text or Markdown, and data as JSON."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from elasticache_rules.output import counted, markdown, printable

SCHEMA: Final = 1
"""The version of the JSON documents: keys are added, and none is renamed or removed."""
FORMATS: Final = ("text", "json", "markdown")


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    :param columns: the headings; those that begin with ">" are aligned to the right.
    :param rows: the cells of each row, as many as there are columns.
    :param title: a heading above it.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of text.

    :param code: whether they are commands or code, which Markdown shows unchanged.
    """

    lines: Sequence[str]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from.

    :param what: such as "prices of us-east-1".
    :param date: the date of the figures, `YYYY-MM-DD`.
    :param live: whether AWS answered them in this run.
    """

    what: str
    date: str
    live: bool

    def line(self, as_of: datetime.date) -> str:
        """What it is, its date, and its age where AWS did not answer it in this run."""
        days = (as_of - datetime.date.fromisoformat(self.date)).days
        age = "" if self.live or days < 0 else f", {counted(days, 'day')} old"
        return f"{self.what} of {self.date}{age}"


@dataclass(frozen=True, slots=True)
class Report:
    """The output of a subcommand.

    :param data: the keys of the JSON document beside the common ones; None values are left out.
    :param blocks: the parts of the text.
    :param sources: where the figures come from.
    :param warnings: lines that every format shows, such as the age of a snapshot.
    """

    data: Mapping[str, Any]
    blocks: Sequence[Table | Lines]
    sources: Sequence[Source] = ()
    warnings: Sequence[str] = field(default=())

    def document(self, command: str, as_of: datetime.date, region: str | None) -> dict[str, Any]:
        """The members of the JSON document."""
        members: dict[str, Any] = without_none(
            {
                "schema": SCHEMA,
                "command": command,
                "as_of": as_of.isoformat(),
                "region": region,
                "sources": [{"what": each.what, "date": each.date, "live": each.live} for each in self.sources],
                "warnings": list(self.warnings),
                **self.data,
            }
        )
        return members

    def as_json(self, command: str, as_of: datetime.date, region: str | None) -> str:
        """The JSON document."""
        return json.dumps(self.document(command, as_of, region), indent=2, ensure_ascii=False)

    def as_text(self) -> Iterator[str]:
        """The lines of the text."""
        for block in self.blocks:
            yield from _text_table(block) if isinstance(block, Table) else map(printable, block.lines)
        for warning in self.warnings:
            yield f"warning: {printable(warning)}"

    def as_markdown(self) -> Iterator[str]:
        """The lines of the Markdown, for a comment on a pull request."""
        for number, block in enumerate(self.blocks):
            if number:
                yield ""
            if isinstance(block, Table):
                yield from _markdown_table(block)
            elif block.code:
                yield from ("```text", *map(printable, block.lines), "```")
            else:
                yield from (f"{markdown(line.strip())}  " for line in block.lines)
        for warning in self.warnings:
            yield f"\n> **warning:** {markdown(warning)}"

    def lines(self, format: str, command: str, as_of: datetime.date, region: str | None) -> Iterator[str]:
        """The lines of the output in a format.

        :param format: one of `FORMATS`.
        """
        if format == "json":
            yield self.as_json(command, as_of, region)
        else:
            yield from self.as_markdown() if format == "markdown" else self.as_text()


def without_none(value: Any) -> Any:
    """A JSON value without the members that are None: a key that is not known is absent."""
    if isinstance(value, Mapping):
        return {key: without_none(member) for key, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [without_none(member) for member in value]
    return value


def _text_table(table: Table) -> Iterator[str]:
    if table.title:
        yield printable(table.title)
    right = [column.startswith(">") for column in table.columns]
    rows = [
        [column.lstrip(">") for column in table.columns],
        *([printable(cell) for cell in row] for row in table.rows),
    ]
    widths = [max(len(row[index]) for row in rows) for index in range(len(right))]
    for row in rows:
        cells = [
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _markdown_table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (f"### {markdown(table.title)}", "")
    yield f"| {' | '.join(markdown(column.lstrip('>')) for column in table.columns)} |"
    yield f"|{'|'.join(' ---: ' if column.startswith('>') else ' --- ' for column in table.columns)}|"
    for row in table.rows:
        yield f"| {' | '.join(markdown(cell) for cell in row)} |"
