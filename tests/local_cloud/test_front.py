"""What stands in front of a cache's server: TLS of its own, tokens checked, and everything else as it is."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from local_cloud.cache import data_plane
from local_cloud.cache.data_plane import Shape
from local_cloud.cache.front import Front
from local_cloud.cache.servers import Cache
from local_cloud.cache.users import User, acl
from tests.local_cloud.test_servers import Caches

pytestmark = pytest.mark.servers
USERS = [User("app", "app", "on ~* &* +@all", iam=True), User("other", "other", "on ~* +@all", ("password-of-other",))]


class Fronted:
    """A cache, and a port of its own that leads to its front, as an instance's relay does."""

    def __init__(self, lab: Caches, cache: Cache) -> None:
        self.asked: list[tuple[str, str]] = []
        self.keys, self.authority, self.host = lab.keys, lab.authority, cache.names["primary"]
        self.front = Front(cache.socket_addresses[0], lab.authority.files(cache.id), self._admit)
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _admit(self, user: str, token: str) -> str | None:
        self.asked.append((user, token))
        return self.keys.admitted if (user, token) == ("app", "good") else None

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            self.front(connection)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def client(self, user: str, password: str, protocol: int = 2) -> redis.Redis:
        return redis.Redis(
            host="127.0.0.1",
            port=self.port,
            username=user,
            password=password,
            protocol=protocol,
            ssl=True,
            ssl_ca_certs=str(self.authority.ca_file),
            ssl_check_hostname=False,
            socket_timeout=20,
        )


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronted]:
    lab = Caches(tmp_path_factory.mktemp("front"))
    cache = lab.cache()
    data_plane.start(cache, Shape(), lab.authority, acl(USERS, None, lab.keys))
    made = Fronted(lab, cache)
    yield made
    made.stop()
    cache.stop()


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_good_token_signs_in(fronted: Fronted, protocol: int) -> None:
    with fronted.client("app", "good", protocol) as client:
        assert client.execute_command("ACL", "WHOAMI") in (b"app", "app")
    assert ("app", "good") in fronted.asked


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(("user", "password"), [("app", "bad"), ("other", "good"), ("nobody", "good")])
def test_what_is_not_good_is_refused_by_the_server(fronted: Fronted, user: str, password: str, protocol: int) -> None:
    with (
        fronted.client(user, password, protocol) as client,
        pytest.raises(redis.AuthenticationError, match=r"WRONGPASS|invalid"),
    ):
        client.ping()


def test_users_with_passwords_sign_in_as_before(fronted: Fronted) -> None:
    with fronted.client("other", "password-of-other") as client:
        assert client.ping()


def test_a_connection_can_sign_in_again(fronted: Fronted) -> None:
    with fronted.client("other", "password-of-other") as client:
        assert client.execute_command("ACL", "WHOAMI") == b"other"
        assert client.execute_command("AUTH", "app", "good") in (True, b"OK")
        assert client.execute_command("ACL", "WHOAMI") == b"app"
        with pytest.raises(redis.AuthenticationError, match="invalid username-password pair"):
            client.execute_command("AUTH", "app", "bad")


def test_the_servers_own_password_of_the_user_is_unknown_outside(fronted: Fronted) -> None:
    """Who guessed it would get in; nobody is told it, and it is random for each run."""
    assert len(fronted.keys.admitted) == 40
    assert fronted.keys.admitted not in str(fronted.asked)


def test_large_values_and_long_pipelines_pass(fronted: Fronted) -> None:
    with fronted.client("app", "good") as client:
        value = b"x\r\n*3\r\n$4\r\nAUTH\r\n" * 30_000
        client.set("large", value)
        assert client.get("large") == value
        pipeline = client.pipeline(transaction=False)
        for number in range(60):
            pipeline.set("key", f"{number}" * 100_000)
            # More than the buffers on the way hold, while the client still sends.
            pipeline.get("large")
        answers = pipeline.execute()
        assert len(answers) == 120
        assert all(each == value for each in answers[1::2])


def test_a_client_without_tls_is_turned_away(fronted: Fronted) -> None:
    with socket.create_connection(("127.0.0.1", fronted.port), timeout=10) as connection:
        connection.sendall(b"PING\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"PONG" not in connection.recv(100)


def test_the_certificate_is_the_caches(fronted: Fronted) -> None:
    context = ssl.create_default_context(cafile=str(fronted.authority.ca_file))
    with (
        socket.create_connection(("127.0.0.1", fronted.port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=fronted.host) as secure,
    ):
        secure.sendall(b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$4\r\ngood\r\n")
        assert secure.recv(100) == b"+OK\r\n"


def test_it_ends_with_the_server(tmp_path: Path) -> None:
    lab = Caches(tmp_path)
    cache = lab.cache("ends")
    data_plane.start(cache, Shape(), lab.authority, acl(USERS, None, lab.keys))
    made = Fronted(lab, cache)
    try:
        with made.client("app", "good") as client:
            assert client.ping()
            cache.stop()
            with pytest.raises(redis.ConnectionError):
                client.ping()
    finally:
        made.stop()
