"""Statistics as OpenTelemetry metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from elasticache_caching.statistics import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticache_caching.statistics import Statistics


def observe(meter: Meter, *statistics: Statistics) -> None:
    """Register the counters of caches with a meter, with names such as `elasticache_caching.hits`.

    Example: `observe(get_meter("shop"), products.statistics, prices.statistics)`.

    :param meter: from `opentelemetry.metrics.get_meter`.
    :param statistics: the statistics of the caches; the name is the attribute `cache`.
    """

    def reading(name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def read(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(cache.snapshot()[name], {"cache": cache.name}) for cache in statistics]

        return read

    for name, description in COUNTERS.items():
        meter.create_observable_counter(f"elasticache_caching.{name}", [reading(name)], "1", description)
