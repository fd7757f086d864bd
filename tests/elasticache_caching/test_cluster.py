"""Cluster mode: many ids over the slots, a shard that hangs, a failover and resharding during reads."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.cluster import RedisCluster

from elasticache_caching import InvalidationFailedError
from tests import cache_servers
from tests.cache_servers import Certificates, Server, free_port, wait_for
from tests.elasticache_caching.conftest import eventually
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.test_connect import iam_credentials

pytestmark = pytest.mark.servers

SHARDS = 3
TIMEOUT = 0.2
TOLERANCE = 0.45
IDS = [str(number) for number in range(60)]


def load(id: str) -> dict[str, object]:
    return {"version": 1, "id": id}


def load_many(ids: list[str]) -> dict[str, dict[str, object]]:
    return {id: load(id) for id in ids}


class Cluster:
    """Primaries, then their replicas."""

    def __init__(self, folder: Path, certificates: Certificates, node_timeout: int) -> None:
        self.servers: list[Server] = []
        for number in range(SHARDS * 2):
            options = {
                "cluster-enabled": "yes",
                "cluster-port": str(free_port()),
                "cluster-node-timeout": str(node_timeout),
                "cluster-allow-replica-migration": "no",
                "cluster-replica-validity-factor": "0",
            }
            node = cache_servers.start(folder, f"n{number}", certificates, tls=False, users=False, options=options)
            self.servers.append(node)
        self.admins = [redis.Redis(port=server.port, decode_responses=True) for server in self.servers]
        self._form()

    def _form(self) -> None:
        step = 16384 // SHARDS
        for number, admin in enumerate(self.admins[:SHARDS]):
            admin.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            last = 16383 if number == SHARDS - 1 else (number + 1) * step - 1
            admin.execute_command("CLUSTER ADDSLOTSRANGE", number * step, last)
        for server, admin in zip(self.servers[1:], self.admins[1:], strict=True):
            bus = admin.config_get("cluster-port")["cluster-port"]
            self.admins[0].execute_command("CLUSTER MEET", "127.0.0.1", server.port, bus)
        self.ids = [str(admin.execute_command("CLUSTER MYID")) for admin in self.admins]
        for number in range(SHARDS, 2 * SHARDS):
            wait_for(partial(self._replicates, number), "a replica")
        for number in range(2 * SHARDS):
            wait_for(partial(self._is_whole, number), "the cluster")

    def _replicates(self, number: int) -> bool:
        try:
            self.admins[number].execute_command("CLUSTER REPLICATE", self.ids[number - SHARDS])
        except redis.ResponseError:
            return False
        return True

    def _is_whole(self, number: int) -> bool:
        admin = self.admins[number]
        slots = admin.execute_command("CLUSTER SLOTS")
        ok = admin.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
        linked = number < SHARDS or admin.info("replication")["master_link_status"] == "up"
        return ok and linked and sum(len(entry) - 2 if isinstance(entry, list) else 2 for entry in slots) == 2 * SHARDS

    def stop(self) -> None:
        for admin in self.admins:
            admin.close()
        for server in self.servers:
            server.process.kill()
            server.process.wait(10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Cluster]:
    """A cluster for all tests that do not change it, because a failover takes 20 seconds."""
    cluster_under_test = Cluster(tmp_path_factory.mktemp("cluster"), certificates, 20_000)
    yield cluster_under_test
    cluster_under_test.stop()


@pytest.fixture
def own_cluster(tmp_path: Path, certificates: Certificates) -> Iterator[Cluster]:
    cluster_under_test = Cluster(tmp_path, certificates, 500)
    yield cluster_under_test
    cluster_under_test.stop()


def connected(face: Face, cluster: Cluster, timeout: float = TIMEOUT) -> Iterator[Any]:
    cache_client = face.client(cluster.servers[0].port, cluster=True, timeout=timeout)
    yield cache_client
    face.call(cache_client.close)


@pytest.fixture
def empty(cluster: Cluster) -> Cluster:
    for admin in cluster.admins[:SHARDS]:
        admin.flushall()
    return cluster


@pytest.fixture
def client(face: Face, empty: Cluster) -> Iterator[Any]:
    yield from connected(face, empty)


@pytest.fixture
def patient(face: Face, empty: Cluster) -> Iterator[Any]:
    """A client with a time-out for a busy machine, for tests that do not measure time."""
    yield from connected(face, empty, timeout=5)


def warm(cache: Any) -> None:
    eventually(lambda: {cache.inspect(id).source for id in IDS} == {"hit"}, seconds=20)


@pytest.fixture
def own_client(face: Face, own_cluster: Cluster) -> Iterator[Any]:
    yield from connected(face, own_cluster)


def owner(cluster: Cluster, id: str) -> int:
    slot = cluster.admins[0].execute_command("CLUSTER KEYSLOT", f"{{row:{id}}}")
    return min(int(slot) // (16384 // SHARDS), SHARDS - 1)


def test_everything_in_cluster_mode(face: Face, cluster: Cluster, patient: Any) -> None:
    cache = face.cache(patient, load, load_many=load_many)
    assert cache.get_many(IDS) == load_many(IDS)
    assert cache.get_many(IDS) == load_many(IDS)
    assert cache.counts == {"loads": 1, "hits": len(IDS)}
    assert all(admin.dbsize() > 5 for admin in cluster.admins[:SHARDS]), "ids are spread over the shards"
    cache.invalidate(*IDS)
    assert [admin.dbsize() for admin in cluster.admins[:SHARDS]] == [0] * SHARDS
    assert [cache.inspect(id).source for id in IDS[:9]] == ["load"] * 9
    for admin in cluster.admins[:SHARDS]:
        admin.script_flush()
    assert [cache.inspect(id).source for id in IDS[9:18]] == ["load"] * 9
    assert "cache_errors" not in cache.counts
    sessions = face.sessions(patient)
    ids = [sessions.create({"n": number}) for number in range(9)]
    fresh = [sessions.rotate(id) for id in ids]
    assert [sessions.load(id) for id in fresh] == [{"n": number} for number in range(9)]
    assert [sessions.load(id) for id in ids] == [None] * 9


def test_a_shard_that_hangs_leaves_the_others_alone(face: Face, cluster: Cluster, client: Any) -> None:
    cache = face.cache(client, load)
    warm(cache)
    sick = [id for id in IDS if owner(cluster, id) == 1]
    well = [id for id in IDS if owner(cluster, id) != 1]
    cluster.servers[1].process.send_signal(signal.SIGSTOP)
    try:
        waits = []
        for id in sick[:4]:
            started = time.monotonic()
            assert cache.get(id) == load(id)
            waits.append(time.monotonic() - started)
        assert max(waits) < TIMEOUT + TOLERANCE, waits
        # Well within the time in which the cluster fails over.
        assert [cache.inspect(id).source for id in well].count("hit") > len(well) * 0.9
        started = time.monotonic()
        assert {cache.inspect(id).source for id in sick} == {"down"}
        assert time.monotonic() - started < 0.5
    finally:
        cluster.servers[1].process.send_signal(signal.SIGCONT)


def test_a_cluster_that_hangs(face: Face, cluster: Cluster, client: Any) -> None:
    cache = face.cache(client, load)
    warm(cache)
    for server in cluster.servers:
        server.process.send_signal(signal.SIGSTOP)
    waits = []

    def read(number: int) -> None:
        for id in IDS[number::8]:
            started = time.monotonic()
            assert cache.get(id) == load(id)
            waits.append(time.monotonic() - started)

    try:
        threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(waits) < TIMEOUT + TOLERANCE, sorted(waits)[-5:]
    finally:
        for server in cluster.servers:
            server.process.send_signal(signal.SIGCONT)


def test_a_failover_during_reads(face: Face, own_cluster: Cluster, own_client: Any) -> None:
    cache = face.cache(own_client, load)
    warm(cache)
    own_cluster.servers[2].process.kill()
    sources: Counter[str] = Counter()
    for number in range(200):
        loaded = cache.inspect(IDS[number % len(IDS)])
        assert loaded.value["version"] == 1
        sources[loaded.source] += 1
    assert sources["hit"] > 50
    lost = next(id for id in IDS if owner(own_cluster, id) == 2)
    eventually(lambda: cache.inspect(lost).source == "hit", seconds=20)
    cache.invalidate(*IDS)
    assert cache.inspect(lost).source == "load"


def test_resharding_during_reads(face: Face, cluster: Cluster, patient: Any) -> None:
    """Slots with keys move from one shard to another: callers do not see MOVED and ASK."""
    cache = face.cache(patient, load)
    warm(cache)
    slots = sorted(
        {cluster.admins[0].execute_command("CLUSTER KEYSLOT", f"{{row:{id}}}") for id in IDS if not owner(cluster, id)}
    )
    stop = threading.Event()
    problems: list[object] = []
    rounds = []

    def read() -> None:
        while not stop.is_set():
            for id in IDS:
                try:
                    if cache.get(id) != load(id):
                        problems.append(id)
                except Exception as error:
                    problems.append(error)
            rounds.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for slot, there in [(slot, there) for there in (1, 0) for slot in slots]:
        source, target = cluster.admins[1 - there], cluster.admins[there]
        target.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", cluster.ids[1 - there])
        source.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", cluster.ids[there])
        time.sleep(0.01)
        while keys := source.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
            source.execute_command("MIGRATE", "127.0.0.1", cluster.servers[there].port, "", 0, 5000, "KEYS", *keys)
        time.sleep(0.01)
        for admin in (target, source):
            admin.execute_command("CLUSTER SETSLOT", slot, "NODE", cluster.ids[there])
    eventually(lambda: len(rounds) > 2, seconds=20)
    stop.set()
    reader.join()
    assert problems == []
    assert {cache.inspect(id).source for id in IDS} == {"hit"}
    cache.invalidate(*IDS)
    assert {cache.inspect(id).source for id in IDS} == {"load"}


def test_slots_without_a_node(face: Face, own_cluster: Cluster, own_client: Any) -> None:
    """-CLUSTERDOWN opens the breaker at once, because redis-py pauses before it asks for the topology again."""
    cache = face.cache(own_client, load)
    warm(cache)
    slots = list(range(16384 // SHARDS))
    for admin in own_cluster.admins:
        admin.config_set("cluster-require-full-coverage", "no")
    gone = [id for id in IDS if owner(own_cluster, id) == 0]
    for admin in own_cluster.admins:
        admin.execute_command("CLUSTER DELSLOTSRANGE", slots[0], slots[-1])
    started = time.monotonic()
    assert [cache.get(id) for id in gone] == [load(id) for id in gone]
    assert time.monotonic() - started < 1.5
    with pytest.raises(InvalidationFailedError):
        cache.invalidate(gone[0])


def test_a_refused_token_is_renewed_in_cluster_mode(face: Face, cluster: Cluster, empty: Cluster) -> None:
    """redis-py wraps the refusal, because it comes while it looks up the topology."""
    for admin in cluster.admins:
        admin.execute_command("ACL", "SETUSER", "shop", "reset", "on", "~*", "+@all", ">second")
    credentials = iam_credentials()
    client = face.client(cluster.servers[0].port, cluster=True, credentials=credentials)
    cache = face.cache(client, load)
    assert [cache.inspect("1").source, cache.inspect("1").source] == ["load", "hit"]
    assert credentials._manager.refreshed == 1
    assert cache.get_many(IDS) == load_many(IDS)
    assert "cache_errors" not in cache.counts
    face.call(client.close)


def test_the_redis_client_is_the_cluster_one(patient: Any, face: Face) -> None:
    result = face.call(patient.redis)
    assert hasattr(result, "nodes_manager")
    if face._loop is None:
        assert isinstance(result, RedisCluster)
