"""The command: `python -m elasticache_rules compare OLD NEW`."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from elasticache_rules import facts
from elasticache_rules.compare import Change, compare
from elasticache_rules.deployed import PREFIX, read_stack
from elasticache_rules.documents import Document, read, stack_name_of
from elasticache_rules.output import printable, region_error
from elasticache_rules.parsing import DocumentError
from elasticache_rules.template import Template


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="elasticache_rules compare",
        description="Finds the changes between two versions of templates that replace a cache, or that must be split "
        "into several deploys, with the steps in their order.",
        epilog="Exit status: 0 without such a change or when all are acknowledged, 1 with one, 2 when something is "
        "unreadable.",
    )
    made.add_argument("old", metavar="OLD", help="a template, a folder of them, a cdk.out, or stack:NAME (with boto3)")
    made.add_argument("new", metavar="NEW", help="the same")
    made.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    made.add_argument("--region", help="of stack:NAME (default: that of the credentials' profile)")
    made.add_argument(
        "--acknowledge",
        action="append",
        default=[],
        metavar="LOGICAL_ID:KIND",
        help="a change that is wanted, as the output names it",
    )
    return made


def main(words: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    if arguments.region is not None and not facts.is_region(arguments.region):
        print(f"elasticache_rules: {region_error(arguments.region)}", file=sys.stderr)
        return 2
    try:
        old, new = (_by_stack(each, arguments.region) for each in (arguments.old, arguments.new))
    except DocumentError as problem:
        print(f"elasticache_rules: {printable(str(problem))}", file=sys.stderr)
        return 2
    pairs: list[tuple[str, Document, Document | None]] = []
    if len(old) == len(new) == 1:
        pairs.append((next(iter(new)), next(iter(old.values())), next(iter(new.values()))))
    else:
        pairs += [(name, each, new.get(name)) for name, each in old.items()]
    if len(old) == 1 < len(new) and pairs[0][2] is None:
        print(
            f"elasticache_rules: NEW must hold the stack of OLD, got {printable(', '.join(new))} without "
            f"{printable(pairs[0][0])}; name its template",
            file=sys.stderr,
        )
        return 2
    found = [(name, change) for name, before, after in pairs for change in compare(_template(before), _template(after))]
    acknowledged = set(arguments.acknowledge)
    left = [(name, change) for name, change in found if change.id not in acknowledged]
    stale = sorted(acknowledged - {change.id for _, change in found})
    if arguments.format == "json":
        print(json.dumps([_as_dict(name, change, change.id in acknowledged) for name, change in found], indent=2))
    else:
        _print(left, len(found) - len(left), stale)
    return 1 if left else 0


def _by_stack(place: str, region: str | None) -> Mapping[str, Document]:
    if place.startswith(PREFIX):
        name = place.removeprefix(PREFIX)
        return {name: read_stack(name, region)}
    return {stack_name_of(Path(document.name)): document for document in read(Path(place))}


def _template(document: Document | None) -> Template:
    """The parsed template; an empty one for a stack that is gone."""
    if document is None:
        return Template(resources={})
    return Template.of(document.content, region=document.region)


def _as_dict(stack: str, change: Change, acknowledged: bool) -> dict[str, object]:
    return {
        "stack": stack,
        "id": change.id,
        "kind": change.kind,
        "logical_id": change.logical_id,
        "type": change.resource_type,
        "what": change.what,
        "steps": list(change.steps),
        "acknowledged": acknowledged,
    }


def _print(left: Sequence[tuple[str, Change]], acknowledged: int, stale: Sequence[str]) -> None:
    for stack, change in left:
        print(f"{printable(stack)}: {printable(change.id)}\n  {printable(change.what)}")
        for number, step in enumerate(change.steps, start=1):
            print(f"  {number}. {printable(step)}")
    for id in stale:
        print(f"--acknowledge {printable(id)} names no change; it can go")
    print(f"{len(left)} changes need a decision, {acknowledged} acknowledged")
