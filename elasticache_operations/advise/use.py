"""What the nodes of a running cache use, from two weeks of metrics."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from elasticache_operations.advise.advice import Target, Use
from elasticache_operations.capacity import nodes
from elasticache_operations.status.caches import Cache, CacheKind, Member
from elasticache_operations.status.collect import end_of
from elasticache_operations.status.metrics import DAYS, PERIOD, Metrics, of_member
from elasticache_operations.status.trend import Series
from elasticache_rules import facts

_NEEDED: Final = ("BytesUsedForCache", "CPUUtilization", "NetworkBytesOut")
_GIGABIT: Final = 1e9
_PERCENTILE: Final = 95
_SMALL: Final = 2


def target_of(cache: Cache, today: date) -> Target:
    """A running cache as the target of advice.

    :param today: the date of the run, from which the age is counted.
    """
    age = None if cache.created is None else max(0, (end_of(today) - cache.created).days)
    return Target(
        id=cache.id,
        engine=cache.engine,
        version=cache.version,
        node_type=cache.node_type,
        nodes=len(cache.members),
        shards=cache.shards,
        parameter_group=cache.parameter_group,
        global_datastore=cache.global_datastore,
        group=cache.kind is CacheKind.GROUP,
        age=age,
    )


def use_of_cache(cache: Cache, metrics: Metrics) -> Use | str:
    """The use of a cache's nodes, or the reason why it is not known."""
    for name in _NEEDED:
        if not any(key.metric == name for key in metrics):
            return f"CloudWatch has no value of {name} in {DAYS} days"
    if cache.node_type not in facts.load("node_capacity")["types"]:
        return f"the capacity of {cache.node_type} is not known"
    vcpus = nodes.node_type(cache.node_type).vcpus
    members, primaries = cache.members, cache.one_of_each_shard

    def found(metric: str, statistic: str, among: Iterable[Member]) -> list[Series]:
        series = (of_member(metrics, metric, statistic, member) for member in among)
        return [each for each in series if each is not None]

    def most(metric: str, statistic: str, value: Callable[[Series], float]) -> float:
        return max((value(series) for series in found(metric, statistic, members)), default=0.0)

    def average(metric: str, statistic: str, among: Iterable[Member]) -> float:
        return sum(series.average for series in found(metric, statistic, among))

    def high(series: Series) -> float:
        return series.percentile(_PERCENTILE)

    def largest(series: Series) -> float:
        return series.maximum

    engine = most("EngineCPUUtilization", "Maximum", high) if vcpus > _SMALL and cache.engine != "memcached" else None
    busiest = max(most(name, "Sum", largest) for name in ("NetworkBytesOut", "NetworkBytesIn"))
    both = sum(average(name, "Sum", primaries) for name in ("NetworkBytesOut", "NetworkBytesIn"))
    return Use(
        memory=most("BytesUsedForCache", "Maximum", largest),
        processor=most("CPUUtilization", "Average", high) / 100 * vcpus,
        engine=engine,
        network=busiest * 8 / PERIOD / _GIGABIT,
        connections=most("CurrConnections", "Maximum", largest),
        operations=sum(average(name, "Sum", members) for name in ("GetTypeCmds", "SetTypeCmds")) / PERIOD,
        stored=average("BytesUsedForCache", "Maximum", primaries),
        transferred=both / PERIOD,
    )
