"""The command: `elasticache picture PATH... --output FILE`."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from elasticache_operations.aws import Call
from elasticache_operations.errors import InputError
from elasticache_operations.picture import running
from elasticache_operations.picture.building import build
from elasticache_operations.picture.caches import Books
from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import draw, draw_change
from elasticache_operations.picture.markup import markdown, mermaid
from elasticache_operations.picture.model import Delta, Picture
from elasticache_operations.picture.page import page
from elasticache_operations.picture.sources import read_source
from elasticache_operations.picture.timeline import markup as timeline_markup
from elasticache_operations.picture.timeline.drawing import draw as draw_timeline
from elasticache_operations.picture.timeline.model import read_timeline
from elasticache_operations.picture.timeline.page import page as timeline_page
from elasticache_operations.picture.timeline.records import is_records
from elasticache_operations.pricing import PriceBook, PriceList, Snapshot, read_offer_file
from elasticache_operations.pricing.price_list import OfferFile
from elasticache_operations.progress import Progress
from elasticache_rules import facts
from elasticache_rules.output import print_lines, printable, region_error

CALLS: Final[Sequence[Call]] = (Call("cloudformation", "GetTemplate", when="stack:NAME"), *running.CALLS)
FORMATS: Final = ("html", "svg", "mermaid", "markdown")
_WIDTH: Final = 1200
_LEAST, _MOST = 288, 4000


class _Parser(argparse.ArgumentParser):
    """A parser whose error is one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def main(words: Sequence[str], prog: str) -> int:
    """Run the command; returns its exit status: 0, or 2 when an argument or a file is wrong."""
    return run(parser(prog).parse_args(words), prog)


def parser(prog: str) -> argparse.ArgumentParser:
    """The command's argument parser."""
    result = _Parser(
        prog=prog,
        description="Draws what templates, a cdk.out or deployed stacks are: regions, VPCs, zones, caches with their "
        "shards and nodes, clients and the paths that security groups allow, users and what they may do. With "
        "--compare, draws the picture before and after a change, with what is lost. Of the records of "
        "cache-connection-test --watch and of drills, draws a timeline.",
        epilog="Exit status: 0 when it is written, 2 when an argument or a file is wrong, 3 when AWS did not answer.",
        allow_abbrev=False,
    )
    result.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a template, a folder, a cdk.out, or, with boto3, stack:NAME or cache:NAME; or a file of records (.jsonl)",
    )
    result.add_argument("--output", metavar="FILE", help="where to write (default: standard output)")
    result.add_argument(
        "--compare", metavar="OLD", action="append", help="draw what changes from here; can be repeated"
    )
    result.add_argument("--format", choices=FORMATS, default="html", help="(default: html, one page with everything)")
    result.add_argument("--region", help="of templates outside of a cdk.out, of stack:NAME and of cache:NAME")
    result.add_argument("--width", type=int, default=_WIDTH, help=f"of --format svg, in pixels (default: {_WIDTH})")
    result.add_argument(
        "--price-list",
        action="append",
        metavar="FILE",
        help="an offer file of AmazonElastiCache and a region; can be repeated (default: the prices of this package)",
    )
    result.add_argument("--title", help="of the picture (default: the name of the cache)")
    return result


def run(arguments: argparse.Namespace, prog: str = "elasticache picture") -> int:
    """Draw, and write; returns the exit status."""
    problem = _problem(arguments)
    if problem:
        return _refuse(problem, prog)
    recorded = [path for path in arguments.paths if is_records(path)]
    if recorded:
        return _write(arguments.output, _timeline(arguments, recorded), prog)
    books = _books([read_offer_file(path) for path in arguments.price_list or ()])
    with Progress().step("reading what is drawn"):
        source, problems = read_source(arguments.paths, arguments.region)
        old, old_problems = read_source(arguments.compare or (), arguments.region)
    for unread in (*problems, *old_problems):
        _refuse(str(unread), prog)
    if problems or old_problems:
        return 2
    with Progress().step("drawing the picture"):
        delta = delta_of(old, source, books=books) if arguments.compare else None
        picture = delta.after if delta else build(source, books=books)
        if arguments.title:
            picture = replace(picture, title=arguments.title)
            delta = replace(delta, after=picture) if delta else None
        drawn = _drawn(arguments, picture, delta)
    return _write(arguments.output, drawn, prog)


def _drawn(arguments: argparse.Namespace, picture: Picture, delta: Delta | None) -> str:
    if arguments.format == "svg":
        return (draw_change(delta, arguments.width) if delta else draw(picture, arguments.width, alone=True)) + "\n"
    if arguments.format == "mermaid":
        return mermaid(picture, delta)
    return markdown(picture, delta) if arguments.format == "markdown" else page(picture, delta)


def _timeline(arguments: argparse.Namespace, recorded: Sequence[str]) -> str:
    """The timeline of files of records, in the format that is asked for.

    :raises InputError: when an argument is for templates, or a record is not as documented.
    """
    for path in arguments.paths:
        if path not in recorded:
            raise InputError(
                f"{path}: must be a file of records, as {recorded[0]} is, got another input; draw templates and "
                "records with separate commands"
            )
    for name in ("compare", "price_list", "region"):
        if getattr(arguments, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} is for templates, got {recorded[0]}, which has records; remove {option}")
    timeline = read_timeline(recorded, arguments.title)
    if arguments.format == "svg":
        return draw_timeline(timeline.panels(), arguments.width, timeline.sentence, alone=True) + "\n"
    if arguments.format == "mermaid":
        return timeline_markup.mermaid(timeline)
    return timeline_markup.markdown(timeline) if arguments.format == "markdown" else timeline_page(timeline)


def _problem(arguments: argparse.Namespace) -> str:
    if arguments.region is not None and not facts.knows_region(arguments.region):
        return region_error(arguments.region)
    if not _LEAST <= arguments.width <= _MOST:
        return f"--width must be {_LEAST} to {_MOST}, got {arguments.width}; write it like --width {_WIDTH}"
    deployed = [path for path in (*arguments.paths, *(arguments.compare or ())) if path.startswith(running.PREFIX)]
    if arguments.compare and deployed:
        # Its resources have other names than those of a template: each would be called removed, and its data lost.
        return (
            f"--compare is for templates and stacks, got {deployed[0]}; compare with stack:NAME, "
            "or draw the cache without --compare"
        )
    return ""


def _books(files: Sequence[OfferFile]) -> Books:
    """The prices of the offer files, and of this package for the regions without one."""

    def create(region: str) -> PriceBook:
        listed = [file for file in files if file.region == region]
        return PriceList.of(listed) if listed else Snapshot(region)

    return create


def _write(path: str | None, text: str, prog: str) -> int:
    if path is None:
        print_lines([text], end="")
        return 0
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return _refuse(
            f"--output {path}: must be a file that can be written, got {error.strerror}; name another file", prog
        )
    return 0


def _refuse(problem: str, prog: str) -> int:
    print_lines([f"{prog}: {printable(problem)}"], file=sys.stderr)
    return 2
