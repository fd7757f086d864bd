"""Tests without a server: storage format, codec, limits, breaker, statistics. Runs on Python 3.9 as well."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import inspect
import math
import random
import sys
import threading
import time
import tracemalloc
import typing
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from decimal import Decimal
from typing import Any, Callable, Optional, TypedDict, Union

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.credentials import UsernamePasswordCredentialProvider

from elasticache_caching import (
    COUNTERS,
    AsyncCacheClient,
    AsyncVersioned,
    Cache,
    CacheClient,
    CacheUnavailableError,
    ConfigurationError,
    Json,
    SessionStore,
    Statistics,
    ValueRefusedError,
    Versioned,
    wire,
)
from elasticache_caching.breaker import Breaker
from elasticache_caching.client import _Connection
from elasticache_caching.flights import Flights
from elasticache_caching.protocol import Load, Loaded, Protocol, Run, Sleep
from elasticache_caching.scripts import FILL, RELEASE, Script
from elasticache_caching.settings import Settings

CLIENT = CacheClient.connect("cache.example", tls=False)
NOW = 1_800_000_000.0


def protocol(*, version: Any = None, **changed: Any) -> Protocol[Any]:
    codec = changed.pop("codec", Json(dict, schema=3))
    made: Protocol[Any] = Protocol(
        Settings("row", codec, **{"ttl": 60, "jitter": 0, **changed}), version, Statistics("row")
    )
    made.clock = lambda: NOW
    return made


# The bytes that another release of the package reads and writes: they must never change.
GOLDEN = {
    "value": ({"a": 1}, None, "e1000003000001a3185d3a600000000700000000000000007b2261223a317d"),
    "negative": (None, None, "e1020003000001a3185c6388000000070000000000000000"),
    "version": ({"a": 1}, lambda _: 2**53 - 1, "e1000003000001a3185d3a6000000007001fffffffffffff7b2261223a317d"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_bytes(name: str) -> None:
    value, version, expected = GOLDEN[name]
    entry = protocol(version=version, negative=5).entry(value, cost=0.007)[1]
    assert entry.hex() == expected


def test_golden_bytes_of_a_tombstone() -> None:
    step = protocol(version=lambda _: 1).tombstone("1", 8, 70)
    assert step.keys == (b"{row:1}", b"{row:1}!")
    assert step.arguments[1].hex() == "e104000300000000000000000000000000000000000000" + "08"  # type: ignore[union-attr]
    assert step.arguments[2] == 70_000


def test_golden_bytes_of_a_compressed_value() -> None:
    entry = protocol().entry({"a": "x" * 2000})[1]
    assert entry[:4].hex() == "e1010003"
    assert zlib.decompress(entry[24:]) == b'{"a":"' + b"x" * 2000 + b'"}'
    read = protocol().read(entry)
    assert read is not None
    assert read.value == {"a": "x" * 2000}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(
    value=st.dictionaries(st.text(), JSON),
    schema=st.integers(0, 65_535),
    cost=st.floats(0, 1e9),
    version=st.integers(0, 2**53 - 1),
)
def test_every_value_comes_back(value: dict[str, Any], schema: int, cost: float, version: int) -> None:
    caching_protocol = protocol(codec=Json(dict, schema=schema), version=lambda _: version)
    try:
        found = caching_protocol.entry(value, cost=cost)
    except ValueRefusedError as error:  # lone surrogates
        assert "surrogates" in str(error)  # noqa: PT017
        return
    assert found[0] == version
    read = caching_protocol.read(found[1])
    assert read is not None
    assert (read.value, read.source) == (value, "hit")
    entry = wire.unpack(found[1], 10**6)
    assert entry is not None
    assert entry[4] == version
    assert entry[3] == min(int(cost * 1000), 2**32 - 1)


@given(raw=st.binary(max_size=100) | st.binary(min_size=23, max_size=60).map(lambda rest: b"\xe1" + rest))
def test_no_bytes_raise(raw: bytes) -> None:
    protocol().read(raw)


def head(magic: int = wire.MAGIC, flags: int = 0, schema: int = 3, version: int = 1) -> bytes:
    return wire._HEAD.pack(magic, flags, schema, int((NOW + 60) * 1000), 0, version)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        head()[:23],
        head(magic=0xE0) + b"{}",
        head(flags=8) + b"{}",
        head(flags=128) + b"{}",
        head(schema=2) + b"{}",
        head(flags=wire.TOMBSTONE),
        head(version=-1) + b"{}",
        head(version=2**53) + b"{}",
        head() + b"[]",
        head() + b"{",
        head(flags=wire.COMPRESSED) + b"{}",
        head(flags=wire.COMPRESSED) + zlib.compress(b"{}")[:-1],
        head(flags=wire.COMPRESSED) + zlib.compress(b"{}") + b"x",
    ],
)
def test_what_is_a_miss(raw: bytes | None) -> None:
    assert protocol().read(raw) is None
    assert protocol().read(head() + b"{}") == Loaded({}, "hit", 60.0)


def test_a_body_is_not_decompressed_beyond_the_limit() -> None:
    bomb = head(flags=wire.COMPRESSED) + zlib.compress(b"[" + b" " * 10_000_000 + b"]")
    assert len(bomb) < 20_000
    tracemalloc.start()
    try:
        assert protocol().read(bomb) is None
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    for size, found in ((100, True), (101, False)):
        body = b'{"a":"' + b"x" * (size - 8) + b'"}'
        for raw in (head() + body, head(flags=wire.COMPRESSED) + zlib.compress(body)):
            assert (protocol(max_bytes=100).read(raw) is not None) is found


def test_sizes_on_both_sides_of_the_limits() -> None:
    value = {"a": "x" * 92}
    assert len(protocol(max_bytes=100).entry(value)[1]) == 124
    with pytest.raises(
        ValueRefusedError, match="row: value must be at most 99 bytes, got 100; store less in it, or raise"
    ):
        protocol(max_bytes=99).entry(value)
    for size, flags in ((1024, 0), (1025, wire.COMPRESSED)):
        assert wire.pack(0, schema=1, version=0, body=b"x" * size)[1] == flags
    assert protocol().entry({"a": "x" * 1016})[1][1] == 0
    assert protocol().entry({"a": "x" * 1017})[1][1] == wire.COMPRESSED
    noise = random.Random(1).randbytes(2000)
    assert wire.pack(0, schema=1, version=0, body=noise)[1] == 0, "what compression does not make smaller is kept"


@pytest.mark.parametrize(
    ("left", "draw", "due"), [(10, 0.99, False), (4, 0.99, True), (4, 0.5, False), (0.001, 0.01, True)]
)
def test_early_refresh(left: float, draw: float, due: bool) -> None:
    caching_protocol = protocol()
    raw = caching_protocol.entry({}, cost=1.0)[1]
    caching_protocol.clock, caching_protocol.draw = (lambda: NOW + 60 - left), (lambda: draw)
    read = caching_protocol.read(raw)
    assert read is not None
    assert (read.source, read.due) == ("hit", due)


def test_the_rate_of_early_refresh() -> None:
    """exp(-left / (cost * early)), as XFetch has it."""
    generator = random.Random(5)
    caching_protocol = protocol(early=2)
    raw = caching_protocol.entry({}, cost=0.5)[1]
    caching_protocol.draw = generator.random
    for left in (0.5, 1.0, 2.0):
        caching_protocol.clock = lambda left=left: NOW + 60 - left  # type: ignore[misc]
        rate = sum(bool(caching_protocol.read(raw).due) for _ in range(4000)) / 4000  # type: ignore[union-attr]
        assert rate == pytest.approx(math.exp(-left), abs=0.03)


def test_no_early_refresh() -> None:
    caching_protocol = protocol(early=0)
    raw = caching_protocol.entry({}, cost=1000)[1]
    caching_protocol.clock, caching_protocol.draw = (lambda: NOW + 59.9), (lambda: 0.999)
    assert caching_protocol.read(raw).due is False  # type: ignore[union-attr]


def test_expiry_on_both_sides() -> None:
    caching_protocol = protocol(stale=5)
    raw = caching_protocol.entry({})[1]
    sources = {}
    for at in (59.9, 60, 64.9, 65):
        caching_protocol.clock = lambda at=at: NOW + at  # type: ignore[misc]
        read = caching_protocol.read(raw)
        sources[at] = read and read.source
    assert sources == {59.9: "hit", 60: "stale", 64.9: "stale", 65: None}


def test_none_is_a_miss_after_its_own_time() -> None:
    """Also within the time in which a stale value is served."""
    caching_protocol = protocol(negative=5, stale=100)
    raw = caching_protocol.entry(None)[1]
    sources = {}
    for at in (4.9, 5):
        caching_protocol.clock = lambda at=at: NOW + at  # type: ignore[misc]
        read = caching_protocol.read(raw)
        sources[at] = read and read.source
    assert sources == {4.9: "hit", 5: None}


def test_how_long_a_reader_waits_for_a_lease() -> None:
    now = [100.0]
    for draw, factor in ((0.5, 1.0), (0.0, 0.5), (0.75, 1.25)):
        caching_protocol = protocol(lease=1)
        caching_protocol.monotonic, caching_protocol.draw = (lambda: now[0]), (lambda draw=draw: draw)  # type: ignore[misc]
        now[0] = 100.0
        steps = caching_protocol.fetch("1", None, None)
        assert isinstance(next(steps), Run)
        pauses = []
        for _ in range(12):
            sleep = steps.send(0)
            assert isinstance(sleep, Sleep)
            pauses.append(sleep.seconds)
            assert isinstance(next(steps), Run)
        expected = [min(0.002 * 1.5**number, 0.05) * factor for number in range(12)]
        assert pauses == pytest.approx(expected)
        now[0] = 100.999
        assert isinstance(steps.send(0), Sleep)
        next(steps)
        now[0] = 101.0
        assert isinstance(steps.send(0), Load), "after the time of a lease, the reader loads"


@pytest.mark.parametrize(
    ("value", "script", "reply", "filled"),
    [
        ({}, FILL, 1, True),
        ({}, FILL, 0, False),
        ({}, FILL, -1, False),
        ({1: "JSON changes it"}, RELEASE, 1, False),
    ],
)
def test_only_a_fill_that_the_server_stored_counts_as_one(value: Any, script: Script, reply: int, filled: bool) -> None:
    """Callers that arrive during a load can use its value only then."""
    caching_protocol = protocol()
    steps = caching_protocol.fetch("1", None, None)
    next(steps)
    assert isinstance(steps.send(1), Load)
    step = steps.send(value)
    assert isinstance(step, Run)
    assert step.script is script
    with pytest.raises(StopIteration) as end:
        steps.send(reply)
    assert end.value.value == Loaded(value, "load", filled=filled)
    refused = caching_protocol.statistics.snapshot()["refused_fills"]
    assert refused == (script is FILL and not filled)


@pytest.mark.parametrize("seen", [None, Loaded({}, "stale")])
def test_an_interrupted_load_gives_its_lease_back(seen: Any) -> None:
    """As when a task is cancelled: a stale value does not replace the interruption."""
    steps = protocol(stale=60).fetch("1", None, seen)
    next(steps)
    assert isinstance(steps.send(1), Load)
    error = asyncio.CancelledError()
    release = steps.throw(error)
    assert isinstance(release, Run)
    assert (release.script, release.arguments[1]) == (RELEASE, 0)
    assert end_of(lambda: steps.send(1)) is error


def test_a_load_that_is_abandoned_sends_no_command() -> None:
    """As when the event loop has ended: nobody would perform the step."""
    steps = protocol().fetch("1", None, None)
    next(steps)
    assert isinstance(steps.send(1), Load)
    steps.close()


def end_of(step: Callable[[], object]) -> Any:
    """The error, or the result, with which the generator of a protocol ends."""
    try:
        pytest.fail(f"it must end, and not continue with {step()}")
    except StopIteration as end:
        return end.value
    except (OSError, asyncio.CancelledError) as error:
        return error


@pytest.mark.parametrize("cache", ["is down", "changes all the time"])
@pytest.mark.parametrize("seen", [None, Loaded({}, "stale")])
def test_the_loader_fails_without_a_lease(seen: Any, cache: str) -> None:
    """A stale value is served, if there is one."""
    error, caching_protocol, now = OSError("database"), protocol(stale=60, lease=1), [0.0]
    caching_protocol.monotonic = lambda: now[0]
    steps = caching_protocol.fetch("1", None, seen)
    next(steps)
    now[0] = 1.0
    step = steps.throw(CacheUnavailableError("gone")) if cache == "is down" else steps.send(b"another format")
    assert isinstance(step, Load)
    assert end_of(lambda: steps.throw(error)) is (seen or error)


@pytest.mark.parametrize("error", [None, OSError("database")])
def test_a_cache_that_fails_during_a_load(error: Exception | None) -> None:
    """The caller gets the value, or the error of the loader and not that of the cache."""
    steps = protocol().fetch("1", None, None)
    next(steps)
    assert isinstance(steps.send(1), Load)
    step = steps.send({"a": 1}) if error is None else steps.throw(error)
    assert isinstance(step, Run)
    assert end_of(lambda: steps.throw(CacheUnavailableError("gone"))) == (error or Loaded({"a": 1}, "load"))


@pytest.mark.parametrize(("negative", "bypass"), [(0, 1000), (0.9, 1000), (7, 7000)])
def test_how_long_readers_load_a_value_that_cannot_be_stored_without_a_lease(negative: float, bypass: int) -> None:
    """At least for a second: otherwise each reader would wait for a lease whose holder never fills."""
    steps = protocol(max_bytes=1, negative=negative).fetch("1", None, None)
    assert isinstance(next(steps), Run)
    assert steps.send(1) == Load("1")
    release = steps.send({"a": 1})
    assert isinstance(release, Run)
    assert (release.script, release.arguments[1]) == (RELEASE, bypass)


def test_keys() -> None:
    caching_protocol = protocol()
    assert caching_protocol.keys("42") == (b"{row:42}", b"{row:42}!")
    assert caching_protocol.keys("Zürich")[0] == "{row:Zürich}".encode()
    assert caching_protocol.keys("x" * 256)[0] == b"{row:" + b"x" * 256 + b"}"
    for id in ("x" * 257, "a{b", "a}b", "#a", "}"):
        key = caching_protocol.keys(id)[0]
        assert key.startswith(b"{row:#")
        assert len(key) == 71
    assert len({caching_protocol.keys(id) for id in ("", "#", "}", "{", "#" + "0" * 64)}) == 5


@given(ids=st.sets(st.text(), min_size=2, max_size=20))
def test_keys_never_collide_and_have_one_hash_tag(ids: set[str]) -> None:
    caching_protocol = protocol()
    keys = []
    for id in ids:
        try:
            value, lease = caching_protocol.keys(id)
        except ValueError:
            continue
        keys += [value, lease]
        for key in (value, lease):
            assert key.count(b"{") == key.count(b"}") == 1
            assert key.startswith(b"{row:")
            assert key.split(b"}")[0] == value[:-1]
    assert len(set(keys)) == len(keys)


@dataclasses.dataclass
class Line:
    name: str
    count: int = 1


@dataclasses.dataclass
class Order:
    id: str
    lines: list[Line]
    first: Optional[Line] = None  # noqa: UP045 - it is evaluated, on Python 3.9 as well
    by_name: dict[str, Line] = dataclasses.field(default_factory=dict)


def test_dataclasses_come_back() -> None:
    codec = Json(Order)
    order = Order("1", [Line("a"), Line("b", 2)], Line("c"), {"d": Line("d")})
    assert codec.decode(codec.encode(order)) == order
    assert codec.decode(codec.encode(Order("1", []))) == Order("1", [])


@dataclasses.dataclass
class Measure:
    text: str = "a"
    number: int = 1
    share: float = 0.5
    flag: bool = True
    maybe: Optional[int] = None  # noqa: UP045 - it is evaluated, on Python 3.9 as well


@pytest.mark.parametrize(
    "changed",
    [
        {"text": 1},
        {"text": None},
        {"number": "1"},
        {"number": 1.5},
        {"share": "0.5"},
        {"flag": "yes"},
        {"flag": 1},
        {"maybe": "1"},
        {"gone": 1},
    ],
)
def test_a_field_that_another_release_had_with_another_type_is_a_miss(changed: dict[str, Any]) -> None:
    """Also when nobody has raised the schema."""
    caching_protocol = protocol(codec=Json(Measure))
    written = protocol(codec=Json(dict)).entry({**dataclasses.asdict(Measure()), **changed})[1]
    assert caching_protocol.read(written) is None
    assert caching_protocol.read(protocol(codec=Json(dict)).entry(dataclasses.asdict(Measure(share=1)))[1]) is not None


OPTIONAL: Any = Line | None if sys.version_info >= (3, 10) else Optional[Line]
UNTYPED: Any = (typing.List, typing.Dict, list, dict)  # noqa: UP006 - they have an origin and no arguments


def test_optional_and_untyped_fields_come_back() -> None:
    either = Union[int, str]
    fields = [
        ("first", OPTIONAL),
        ("second", OPTIONAL),
        ("either", either),
        ("some", Sequence[int]),
        *zip("abcd", UNTYPED),
    ]
    kind = dataclasses.make_dataclass("Kind", fields)
    value = kind(Line("a"), None, "a", [1], [1], {"a": 1}, [[1]], {})
    assert Json(kind).decode(Json(kind).encode(value)) == value


def test_collections_of_dataclasses_come_back() -> None:
    many: Json[list[Line]] = Json(list[Line])
    by_name: Json[dict[str, list[Order]]] = Json(dict[str, list[Order]])
    lines = [Line("a"), Line("b", 2)]
    orders = {"x": [Order("1", lines)], "y": []}
    assert many.decode(many.encode(lines)) == lines
    assert by_name.decode(by_name.encode(orders)) == orders
    anything: Any = Any
    assert Json(anything).decode(b"[1]") == [1]


@pytest.mark.parametrize("value", [Measure, Measure(text=Decimal(1)), [Decimal(1)]])  # type: ignore[arg-type]  # wrong
def test_what_json_has_no_type_for_is_named(value: Any) -> None:
    kind = "type" if value is Measure else "Decimal"
    with pytest.raises(ValueRefusedError, match=f"{kind} is not a type of JSON; pass to_json and from_json"):
        Json(object).encode(value)


class Colour(str, enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Markup(str):
    """A string that a template does not escape."""


class Size(TypedDict):
    width: int


@dataclasses.dataclass
class Styled:
    colour: Colour
    level: Level
    others: list[Colour]
    maybe: Optional[Level]  # noqa: UP045 - it is evaluated, on Python 3.9 as well
    size: Size
    anything: Any = None
    plain: dict = dataclasses.field(default_factory=dict)  # type: ignore[type-arg]  # without types


def test_enumerations_come_back() -> None:
    """As members, because a hit must have the attributes of the value that was loaded."""
    codec = Json(Styled)
    styled = Styled(Colour.RED, Level.LOW, [Colour.RED], Level.LOW, {"width": 1}, [1], {"a": 1})
    found = codec.decode(codec.encode(styled))
    assert found == styled
    assert (found.colour, found.level, found.maybe) == (Colour.RED, Level.LOW, Level.LOW)
    for member in (found.colour, found.level, found.maybe, *found.others):
        assert isinstance(member, enum.Enum)
    assert isinstance(Json(Colour).decode(Json(Colour).encode(Colour.RED)), Colour)


def test_a_member_that_another_release_had_is_a_miss() -> None:
    written = protocol(codec=Json(dict)).entry({"colour": "blue"})[1]
    assert protocol(codec=Json(dataclasses.make_dataclass("Old", [("colour", Colour)]))).read(written) is None


def test_a_field_of_a_class_that_json_cannot_restore_is_refused() -> None:
    """An equal value of another class, such as a string that templates escape, would be a wrong value."""
    kind = dataclasses.make_dataclass("Page", [("text", Markup)])
    with pytest.raises(ValueRefusedError, match="Page cannot be encoded as JSON: Markup expected, got str"):
        Json(kind).encode(kind(Markup("a")))


def test_a_field_that_another_release_did_not_have_is_a_miss() -> None:
    assert protocol(codec=Json(Line)).read(protocol(codec=Json(dict)).entry({"count": 1})[1]) is None


class Broken:
    """A codec that raises any error."""

    schema = 3

    def __init__(self, error: Exception) -> None:
        self.error = error

    def encode(self, value: Any) -> bytes:
        raise self.error

    def decode(self, body: bytes) -> Any:
        raise self.error


@pytest.mark.parametrize("error", [ZeroDivisionError("codec"), KeyError("codec"), RecursionError("codec")])
def test_a_codec_that_fails(error: Exception) -> None:
    caching_protocol = protocol(codec=Broken(error))
    assert caching_protocol.read(head() + b"{}") is None
    with pytest.raises(ValueRefusedError, match=r"^row: .*codec"):
        caching_protocol.entry({})


@pytest.mark.parametrize(
    "value",
    [
        {"a": (1, 2)},
        {1: "a"},
        {"a": float("nan")},
        {"a": math.inf},
        {"a": {1}},
        {"a": b"x"},
        {"a": "\ud800"},
        {"a": Decimal(1)},
    ],
)
def test_what_json_changes_is_refused(value: Any) -> None:
    with pytest.raises(ValueRefusedError, match=r"dict (changes when it is restored|cannot be encoded)"):
        Json(dict).encode(value)


@pytest.mark.parametrize("body", [b"1 2", b"1,", b"1\n", b" 1", b"", b"\xff"])
def test_bytes_that_are_not_one_json_value_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON value expected|Expecting value|utf-8"):
        Json(int).decode(body)


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(ValueRefusedError, match="list cannot be encoded as JSON: dict expected, got list"):
        Json(dict).encode([])  # type: ignore[arg-type]  # it is wrong
    with pytest.raises(TypeError, match="dict expected, got list"):
        Json(dict).decode(b"[]")


def test_own_conversions() -> None:
    codec = Json(Decimal, to_json=str, from_json=Decimal)
    assert codec.decode(codec.encode(Decimal("1.10"))) == Decimal("1.10")
    for one in ({"to_json": str}, {"from_json": Decimal}):
        with pytest.raises(
            ConfigurationError, match="Json: only one of to_json and from_json is set; pass both or neither"
        ):
            Json(Decimal, **one)


def load(id: str) -> dict[str, Any]:
    return {"id": id}


GOOD: dict[str, Any] = {"load": load, "codec": Json(dict), "ttl": 60}


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("ttl", [0, -1, float("nan"), float("inf"), 31_536_001, "60", None, True], [0.001, 31_536_000]),
        ("jitter", [-0.1, 0.91, "x"], [0, 0.9]),
        ("stale", [-1, 31_536_001], [0, 31_536_000]),
        ("negative", [-1, 31_536_001], [0, 31_536_000]),
        ("early", [-1, 101], [0, 100]),
        ("lease", [0, 0.049, 3601], [0.05, 3600]),
        ("load_timeout", [0, 3601], [0.001, 9.9]),
        ("max_bytes", [0, 536_870_913], [1, 536_870_912]),
    ],
)
def test_limits_of_a_cache(name: str, bad: list[Any], good: list[Any]) -> None:
    for value in [*bad, float("nan"), float("inf"), -float("inf"), True, "1", [1]]:
        with pytest.raises(ConfigurationError, match=f"^row: {name} must be .*, got .*; .+"):
            Cache(CLIENT, "row", **{**GOOD, name: value})
    for value in good:
        Cache(CLIENT, "row", **{**GOOD, name: value})


@pytest.mark.parametrize("name", ["lag", "pause"])
def test_limits_of_versions(name: str) -> None:
    for value in (-1, 31_536_001, "x", True, float("nan"), float("inf"), None):
        with pytest.raises(ConfigurationError, match=f"^versioned: {name} must be 0 to 31536000 seconds, got .*; .+"):
            Versioned(CLIENT, "versioned", version=lambda _: 1, **{**GOOD, name: value})
    Versioned(CLIENT, "versioned", version=lambda _: 1, **{**GOOD, name: 0})


@pytest.mark.parametrize("version", [None, 7, "version"])
def test_versions_need_a_function(version: Any) -> None:
    """Without one, `put` would replace a newer value by an older one."""
    wanted = r"^versioned: version must be a function that returns the version of a value, got .*; pass one such as"
    with pytest.raises(ConfigurationError, match=wanted):
        Versioned(CLIENT, "versioned", version=version, **GOOD)
    with pytest.raises(ConfigurationError, match=wanted):
        AsyncVersioned(AsyncCacheClient.connect("cache.example"), "versioned", version=version, **GOOD)


def test_a_lease_must_exceed_the_loaders_timeout() -> None:
    for load_timeout in (10, 11):
        with pytest.raises(
            ConfigurationError, match=r"^row: lease must exceed load_timeout \(1\d seconds\), got 10; increase lease"
        ):
            Cache(CLIENT, "row", lease=10, load_timeout=load_timeout, **GOOD)
    Cache(CLIENT, "row", lease=10, load_timeout=9.99, **GOOD)


@pytest.mark.parametrize("prefix", ["", "x" * 129, "a{b", "a}", "é", "a\n", 1, None])
def test_prefixes(prefix: Any) -> None:
    for make in (lambda: Cache(CLIENT, prefix, **GOOD), lambda: SessionStore(CLIENT, prefix)):
        with pytest.raises(
            ConfigurationError, match="prefix must be 1 to 128 printable ASCII characters without braces, got"
        ):
            make()
    Cache(CLIENT, "x" * 128, **GOOD)


def test_a_prefix_belongs_to_one_kind() -> None:
    Versioned(CLIENT, "taken", version=lambda _: 1, **GOOD)
    Versioned(CLIENT, "taken", version=lambda _: 1, **GOOD)
    with pytest.raises(
        ConfigurationError, match=r"^taken: prefix is already used by a Versioned of this client, got a Cache; use one"
    ):
        Cache(CLIENT, "taken", **GOOD)
    with pytest.raises(ConfigurationError, match="got a SessionStore"):
        SessionStore(CLIENT, "taken")


def test_other_arguments() -> None:
    with pytest.raises(ConfigurationError, match=r"^row: on_failure must be 'raise' or 'log', got 'ignore'; use one"):
        Cache(CLIENT, "row", on_failure="ignore", **GOOD)
    for schema in (-1, 65_536, True, "1"):
        with pytest.raises(ConfigurationError, match="schema must be 0 to 65535, got"):
            Json(dict, schema=schema)  # type: ignore[arg-type]
    codec = Json(dict)
    codec.schema = 65_536
    for wrong, got in ((codec, 65536), (Json, None), (None, None)):
        message = rf"^row: codec.schema must be 0 to 65535, got {got}; start again at 0, or pass Json\(dict\)$"
        with pytest.raises(ConfigurationError, match=message):
            Cache(CLIENT, "row", **{**GOOD, "codec": wrong})


@pytest.mark.parametrize("timeout", [0, 0.009, 10.1, float("nan"), None, "1"])
def test_timeouts(timeout: Any) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^CacheClient: timeout must be 0.01 to 10.0 seconds, got .*; 0.1 is the default"
    ):
        CacheClient.connect("cache.example", timeout=timeout)


def test_what_redis_py_is_told() -> None:
    words: dict[str, Any] = {"port": 1, "password": "secret", "ca_file": "/ca", "timeout": 0.2}
    assert CacheClient.connect("h", **words).options == {
        "host": "h",
        "port": 1,
        "ssl": True,
        "ssl_ca_certs": "/ca",
        "password": "secret",
        "socket_timeout": 0.2,
        "socket_connect_timeout": 0.2,
    }
    cluster = CacheClient.connect("h", tls=False, cluster=True, **words).options
    assert cluster["socket_timeout"] == cluster["socket_connect_timeout"] == 0.1
    assert cluster["dynamic_startup_nodes"] is False
    assert "ssl_ca_certs" not in cluster
    refused: list[dict[str, Any]] = [{"username": "a"}, {"password": "a"}]
    for both in refused:
        with pytest.raises(
            ConfigurationError, match=r"^CacheClient: credentials exclude username and password; pass one of the two"
        ):
            CacheClient.connect("h", credentials=UsernamePasswordCredentialProvider("a", "b"), **both)


@pytest.mark.parametrize("tls", [True, False])
def test_names_are_resolved_with_a_time_limit_with_and_without_tls(tls: bool) -> None:
    kind = CacheClient.connect("cache.example", tls=tls).redis().connection_pool.connection_class
    assert issubclass(kind, _Connection)
    assert issubclass(kind, redis.SSLConnection) is tls


def test_threads_create_one_connection_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    client = CacheClient.connect("cache.example", tls=False)
    create, created = client._create, []

    def slow() -> Any:
        time.sleep(0.05)
        created.append(create())
        return created[-1]

    monkeypatch.setattr(client, "_create", slow)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.redis(), range(8)))
    assert len(created) == 1
    assert all(each is created[0] for each in found)


def test_a_thread_waits_no_longer_than_the_time_limit_for_another_that_connects() -> None:
    client = CacheClient.connect("cache.example", tls=False, timeout=0.05)
    pool = ThreadPoolExecutor(1)
    with client.lock:
        waiting = pool.submit(client.redis)
        try:
            error = waiting.exception(5)
        except FutureTimeoutError:
            error = None
    pool.shutdown()
    assert str(error) == "another thread is still connecting"


def test_the_retries_of_redis_py_are_off() -> None:
    redis_client = CLIENT.redis()
    assert redis_client.connection_pool.connection_kwargs["retry"].get_retries() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("ttl", 0.9), ("ttl", 31_536_001), ("max_bytes", 0), ("max_bytes", 1_048_577), ("max_bytes", 1.5)],
)
def test_limits_of_sessions(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^session: {name} must be .*, got .*; .* is the default"):
        SessionStore(CLIENT, **{name: value})


def test_the_breaker() -> None:
    now = [0.0]
    breaker = Breaker(3, 1.0, lambda: now[0])
    breaker.failed()
    breaker.succeeded()
    assert [breaker.failed(), breaker.failed()] == [False, False]
    breaker.succeeded()
    assert [breaker.failed(), breaker.failed(), breaker.open] == [False, False, False]
    assert [breaker.failed(), breaker.open, breaker.failed()] == [True, True, False]
    assert breaker.probe_is_due() is False
    now[0] = 0.99
    assert breaker.probe_is_due() is False
    now[0] = 1.0
    assert [breaker.probe_is_due(), breaker.probe_is_due()] == [True, False], "one probes"
    now[0] = 1.5
    breaker.failed()
    now[0] = 2.4
    assert breaker.probe_is_due() is False
    now[0] = 2.5
    assert breaker.probe_is_due() is True
    breaker.succeeded()
    assert [breaker.open, breaker.probe_is_due()] == [False, False]
    assert [breaker.failed(at_once=True), breaker.open] == [True, True]


@pytest.mark.parametrize("kind", [redis.exceptions.ClusterDownError, redis.exceptions.RedisClusterException])
def test_a_cluster_that_is_down_opens_the_breaker_at_once(kind: Any) -> None:
    """redis-py pauses before it reports such an error, although the first is also an error reply."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    client.failed(breaker, kind("down"), statistics)
    assert breaker.open
    assert statistics.snapshot()["breaker_openings"] == 1


def test_an_error_reply_is_an_answer_of_the_server() -> None:
    """It is no failure among consecutive failures, and closes an open breaker, as when a probe reads another type."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    slow, wrong_type = redis.TimeoutError("slow"), redis.ResponseError("WRONGTYPE")
    states = []
    for error in (slow, slow, wrong_type, slow, slow, slow, wrong_type):
        client.failed(breaker, error, statistics)
        states.append(breaker.open)
    assert states == [False] * 5 + [True, False]
    assert statistics.snapshot()["breaker_openings"] == 1


def test_an_opening_of_the_breaker_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise nothing would show a wrong password or name: reads raise no error."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    for _ in range(5):
        client.failed(breaker, redis.AuthenticationError("WRONGPASS"), statistics)
    assert [record.getMessage() for record in caplog.records] == [
        "row: reads continue without the cache: AuthenticationError: WRONGPASS"
    ]
    assert caplog.records[0].levelname == "WARNING"


def test_a_probe_that_cannot_start_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads cannot be started while the interpreter shuts down."""

    async def probe() -> None:
        raise AssertionError("it must not run")

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", start)
    work = probe()
    CLIENT.spawn(work)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


def test_a_coroutine_of_the_client_for_threads_must_not_suspend() -> None:
    async def suspends() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="a coroutine of this client must not suspend"):
        CLIENT.drive(suspends())


def test_counters_are_exact_over_threads() -> None:
    statistics = Statistics("row")
    assert statistics.hit_ratio == 0.0

    def count() -> None:
        for _ in range(5000):
            statistics.add("hits")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statistics.snapshot() == {**dict.fromkeys(COUNTERS, 0), "hits": 40_000}
    for name in ("loads", "waits", "stale_hits"):
        for _ in range(20_000):
            statistics.add(name)
    assert statistics.hit_ratio == 0.6


def test_who_may_have_what_a_flight_brings() -> None:
    flights: Flights[int] = Flights(threading.Event)
    early = flights.ticket()
    flight, leads = flights.join("1")
    assert (leads, flights.join("1")) == (True, (flight, False))
    assert flights.join("2")[1] is True
    assert flight.serves(early) is False
    flight.began = flights.ticket()
    late = flights.ticket()
    for source, filled, outcome in (
        ("load", False, (True, False)),
        ("load", True, (True, True)),
        ("down", False, (True, False)),
        ("wait", False, (False, False)),
        ("stale", False, (False, False)),
    ):
        flight.outcome = Loaded(1, source, filled=filled)
        assert (flight.serves(early), flight.serves(late)) == outcome
    flights.leave("1", flight)
    assert flights.join("1")[1] is True
    flights.leave("1", flight)
    assert flights.join("1")[1] is False, "another's flight stays"
