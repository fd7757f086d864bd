"""The commands: `python -m elasticache_rules TEMPLATE...`, and `compare OLD NEW`."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final

from elasticache_rules import all_rules, check_template, facts, unjudged
from elasticache_rules.arguments import Parser
from elasticache_rules.deployed import PREFIX, ReadStack, read_stack, refuse_offline
from elasticache_rules.documents import Document, read_all
from elasticache_rules.linking import link
from elasticache_rules.output import Step, flushed, print_lines, printable, region_error
from elasticache_rules.parsing import DocumentError
from elasticache_rules.reports import FORMATS, Report

_NAME: Final = "elasticache_rules"


def parser(prog: str = _NAME) -> argparse.ArgumentParser:
    """The command's argument parser.

    :param prog: the name of the command, which its help and its errors show.
    """
    compare = "compare" if prog == _NAME else "elasticache compare"
    aws = "" if prog == _NAME else ", 3 when AWS did not answer for stack:NAME"
    result = Parser(
        prog=prog,
        description="Finds in CloudFormation templates what Amazon ElastiCache would refuse.",
        epilog="Exit status: 0 without errors, 1 with errors, 2 when a file is unreadable or no template, also below "
        f"a folder{aws}. "
        f"'{compare} OLD NEW' finds changes that replace a cache or take several deploys; see '{compare} --help'.",
    )
    result.add_argument(
        "templates",
        nargs="+",
        metavar="TEMPLATE",
        help="files, folders, a cdk.out, - for standard input, or stack:NAME for the template of a deployed stack",
    )
    result.add_argument(
        "--format",
        choices=tuple(FORMATS),
        default="text",
        help="markdown is for a comment on a pull request, github for its annotations, sarif for code scanning "
        "(default: text)",
    )
    result.add_argument("--region", help="where they will be deployed (default: what a cloud assembly says)")
    result.add_argument("--offline", action="store_true", help="make no call of AWS: refuse stack:NAME")
    result.add_argument("--ignore", action="append", default=[], metavar="RULE", help="leave a rule out, by its id")
    result.add_argument("--verbose", action="store_true", help="list the values that could not be judged")
    return result


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    given = list(sys.argv[1:] if words is None else words)
    with flushed():
        if given[:1] == ["compare"]:
            from elasticache_rules.compare import command  # noqa: PLC0415 - the other command takes no time for it

            return command.main(given[1:])
        return check(given)


def check(words: Sequence[str], prog: str = _NAME, read: ReadStack | None = None, step: Step = nullcontext) -> int:
    """Check templates; returns the exit status.

    :param prog: the name of the command, which its help and its errors show.
    :param read: reads the template of `stack:NAME`. Default: with boto3, `read_stack`.
    :param step: reports the steps that take long. Default: none is reported.
    """
    arguments = parser(prog).parse_args(words)
    if arguments.region is not None and not facts.knows_region(arguments.region):
        print_lines([f"{prog}: {region_error(arguments.region)}"], file=sys.stderr)
        return 2
    known = {rule.id for rule in all_rules()}
    for id in arguments.ignore:
        if id not in known:
            print_lines([f"{prog}: --ignore must name a rule, got {id!r}; see docs/rules.md"], file=sys.stderr)
            return 2
    read = refuse_offline if arguments.offline else read or read_stack
    with step("checking the templates"):
        report = _report(arguments.templates, arguments.region, frozenset(arguments.ignore), read)
    print_lines((f"{prog}: {printable(str(problem))}" for problem in report.problems), file=sys.stderr)
    print_lines(FORMATS[arguments.format](report, verbose=arguments.verbose))
    return 2 if report.problems else 1 if report.errors else 0


def _report(paths: Sequence[str], region: str | None, ignored: frozenset[str], read: ReadStack) -> Report:
    """Read all inputs as one set of templates and run the rules on them."""
    reading = read_all(path for path in paths if not path.startswith(PREFIX))
    for path in paths:
        if path.startswith(PREFIX):
            try:
                reading.documents.append(read(path.removeprefix(PREFIX), region))
            except DocumentError as problem:
                reading.problems.append(problem)
    documents = [Document(item.name, item.content, region or item.region, item.positions) for item in reading.documents]
    linked = link(documents)
    findings = [
        (document, finding)
        for document, template in linked
        for finding in check_template(template)
        if finding.rule not in ignored
    ]
    left = [(document, value) for document, template in linked for value in unjudged(template)]
    return Report(findings, left, reading.problems)


if __name__ == "__main__":
    sys.exit(main())
