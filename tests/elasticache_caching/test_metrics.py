"""The adapters for metrics."""

import json

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from elasticache_caching import COUNTERS, Statistics
from elasticache_caching.adapters.cloudwatch import EmbeddedMetrics
from elasticache_caching.adapters.opentelemetry import observe


def counted(name: str = "product", **counts: int) -> Statistics:
    statistics = Statistics(name)
    for counter, count in counts.items():
        for _ in range(count):
            statistics.add(counter)
    return statistics


def test_embedded_metrics() -> None:
    lines: list[str] = []
    statistics = counted(hits=3, loads=1)
    metrics = EmbeddedMetrics(statistics, {"Service": "shop"}, write=lines.append)
    metrics.flush()
    metrics.flush()
    statistics.add("hits")
    metrics.flush()
    first, second = map(json.loads, lines)
    assert isinstance(first["_aws"].pop("Timestamp"), int)
    assert first == {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "ElastiCacheCaching",
                    "Dimensions": [["Cache", "Service"]],
                    "Metrics": [{"Name": "hits", "Unit": "Count"}, {"Name": "loads", "Unit": "Count"}],
                }
            ]
        },
        "Cache": "product",
        "Service": "shop",
        "hits": 3,
        "loads": 1,
    }
    assert (second["hits"], "loads" in second) == (1, False)
    assert "\n" not in "".join(lines)


def test_embedded_metrics_go_to_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    EmbeddedMetrics(counted(hits=1), namespace="Shop").flush()
    assert json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shop"


@pytest.mark.parametrize("dimensions", [{"Cache": "x"}, {f"d{number}": "x" for number in range(30)}])
def test_dimensions_that_cloudwatch_refuses(dimensions: dict[str, str]) -> None:
    with pytest.raises(
        ValueError, match=r"product: dimensions must be at most 29 and not include 'Cache', got .*; leave"
    ):
        EmbeddedMetrics(counted(), dimensions)
    EmbeddedMetrics(counted(), {f"d{number}": "x" for number in range(29)})


def test_opentelemetry() -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    products = counted(hits=3, loads=1)
    observe(provider.get_meter("shop"), products, counted("price", hits=2))
    products.add("hits")
    data = reader.get_metrics_data()
    assert data is not None
    metrics = {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    assert set(metrics) == {f"elasticache_caching.{name}" for name in COUNTERS}
    hits = metrics["elasticache_caching.hits"]
    assert hits.description == COUNTERS["hits"]
    assert {str(point.attributes): point.value for point in hits.data.data_points} == {  # type: ignore[union-attr]
        "{'cache': 'product'}": 4,
        "{'cache': 'price'}": 2,
    }
    provider.shutdown()
