"""The memory model: within 2 % of measurements of 7 servers, and properties for all shapes."""

import statistics
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_operations.capacity.allocator import Allocator, string_bytes
from elasticache_operations.capacity.engines import EngineVersion, offered
from elasticache_operations.capacity.filling import keys_until_refused
from elasticache_operations.capacity.memory import MemoryModel, of_shape
from elasticache_operations.capacity.shapes import Dataset, Kind, Population, Shape
from tests.elasticache_operations.capacity.measured import Measured, rows

ENGINES = [EngineVersion.parse(text) for text in offered()]


@pytest.mark.parametrize("row", rows(), ids=str)
def test_the_model_is_within_two_percent_of_each_measurement(row: Measured) -> None:
    assert abs(row.error_percent) <= 2, f"{row.model:.1f} bytes, measured {row.bytes_per_key}"


def test_the_mean_error_of_each_server_is_below_half_a_percent_without_cluster_mode() -> None:
    errors = defaultdict(list)
    for row in rows():
        if not row.cluster:
            errors[row.server, row.quantum].append(abs(row.error_percent))
    assert len(errors) == 7
    assert {server: len(found) for server, found in errors.items() if len(found) != 18} == {}
    assert {server: statistics.mean(found) for server, found in errors.items() if statistics.mean(found) > 0.5} == {}


@pytest.mark.parametrize(
    ("quantum", "wanted", "size"),
    [
        (8, 1, 8),
        (8, 8, 8),
        (8, 9, 16),
        (8, 17, 24),
        (8, 64, 64),
        (8, 65, 80),
        (8, 128, 128),
        (8, 129, 160),
        (8, 4102, 5120),
        (16, 8, 8),
        (16, 9, 16),
        (16, 17, 32),
        (16, 33, 48),
        (16, 65, 80),
        (16, 129, 160),
    ],
)
def test_the_allocator_rounds_to_the_size_classes_of_jemalloc(quantum: int, wanted: int, size: int) -> None:
    assert Allocator(quantum).size(wanted) == size


@pytest.mark.parametrize(("length", "header"), [(31, 1), (32, 3), (255, 3), (256, 5), (65535, 5), (65536, 9)])
def test_the_header_of_a_string_grows_with_its_length(length: int, header: int) -> None:
    assert string_bytes(length) == header + length + 1
    assert string_bytes(length, smallest_header=3) == max(header, 3) + length + 1


shapes = st.builds(
    Shape,
    kind=st.sampled_from(Kind),
    key=st.integers(1, 300),
    value=st.integers(1, 5000),
    count=st.integers(1, 600),
    field=st.integers(1, 100),
    ttl=st.booleans(),
)


@given(st.sampled_from(ENGINES), shapes, st.integers(1, 10**7))
def test_a_key_never_takes_less_than_its_data(engine: EngineVersion, shape: Shape, keys: int) -> None:
    least = shape.key if shape.kind is Kind.INTEGER else shape.data
    assert MemoryModel(engine).per_item(of_shape(shape, keys)) > least


@given(st.sampled_from(ENGINES), st.integers(1, 300), st.integers(1, 5000), st.integers(1, 10**6))
def test_a_longer_value_never_takes_less(engine: EngineVersion, key: int, value: int, keys: int) -> None:
    model = MemoryModel(engine)
    shorter, longer = (of_shape(Shape(key=key, value=length), keys) for length in (value, value + 1))
    # The object of Valkey 9.1 leaves out a pointer while it contains its value.
    slack = 8 * keys if engine.name == "valkey" and engine >= EngineVersion("valkey", 8, 1) else 0
    assert model.used(longer) >= model.used(shorter) - slack


@given(st.sampled_from(ENGINES), shapes, st.integers(1, 10**6), st.sampled_from([0, 8192]))
def test_the_worst_case_is_never_below_the_expected_one(
    engine: EngineVersion, shape: Shape, keys: int, slots: int
) -> None:
    model, data = MemoryModel(engine, slots=slots), of_shape(shape, keys)
    assert model.worst(data) >= model.used(data) * (1 - 1e-12)


@given(st.sampled_from(ENGINES), shapes, st.integers(1, 10**6))
def test_a_time_to_live_costs_at_least_eight_bytes(engine: EngineVersion, shape: Shape, keys: int) -> None:
    plain, expiring = (of_shape(shape.expiring(ttl), keys) for ttl in (False, True))
    assert MemoryModel(engine).used(expiring) >= MemoryModel(engine).used(plain) + 8 * keys


@pytest.mark.parametrize(("text", "more"), [("redis-7.1", 16.0), ("valkey-7.2", 16.0), ("valkey-8.1", 16.2)])
def test_cluster_mode_costs_a_list_or_a_table_for_each_slot(text: str, more: float) -> None:
    data = of_shape(Shape(key=16, value=100), 100_000)
    engine = EngineVersion.parse(text)
    extra = (MemoryModel(engine, slots=16384).used(data) - MemoryModel(engine).used(data)) / 100_000
    assert extra == pytest.approx(more, rel=0.02)


def test_the_tables_of_slots_cost_little_with_many_keys() -> None:
    data = of_shape(Shape(key=16, value=100), 20_000_000)
    engine = EngineVersion.parse("valkey-8.1")
    assert MemoryModel(engine, slots=16384).used(data) == pytest.approx(MemoryModel(engine).used(data), rel=0.03)


def test_keys_directly_after_a_doubling_of_the_table_take_eight_more_bytes() -> None:
    model, shape = MemoryModel(EngineVersion.parse("redis-7.1")), Shape(key=16, value=100)
    before, after = (model.per_item(of_shape(shape, keys)) for keys in (2**20, 2**20 + 1))
    assert after - before == pytest.approx(8, abs=0.01)
    assert model.worst(of_shape(shape, 2**20)) / 2**20 == pytest.approx(after, abs=0.01)


@pytest.mark.parametrize(
    ("engine", "quantum", "shape", "fitted"),
    [
        ("redis-7.0", 16, Shape(key=32, value=400, ttl=True), 660_870),
        ("redis-7.0", 8, Shape(key=32, value=400, ttl=True), 697_269),
        ("valkey-8.1", 8, Shape(key=32, value=400, ttl=True), 744_629),
        ("valkey-9.1", 8, Shape(key=24, value=60), 3_203_147),
    ],
)
def test_a_server_refused_the_next_write_within_two_percent_of_the_model(
    engine: str, quantum: int, shape: Shape, fitted: int
) -> None:
    """Recorded: maxmemory 402,653,184 bytes, noeviction, keys until the server answered OOM."""
    model = MemoryModel(EngineVersion.parse(engine), Allocator(quantum))
    keys = keys_until_refused(model, of_shape(shape, 1), 402_653_184 - 900_000)
    assert keys == pytest.approx(fitted, rel=0.02)


def test_a_table_that_cannot_double_is_filled_more_densely() -> None:
    model, shape = MemoryModel(EngineVersion.parse("redis-7.0")), of_shape(Shape(key=16, value=20), 1)
    full = model.used(of_shape(Shape(key=16, value=20), 2**16))
    # 80 bytes each beside the table, so 100 of them fit without a larger table.
    assert keys_until_refused(model, shape, full) == 2**16
    assert keys_until_refused(model, shape, full + 8800) == 2**16 + 100


def test_a_limit_below_one_key_fits_none() -> None:
    assert keys_until_refused(MemoryModel(ENGINES[0]), of_shape(Shape(key=16, value=20), 1), 10) == 0


def test_a_version_between_measured_ones_takes_the_larger_layout() -> None:
    data = of_shape(Shape(key=16, value=20), 100_000)
    between, before, since = (
        MemoryModel(EngineVersion.parse(text)).used(data) for text in ("valkey-8.2", "valkey-8.1", "valkey-9.1")
    )
    assert between == max(before, since)
    assert before != since
    assert [engine for engine in ENGINES if not engine.measured] == [
        EngineVersion("redis", 4, 0),
        EngineVersion("redis", 5, 0),
        EngineVersion("redis", 6, 0),
        EngineVersion("valkey", 8, 2),
        EngineVersion("valkey", 9, 0),
    ]


@pytest.mark.parametrize(
    ("text", "layouts"), [("redis-7.1", 1), ("valkey-8.1", 1), ("valkey-8.2", 2), ("valkey-9.0", 2), ("valkey-9.1", 1)]
)
def test_only_versions_between_measured_ones_have_two_layouts(text: str, layouts: int) -> None:
    assert len(EngineVersion.parse(text).layouts(Allocator())) == layouts


@pytest.mark.parametrize(
    ("kind", "least", "most", "length"),
    [(Kind.HASH, 512, 513, 20), (Kind.SET, 128, 129, 20), (Kind.SORTED_SET, 128, 129, 20)],
)
def test_beyond_the_limit_of_a_listpack_a_value_becomes_a_table(kind: Kind, least: int, most: int, length: int) -> None:
    model = MemoryModel(EngineVersion.parse("valkey-8.1"))

    def used(count: int, value: int) -> float:
        return model.per_item(of_shape(Shape(kind=kind, key=16, count=count, field=8, value=value), 1000))

    assert used(most, length) > 1.3 * used(least, length)
    # A member of more than 64 bytes is too long for a listpack as well.
    assert used(least, 65) > used(least, 64) + 8 * least


def test_a_long_list_has_a_node_for_each_8_kb() -> None:
    model = MemoryModel(EngineVersion.parse("redis-7.0"))
    members = Shape(kind=Kind.LIST, key=16, count=3720, value=20)
    # 372 members of 22 bytes fit into a node of 8 KB, so there are 10 full nodes with an allocation of 8 KB each.
    assert model.per_item(of_shape(members, 100_000)) == pytest.approx(10 * (8192 + 32) + 40 + 90, rel=0.002)


def test_a_mixture_is_the_sum_of_its_values_with_common_tables() -> None:
    model = MemoryModel(EngineVersion.parse("valkey-8.1"))
    first, second = Shape(key=16, value=100), Shape(key=20, value=200, ttl=True)
    mixed = Dataset((Population(6000, first), Population(4000, second)))
    alone = model.used(of_shape(first, 6000)) + model.used(of_shape(second, 4000))
    assert model.used(mixed) == pytest.approx(alone, rel=0.05)
    assert model.used(mixed) != alone


@pytest.mark.parametrize("text", ["redis-8.0", "valkey-7.1", "memcached-1.6.22", "", "valkey", "valkey-8.1-beta"])
def test_an_engine_version_that_is_not_offered_is_refused_with_the_offered_ones(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be one of redis-4\.0, .*valkey-9\.1, got"):
        EngineVersion.parse(text)


@pytest.mark.parametrize(
    ("text", "name"), [("valkey-8.1", "valkey-8.1"), ("Valkey 8", "valkey-8.2"), ("redis7.1", "redis-7.1")]
)
def test_an_engine_version_is_read_in_the_usual_spellings(text: str, name: str) -> None:
    assert str(EngineVersion.parse(text)) == name
