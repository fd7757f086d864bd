"""Names with an IPv4 and an IPv6 address, on real servers that listen on one or both of the loopback addresses."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from connection_test import runner, transport
from connection_test.config import Config, Endpoint
from connection_test.report import PASS, WARN, Report

from tests import cache_servers
from tests.cache_servers import Certificates, Server

IPV4, IPV6 = "127.0.0.1", "::1"


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server((IPV6, 0), family=socket.AF_INET6):
        return True
    return False


pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def ipv6() -> None:
    """The tests need IPv6; without it they fail with the command that adds it."""
    assert _has_ipv6(), "this machine has no IPv6 address; add it with: sysctl -w net.ipv6.conf.lo.disable_ipv6=0"


@contextlib.contextmanager
def server(folder: Path, certificates: Certificates, *addresses: str) -> Iterator[Server]:
    """A server that listens on these addresses, without users."""
    # A server that listens on IPv6 alone is asked for its first answer there.
    with pytest.MonkeyPatch.context() as patch:
        connect = socket.create_connection
        patch.setattr(
            socket, "create_connection", lambda where, **options: connect((addresses[0], where[1]), **options)
        )
        running = cache_servers.start(
            folder, "master", certificates, users=False, options={"bind": " ".join(addresses)}
        )
    try:
        yield running
    finally:
        running.stop()


def run(running: Server, patch: pytest.MonkeyPatch, *resolved: str) -> Report:
    """The test, with a resolver that answers with these addresses."""
    patch.setattr(transport, "resolve", lambda config, host, port: [(address, port) for address in resolved])
    endpoint = Endpoint("primary", running.host, running.port)
    return runner.run(Config([endpoint], ca_file=str(running.certificates.ca_file), slow_ms=1000))


@pytest.mark.parametrize("order", [(IPV4, IPV6), (IPV6, IPV4)])
def test_a_server_with_both_addresses_passes(
    order: tuple[str, str], tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(tmp_path, certificates, IPV4, IPV6) as running:
        report = run(running, monkeypatch, *order)
    assert report.verdict == PASS, report.as_json()
    assert next(stage for stage in report.stages if stage.stage == "tcp").detail == "2 addresses accepted a connection"


@pytest.mark.parametrize("alive", [IPV4, IPV6])
@pytest.mark.parametrize("order", [(IPV4, IPV6), (IPV6, IPV4)])
def test_one_of_the_two_is_enough_and_the_other_is_a_warning(
    alive: str, order: tuple[str, str], tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(tmp_path, certificates, alive) as running:
        report = run(running, monkeypatch, *order)
    assert report.verdict == WARN, report.as_json()
    (warned,) = (stage for stage in report.stages if stage.status == WARN)
    assert (warned.stage, warned.code) == ("tcp", "address-unreachable")
    dead = IPV6 if alive == IPV4 else IPV4
    assert f"({dead}) refused the connection" in warned.cause
    assert f"({alive})" not in warned.cause


def test_an_ipv6_address_alone_passes(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(tmp_path, certificates, IPV6) as running:
        assert run(running, monkeypatch, IPV6).verdict == PASS
