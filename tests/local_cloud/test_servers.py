"""The servers of a cache: their start, resizing, failover and end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.cache import data_plane, memcached_plane, servers
from local_cloud.cache.data_plane import Shape
from local_cloud.cache.servers import Cache
from local_cloud.cache.users import acl
from local_cloud.certificates import Authority
from local_cloud.keys import Keys
from local_cloud.programs import Programs
from tests.local_cloud.processes import processes

pytestmark = pytest.mark.servers


class Caches:
    """Creates caches in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs, self.keys = folder, Programs.find(), Keys.new()
        self.authority = Authority(folder / "certificates")
        self.created: list[Cache] = []

    def cache(self, id: str = "sessions", *, clustered: bool = False, ports: tuple[int, ...] = (6379,)) -> Cache:
        cache = Cache(
            id=id,
            region="us-east-1",
            programs=self.programs,
            keys=self.keys,
            folder=self.folder / "caches" / id,
            tls=True,
            clustered=clustered,
            ports=ports,
        )
        self.created.append(cache)
        return cache

    def started(self, shape: Shape, *, clustered: bool = False) -> Cache:
        cache = self.cache(clustered=clustered)
        data_plane.start(cache, shape, self.authority, acl(None, None, self.keys))
        return cache


@pytest.fixture
def caches(tmp_path: Path) -> Iterator[Caches]:
    caches = Caches(tmp_path)
    yield caches
    for cache in caches.created:
        cache.stop()


def test_a_failed_start_is_cleaned_up(caches: Caches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_SECONDS", 0.0)
    cache = caches.cache()
    with pytest.raises(TimeoutError, match="waited 0 s for sessions-001 to listen"):
        data_plane.start(cache, Shape(replicas=1), caches.authority, acl(None, None, caches.keys))
    assert processes(cache.folder) == {}
    assert not cache.folder.exists()


def test_without_cluster_mode_the_primary_endpoint_moves(caches: Caches) -> None:
    cache = caches.started(Shape(replicas=2))
    primary, domain = cache.names["primary"], "sessions.abc123.use1.cache.amazonaws.com"
    assert cache.names == {"primary": f"master.{domain}", "reader": f"replica.{domain}"}
    before = cache.addresses[primary]
    cache.command(cache.primary_of(0), "SET", "key", "kept")
    # Replication is asynchronous: a write that has not arrived is lost with the primary.
    servers.wait(
        lambda: all(cache.command(node, "GET", "key") == "kept" for node in cache.nodes), "every node to have it"
    )
    data_plane.fail_over(cache, 0)
    assert cache.addresses[primary] != before
    assert cache.primary_of(0).address == cache.addresses[primary]
    assert cache.command(cache.primary_of(0), "GET", "key") == "kept"
    # The old primary is restarted as a replica.
    (old,) = [node for node in cache.nodes if node.address == before]
    assert cache.command(old, "ROLE").startswith("slave")
    assert cache.command(old, "GET", "key") == "kept"


def test_a_shard_without_replicas_cannot_fail_over(caches: Caches) -> None:
    cache = caches.started(Shape())
    with pytest.raises(RuntimeError, match="shard 1 of sessions has no replica to fail over to; add a replica"):
        data_plane.fail_over(cache, 0)


def test_replicas_are_added_and_removed(caches: Caches) -> None:
    cache = caches.started(Shape())
    data_plane.resize(cache, Shape(), Shape(replicas=2), caches.authority)
    assert "connected_slaves:2" in cache.command(cache.primary_of(0), "INFO", "replication")
    data_plane.resize(cache, Shape(replicas=2), Shape(replicas=1), caches.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 2
    data_plane.resize(cache, Shape(replicas=1), Shape(replicas=2), caches.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 3


@pytest.mark.slow
def test_a_shard_is_added_and_removed_without_interruption(caches: Caches) -> None:
    cache = caches.started(Shape(shards=2, replicas=1), clustered=True)
    for number in range(50):
        owner = next(node for node in cache.nodes if cache.command(node, "SET", f"key-{number}", str(number)) == "OK")
        assert owner in (cache.primary_of(0), cache.primary_of(1))
    known: list[tuple[int, str]] = []

    def addresses_changed() -> None:
        """The new shard has a name before it has slots."""
        node = cache.primary_of(2)
        assert cache.addresses[node.host] == node.address
        known.append((len(cache.addresses), cache.command(node, "CLUSTER", "COUNTKEYSINSLOT", "0")))
        assert cache.command(node, "DBSIZE") == "0"

    data_plane.resize(
        cache, Shape(shards=2, replicas=1), Shape(shards=3, replicas=1), caches.authority, addresses_changed
    )
    assert known == [(6, "0")]
    sizes = [int(cache.command(cache.primary_of(shard), "DBSIZE")) for shard in range(3)]
    assert sum(sizes) == 50
    assert all(sizes)
    assert len(cache.nodes) == 6
    data_plane.resize(cache, Shape(shards=3, replicas=1), Shape(shards=2, replicas=1), caches.authority)
    assert sum(int(cache.command(cache.primary_of(shard), "DBSIZE")) for shard in range(2)) == 50
    assert len(cache.nodes) == len(processes(cache.folder)) == 4
    data_plane.resize(cache, Shape(shards=2, replicas=1), Shape(shards=3, replicas=1), caches.authority)
    assert sum(int(cache.command(cache.primary_of(shard), "DBSIZE")) for shard in range(3)) == 50


def test_a_snapshot_has_the_data_of_every_shard(caches: Caches) -> None:
    cache = caches.started(Shape(shards=2), clustered=True)
    for node in cache.nodes:
        # Every word is stored in one shard; the other shard answers MOVED.
        for word in ("one", "two", "three", "four"):
            cache.command(node, "SET", word, f"value-of-{word}")
    files = data_plane.snapshot(cache, caches.folder / "snapshots")
    assert [file.name for file in files] == ["sessions-0001.rdb", "sessions-0002.rdb"]
    held = [contents.read_bytes() for contents in files]
    for word in ("one", "two", "three", "four"):
        assert sum(f"value-of-{word}".encode() in content for content in held) == 1


def test_memcached_lists_its_nodes(caches: Caches) -> None:
    cache = caches.cache(ports=(11211,))
    memcached_plane.start(cache, 2, caches.authority)
    assert cache.names == {"configuration": "sessions.abc123.cfg.use1.cache.amazonaws.com"}
    listed = memcached_plane.discovered(cache).decode()
    for node in cache.nodes:
        assert f"{node.host}|{node.address}|11211" in listed
    memcached_plane.resize(cache, 1, caches.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 1
    assert "0002" not in memcached_plane.discovered(cache).decode()
    memcached_plane.resize(cache, 2, caches.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 2
