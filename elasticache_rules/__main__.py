"""The commands: `python -m elasticache_rules TEMPLATE...`, and `compare OLD NEW`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from elasticache_rules import Finding, Severity, all_rules, check_template, compare_command, facts
from elasticache_rules.documents import Document, read
from elasticache_rules.linking import link
from elasticache_rules.output import printable, region_error
from elasticache_rules.parsing import DocumentError


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="elasticache_rules",
        description="Finds in CloudFormation templates what Amazon ElastiCache would refuse.",
        epilog="Exit status: 0 without errors, 1 with errors, 2 when a file is unreadable or no template. "
        "'compare OLD NEW' finds changes that replace a cache or take several deploys; see 'compare --help'.",
    )
    made.add_argument("templates", nargs="+", type=Path, metavar="TEMPLATE", help="files, folders or a cdk.out")
    made.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    made.add_argument("--region", help="where they will be deployed (default: what a cloud assembly says)")
    made.add_argument("--ignore", action="append", default=[], metavar="RULE", help="leave a rule out, by its id")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    given = list(sys.argv[1:] if words is None else words)
    if given[:1] == ["compare"]:
        return compare_command.main(given[1:])
    arguments = parser().parse_args(given)
    if arguments.region is not None and not facts.is_region(arguments.region):
        print(f"elasticache_rules: {region_error(arguments.region)}", file=sys.stderr)
        return 2
    known = {rule.id for rule in all_rules()}
    for id in arguments.ignore:
        if id not in known:
            print(f"elasticache_rules: --ignore must name a rule, got {id!r}; see docs/rules.md", file=sys.stderr)
            return 2
    found: list[tuple[Document, Finding]] = []
    documents: list[Document] = []
    unreadable = False
    for path in arguments.templates:
        try:
            documents += read(path)
        except DocumentError as problem:
            print(f"elasticache_rules: {printable(str(problem))}", file=sys.stderr)
            unreadable = True
    documents = [replace(document, region=arguments.region or document.region) for document in documents]
    for document, template in link(documents):
        found += [(document, each) for each in check_template(template) if each.rule not in arguments.ignore]
    _print(found, arguments.format)
    if unreadable:
        return 2
    return 1 if any(finding.severity is Severity.ERROR for _, finding in found) else 0


def as_dict(document: Document, finding: Finding) -> dict[str, str]:
    """A finding as the JSON format has it."""
    return {
        "template": document.name,
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


def _print(found: list[tuple[Document, Finding]], form: str) -> None:
    if form == "json":
        print(json.dumps([as_dict(document, finding) for document, finding in found], indent=2))
        return
    for document, finding in found:
        print(f"{printable(document.name)}: {finding.severity} {finding.rule}")
        print(f"  {printable(str(finding))}\n  {finding.source}")
    errors = sum(finding.severity is Severity.ERROR for _, finding in found)
    print(f"{errors} errors, {len(found) - errors} warnings")


if __name__ == "__main__":
    sys.exit(main())
