"""Statistics in the CloudWatch embedded metric format: JSON lines in a log, from which CloudWatch creates metrics.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Callable

from elasticache_caching.statistics import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_caching.statistics import Statistics

_MAX_DIMENSIONS = 30


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class EmbeddedMetrics:
    """Writes the counts of a cache since the last call of `flush`.

    Call `flush` at the end of a Lambda invocation, or once a minute.

    Example: `EmbeddedMetrics(products.statistics, {"Service": "shop"}).flush()`.

    :param statistics: the statistics of the cache, whose name is the dimension `Cache`.
    :param dimensions: additional dimensions, at most 29; none by default.
    :param namespace: the namespace of the metrics, `ElastiCacheCaching` by default.
    :param write: receives each line without a line break; by default it is written to the standard output.
    :raises ValueError: for more dimensions than CloudWatch supports, or a dimension with the name `Cache`.
    """

    def __init__(
        self,
        statistics: Statistics,
        dimensions: Mapping[str, str] | None = None,
        *,
        namespace: str = "ElastiCacheCaching",
        write: Callable[[str], object] = _print,
    ) -> None:
        self._dimensions = {"Cache": statistics.name, **(dimensions or {})}
        if len(self._dimensions) > _MAX_DIMENSIONS or "Cache" in (dimensions or {}):
            wanted = f"be at most {_MAX_DIMENSIONS - 1} and not include 'Cache'"
            raise ValueError(
                f"{statistics.name}: dimensions must {wanted}, got {sorted(dimensions or {})}; leave some out"
            )
        self._statistics, self._namespace, self._write = statistics, namespace, write
        self._before = dict.fromkeys(COUNTERS, 0)

    def flush(self) -> None:
        """Write a line, unless nothing has been counted."""
        now = self._statistics.snapshot()
        counts = {name: count - self._before[name] for name, count in now.items() if count != self._before[name]}
        if not counts:
            return
        metrics = [{"Name": name, "Unit": "Count"} for name in counts]
        directive = {"Namespace": self._namespace, "Dimensions": [list(self._dimensions)], "Metrics": metrics}
        document = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}}
        self._write(json.dumps({**document, **self._dimensions, **counts}))
        self._before = now
