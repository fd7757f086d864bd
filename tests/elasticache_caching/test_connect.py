"""Connections as ElastiCache has them: TLS, users, and IAM with tokens that change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from elasticache_caching import CacheUnavailableError
from tests import cache_servers
from tests.cache_servers import PASSWORD, Certificates, Server
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.test_guide import GUIDE, blocks

pytestmark = pytest.mark.servers

# "All data, nothing dangerous", as an access string.
RULES = "on ~* &* +@all -@dangerous -@admin"


def load(id: str) -> dict[str, int]:
    return {"version": 1}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    made = cache_servers.start(tmp_path_factory.mktemp("secure"), "secure", certificates)
    yield made
    made.stop()


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


@pytest.mark.parametrize("wrong", ["authority", "password", "plain text"])
def test_a_connection_that_is_refused(face: Face, secure: Server, certificates: Certificates, wrong: str) -> None:
    """A read goes on without the cache; what must arrive says why it did not."""
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
    """In place of AWS's token manager: the tokens are the test's."""

    user_id = "shop"

    def __init__(self, on_token_changed: Any, **_: str) -> None:
        self.changed, self.token = on_token_changed, "first"

    def get_credentials(self) -> tuple[str, str]:
        return self.user_id, self.token


def test_a_new_token_reaches_open_connections(own_server: Server, tmp_path: Path) -> None:
    from elasticache_caching import Cache, CacheClient, Json

    block = next(each for each in blocks(GUIDE) if "IamCredentials" in each).split("\ncredentials = ")[0]
    namespace: dict[str, Any] = {}
    exec(compile(block, "guide", "exec"), namespace)  # noqa: S102 - the class of the guide
    namespace["ElastiCacheIAMAuthTokenManager"] = Manager
    credentials = namespace["IamCredentials"](replication_group_id="cart", region="us-east-1")
    manager = credentials._manager
    with redis.Redis(port=own_server.port) as admin:

        def tokens() -> list[str]:
            log: Any = admin.execute_command("ACL", "LOG")
            return [str(each) for each in log]

        admin.execute_command("ACL", "SETUSER", "shop", "reset", *RULES.split(), ">first", ">second")
        client = CacheClient.connect("127.0.0.1", port=own_server.port, tls=False, credentials=credentials, timeout=5)
        cache = Cache(client, "row", load=load, codec=Json(dict), ttl=60)
        assert cache.inspect("1").source == "load"
        before = {each["id"] for each in admin.client_list() if each["user"] == "shop"}
        authentications = _calls(admin, "auth") + _calls(admin, "hello")
        manager.token = "second"
        credentials.renewed("second")
        assert cache.inspect("1").source == "hit"
        assert {each["id"] for each in admin.client_list() if each["user"] == "shop"} == before
        assert _calls(admin, "auth") + _calls(admin, "hello") > authentications, "the open connection signed in again"
        admin.execute_command("ACL", "SETUSER", "shop", "resetpass", ">second")
        client.close()
        assert cache.inspect("1").source == "hit", "and so does a new connection"
        assert tokens() == []
        client.close()


def _calls(admin: redis.Redis, command: str) -> int:
    found: Any = admin.info("commandstats")
    return int(found.get(f"cmdstat_{command}", {"calls": 0})["calls"])
