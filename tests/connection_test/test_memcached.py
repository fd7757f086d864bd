"""Memcached on real servers with TLS and auto discovery, without and with faults."""

import contextlib
from collections.abc import Iterator

import pytest
from connection_test.memcached import Connection
from connection_test.resp import ProtocolError, ReplyError
from hypothesis import given
from hypothesis import strategies as st

from tests.cache_servers import Certificates, free_port
from tests.connection_test import probe
from tests.connection_test.probe import NO_DATABASE, Outcome
from tests.memcached_servers import Node, memcached


@pytest.fixture(scope="module")
def nodes(certificates: Certificates) -> Iterator[list[Node]]:
    with memcached(certificates) as cluster_nodes:
        yield cluster_nodes


def run(nodes: list[Node], *words: str, tls: bool = True) -> Outcome:
    arguments = ["--engine=memcached", "--host", nodes[0].host, "--port", str(nodes[0].port)]
    for node in nodes:
        arguments += ["--connect-to", node.connect_to]
    arguments += ["--ca-file", str(nodes[0].cluster.certificates.ca_file)] if tls else ["--no-tls"]
    return probe.run(*arguments, *words)


@pytest.mark.servers
def test_version_configuration_and_every_node(nodes: list[Node]) -> None:
    version = "1.6"
    outcome = run(nodes, "--nodes=3", f"--engine-version={version}")
    assert outcome.status == 0, outcome.output
    assert {stage["stage"]: stage["status"] for stage in outcome.report["stages"]} == {
        "config": "PASS",
        "clock": "SKIP",
        "dns": "PASS",
        "tcp": "PASS",
        "tls": "PASS",
        "auth": "SKIP",
        "ping": "PASS",
        "topology": "PASS",
        "data": "PASS",
        "replicas": "SKIP",
        "latency": "PASS",
        **NO_DATABASE,
    }
    assert outcome.stage("topology")["detail"] == "3 nodes reachable, configuration 7"
    assert outcome.stage("data")["detail"] == "set, get and delete on 3 nodes"
    assert outcome.report["summary"].startswith("PASS: memcached 1.6.")
    assert "nodes 3, latency p50" in outcome.report["summary"]


@pytest.mark.servers
def test_another_version_or_number_of_nodes_is_a_warning(nodes: list[Node]) -> None:
    outcome = run(nodes, "--nodes=2", "--engine-version=1.5.10")
    assert outcome.status == 0
    assert outcome.stage("ping")["code"] == "other-version"
    assert outcome.stage("topology")["code"] == "other-nodes"
    assert "warnings at ping and topology" in outcome.report["summary"]


@pytest.mark.servers
def test_an_unreachable_node(certificates: Certificates) -> None:
    with memcached(certificates, nodes=2) as nodes:
        nodes[1].listener.shutdown()
        nodes[1].listener.server_close()
        failed = run(nodes).failed
        assert (failed["stage"], failed["code"]) == ("topology", "node-unreachable")
        assert nodes[1].host in failed["cause"]
        nodes[1].listener.shutdown = lambda: None  # type: ignore[method-assign]


@pytest.mark.servers
def test_a_failed_server_behind_its_listener(certificates: Certificates) -> None:
    with memcached(certificates, nodes=1) as nodes:
        nodes[0].process.terminate()
        nodes[0].process.wait(10)
        failed = run(nodes).failed
        assert (failed["stage"], failed["code"]) == ("ping", "no-answer")


@pytest.mark.servers
def test_a_node_without_auto_discovery_is_a_warning(certificates: Certificates) -> None:
    with memcached(certificates, nodes=1, discovery=False) as nodes:
        assert run(nodes).stage("topology")["code"] == "no-auto-discovery"
        serverless = run(nodes, "--serverless")
        assert serverless.stage("topology")["status"] == "PASS"
        assert serverless.report["verdict"] == "PASS"


@pytest.mark.servers
def test_tls_against_plaintext_and_the_reverse(certificates: Certificates, nodes: list[Node]) -> None:
    assert run(nodes, tls=False).failed["code"] == "server-wants-tls"
    with memcached(certificates, nodes=1, tls=False) as plain:
        assert run(plain).failed["code"] == "server-without-tls"
        assert run(plain, tls=False).status == 0


@pytest.mark.servers
def test_a_port_without_a_listener() -> None:
    failed = probe.run("--engine=memcached", "--host=127.0.0.1", f"--port={free_port()}", "--no-tls").failed
    assert (failed["stage"], failed["code"]) == ("tcp", "connection-refused")


def test_authentication_is_refused() -> None:
    failed = probe.run("--engine=memcached", "--host=127.0.0.1", "--authentication=password").failed
    assert (failed["stage"], failed["cause"]) == (
        "config",
        "memcached has no authentication, and one is asked for",
    )


class _Answers:
    """A socket that answers with these bytes and is then closed."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def settimeout(self, seconds: float) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        pass

    def recv(self, size: int) -> bytes:
        part, self.data = self.data[:size], self.data[size:]
        return part


@given(data=st.binary(max_size=200))
def test_any_answer_ends_in_a_value_or_a_known_error(data: bytes) -> None:
    for ask in (Connection.version, Connection.nodes, lambda connection: connection.get("key")):
        with contextlib.suppress(ConnectionResetError, ProtocolError, ReplyError):
            ask(Connection(_Answers(data)))  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [b"CONFIG cluster 0 4\r\n7\nxx\r\nEND\r\n", b"CONFIG cluster 0 x\r\n", b"HELLO\r\n"])
def test_a_configuration_of_another_form(answer: bytes) -> None:
    with pytest.raises(ProtocolError, match="expected"):
        Connection(_Answers(answer)).nodes()  # type: ignore[arg-type]
