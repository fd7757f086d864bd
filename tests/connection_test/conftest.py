"""Servers on loopback for the connection test, most of them started once per session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from connection_test import redaction

from tests import cache_servers
from tests.cache_servers import Certificates, Server


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    """No test hides the secrets of another."""
    redaction.forget()
    yield
    redaction.forget()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[tuple[Server, Server]]:
    """A shard with a replica, with TLS and users."""
    with cache_servers.pair(tmp_path_factory.mktemp("pair"), certificates) as servers:
        yield servers


@pytest.fixture(scope="session")
def plaintext(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    """A server without TLS and users."""
    server = cache_servers.start(tmp_path_factory.mktemp("plaintext"), "plain", certificates, tls=False, users=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    """A server with a certificate for another name."""
    server = cache_servers.start(tmp_path_factory.mktemp("elsewhere"), "master", certificates, certificate="elsewhere")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[list[Server]]:
    """A cluster of three shards with one replica each."""
    with cache_servers.cluster(tmp_path_factory.mktemp("cluster"), certificates) as servers:
        yield servers


@pytest.fixture
def broken_cluster(tmp_path: Path, certificates: Certificates) -> Iterator[list[Server]]:
    """A cluster of three shards without replicas, which the test breaks."""
    with cache_servers.cluster(tmp_path, certificates, replicas=0) as servers:
        yield servers
