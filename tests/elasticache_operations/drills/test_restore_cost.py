"""What `elasticache drill restore` costs, and that it is refused above the given amount."""

import re

import pytest

from tests.elasticache_operations.drills.restore_drill import RUN, Drill, drill, summary
from tests.elasticache_operations.drills.restoring import Region
from tests.elasticache_operations.run import AS_OF, Elasticache

__all__ = ["drill"]


@pytest.mark.parametrize(
    ("timeout", "most", "met"),
    [("45m", "0.0128", True), ("45m", "0.0127", False), ("2701s", "0.0128", False), ("2701s", "0.0256", True)],
)
def test_a_drill_that_may_cost_more_is_refused(drill: Drill, timeout: str, most: str, met: bool) -> None:
    region = Region()
    result = drill(region, *RUN, "--most-usd", most, "--timeout", timeout)
    assert result.data["result"] == ("passed" if met else "refused")
    if not met:
        assert "CreateReplicationGroup" not in region.requests
        fix = re.search(r"--most-usd ([0-9.]+)$", summary(result))
        assert fix is not None
        assert drill(region, *RUN, "--most-usd", fix[1], "--timeout", timeout).status == 0


def test_each_hour_that_was_begun_is_paid(drill: Drill) -> None:
    region = Region(creating=1790)
    result = drill(region, *RUN, "--timeout", "120m")
    assert result.status == 0, result.err
    assert result.data["figures"]["cost_usd"] == 0.0256


def test_the_time_after_the_deletion_was_accepted_is_not_paid(drill: Drill) -> None:
    region = Region(deleting=1790)
    result = drill(region, *RUN)
    assert result.status == 0, result.err
    assert result.data["figures"]["cost_usd"] == 0.0128
    assert result.data["figures"]["deletion_s"] < 60


def test_an_unknown_price_is_refused(elasticache: Elasticache) -> None:
    region = Region()
    result = elasticache("drill", "restore", "orders", "--region", "eu-west-1", *AS_OF, aws=region.recorded)
    assert result.status == 1
    assert "cost: the price of 1 x cache.t4g.micro is not known: the snapshot has no prices of eu-west-1" in result.out
