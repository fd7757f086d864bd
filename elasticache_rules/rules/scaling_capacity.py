"""Capacities of auto scaling targets and their scheduled actions."""

import re
from collections.abc import Iterator
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import GUIDE, is_no_integer
from elasticache_rules.template import Resource, as_integer

DIMENSION: Final = "elasticache:replication-group:"
_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
_SOURCE = f"{GUIDE}AutoScaling.html"
_SCHEDULE = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)\Z"
    r"|rate\([1-9]\d* (minute|hour|day)s?\)\Z"
    r"|cron\(\S+( \S+){5}\)\Z",
    re.ASCII,
)


def dimension_of(target: Resource) -> str:
    """The scalable dimension of a target or a policy; empty when unknown."""
    return target.text("ScalableDimension") or ""


@rule("auto-scaling/capacity", _TARGET, source=_SOURCE)
def capacity(target: Resource) -> Iterator[Violation]:
    """Capacities are at least 1, in order, and at most 5 for replicas."""
    if not dimension_of(target).startswith(DIMENSION):
        return
    yield from _capacities(target.get("MinCapacity"), target.get("MaxCapacity"), dimension_of(target), "")


@rule(
    "auto-scaling/schedule",
    _TARGET,
    source="https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html",
    severity=Severity.WARNING,
)
def schedule(target: Resource) -> Iterator[Violation]:
    """A scheduled action has a schedule and valid capacities."""
    if not dimension_of(target).startswith(DIMENSION):
        return
    for number, action in enumerate(target.items("ScheduledActions") or []):
        if isinstance(action, dict):
            path = f"ScheduledActions.{number}"
            yield from _action(action, path)
            wanted = action.get("ScalableTargetAction")
            if isinstance(wanted, dict):
                yield from _capacities(
                    wanted.get("MinCapacity"),
                    wanted.get("MaxCapacity"),
                    dimension_of(target),
                    f"{path}.ScalableTargetAction.",
                )
            elif "ScalableTargetAction" not in action:
                yield Violation(
                    property=f"{path}.ScalableTargetAction",
                    value=None,
                    must="be stated",
                    fix="state MinCapacity, MaxCapacity or both",
                )


def _action(action: dict[str, Any], path: str) -> Iterator[Violation]:
    for name in ("ScheduledActionName", "Schedule"):
        if name not in action:
            yield Violation(
                property=f"{path}.{name}", value=None, must="be stated", fix="add it", severity=Severity.ERROR
            )
    value = action.get("Schedule")
    if isinstance(value, str) and not _SCHEDULE.match(value):
        yield Violation(
            property=f"{path}.Schedule",
            value=value,
            must="be at(...), rate(...) or cron(...) with six fields",
            fix="write it like cron(0 22 * * ? *)",
        )
    elif isinstance(value, str) and value.startswith("cron(") and "?" not in value.split()[2::2]:
        yield Violation(
            property=f"{path}.Schedule",
            value=value,
            must="hold ? as the day of the month or as the day of the week",
            fix="write it like cron(0 22 * * ? *)",
        )


def _capacities(first: object, second: object, dimension: str, path: str) -> Iterator[Violation]:
    """The problems of a minimum and a maximum capacity."""
    for name, value in (("MinCapacity", first), ("MaxCapacity", second)):
        if is_no_integer(value):
            yield Violation(
                property=f"{path}{name}", value=value, must="be an integer", fix="write it in digits, like 1"
            )
    least, most = as_integer(first), as_integer(second)
    if least is not None and least < 1:
        yield Violation(property=f"{path}MinCapacity", value=least, must="be at least 1", fix="start with 1")
    if least is not None and most is not None and least > most:
        yield Violation(
            property=f"{path}MinCapacity",
            value=least,
            must=f"not exceed MaxCapacity ({most})",
            fix="lower the min, or raise the max",
        )
    replicas = dimension.endswith(":Replicas")
    ceiling = facts.limit("replicas_per_shard" if replicas else "shards", "max")
    if most is not None and most > ceiling:
        what = "replicas" if replicas else "shards"
        yield Violation(
            property=f"{path}MaxCapacity",
            value=most,
            must=f"be at most {ceiling} for {what}",
            fix=f"use at most {ceiling}",
        )
