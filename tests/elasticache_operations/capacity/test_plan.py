"""Node types, shards and serverless for a workload."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_operations.capacity import nodes
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.memory import SERVER, MemoryModel, of_shape
from elasticache_operations.capacity.plan import Limits, Planner, Workload
from elasticache_operations.capacity.quantities import Growth
from elasticache_operations.capacity.serverless import serverless
from elasticache_operations.capacity.shapes import Dataset, Kind, Shape

VALKEY = MemoryModel(EngineVersion.parse("valkey-8.1"))
REGION = "us-east-1"
SHAPE = Shape(key=32, value=400, ttl=True)
EXAMPLE = Workload(
    data=of_shape(SHAPE, 50_000_000), growth=Growth.parse("5%/month"), months=12, reads=40_000, writes=10_000
)


def test_the_example_needs_three_shards_of_a_xlarge_node() -> None:
    planner = Planner(EXAMPLE, VALKEY, Limits())
    plan = planner.smallest(nodes.node_type("cache.r7g.xlarge"))
    assert plan is not None
    assert (plan.shards, plan.nodes) == (3, 6)
    assert plan.memory == pytest.approx(77, abs=1)
    assert plan.network == pytest.approx(3.5, abs=0.5)
    assert EXAMPLE.outgoing(1) == pytest.approx(0.198, abs=0.001)
    assert VALKEY.per_item(EXAMPLE.data) == pytest.approx(539, abs=0.5)
    assert VALKEY.used(EXAMPLE.later) / 2**30 == pytest.approx(45.0, abs=0.5)


def test_a_plan_uses_as_few_shards_as_suffice() -> None:
    planner = Planner(EXAMPLE, VALKEY, Limits())
    for name in ("cache.r7g.large", "cache.r7g.xlarge", "cache.r7g.4xlarge", "cache.t4g.medium"):
        plan = planner.smallest(nodes.node_type(name))
        assert plan is not None
        assert planner.suffices(plan)
        assert plan.shards == 1 or not planner.suffices(planner.use(plan.node_type, plan.shards - 1))


@pytest.mark.parametrize(
    ("change", "limited"),
    [
        ({"reads": 900_000}, "operations"),
        ({"reads": 120_000, "data": of_shape(Shape(key=32, value=4000), 1000)}, "network"),
        ({"data": of_shape(SHAPE, 500_000_000)}, "memory"),
    ],
)
def test_each_resource_can_be_the_one_that_needs_more_shards(change: dict[str, object], limited: str) -> None:
    small = Workload(data=of_shape(SHAPE, 1000))
    planner = Planner(dataclasses.replace(small, **change), VALKEY, Limits())  # type: ignore[arg-type]  # by name
    plan = planner.smallest(nodes.node_type("cache.r7g.large"))
    assert plan is not None
    assert plan.shards > 1
    assert max(plan.limits, key=lambda name: plan.limits[name]) == limited


def test_connections_cannot_be_distributed_over_shards() -> None:
    planner = Planner(Workload(data=of_shape(SHAPE, 1000), connections=52_001), VALKEY, Limits())
    assert planner.smallest(nodes.node_type("cache.r7g.large")) is None
    assert planner.plans(nodes.offered(REGION, "valkey")) == []
    fewer = Planner(Workload(data=of_shape(SHAPE, 1000), connections=52_000), VALKEY, Limits())
    assert fewer.smallest(nodes.node_type("cache.r7g.large")) is not None


def test_each_replica_receives_every_write() -> None:
    shape = Shape(key=36, value=400)
    writes = Workload(data=of_shape(shape, 1000), writes=10_000)
    assert writes.outgoing(0) == 0
    assert writes.outgoing(2) == pytest.approx(10_000 * 2 * 500 * 8 / 1e9)
    assert writes.incoming == pytest.approx(10_000 * 500 * 8 / 1e9)
    reads = Workload(data=of_shape(shape, 1000), reads=10_000)
    assert reads.outgoing(2) == pytest.approx(10_000 * 500 * 8 / 1e9)


@pytest.mark.parametrize(("replicas", "most"), [(0, 500), (1, 250), (5, 83)])
def test_a_plan_has_at_most_500_nodes(replicas: int, most: int) -> None:
    node = nodes.node_type("cache.r7g.large")
    one = Planner(Workload(data=of_shape(SHAPE, 1000)), VALKEY, Limits()).use(node, 1)
    assert one.operations == 0
    within = Workload(data=of_shape(SHAPE, 1000), reads=most * 80_000)
    beyond = Workload(data=of_shape(SHAPE, 1000), reads=most * 80_000 + 1000)
    large = dataclasses.replace(node, baseline=1e6)
    plan = Planner(within, VALKEY, Limits(replicas=replicas)).smallest(large)
    assert plan is not None
    assert (plan.shards, plan.nodes) == (most, most * (1 + replicas))
    assert Planner(beyond, VALKEY, Limits(replicas=replicas)).smallest(large) is None


def test_a_burstable_node_serves_its_baseline() -> None:
    node = nodes.node_type("cache.t4g.micro")
    assert node.burstable
    assert node.processor_share == pytest.approx(0.2)
    planner = Planner(Workload(data=of_shape(SHAPE, 1000), reads=16_000), VALKEY, Limits())
    assert planner.use(node, 1).operations == pytest.approx(80)


def test_memory_counts_the_server_the_reserve_and_a_measurement() -> None:
    workload = Workload(data=of_shape(SHAPE, 1_000_000))
    node = nodes.node_type("cache.r7g.large")
    plain = Planner(workload, VALKEY, Limits()).use(node, 1).memory
    assert plain == pytest.approx(100 * (VALKEY.worst(workload.data) + SERVER) / (node.maxmemory * 0.75))
    assert Planner(workload, VALKEY, Limits(reserved=50)).use(node, 1).memory == pytest.approx(plain * 1.5)
    measured = dataclasses.replace(workload, measured=1.1)
    expected = 100 * (1.1 * VALKEY.worst(workload.data) + SERVER) / (node.maxmemory * 0.75)
    assert Planner(measured, VALKEY, Limits()).use(node, 1).memory == pytest.approx(expected)


def test_a_cache_that_shrinks_is_planned_for_today() -> None:
    workload = Workload(data=of_shape(SHAPE, 1000), growth=Growth.parse("-50%/month"), months=12)
    assert workload.later.items == 1000
    assert Workload(data=Dataset(()), months=12, growth=Growth.parse("5%/month")).later.items == 0


def test_node_types_of_a_plan_are_current_and_offered_for_the_engine() -> None:
    redis, valkey = ({node.name for node in nodes.offered(REGION, engine)} for engine in ("redis", "valkey"))
    assert "cache.r8g.large" in valkey - redis
    assert "cache.r7g.large" in valkey & redis
    assert not {name for name in redis | valkey if name.startswith(("cache.t2.", "cache.m4.", "cache.r6gd."))}


def test_serverless_counts_kilobytes_and_at_least_one_unit() -> None:
    small = serverless(EXAMPLE, VALKEY)
    assert small.units == 50_000
    assert small.gigabytes == pytest.approx(45.0, abs=0.5)
    large = dataclasses.replace(EXAMPLE, data=of_shape(Shape(key=24, value=4072), 50_000_000))
    assert serverless(large, VALKEY).units == 200_000
    assert small.offered
    assert not serverless(dataclasses.replace(EXAMPLE, reads=15_000_000), VALKEY).offered
    assert not serverless(dataclasses.replace(EXAMPLE, data=of_shape(SHAPE, 10**10)), VALKEY).offered


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 10**9),
    st.integers(0, 10**6),
    st.sampled_from(["cache.t4g.small", "cache.r7g.large", "cache.m7g.8xlarge"]),
    st.sampled_from(Kind),
)
def test_one_shard_less_than_planned_never_suffices(items: int, reads: int, name: str, kind: Kind) -> None:
    shape = Shape(kind=kind, key=20, value=100, field=8, count=10)
    planner = Planner(Workload(data=of_shape(shape, items), reads=reads), VALKEY, Limits())
    plan = planner.smallest(nodes.node_type(name))
    if plan is None:
        assert not planner.suffices(planner.use(nodes.node_type(name), 250))
    else:
        assert planner.suffices(plan)
        assert plan.shards == 1 or not planner.suffices(planner.use(plan.node_type, plan.shards - 1))
