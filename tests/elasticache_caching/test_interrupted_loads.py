"""Loads that fail, are interrupted or abandoned, step by step without a server. Runs on Python 3.9 as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from elasticache_caching import CacheUnavailableError
from elasticache_caching.protocol import Load, Loaded, Run
from elasticache_caching.scripts import RELEASE
from tests.elasticache_caching.protocols import protocol


def end_of(step: Callable[[], object]) -> Any:
    """The error, or the result, with which the generator of a protocol ends."""
    try:
        pytest.fail(f"it must end, and not continue with {step()}")
    except StopIteration as end:
        return end.value
    except (OSError, asyncio.CancelledError) as error:
        return error


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
