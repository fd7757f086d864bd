"""Advice as functions of typed values: size, Valkey, reserved nodes and serverless."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from elasticache_operations.advise import reserved
from elasticache_operations.advise.advice import Target, Use, Verdict
from elasticache_operations.advise.reserved import Offering, advise_reserved, coverage, offerings, units, warnings
from elasticache_operations.advise.serverless import advise_serverless
from elasticache_operations.advise.size import advise_size, use_of
from elasticache_operations.advise.valkey import advise_valkey
from elasticache_operations.capacity import nodes
from elasticache_operations.node_prices import snapshot

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 26, tzinfo=UTC)
PRICES = snapshot("us-east-1", TODAY)
NOWHERE = snapshot("eu-west-1", TODAY)
TARGET = Target(id="orders", engine="redis", version="7.1.0", node_type="cache.r6g.xlarge", nodes=2, shards=1, age=400)
IDLE = Use(
    memory=2e9,
    processor=0.2,
    engine=10.0,
    network=0.01,
    connections=100,
    operations=100,
    stored=2e9,
    transferred=50_000,
)
SMALLER = ["cache.r6g.large", "cache.r6g.2xlarge", "cache.t4g.small", "cache.r7g.large"]


def size(use: Use | str = IDLE, target: Target = TARGET, allowed: list[str] | str = SMALLER) -> Any:
    return advise_size(target, use, allowed, PRICES)


def changed(**changes: Any) -> Use:
    return dataclasses.replace(IDLE, **changes)


def test_an_idle_cache_is_advised_to_the_cheapest_type_that_is_large_enough() -> None:
    advice = size()
    assert advice.verdict is Verdict.CHANGE
    assert advice.text.startswith("change cache.r6g.xlarge to cache.r6g.large: ")
    assert advice.saving == pytest.approx((0.411 - 0.206) * 2 * 730, abs=0.01)
    assert advice.steps == (
        "aws elasticache modify-replication-group --replication-group-id orders --cache-node-type cache.r6g.large "
        "--apply-immediately",
    )
    assert "of usable at the peak, limit 80 %" in advice.figures["memory"]


@pytest.mark.parametrize(
    ("use", "resource"),
    [
        (changed(memory=9e9), "memory"),
        (changed(processor=1.5), "CPU"),
        (changed(engine=75.0), "engine CPU"),
        (changed(network=0.9), "network"),
        (changed(connections=53_000), "connections"),
    ],
)
def test_no_smaller_type_is_advised_when_one_resource_is_busy(use: Use, resource: str) -> None:
    smaller = use_of(nodes.node_type("cache.r6g.large"), use)
    assert smaller[resource] > 100
    assert {name for name, percent in smaller.items() if percent > 100} == {resource}
    assert size(use).text != "change cache.r6g.xlarge to cache.r6g.large"
    assert "to cache.r6g.large" not in size(use).text


def test_a_node_that_is_too_small_is_advised_to_a_larger_one_that_costs_more() -> None:
    advice = size(changed(memory=18e9))
    assert advice.verdict is Verdict.CHANGE
    assert advice.text.startswith("change cache.r6g.xlarge to cache.r6g.2xlarge: memory uses ")
    assert advice.saving < 0


def test_when_no_type_is_large_enough_shards_are_advised() -> None:
    assert size(changed(memory=1e12)).text == "no node type is large enough; add shards"


def test_the_limits_are_included() -> None:
    node = nodes.node_type("cache.r6g.large")
    at_limit = changed(memory=node.maxmemory * 0.75 * 0.8, engine=70.0, processor=1.4, network=node.baseline)
    assert {name: round(value, 6) for name, value in use_of(node, at_limit).items() if name != "connections"} == {
        "memory": 100,
        "CPU": 100,
        "engine CPU": 100,
        "network": 100,
    }


@pytest.mark.parametrize(("share", "fits"), [(1.0, True), (1.005, False)])
def test_a_type_just_beyond_a_limit_is_not_advised(share: float, fits: bool) -> None:
    limit = nodes.node_type("cache.r6g.large").maxmemory * 0.75 * 0.8
    assert ("to cache.r6g.large" in size(changed(memory=limit * share)).text) is fits


def test_a_burstable_type_is_judged_by_its_baseline() -> None:
    small = nodes.node_type("cache.t4g.small")
    busy = changed(memory=1e8, engine=None, processor=0.5, network=0.001)
    assert use_of(small, busy)["CPU"] == pytest.approx(100 * 0.5 / small.processor_share)
    assert "t4g" not in size(busy, dataclasses.replace(TARGET, node_type="cache.r6g.large")).text


def test_the_present_type_is_kept_when_it_is_the_cheapest() -> None:
    target = dataclasses.replace(TARGET, node_type="cache.r6g.large")
    advice = size(target=target, allowed=["cache.r7g.large", "cache.r6g.xlarge"])
    assert (advice.verdict, advice.text, advice.saving) == (Verdict.KEEP, "keep cache.r6g.large", 0)


def test_a_saving_of_less_than_two_percent_is_no_advice() -> None:
    target = dataclasses.replace(TARGET, node_type="cache.r8g.large", engine="valkey", version="8.1")
    use = changed(memory=7e9)
    close = advise_size(target, use, ["cache.r7g.large"], PRICES)
    assert (close.verdict, close.text) == (Verdict.KEEP, "keep cache.r8g.large")
    assert "to cache.r6g.large" in advise_size(target, use, ["cache.r6g.large"], PRICES).text


def test_what_is_not_known_is_told() -> None:
    assert size("no metrics").text == "node size is not judged: no metrics"
    assert size(allowed="no permission").text == "other node types: no permission"
    unknown = dataclasses.replace(TARGET, node_type="cache.z9.large")
    assert size(target=unknown).text == "the capacity of cache.z9.large is not known"
    assert advise_size(TARGET, IDLE, SMALLER, NOWHERE).text == "prices are not known"


def test_a_single_node_is_changed_as_a_cluster() -> None:
    advice = size(target=dataclasses.replace(TARGET, group=False))
    assert advice.steps[0].startswith("aws elasticache modify-cache-cluster --cache-cluster-id orders ")


def test_valkey_saves_the_difference_of_the_prices() -> None:
    advice = advise_valkey(TARGET, PRICES, TODAY)
    assert advice.verdict is Verdict.CHANGE
    assert advice.saving == pytest.approx(0.411 * 0.2 * 2 * 730, rel=0.01)
    assert "(-20 %)" in advice.figures["price"]
    assert len(advice.steps) == 1
    assert advice.steps[0].startswith("aws elasticache modify-replication-group --replication-group-id orders --engine")


def test_valkey_also_saves_the_premium_of_extended_support() -> None:
    old = dataclasses.replace(TARGET, version="5.0.6")
    advice = advise_valkey(old, PRICES, TODAY)
    assert advice.saving == pytest.approx((0.411 * 1.8 - 0.411 * 0.8) * 2 * 730, rel=0.01)
    assert "with 80 % for extended support" in advice.figures["price"]


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"version": "5.0.5"}, "upgrade Redis OSS 5.0.5 to 5.0.6 or later first"),
        ({"parameter_group": "orders"}, "create a parameter group of a Valkey family in place of orders"),
        ({"global_datastore": "global"}, "upgrade the secondaries of the Global Datastore global first"),
        ({"group": False}, "put the node into a replication group first"),
    ],
)
def test_what_is_needed_before_valkey_comes_first(changes: dict[str, Any], step: str) -> None:
    advice = advise_valkey(dataclasses.replace(TARGET, **changes), PRICES, TODAY)
    assert len(advice.steps) == 2
    assert advice.steps[0].startswith(step)
    plain = dataclasses.replace(TARGET, version="5.0.6", parameter_group="default.redis5.0")
    assert len(advise_valkey(plain, PRICES, TODAY).steps) == 1


@pytest.mark.parametrize("engine", ["valkey", "memcached"])
def test_other_engines_are_kept(engine: str) -> None:
    advice = advise_valkey(dataclasses.replace(TARGET, engine=engine), PRICES, TODAY)
    assert advice.verdict is Verdict.KEEP


def test_offerings_are_read_with_their_recurring_charges() -> None:
    answers = [
        {
            "Duration": 31_536_000,
            "FixedPrice": 0.0,
            "UsagePrice": 0.0,
            "OfferingType": "No Upfront",
            "RecurringCharges": [{"RecurringChargeAmount": 0.281, "RecurringChargeFrequency": "Hourly"}],
        },
        {"Duration": 94_608_000, "FixedPrice": 4380.0, "OfferingType": "All Upfront"},
    ]
    first, second = offerings(answers)
    assert first == Offering(1, "No Upfront", 0.0, 0.281)
    assert second == Offering(3, "All Upfront", 4380.0, 0.0)
    assert second.effective == pytest.approx(4380 / (3 * 8760))
    assert second.break_even(0.411) == pytest.approx(4380 / (0.411 * 730))
    assert first.break_even(0.2) is None


NO_UPFRONT = Offering(1, "No Upfront", 0.0, 0.28)
ALL_UPFRONT = Offering(1, "All Upfront", 2300.0, 0.0)
THREE = Offering(3, "All Upfront", 4600.0, 0.0)
DEAR = Offering(1, "Heavy", 9000.0, 0.4)


def test_the_cheapest_offering_of_one_year_is_advised_with_all_figures() -> None:
    advice = advise_reserved(TARGET, [NO_UPFRONT, ALL_UPFRONT, THREE, DEAR], PRICES, 16)
    assert advice.verdict is Verdict.CHANGE
    assert advice.text == "reserve 2 x cache.r6g.xlarge for 1 year, All Upfront"
    assert advice.saving == pytest.approx((0.411 - 2300 / 8760) * 2 * 730)
    assert set(advice.figures) == {"on demand", "1 year, No Upfront", "1 year, All Upfront", "3 years, All Upfront"}
    assert advice.figures["1 year, All Upfront"].endswith("pays off in month 8")


@pytest.mark.parametrize(
    ("free", "text"),
    [
        (16.0, "reserve 2 x "),
        (15.9, "reserve 1 x "),
        (8.0, "reserve 1 x "),
        (7.9, "reservations cover the nodes already"),
    ],
)
def test_only_nodes_that_no_reservation_covers_are_reserved(free: float, text: str) -> None:
    assert advise_reserved(TARGET, [NO_UPFRONT], PRICES, free).text.startswith(text)


@pytest.mark.parametrize(
    ("target", "offered", "text"),
    [
        (dataclasses.replace(TARGET, age=29), [NO_UPFRONT], "reserve nothing yet: the cache is 29 days old"),
        (dataclasses.replace(TARGET, age=30), [NO_UPFRONT], "reserve 2 x "),
        (TARGET, [DEAR], "no offering is cheaper than on demand"),
        (TARGET, "no permission", "reserved nodes: no permission"),
    ],
)
def test_when_nothing_is_reserved_the_reason_is_told(target: Target, offered: Any, text: str) -> None:
    assert advise_reserved(target, offered, PRICES, 16).text.startswith(text)


@pytest.mark.parametrize(
    ("engine", "node_type", "compared"),
    [
        ("valkey", "cache.r7g.large", True),
        ("valkey", "cache.r6g.large", False),
        ("redis", "cache.r7g.large", False),
    ],
)
def test_a_savings_plan_is_compared_where_it_applies(engine: str, node_type: str, compared: bool) -> None:
    target = dataclasses.replace(TARGET, engine=engine, node_type=node_type)
    advice = advise_reserved(target, [Offering(1, "No Upfront", 0.0, 0.1)], PRICES, 16)
    assert ("Database Savings Plan" in advice.figures) is compared


@pytest.mark.parametrize(
    ("node_type", "expected"),
    [
        ("cache.t4g.micro", ("t4g", 0.5)),
        ("cache.r7g.large", ("r7g", 4)),
        ("cache.r7g.xlarge", ("r7g", 8)),
        ("cache.m6g.12xlarge", ("m6g", 96)),
        ("cache.z", None),
    ],
)
def test_normalised_units_of_node_types(node_type: str, expected: tuple[str, float] | None) -> None:
    assert units(node_type) == expected


def reservation(**changes: Any) -> dict[str, Any]:
    return {
        "ReservedCacheNodeId": "r1",
        "CacheNodeType": "cache.r6g.2xlarge",
        "CacheNodeCount": 1,
        "ProductDescription": "redis",
        "State": "active",
        "StartTime": NOW - timedelta(days=300),
        "Duration": 31_536_000,
        **changes,
    }


def test_reservations_count_by_units_for_the_family_and_for_valkey() -> None:
    valkey = dataclasses.replace(TARGET, engine="valkey", node_type="cache.r6g.large", nodes=3)
    other = dataclasses.replace(TARGET, engine="memcached", node_type="cache.r6g.large")
    assert coverage([TARGET, valkey, other], [reservation()]) == {"r6g": (28, 16)}
    assert coverage([TARGET], [reservation(ProductDescription="memcached")]) == {"r6g": (16, 0)}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ["reservation r1 (1 x cache.r6g.2xlarge) expires 2027-01-30"]),
        ({"StartTime": NOW - timedelta(days=274)}, []),
        ({"StartTime": NOW - timedelta(days=275)}, ["reservation r1 (1 x cache.r6g.2xlarge) expires 2027-02-24"]),
        ({"StartTime": NOW - timedelta(days=366)}, []),
        (
            {"StartTime": NOW, "CacheNodeCount": 2},
            ["16 of 32 reserved units of r6g nodes are not used"],
        ),
    ],
)
def test_reservations_that_expire_or_are_unused_are_told(changes: dict[str, Any], lines: list[str]) -> None:
    assert warnings([TARGET], [reservation(**changes)], NOW) == lines


def test_only_active_reservations_count() -> None:
    assert reserved.active([reservation(), reservation(State="retired")]) == [reservation()]


def test_serverless_is_advised_to_an_idle_cache() -> None:
    advice = advise_serverless(TARGET, IDLE, PRICES)
    assert advice.verdict is Verdict.CHANGE
    storage = 2e9 / 2**30 * 0.125 * 730
    processing = 100 * 3600 * 730 / 1e6 * 0.0034
    assert advice.saving == pytest.approx(0.411 * 2 * 730 - storage - processing, abs=0.01)


@pytest.mark.parametrize(
    "use", [changed(stored=2e10), changed(operations=60_000), changed(transferred=60_000 * 1024)], ids=str
)
def test_serverless_is_not_advised_to_a_large_or_busy_cache(use: Use) -> None:
    assert advise_serverless(TARGET, use, PRICES).verdict is Verdict.KEEP


def test_a_minimum_of_storage_is_billed() -> None:
    empty = changed(stored=0, operations=0, transferred=0)
    advice = advise_serverless(TARGET, empty, PRICES)
    assert advice.figures["serverless"].startswith("91.25 USD a month: 1.00 GB 91.25, 0 ECPU/s")


def test_without_metrics_the_break_even_is_told() -> None:
    advice = advise_serverless(TARGET, "no metrics", PRICES)
    assert advice.verdict is Verdict.UNKNOWN
    assert "6.6 GB stored" in advice.figures["break-even"]
    assert advise_serverless(TARGET, IDLE, NOWHERE).text == "serverless: prices are not known"
