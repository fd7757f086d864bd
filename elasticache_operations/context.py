"""What every subcommand receives beside its own arguments."""

import argparse
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from elasticache_operations.aws import Aws
from elasticache_operations.errors import InputError
from elasticache_operations.progress import Progress
from elasticache_operations.report import FORMATS, Report
from elasticache_rules import facts
from elasticache_rules.output import region_error


@dataclass(frozen=True, slots=True)
class Context:
    """The common options of a run.

    :param region: the value of `--region`; None when it is not given.
    :param as_of: the date of the run, from `--as-of` or the clock.
    :param offline: whether no call of AWS is allowed.
    :param aws: the calls of AWS.
    :param progress: reports long steps.
    """

    region: str | None
    as_of: date
    offline: bool
    aws: Aws
    progress: Progress = field(default_factory=Progress)

    def default_region(self) -> str | None:
        """The region of `--region`, or of the profile; None without either."""
        return self.region or self.aws.default_region()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a subcommand.

    :param report: the output.
    :param status: 0, or 1 when the subcommand found what its help describes.
    :param region: the region of the report. Default: that of the context.
    """

    report: Report
    status: int = 0
    region: str | None = None


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every subcommand has."""
    group = parser.add_argument_group("common options")
    group.add_argument(
        "--format", choices=FORMATS, default="text", help="markdown is for pull requests (default: text)"
    )
    group.add_argument("--region", type=_region, help="(default: that of the cloud assembly or of the profile)")
    group.add_argument("--profile", metavar="NAME", help="the profile of the AWS configuration")
    group.add_argument("--offline", action="store_true", help="make no call of AWS")
    group.add_argument("--as-of", type=_date, metavar="DATE", help="the date of the run, YYYY-MM-DD (default: today)")


def _region(text: str) -> str:
    if not facts.knows_region(text):
        raise InputError(region_error(text))
    return text


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of must be a date, got {text[:60]!r}; write it like 2026-11-30") from None


def today() -> date:
    """The date of the clock, in UTC."""
    return datetime.now(UTC).date()
