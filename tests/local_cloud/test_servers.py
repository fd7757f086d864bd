"""The servers behind a cache: they start, change their number, fail over, and end."""

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


class Laboratory:
    """Makes caches in a folder, and ends them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs, self.keys = folder, Programs.find(), Keys.new()
        self.authority = Authority(folder / "certificates")
        self.made: list[Cache] = []

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
        self.made.append(cache)
        return cache

    def started(self, shape: Shape, *, clustered: bool = False) -> Cache:
        cache = self.cache(clustered=clustered)
        data_plane.start(cache, shape, self.authority, acl(None, None, self.keys))
        return cache


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path)
    yield made
    for cache in made.made:
        cache.stop()


def test_a_cache_that_fails_on_the_way_leaves_nothing(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_SECONDS", 0.0)
    cache = lab.cache()
    with pytest.raises(TimeoutError, match="waited 0 s for sessions-001 to listen"):
        data_plane.start(cache, Shape(replicas=1), lab.authority, acl(None, None, lab.keys))
    assert processes(cache.folder) == {}
    assert not cache.folder.exists()


def test_without_cluster_mode_the_primary_endpoint_moves(lab: Laboratory) -> None:
    cache = lab.started(Shape(replicas=2))
    primary, domain = cache.names["primary"], "sessions.abc123.use1.cache.amazonaws.com"
    assert cache.names == {"primary": f"master.{domain}", "reader": f"replica.{domain}"}
    before = cache.addresses[primary]
    cache.ask(cache.primary_of(0), "SET", "key", "kept")
    # Replication is asynchronous: what has not arrived is lost with the primary.
    servers.wait(lambda: all(cache.ask(each, "GET", "key") == "kept" for each in cache.nodes), "every node to have it")
    data_plane.fail_over(cache, 0)
    assert cache.addresses[primary] != before
    assert cache.primary_of(0).address == cache.addresses[primary]
    assert cache.ask(cache.primary_of(0), "GET", "key") == "kept"
    # The old one is back, as a replica.
    (old,) = [each for each in cache.nodes if each.address == before]
    assert cache.ask(old, "ROLE").startswith("slave")
    assert cache.ask(old, "GET", "key") == "kept"


def test_a_shard_without_replicas_cannot_fail_over(lab: Laboratory) -> None:
    cache = lab.started(Shape())
    with pytest.raises(RuntimeError, match="shard 1 of sessions must have a replica to fail over to, and has none"):
        data_plane.fail_over(cache, 0)


def test_replicas_come_and_go(lab: Laboratory) -> None:
    cache = lab.started(Shape())
    data_plane.resize(cache, Shape(), Shape(replicas=2), lab.authority)
    assert "connected_slaves:2" in cache.ask(cache.primary_of(0), "INFO", "replication")
    data_plane.resize(cache, Shape(replicas=2), Shape(replicas=1), lab.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 2


def test_a_shard_is_added_and_removed_while_the_cluster_serves(lab: Laboratory) -> None:
    cache = lab.started(Shape(shards=2, replicas=1), clustered=True)
    for number in range(50):
        owner = next(each for each in cache.nodes if cache.ask(each, "SET", f"key-{number}", str(number)) == "OK")
        assert owner in (cache.primary_of(0), cache.primary_of(1))
    data_plane.resize(cache, Shape(shards=2, replicas=1), Shape(shards=3, replicas=1), lab.authority)
    sizes = [int(cache.ask(cache.primary_of(shard), "DBSIZE")) for shard in range(3)]
    assert sum(sizes) == 50
    assert all(sizes)
    assert len(cache.nodes) == 6
    data_plane.resize(cache, Shape(shards=3, replicas=1), Shape(shards=2, replicas=1), lab.authority)
    assert sum(int(cache.ask(cache.primary_of(shard), "DBSIZE")) for shard in range(2)) == 50
    assert len(cache.nodes) == len(processes(cache.folder)) == 4


def test_a_snapshot_has_the_data_of_every_shard(lab: Laboratory) -> None:
    cache = lab.started(Shape(shards=2), clustered=True)
    for node in cache.nodes:
        # A word of its own in each shard; the other one answers MOVED.
        for word in ("one", "two", "three", "four"):
            cache.ask(node, "SET", word, f"value-of-{word}")
    files = data_plane.snapshot(cache, lab.folder / "snapshots")
    assert [each.name for each in files] == ["sessions-0001.rdb", "sessions-0002.rdb"]
    held = [each.read_bytes() for each in files]
    for word in ("one", "two", "three", "four"):
        assert sum(f"value-of-{word}".encode() in each for each in held) == 1


def test_memcached_lists_its_nodes(lab: Laboratory) -> None:
    cache = lab.cache(ports=(11211,))
    memcached_plane.start(cache, 2, lab.authority)
    assert cache.names == {"configuration": "sessions.abc123.cfg.use1.cache.amazonaws.com"}
    listed = memcached_plane.discovered(cache).decode()
    for node in cache.nodes:
        assert f"{node.host}|{node.address}|11211" in listed
    memcached_plane.resize(cache, 1, lab.authority)
    assert len(cache.nodes) == len(processes(cache.folder)) == 1
    assert "0002" not in memcached_plane.discovered(cache).decode()
