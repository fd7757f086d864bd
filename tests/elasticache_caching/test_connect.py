"""Connections with the options of ElastiCache: TLS, users, and IAM with changing tokens."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from redis.credentials import UsernamePasswordCredentialProvider

from elasticache_caching import (
    AsyncCacheClient,
    CacheClient,
    CacheUnavailableError,
    InvalidationFailedError,
)
from elasticache_caching.client import within
from tests import cache_servers
from tests.cache_servers import DOMAIN, PASSWORD, Certificates, Server
from tests.elasticache_caching.conftest import eventually
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.test_guide import GUIDE, blocks

pytestmark = pytest.mark.servers

# "All data, nothing dangerous", as an access string.
RULES = "on ~* &* +@all -@dangerous -@admin"


def load(id: str) -> dict[str, int]:
    return {"version": 1}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    server = cache_servers.start(tmp_path_factory.mktemp("secure"), "secure", certificates)
    yield server
    server.stop()


def admin_of(server: Server) -> redis.Redis:
    ca_file = str(server.certificates.ca_file)
    words: dict[str, Any] = {"username": "admin", "password": "administrator"}
    return redis.Redis(port=server.port, host="127.0.0.1", ssl=True, ssl_ca_certs=ca_file, **words)


def test_tls_and_a_user(face: Face, secure: Server, certificates: Certificates) -> None:
    with admin_of(secure) as admin:
        admin.flushall()
        admin.execute_command("ACL", "SETUSER", "shop", "reset", *RULES.split(), f">{PASSWORD}")
    options: dict[str, Any] = {"tls": True, "ca_file": str(certificates.ca_file)}
    client = face.client(secure.port, username="shop", password=PASSWORD, **options)
    cache = face.cache(client, load, load_many=lambda ids: {id: load(id) for id in ids})
    assert [cache.inspect("1").source, cache.inspect("1").source] == ["load", "hit"]
    assert cache.get_many(["1", "2"]) == {"1": load("1"), "2": load("2")}
    cache.invalidate("1", "2")
    sessions = face.sessions(client)
    assert sessions.load(sessions.create({"a": 1})) == {"a": 1}
    assert "cache_errors" not in cache.counts
    face.call(client.close)


@pytest.fixture(scope="module")
def secure_cluster(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[list[Server]]:
    """Two shards, which announce their host names, as cluster mode and serverless caches do."""
    folder = tmp_path_factory.mktemp("secure-cluster")
    with cache_servers.cluster(folder, certificates, shards=2, replicas=0) as servers:
        yield servers


@pytest.mark.parametrize("authority", ["right", "wrong"])
def test_cluster_mode_with_tls_and_a_user(
    face: Face,
    secure_cluster: list[Server],
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    authority: str,
) -> None:
    resolve = socket.getaddrinfo

    def resolved(host: Any, *args: Any, **kwargs: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(DOMAIN) else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    ca_file = certificates.ca_file if authority == "right" else certificates.other_ca_file
    options: dict[str, Any] = {"username": "app", "password": PASSWORD, "ca_file": str(ca_file), "timeout": 5}
    kind = CacheClient if face._loop is None else AsyncCacheClient
    client = kind.connect(secure_cluster[0].host, port=secure_cluster[0].port, cluster=True, **options)
    ids = [str(number) for number in range(20)]
    cache = face.cache(client, load, load_many=lambda ids: {id: load(id) for id in ids})
    if authority == "wrong":
        assert cache.inspect("1").source == "down"
        with pytest.raises(InvalidationFailedError, match="certificate verify failed"):
            cache.invalidate("1")
        face.call(client.close)
        return
    assert cache.get_many(ids) == {id: load(id) for id in ids}
    assert {cache.inspect(id).source for id in ids} == {"hit"}
    connections = [server.admin_connection() for server in secure_cluster]
    assert all(connection.call("DBSIZE") for connection in connections), "ids are spread over the shards"
    for connection in connections:
        connection.close()
    cache.invalidate(*ids)
    assert {cache.inspect(id).source for id in ids} == {"load"}
    sessions = face.sessions(client)
    assert sessions.load(sessions.rotate(sessions.create({"a": 1}))) == {"a": 1}
    assert "cache_errors" not in cache.counts
    face.call(client.close)


@pytest.mark.parametrize("wrong", ["authority", "password", "plain text"])
def test_a_connection_that_is_refused(face: Face, secure: Server, certificates: Certificates, wrong: str) -> None:
    """A read continues without the cache; a write raises the reason."""
    ca_file = certificates.other_ca_file if wrong == "authority" else certificates.ca_file
    password = "wrong" if wrong == "password" else PASSWORD
    client = face.client(
        secure.port, tls=wrong != "plain text", ca_file=str(ca_file), username="app", password=password, timeout=1
    )
    assert face.cache(client, load).inspect("1").source == "down"
    message = {"authority": "certificate verify failed", "password": "WRONGPASS|invalid username", "plain text": "."}
    with pytest.raises(CacheUnavailableError, match=message[wrong]):
        face.sessions(client).load("x")
    face.call(client.close)


class Manager:
    """Replaces the token manager of AWS with tokens of the test."""

    user_id = "shop"

    def __init__(self, on_token_changed: Any, **_: str) -> None:
        self.changed, self.token, self.next = on_token_changed, "first", "second"
        self.refreshed = 0
        self.pause = 0.0
        self.error: Exception | None = None

    def get_credentials(self) -> tuple[str, str]:
        return self.user_id, self.token

    def refresh_token(self) -> str:
        self.refreshed += 1
        time.sleep(self.pause)
        if self.error is not None:
            raise self.error
        self.token = self.next
        self.changed(self.token)
        return self.token


def iam_credentials() -> Any:
    """An instance of the class in the guide."""
    block = next(block for block in blocks(GUIDE) if "IamCredentials" in block).split("\ncredentials = ")[0]
    namespace: dict[str, Any] = {}
    exec(compile(block, "guide", "exec"), namespace)  # noqa: S102 - the class of the guide
    namespace["ElastiCacheIAMAuthTokenManager"] = Manager
    return namespace["IamCredentials"](replication_group_id="cart", region="us-east-1")


def refuse_the_first_token(admin: redis.Redis, face: Face, client: Any) -> None:
    """The server accepts another token, and has closed the connections of the first."""
    face.run(client, client.drop)
    admin.execute_command("ACL", "SETUSER", "shop", "resetpass", ">second")


def refusals(admin: redis.Redis) -> int:
    log: Any = admin.acl_log()
    return sum(int(entry["count"]) for entry in log)


@pytest.fixture
def shop(own_server: Server) -> Iterator[redis.Redis]:
    """A server with a user whose first token is valid."""
    with redis.Redis(port=own_server.port) as admin:
        admin.execute_command("ACL", "SETUSER", "shop", "reset", *RULES.split(), ">first")
        yield admin


def test_a_new_token_reaches_open_connections(face: Face, own_server: Server, shop: redis.Redis) -> None:
    credentials = iam_credentials()
    shop.execute_command("ACL", "SETUSER", "shop", ">second")
    client = face.client(own_server.port, credentials=credentials)
    cache = face.cache(client, load)
    assert cache.inspect("1").source == "load"

    def open_connections() -> set[str]:
        return {client["id"] for client in shop.client_list() if client["user"] == "shop"}

    def authentications() -> int:
        info: Any = shop.info("commandstats")
        return sum(int(info.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("auth", "hello"))

    before, connections = authentications(), open_connections()
    credentials._manager.token = "second"
    credentials.renewed("second")
    eventually(lambda: face.call(lambda: None) is None and authentications() > before)
    assert cache.inspect("1").source == "hit"
    assert open_connections() == connections, "the open connection has signed in again"
    shop.execute_command("ACL", "SETUSER", "shop", "resetpass", ">second")
    face.call(client.close)
    assert cache.inspect("1").source == "hit", "and so does a new connection"
    assert refusals(shop) == 0
    face.call(client.close)


def test_a_refused_token_is_renewed_once(face: Face, own_server: Server, shop: redis.Redis) -> None:
    credentials = iam_credentials()
    client = face.client(own_server.port, credentials=credentials)
    cache = face.cache(client, load)
    assert [cache.inspect("1").source, cache.inspect("1").source] == ["load", "hit"]
    refuse_the_first_token(shop, face, client)
    assert cache.inspect("1").source == "hit"
    assert refusals(shop) == 1
    assert credentials._manager.refreshed == 1
    assert cache.inspect("1").source == "hit"
    cache.invalidate("1")
    assert cache.counts == {"loads": 1, "hits": 3, "invalidations": 1}
    assert credentials._manager.refreshed == 1
    face.call(client.close)


def test_many_callers_share_one_renewal(face: Face, own_server: Server, shop: redis.Redis) -> None:
    credentials = iam_credentials()
    client = face.client(own_server.port, credentials=credentials)
    cache = face.cache(client, load)
    cache.get("1")
    credentials._manager.pause = 0.3
    refuse_the_first_token(shop, face, client)
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: cache.inspect("1").source, range(16))) == {"hit"}
    assert refusals(shop) > 1, "more than one of them must have been refused"
    assert credentials._manager.refreshed == 1
    face.call(client.close)


def test_many_callers_share_a_renewal_that_fails(face: Face, own_server: Server, shop: redis.Redis) -> None:
    """Otherwise each of them would ask for credentials, one after another."""
    credentials = iam_credentials()
    client = face.client(own_server.port, credentials=credentials)
    cache = face.cache(client, load)
    cache.get("1")
    credentials._manager.pause, credentials._manager.error = 0.3, OSError("no network")
    refuse_the_first_token(shop, face, client)
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: cache.inspect("1").source, range(16))) <= {"down", "wait"}
    assert refusals(shop) > 4, "more than one of them must have been refused"
    assert credentials._manager.refreshed < 4
    face.call(client.close)


def test_a_token_that_is_refused_for_good(face: Face, own_server: Server, shop: redis.Redis) -> None:
    """One renewal for each command, and the same errors as without one."""
    credentials = iam_credentials()
    credentials._manager.next = "third"
    client = face.client(own_server.port, credentials=credentials)
    cache = face.cache(client, load)
    cache.get("1")
    refuse_the_first_token(shop, face, client)
    assert cache.inspect("1").source == "down"
    assert credentials._manager.refreshed == 1
    assert refusals(shop) >= 2, "before and after it"
    with pytest.raises(InvalidationFailedError, match="AuthenticationError"):
        cache.invalidate("1")
    assert credentials._manager.refreshed == 2
    assert cache.counts["breaker_openings"] == 1
    face.call(client.close)


@pytest.mark.parametrize("fault", ["hangs", "fails"])
def test_a_renewal_that_fails_is_no_burden(face: Face, own_server: Server, shop: redis.Redis, fault: str) -> None:
    credentials = iam_credentials()
    manager = credentials._manager
    client = face.client(own_server.port, credentials=credentials, timeout=0.2)
    cache = face.cache(client, load)
    eventually(lambda: cache.inspect("1").source == "hit")
    refuse_the_first_token(shop, face, client)
    manager.pause, manager.error = (1.0, None) if fault == "hangs" else (0.0, OSError("no network"))
    started = time.monotonic()
    assert cache.inspect("1").source == "down"
    assert time.monotonic() - started < 0.6
    if fault == "hangs":
        eventually(lambda: cache.inspect("1").source == "hit")
        assert manager.refreshed == 1
    face.call(client.close)


def test_a_provider_without_a_refresh(face: Face, own_server: Server, shop: redis.Redis) -> None:
    client = face.client(own_server.port, credentials=UsernamePasswordCredentialProvider("shop", "wrong"))
    assert face.cache(client, load).inspect("1").source == "down"
    assert refusals(shop) == 1
    face.call(client.close)


@pytest.mark.parametrize("cluster", [False, True])
def test_a_name_that_does_not_resolve_in_time(
    face: Face, own_server: Server, monkeypatch: pytest.MonkeyPatch, cluster: bool
) -> None:
    """The operating system looks names up without a time-out: 5 to 30 seconds when no name server answers."""
    release = threading.Event()
    resolve = socket.getaddrinfo

    def hangs(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "localhost":
            release.wait(20)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    kind = CacheClient if face._loop is None else AsyncCacheClient
    client = kind.connect("localhost", port=own_server.port, tls=False, cluster=cluster)
    cache = face.cache(client, load)
    started = time.monotonic()
    try:
        assert [cache.inspect("1").source for _ in range(20)] == ["down"] * 20
        waited = time.monotonic() - started
    finally:
        release.set()
    assert waited < 3 * 0.1 + 0.3
    if not cluster:
        eventually(lambda: cache.inspect("1").source == "hit")
    face.call(client.close)


def test_a_connection_that_comes_too_late_is_closed() -> None:
    near, far = socket.socketpair()

    def slow() -> socket.socket:
        time.sleep(0.1)
        return near

    with pytest.raises(socket.timeout):
        within(0.01, slow)
    far.settimeout(5)
    assert far.recv(1) == b"", "nobody else would close it"
    far.close()


def test_a_call_within_its_time() -> None:
    assert within(5, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        within(5, divmod, 7, 0)
