"""The proxy before a cache server: it terminates TLS, verifies tokens, and forwards all other data unchanged."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from local_cloud.cache import data_plane, token_proxy
from local_cloud.cache.data_plane import Shape
from local_cloud.cache.servers import Cache
from local_cloud.cache.token_proxy import TokenProxy
from local_cloud.cache.users import User, acl
from tests.local_cloud.test_servers import Caches

pytestmark = pytest.mark.servers
USERS = [User("app", "app", "on ~* &* +@all", iam=True), User("other", "other", "on ~* +@all", ("password-of-other",))]


class ProxiedCache:
    """A cache, and a port at which its proxy serves, in place of the relay of an instance."""

    def __init__(self, caches: Caches, cache: Cache) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.keys, self.authority, self.host = caches.keys, caches.authority, cache.names["primary"]
        self.proxy = TokenProxy(cache.socket_addresses[0], caches.authority.files(cache.id), self._password_for)
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _password_for(self, user: str, token: str) -> str | None:
        self.tokens.append((user, token))
        return self.keys.iam_users if (user, token) == ("app", "valid") else None

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            self.proxy(connection)

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
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedCache]:
    caches = Caches(tmp_path_factory.mktemp("proxy"))
    cache = caches.cache()
    data_plane.start(cache, Shape(), caches.authority, acl(USERS, None, caches.keys))
    proxied_cache = ProxiedCache(caches, cache)
    yield proxied_cache
    proxied_cache.stop()
    cache.stop()


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_valid_token_is_accepted(proxied: ProxiedCache, protocol: int) -> None:
    with proxied.client("app", "valid", protocol) as client:
        assert client.execute_command("ACL", "WHOAMI") in (b"app", "app")
    assert ("app", "valid") in proxied.tokens


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(("user", "password"), [("app", "invalid"), ("other", "valid"), ("nobody", "valid")])
def test_the_server_refuses_invalid_tokens(proxied: ProxiedCache, user: str, password: str, protocol: int) -> None:
    with (
        proxied.client(user, password, protocol) as client,
        pytest.raises(redis.AuthenticationError, match=r"WRONGPASS|invalid"),
    ):
        client.ping()


def test_users_with_passwords_can_authenticate(proxied: ProxiedCache) -> None:
    with proxied.client("other", "password-of-other") as client:
        assert client.ping()


def test_a_connection_can_authenticate_again(proxied: ProxiedCache) -> None:
    with proxied.client("other", "password-of-other") as client:
        assert client.execute_command("ACL", "WHOAMI") == b"other"
        assert client.execute_command("AUTH", "app", "valid") in (True, b"OK")
        assert client.execute_command("ACL", "WHOAMI") == b"app"
        with pytest.raises(redis.AuthenticationError, match="invalid username-password pair"):
            client.execute_command("AUTH", "app", "invalid")


def test_the_password_of_iam_users_is_not_disclosed(proxied: ProxiedCache) -> None:
    """The server accepts it from every client, so it must be random and secret."""
    assert len(proxied.keys.iam_users) == 40
    assert proxied.keys.iam_users not in str(proxied.tokens)


def test_large_values_and_long_pipelines_are_forwarded(proxied: ProxiedCache) -> None:
    with proxied.client("app", "valid") as client:
        value = b"x\r\n*3\r\n$4\r\nAUTH\r\n" * 30_000
        client.set("large", value)
        assert client.get("large") == value
        pipeline = client.pipeline(transaction=False)
        for number in range(60):
            pipeline.set("key", f"{number}" * 100_000)
            # The answers exceed all buffers while the client is still sending.
            pipeline.get("large")
        answers = pipeline.execute()
        assert len(answers) == 120
        assert all(answer == value for answer in answers[1::2])


def test_a_client_without_tls_is_refused(proxied: ProxiedCache) -> None:
    with socket.create_connection(("127.0.0.1", proxied.port), timeout=10) as connection:
        connection.sendall(b"PING\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"PONG" not in connection.recv(100)


def test_the_certificate_is_that_of_the_cache(proxied: ProxiedCache) -> None:
    context = ssl.create_default_context(cafile=str(proxied.authority.ca_file))
    with (
        socket.create_connection(("127.0.0.1", proxied.port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=proxied.host) as secure,
    ):
        secure.sendall(b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$5\r\nvalid\r\n")
        assert secure.recv(100) == b"+OK\r\n"


def without_delay(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX])
def test_both_sides_send_small_messages_at_once(
    proxied: ProxiedCache, monkeypatch: pytest.MonkeyPatch, family: socket.AddressFamily, tls: bool
) -> None:
    """The client's side is a Unix socket in an instance, and such a socket has no delay."""
    sides: dict[str, tuple[socket.AddressFamily, bool]] = {}

    def record(client: token_proxy._Side, server: token_proxy._Side) -> None:
        for name, side in (("client", client), ("server", server)):
            has_option = side.socket.family != socket.AF_UNIX
            sides[name] = side.socket.family, not has_option or without_delay(side.socket)

    proxy = proxied.proxy if tls else TokenProxy(proxied.proxy._server, None, proxied._password_for)
    monkeypatch.setattr(token_proxy, "_forward", record)
    with connected(family) as (near, far):
        assert family == socket.AF_UNIX or not without_delay(far)
        serving = threading.Thread(target=proxy, args=(far,))
        serving.start()
        if tls:
            context = ssl.create_default_context(cafile=str(proxied.authority.ca_file))
            context.wrap_socket(near, server_hostname=proxied.host).close()
        serving.join(20)
    assert sides == {"client": (family, True), "server": (socket.AF_INET, True)}


@contextlib.contextmanager
def connected(family: socket.AddressFamily) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection."""
    if family == socket.AF_UNIX:
        near, far = socket.socketpair()
    else:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.create_connection(listener.getsockname(), timeout=20)
            far, _ = listener.accept()
    with near, far:
        yield near, far


def test_a_connection_ends_with_the_server(tmp_path: Path) -> None:
    caches = Caches(tmp_path)
    cache = caches.cache("ends")
    data_plane.start(cache, Shape(), caches.authority, acl(USERS, None, caches.keys))
    proxied = ProxiedCache(caches, cache)
    try:
        with proxied.client("app", "valid") as client:
            assert client.ping()
            cache.stop()
            with pytest.raises(redis.ConnectionError):
                client.ping()
    finally:
        proxied.stop()
