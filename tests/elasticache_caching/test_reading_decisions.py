"""What a reader decides without a server: early refreshes, expiry, leases and fills. Runs on Python 3.9 as well."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from elasticache_caching.protocol import Load, Loaded, Run, Sleep
from elasticache_caching.scripts import FILL, RELEASE, Script
from tests.elasticache_caching.protocols import NOW, protocol


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


@pytest.mark.parametrize(("negative", "bypass"), [(0, 1000), (0.9, 1000), (7, 7000)])
def test_how_long_readers_load_a_value_that_cannot_be_stored_without_a_lease(negative: float, bypass: int) -> None:
    """At least for a second: otherwise each reader would wait for a lease whose holder never fills."""
    steps = protocol(max_bytes=1, negative=negative).fetch("1", None, None)
    assert isinstance(next(steps), Run)
    assert steps.send(1) == Load("1")
    release = steps.send({"a": 1})
    assert isinstance(release, Run)
    assert (release.script, release.arguments[1]) == (RELEASE, bypass)


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
