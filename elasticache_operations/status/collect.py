"""What the checks need of an account: caches, metrics and service updates, and what could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.errors import AwsError, InputError, one_of
from elasticache_operations.status import caches as described
from elasticache_operations.status import metrics as cloudwatch
from elasticache_operations.status.caches import Cache
from elasticache_operations.status.metrics import Key, keys
from elasticache_operations.status.trend import Series

INVENTORY: Final = (
    Call("elasticache", "DescribeReplicationGroups"),
    Call("elasticache", "DescribeCacheClusters"),
    Call("elasticache", "DescribeServerlessCaches"),
)
METRICS: Final = Call("cloudwatch", "GetMetricData")
UPDATES: Final = Call("elasticache", "DescribeUpdateActions")
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What was read.

    :param wanted: the metrics of each cache, by its id.
    :param updates: the actions, or the reason why they were not read.
    :param missing: what was not collected, and why.
    """

    caches: Sequence[Cache]
    metrics: dict[Key, Series] = field(default_factory=dict)
    wanted: dict[str, list[Key]] = field(default_factory=dict)
    updates: list[dict[str, Any]] | str = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def of(self, cache: Cache) -> dict[Key, Series]:
        """The metrics of a cache."""
        return {key: self.metrics[key] for key in self.wanted.get(cache.id, ()) if key in self.metrics}


def region_of(context: Context) -> str:
    """The region of a command that reads caches.

    :raises InputError: without one, and offline.
    """
    if context.offline:
        raise InputError("--offline must not be set, because the caches of an account are read; leave --offline out")
    region = context.region or context.aws.default_region()
    if region is None:
        raise InputError("--region must be set, because the profile has no region; write it like --region eu-west-1")
    return region


def inventory(context: Context, ids: Sequence[str]) -> list[Cache]:
    """The caches with these ids, or all.

    :raises InputError: for an id that does not exist, with ids that are similar.
    """
    aws = context.aws
    with context.progress.step("reading the caches"):
        groups = list(aws.pages("elasticache", "DescribeReplicationGroups", "ReplicationGroups"))
        clusters = list(aws.pages("elasticache", "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True))
        serverless = list(aws.pages("elasticache", "DescribeServerlessCaches", "ServerlessCaches"))
    return chosen(described.read(groups, clusters, serverless), ids)


def chosen(found: Sequence[Cache], ids: Sequence[str]) -> list[Cache]:
    """The caches with these ids in their order, or all.

    :raises InputError: for an id that does not exist, with ids that are similar.
    """
    by_id = {cache.id: cache for cache in found}
    for id in ids:
        if id not in by_id:
            if not by_id:
                raise InputError(f"ID must name a cache, got {id!r}; the region has no cache, choose another --region")
            raise one_of("ID", id, list(by_id))
    return [by_id[id] for id in dict.fromkeys(ids)] if ids else list(found)


def collect(context: Context, ids: Sequence[str]) -> Collected:
    """Read caches, their metrics and their updates; what is denied is told and not counted as fine."""
    found = inventory(context, ids)
    wanted = {cache.id: list(keys(cache)) for cache in found}
    missing: dict[str, str] = {}
    metrics: dict[Key, Series] = {}
    try:
        metrics = read_metrics(context, [key for each in wanted.values() for key in each])
    except AwsError as problem:
        missing["metrics"] = reason(problem, METRICS)
    updates: list[dict[str, Any]] | str = []
    try:
        with context.progress.step("reading the service updates"):
            updates = list(context.aws.pages("elasticache", "DescribeUpdateActions", "UpdateActions")) if found else []
    except AwsError as problem:
        updates = missing["updates"] = reason(problem, UPDATES)
    return Collected(caches=found, metrics=metrics, wanted=wanted, updates=updates, missing=missing)


def read_metrics(context: Context, wanted: Sequence[Key], days: int = cloudwatch.DAYS) -> dict[Key, Series]:
    """The metrics until the end of the day of the run."""
    found: dict[Key, Series] = {}
    now = end_of(context.as_of)
    with context.progress.step(f"reading {len(wanted)} metrics of {days} days"):
        for arguments, names in cloudwatch.requests(wanted, now, days):
            results: Iterable[dict[str, Any]] = context.aws.pages(
                "cloudwatch", "GetMetricData", "MetricDataResults", **arguments
            )
            found.update(cloudwatch.series(results, names))
    return found


def end_of(day: date) -> datetime:
    """The end of a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def reason(problem: AwsError, call: Call) -> str:
    """Why something was not read: a missing permission; any other failure ends the command.

    :raises AwsError: for another failure.
    """
    if problem.code in _DENIED:
        return f"no permission {call.action}"
    raise problem
