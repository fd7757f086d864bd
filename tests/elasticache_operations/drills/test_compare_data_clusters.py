"""The comparison of two clusters on real servers, shard by shard."""

import socket
from pathlib import Path
from typing import Any

import pytest
from connection_test import slots

from elasticache_operations.drills.restore import compare_data, stores
from elasticache_operations.drills.restore.stores import Login, Store
from tests.cache_servers import DOMAIN, Certificates, Server, cluster
from tests.elasticache_operations.drills.comparing import AGE, counts, restored, servers, source

__all__ = ["restored", "servers", "source"]

pytestmark = pytest.mark.servers


def test_a_cluster_is_compared_shard_by_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The servers announce host names as on AWS.
    look_up = socket.getaddrinfo

    def resolved(host: str, port: int, *more: Any) -> Any:
        return (
            [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
            if host.endswith(DOMAIN)
            else look_up(host, port, *more)
        )

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    certificates = Certificates(tmp_path)
    with (
        cluster(tmp_path / "source", certificates, replicas=0) as one,
        cluster(tmp_path / "restored", certificates, replicas=0) as other,
    ):
        keys = [b"key:%d" % number for number in range(100)] + [b"{tag}a", b"x{tag}b", b"{}c"]
        for servers in (one, other):
            put(servers, certificates, keys, "1")
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 103}
        put(one, certificates, keys[:1], "2")
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 102, "changed": 1}
        # Nodes without a name are at the host that was asked.
        for server in one:
            connection = server.admin_connection()
            connection.call("CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint")
            connection.close()
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 102, "changed": 1}


def put(servers: list[Server], certificates: Certificates, keys: list[bytes], value: str) -> None:
    store = connected(servers, certificates)
    for key in keys:
        link = store.link_of(0, key)
        assert link is not None
        link.call("SET", key, value)
    store.close()


def compared(one: list[Server], other: list[Server], certificates: Certificates) -> dict[str, Any]:
    both = [connected(servers, certificates) for servers in (one, other)]
    found = compare_data.compare(*both, sample=1000, age=AGE, seconds=60)
    for store in both:
        store.close()
    return found


def connected(servers: list[Server], certificates: Certificates) -> Store:
    login = Login(tls=True, user="admin", password="administrator", ca_file=str(certificates.ca_file))
    return Store(servers[0].host, servers[0].port, login, clustered=True)


@pytest.mark.parametrize("key", ["123456789", "{user}:1", "x{user}", "user", "{}a", "a{b}{c}", "}a{", "a{b"])
def test_the_slots_of_keys(key: str) -> None:
    assert stores.slot_of(key.encode()) == slots.slot_of(key)
    assert stores.slot_of(b"123456789") == 12739
