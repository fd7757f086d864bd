"""Limits of the arguments of caches, clients and sessions. Runs on Python 3.9 as well."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

import pytest
import redis
from redis.credentials import UsernamePasswordCredentialProvider

from elasticache_caching import (
    AsyncCacheClient,
    AsyncVersioned,
    Cache,
    CacheClient,
    ConfigurationError,
    Json,
    SessionStore,
    Versioned,
)
from elasticache_caching.client import _Connection
from tests.elasticache_caching.protocols import CLIENT, GOOD


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
