"""The command: `python -m elasticache_rules compare OLD NEW`."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from elasticache_rules import facts
from elasticache_rules.arguments import Parser
from elasticache_rules.compare import Change, compare
from elasticache_rules.deployed import PREFIX, ReadStack, read_stack, refuse_offline
from elasticache_rules.documents import Document, Reading, read_all, stack_name_of
from elasticache_rules.linking import link
from elasticache_rules.output import Step, counted, markdown, print_lines, printable, region_error
from elasticache_rules.parsing import DocumentError
from elasticache_rules.template import Template

_NAME: Final = "elasticache_rules compare"


def parser(prog: str = _NAME) -> argparse.ArgumentParser:
    """The command's argument parser.

    :param prog: the name of the command, which its help shows.
    """
    aws = "" if prog == _NAME else ", 3 when AWS did not answer for stack:NAME"
    result = Parser(
        prog=prog,
        description="Finds the changes between two versions of templates that replace a cache, or that must be split "
        "into several deploys, with the steps in their order. Changes in place are listed as well.",
        epilog="Exit status: 0 without such a change or when all are acknowledged, 1 with one, 2 when something is "
        f"unreadable{aws}.",
    )
    result.add_argument(
        "old", metavar="OLD", help="a template, - for standard input, a folder, a cdk.out, or stack:NAME (with boto3)"
    )
    result.add_argument("new", metavar="NEW", help="the same")
    result.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="markdown is for a comment on a pull request (default: text)",
    )
    result.add_argument("--offline", action="store_true", help="make no call of AWS: refuse stack:NAME")
    result.add_argument("--region", help="of stack:NAME (default: that of the credentials' profile)")
    result.add_argument(
        "--acknowledge",
        action="append",
        default=[],
        metavar="LOGICAL_ID:KIND",
        help="a change that is wanted, as the output names it",
    )
    return result


def main(words: Sequence[str], prog: str = _NAME, read: ReadStack | None = None, step: Step = nullcontext) -> int:
    """Run the command; returns its exit status.

    :param prog: the name of the command, which its help and its errors show.
    :param read: reads the template of `stack:NAME`. Default: with boto3, `read_stack`.
    :param step: reports the steps that take long. Default: none is reported.
    """
    arguments = parser(prog).parse_args(words)
    name = "elasticache_rules" if prog == _NAME else prog
    if arguments.region is not None and not facts.knows_region(arguments.region):
        print_lines([f"{name}: {region_error(arguments.region)}"], file=sys.stderr)
        return 2
    read = refuse_offline if arguments.offline else read or read_stack
    with step("reading the templates"):
        sides = [_read(place, arguments.region, read) for place in (arguments.old, arguments.new)]
    problems = dict.fromkeys(str(problem) for side in sides for problem in side.problems)
    print_lines((f"{name}: {printable(problem)}" for problem in problems), file=sys.stderr)
    if problems:
        return 2
    old, new = (_by_stack(side.documents) for side in sides)
    if len(old) == 1 < len(new) and not old.keys() & new.keys():
        wrong = f"got {printable(', '.join(new))} without {printable(next(iter(old)))}"
        print_lines([f"{name}: NEW must hold the stack of OLD, {wrong}; name its template"], file=sys.stderr)
        return 2
    with step("comparing the templates"):
        changes = _changes(old, new)
    acknowledged = set(arguments.acknowledge)
    stale = sorted(acknowledged - {change.id for _, change in changes if change.decision})
    if arguments.format == "json":
        listed = [_as_dict(name, change, change.id in acknowledged) for name, change in changes]
        print_lines([json.dumps(listed, indent=2)])
    else:
        lines = _markdown_lines if arguments.format == "markdown" else _lines
        print_lines(lines(changes, acknowledged, stale))
    return 1 if any(change.decision and change.id not in acknowledged for _, change in changes) else 0


def _read(place: str, region: str | None, read: ReadStack) -> Reading:
    if not place.startswith(PREFIX):
        return read_all([place])
    try:
        return Reading([read(place.removeprefix(PREFIX), region)], [])
    except DocumentError as problem:
        return Reading([], [problem])


def _by_stack(documents: Sequence[Document]) -> Mapping[str, Template]:
    """The templates by stack name, linked with each other."""
    templates: dict[str, Template] = {}
    for document, template in link(documents):
        live = document.name.startswith(PREFIX)
        name = document.name.removeprefix(PREFIX) if live else stack_name_of(Path(document.name))
        # Files of the same name in different folders are different stacks.
        templates[name if name not in templates else document.name] = template
    return templates


def _changes(old: Mapping[str, Template], new: Mapping[str, Template]) -> list[tuple[str, Change]]:
    if len(old) == len(new) == 1:
        ((name, after),) = new.items()
        return [(name, change) for change in compare(next(iter(old.values())), after)]
    gone = Template(resources={})  # the new template of a stack that is removed
    return [
        (name, change)
        for name in (*old, *(stack for stack in new if stack not in old))
        for change in compare(old.get(name, gone), new.get(name, gone), beside=old.values())
    ]


def _as_dict(stack: str, change: Change, acknowledged: bool) -> dict[str, object]:
    return {
        "stack": stack,
        "id": change.id,
        "kind": change.kind,
        "decision": change.decision,
        "logical_id": change.logical_id,
        "type": change.resource_type,
        "properties": list(change.properties),
        "what": change.what,
        "lost": change.lost,
        "kept_by": change.kept_by,
        "steps": list(change.steps),
        "acknowledged": acknowledged,
    }


def _lines(changes: Sequence[tuple[str, Change]], acknowledged: set[str], stale: Sequence[str]) -> Iterator[str]:
    for stack, change in _shown(changes, acknowledged):
        yield f"{printable(stack)}: {printable(change.id)}\n  {printable(change.what)}"
        if change.lost:
            yield f"  lost: {printable(change.lost)}\n  kept by: {printable(change.kept_by)}"
        for number, step in enumerate(change.steps, start=1):
            yield f"  {number}. {printable(step)}"
    for id in stale:
        yield f"--acknowledge {printable(id)} names no change; it can go"
    yield _sums(changes, acknowledged)


def _markdown_lines(
    changes: Sequence[tuple[str, Change]], acknowledged: set[str], stale: Sequence[str]
) -> Iterator[str]:
    """The changes with headings and lists, for a comment on a pull request."""
    for stack, change in _shown(changes, acknowledged):
        yield from (f"### {markdown(stack)}: {markdown(change.id)}", "", markdown(change.what), "")
        if change.lost:
            yield from (f"- lost: {markdown(change.lost)}", f"- kept by: {markdown(change.kept_by)}", "")
        if change.steps:
            yield from (f"{number}. {markdown(step)}" for number, step in enumerate(change.steps, start=1))
            yield ""
    for id in stale:
        yield from (f"--acknowledge {markdown(id)} names no change; it can go", "")
    yield _sums(changes, acknowledged)


def _shown(changes: Sequence[tuple[str, Change]], acknowledged: set[str]) -> list[tuple[str, Change]]:
    """The changes that need a decision, then those without one; what is acknowledged is left out."""
    return [
        *((stack, change) for stack, change in changes if change.decision and change.id not in acknowledged),
        *((stack, change) for stack, change in changes if not change.decision),
    ]


def _sums(changes: Sequence[tuple[str, Change]], acknowledged: set[str]) -> str:
    decisions = [change for _, change in changes if change.decision]
    left = sum(change.id not in acknowledged for change in decisions)
    need = f"{counted(left, 'change')} {'needs' if left == 1 else 'need'} a decision"
    rest = len(changes) - len(decisions)
    return f"{need}, {len(decisions) - left} acknowledged, {rest} without a decision"
