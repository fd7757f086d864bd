"""The watch of a cluster of three shards: each interruption is found on its shard alone, with its length."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from connection_test import slots

from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.connection_test.probe import as_user, to
from tests.connection_test.watching import (
    EXACT,
    Watching,
    Witness,
    admin,
    busy_processes,
    frozen,
    is_primary,
    load,
    until,
    witness,
)

pytestmark = [pytest.mark.servers, pytest.mark.slow]
_WORDS = ("--cluster-mode=enabled", "--shards=3", "--replicas-per-shard=1")


@pytest.fixture
def own_cluster(tmp_path: Path, certificates: Certificates) -> Iterator[list[Server]]:
    """Three shards with a replica each; the test may end and stop its nodes."""
    with cache_servers.cluster(tmp_path, certificates) as servers:
        for server in servers:
            with admin(server) as connection:
                # The default of ElastiCache: the other shards answer while one has no primary.
                connection.call("CONFIG", "SET", "cluster-require-full-coverage", "no")
        try:
            yield servers
        finally:
            for server in servers:
                if server.process.poll() is None:
                    server.process.send_signal(signal.SIGCONT)


def watch(servers: list[Server], *words: str, seconds: float) -> Watching:
    return Watching(*to(*servers), *as_user("app"), *_WORDS, *words, seconds=seconds)


def key_of_shard(number: int) -> str:
    """A key of one of three shards, numbered from 1."""
    first = (number - 1) * (16384 // 3)
    shard = slots.Shard(slots.Node("", 0), ranges=[(first, first + 16384 // 3 - 1)])
    return slots.key_for(shard, "witness:", "x")


def watched_key(server: Server) -> str:
    with admin(server) as connection:
        keys = connection.call("KEYS", "connection-test:*")
    assert isinstance(keys, list)
    (key,) = keys
    return str(key)


@contextmanager
def bystanders(servers: list[Server], stopped: int) -> Iterator[dict[tuple[int, str], Witness]]:
    """Witnesses of all nodes but the primary of the shard that a test stops."""
    nodes = {(number, "primary"): servers[number - 1] for number in (1, 2, 3) if number != stopped}
    nodes |= {(number, "replica"): servers[number + 2] for number in (1, 2, 3)}
    with ExitStack() as stack:
        yield {name: stack.enter_context(witness(server)) for name, server in nodes.items()}


@pytest.mark.parametrize("busy", [0, busy_processes()], ids=["idle", "under-load"])
def test_a_frozen_primary_is_a_gap_of_its_shard_alone(own_cluster: list[Server], busy: int) -> None:
    with load(busy):
        watching = watch(own_cluster, seconds=4)
        with bystanders(own_cluster, 3) as others, witness(own_cluster[2]) as seen:
            time.sleep(1)
            with frozen(own_cluster[2]):
                time.sleep(1.2)
            watching.end()
    gaps = watching.gaps()
    assert watching.except_witnessed(others) == [(3, "read"), (3, "write")]
    for (gap,) in (gaps[3, "read"], gaps[3, "write"]):
        assert seen.longest() >= 1200
        assert gap["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)
        assert gap["ended"]
    assert gaps[3, "write"][0]["lost"] == 0


def test_a_frozen_replica_is_a_gap_of_the_replica_reads_alone(own_cluster: list[Server]) -> None:
    watching = watch(own_cluster, seconds=4)
    with witness(own_cluster[4]) as seen:
        time.sleep(1)
        with frozen(own_cluster[4]):
            time.sleep(1.2)
        watching.end()
    gaps = watching.gaps()
    assert list(gaps) == [(2, "replica-read")]
    assert gaps[2, "replica-read"][0]["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)


@pytest.mark.parametrize("busy", [0, busy_processes()], ids=["idle", "under-load"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["ended", "frozen"])
@pytest.mark.parametrize("shard", [1, 2], ids=["of-the-endpoint", "of-another-shard"])
def test_a_failover_is_measured(own_cluster: list[Server], shard: int, number: signal.Signals, busy: int) -> None:
    primary, replica = own_cluster[shard - 1], own_cluster[shard + 2]
    with load(busy):
        watching = watch(own_cluster, seconds=12)
        with bystanders(own_cluster, shard) as others, witness(replica, "SET", key_of_shard(shard), "1") as seen:
            time.sleep(1)
            stopped = time.monotonic()
            primary.process.send_signal(number)
            until(lambda: seen.answers)
            known = (seen.first_after(stopped) - stopped) * 1000
            time.sleep(1.5)
            watching.end(signal.SIGTERM)
    gaps = watching.gaps()
    assert watching.except_witnessed(others) == [(shard, "read"), (shard, "write")]
    assert known > 1000
    for (gap,) in (gaps[shard, "read"], gaps[shard, "write"]):
        assert gap["milliseconds"] == pytest.approx(known, abs=EXACT), gaps
        assert gap["ended"]
    promoted = [each for each in watching.records if each["event"] == "node" and each["operation"] == "write"]
    assert (promoted[-1]["shard"], promoted[-1]["node"]) == (shard, f"{replica.host}:{replica.port}")


def test_shards_that_stop_with_another_one_are_measured(own_cluster: list[Server]) -> None:
    for server in own_cluster:
        with admin(server) as connection:
            connection.call("CONFIG", "SET", "cluster-require-full-coverage", "yes")
    watching = watch(own_cluster, seconds=15)
    with (
        witness(own_cluster[0], "SET", key_of_shard(1), "1") as first,
        witness(own_cluster[2], "SET", key_of_shard(3), "1") as third,
        witness(own_cluster[4], "SET", key_of_shard(2), "1") as second,
    ):
        time.sleep(1)
        own_cluster[1].process.kill()
        until(lambda: second.answers)
        time.sleep(1.5)
        watching.end(signal.SIGTERM)
    for shard, seen in ((1, first), (3, third)):
        assert seen.longest() > 300
        for operation in ("write", "read"):
            (gap,) = watching.gaps()[shard, operation]
            assert gap["cause"] == "CLUSTERDOWN The cluster is down"
            assert gap["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)


def test_lost_and_unconfirmed_writes_are_counted(own_cluster: list[Server]) -> None:
    primary, replica = own_cluster[1], own_cluster[4]
    with admin(primary) as source, admin(replica) as other:
        watching = watch(own_cluster, seconds=15)
        key = watched_key(primary)
        other.call("READONLY")
        # The replica loses its connection, and the primary refuses another one: later writes are not replicated.
        source.call("ACL", "SETUSER", "repl", "off")
        source.call("CLIENT", "KILL", "TYPE", "replica")
        time.sleep(0.5)
        # No write is answered from now on, so the value is that of the last confirmed write.
        source.call("CLIENT", "PAUSE", "60000", "WRITE")
        confirmed, replicated = int(source.text("GET", key)), int(other.text("GET", key))
        assert confirmed - replicated > 5
        time.sleep(0.2)
        primary.process.kill()
        until(lambda: is_primary(other))
        time.sleep(1)
        watching.end(signal.SIGINT)
        (gap,) = watching.gaps()[2, "write"]
        assert (gap["lost"], gap["unconfirmed"]) == (confirmed - replicated, 1)
        total = watching.total("write")
        assert (total["lost"], total["unconfirmed"]) == (confirmed - replicated, 1)


def test_a_slot_that_moves_is_followed_without_a_gap(own_cluster: list[Server]) -> None:
    with admin(own_cluster[0]) as source, admin(own_cluster[1]) as target:
        watching = watch(own_cluster, seconds=3)
        key = watched_key(own_cluster[0])
        slot = str(slots.slot_of(key))
        names = [source.text("CLUSTER", "MYID"), target.text("CLUSTER", "MYID")]
        target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
        source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
        time.sleep(0.3)
        port = str(own_cluster[1].port)
        source.call("MIGRATE", "127.0.0.1", port, key, "0", "5000", "AUTH2", "admin", "administrator")
        time.sleep(0.3)
        for connection in (target, source):
            connection.call("CLUSTER", "SETSLOT", slot, "NODE", names[1])
        watching.end()
        assert {name: gaps for name, gaps in watching.gaps().items() if name[1] != "replica-read"} == {}
        (total,) = [
            each for each in watching.summary["each_shard"] if (each["shard"], each["operation"]) == (1, "write")
        ]
        assert total["answered"] > 50
        assert (total["refused"], total["unconfirmed"]) == (0, 0)
        target.call("READONLY")
        value = target.text("GET", key)
        assert int(value) >= total["answered"]


def test_a_prefix_with_a_hash_tag_is_watched_on_its_shard(cluster: list[Server]) -> None:
    watching = watch(cluster, "--key-prefix={orders}:", seconds=1).end()
    owner = slots.slot_of("{orders}:") // (16384 // 3) + 1
    assert [shard["shard"] for shard in watching.start["shards"]] == [owner]
    assert watching.total("write")["answered"] > 10
