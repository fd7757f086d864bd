"""The format of stored values: bytes, misses and sizes. Runs on Python 3.9 as well."""

from __future__ import annotations

import random
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_caching import Json, ValueRefusedError, wire
from elasticache_caching.protocol import Loaded
from tests.elasticache_caching.protocols import head, protocol

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
