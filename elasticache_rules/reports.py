"""Reports of the findings in the formats of the command: text, JSON, Markdown, SARIF and GitHub annotations."""

import json
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from elasticache_rules.documents import Document
from elasticache_rules.finding import Finding, Severity
from elasticache_rules.foreach import path_to
from elasticache_rules.output import counted, markdown, printable
from elasticache_rules.parsing import DocumentError
from elasticache_rules.positions import Position
from elasticache_rules.registry import all_rules
from elasticache_rules.unjudged import Unjudged

_START: Final = Position(1, 1)
_MEMBER: Final = re.compile(r"\[([0-9]+)\]")
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PLAIN: Final = frozenset("/-._~" + string.ascii_letters + string.digits)
"""What a URI holds as it is."""
_HOME: Final = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run.

    :param found: the findings with their templates.
    :param unjudged: the values that could not be checked, with their templates.
    :param problems: the files that could not be read.
    """

    found: Sequence[tuple[Document, Finding]]
    unjudged: Sequence[tuple[Document, Unjudged]]
    problems: Sequence[DocumentError]

    @property
    def errors(self) -> int:
        """The number of findings that are errors."""
        return sum(finding.severity is Severity.ERROR for _, finding in self.found)


def position_of(document: Document, section: str, logical_id: str, property_path: str) -> Position:
    """The position of a property in its file, or of the closest part of the template that exists."""
    if document.positions is None:
        return _START
    parts = [part for part in _MEMBER.sub(r".\1", property_path).split(".") if part]
    inner = ["Properties", *parts] if section == "Resources" else parts
    entry = path_to(document.content.get(section), logical_id) or [logical_id]
    return document.positions.find([section, *entry, *inner])


def as_dict(document: Document, finding: Finding) -> dict[str, str | int]:
    """A finding in the JSON format."""
    line, column = position_of(document, finding.section, finding.logical_id, finding.property_path)
    return {
        "template": document.name,
        "line": line,
        "column": column,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "logical_id": finding.logical_id,
        "path": finding.path,
        "property": finding.property_path,
        "value": finding.value,
        "message": finding.message,
        "fix": finding.fix,
        "source": finding.source,
    }


def text(report: Report, *, verbose: bool) -> Iterator[str]:
    """The findings with file, line and column, followed by the totals.

    :param verbose: whether to list the values that could not be checked.
    """
    for document, finding in report.found:
        line, column = position_of(document, finding.section, finding.logical_id, finding.property_path)
        yield f"{printable(document.name)}:{line}:{column}: {finding.severity} {finding.rule}"
        yield f"  {printable(str(finding))}"
        yield f"  {finding.source}"
    for document, value in report.unjudged if verbose else ():
        line, column = position_of(document, "Resources", value.logical_id, value.property_path)
        yield f"{printable(document.name)}:{line}:{column}: not judged"
        yield f"  {printable(str(value))}"
    yield _sums(report)


def _sums(report: Report) -> str:
    counts = (
        (report.errors, "error", ""),
        (len(report.found) - report.errors, "warning", ""),
        (len(report.unjudged), "value", " could not be judged"),
    )
    return ", ".join(f"{counted(count, noun)}{rest}" for count, noun, rest in counts)


def as_json(report: Report, *, verbose: bool) -> Iterator[str]:
    """The findings as a list.

    :param verbose: whether to add the values that could not be checked, with the severity `not judged`.
    """
    entries = [as_dict(document, finding) for document, finding in report.found]
    entries += [_unjudged_dict(document, value) for document, value in (report.unjudged if verbose else ())]
    yield json.dumps(entries, indent=2)


def as_markdown(report: Report, *, verbose: bool) -> Iterator[str]:
    """A table of the findings, followed by the totals, for a comment on a pull request.

    :param verbose: whether to list the values that could not be checked.
    """
    rows: list[tuple[str, str, Document, Position, str]] = []
    for document, finding in report.found:
        where = position_of(document, finding.section, finding.logical_id, finding.property_path)
        rows.append((finding.severity.value, finding.rule, document, where, str(finding)))
    for document, value in report.unjudged if verbose else ():
        where = position_of(document, "Resources", value.logical_id, value.property_path)
        rows.append(("not judged", "", document, where, str(value)))
    if rows:
        yield "| severity | rule | place | finding |"
        yield "| --- | --- | --- | --- |"
    for severity, rule, document, where, message in rows:
        place = f"{_relative(document.name)}:{where.line}:{where.column}"
        yield f"| {severity} | {rule} | {markdown(place)} | {markdown(message)} |"
    yield from ("", _sums(report)) if rows else (_sums(report),)


def _unjudged_dict(document: Document, value: Unjudged) -> dict[str, str | int]:
    line, column = position_of(document, "Resources", value.logical_id, value.property_path)
    return {
        "template": document.name,
        "line": line,
        "column": column,
        "severity": "not judged",
        "logical_id": value.logical_id,
        "property": value.property_path,
        "value": value.value,
    }


def github(report: Report, *, verbose: bool) -> Iterator[str]:
    """Workflow commands, which GitHub shows as annotations of a pull request.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

    :param verbose: whether to report the values that could not be checked as notices.
    """
    for document, finding in report.found:
        where = position_of(document, finding.section, finding.logical_id, finding.property_path)
        yield _annotation(finding.severity.value, document, where, finding.rule, str(finding))
    for document, value in report.unjudged if verbose else ():
        where = position_of(document, "Resources", value.logical_id, value.property_path)
        yield _annotation("notice", document, where, "not judged", str(value))
    for problem in report.problems:
        yield f"::error title=unreadable::{_escaped(str(problem))}"
    yield _sums(report)


def _annotation(kind: str, document: Document, where: Position, title: str, message: str) -> str:
    file = _escaped(_relative(document.name)).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} file={file},line={where.line},col={where.column},title={title}::{_escaped(message)}"


def _escaped(value: str) -> str:
    return printable(value).replace("%", "%25")


def sarif(report: Report, *, verbose: bool) -> Iterator[str]:
    """A log of SARIF 2.1.0, for code scanning.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    :param verbose: whether to report the values that could not be checked as results of kind `open`.
    """
    used = sorted({finding.rule for _, finding in report.found})
    index = {rule: number for number, rule in enumerate(used)}
    results = [_result(document, finding, index) for document, finding in report.found]
    results += [_open(document, value) for document, value in (report.unjudged if verbose else ())]
    notifications = [{"level": "error", "message": {"text": printable(str(problem))}} for problem in report.problems]
    run = {
        "tool": {"driver": {"name": "elasticache_rules", "informationUri": _HOME, "rules": _rules(used)}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.problems,
                "toolExecutionNotifications": notifications,
                "properties": {"notJudged": len(report.unjudged)},
            }
        ],
        "results": results,
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rules(ids: Sequence[str]) -> list[dict[str, Any]]:
    known = {rule.id: rule for rule in all_rules()}
    return [
        {
            "id": id,
            "shortDescription": {"text": known[id].summary},
            "helpUri": known[id].source if known[id].source.startswith("https://") else _HOME,
            "help": {"text": known[id].source},
            "defaultConfiguration": {"level": known[id].severity.value},
        }
        for id in ids
    ]


def _result(document: Document, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    where = position_of(document, finding.section, finding.logical_id, finding.property_path)
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": finding.severity.value,
        "message": {"text": printable(str(finding))},
        "locations": [_location(document, where, f"{finding.logical_id}.{finding.property_path}")],
    }


def _open(document: Document, value: Unjudged) -> dict[str, Any]:
    where = position_of(document, "Resources", value.logical_id, value.property_path)
    return {
        "kind": "open",
        "level": "none",
        "message": {"text": printable(str(value))},
        "locations": [_location(document, where, f"{value.logical_id}.{value.property_path}")],
    }


def _location(document: Document, where: Position, name: str) -> dict[str, Any]:
    encoded = _relative(document.name).encode(errors="surrogateescape")
    uri = "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in encoded)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": where.line, "startColumn": where.column},
        },
        "logicalLocations": [{"fullyQualifiedName": printable(name)}],
    }


def _relative(name: str) -> str:
    """The path relative to the current folder if it is below it, with forward slashes."""
    try:
        return Path(name).resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError, RuntimeError):
        return Path(name).as_posix()


FORMATS: Final = {"text": text, "json": as_json, "markdown": as_markdown, "sarif": sarif, "github": github}
