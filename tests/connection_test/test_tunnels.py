"""A client that reaches the cache through tunnels: what failures mean, and the read port of a serverless cache."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from connection_test import options, stage_replicas, stage_topology, transport, tunnels
from connection_test.commands import Following
from connection_test.config import Config, Endpoint
from connection_test.names import Names
from connection_test.permitted import StageSkipped
from connection_test.report import StageFailure
from connection_test.resp import ReplyError
from connection_test.slots import Node
from connection_test.watch_routes import discovered

from tests.cache_servers import PASSWORD, Server
from tests.connection_test import probe
from tests.connection_test import stage_fakes as fakes
from tests.connection_test.stage_fakes import Memory, codes, context_of

HOST = "cache.serverless.use1.cache.amazonaws.com"
WRITES, READS = Endpoint("configuration", HOST, 6379), Endpoint("reader", HOST, 6380)
TUNNEL = {f"{HOST}:6379": ("127.0.0.1", 16379)}
BOTH = {**TUNNEL, f"{HOST}:6380": ("127.0.0.1", 16380)}


@contextlib.contextmanager
def closing_port() -> Iterator[int]:
    """A port that accepts connections and ends them, as a tunnel does whose other end reaches nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("localhost.localdomain", True),
        ("ip6-localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("::2", False),
        ("localhost.example", False),
        (HOST, False),
    ],
)
def test_what_this_machine_is_called(host: str, local: bool) -> None:
    assert tunnels.is_local(host) is local
    assert tunnels.in_use(Config([Endpoint("primary", host, 6379)])) is local
    assert tunnels.in_use(Config([Endpoint("primary", host, 6379)], connect_to=TUNNEL))


class TestAdvice:
    def advised(self, code: str, host: str = HOST, port: int = 6379, **settings: Any) -> StageFailure:
        config = Config([Endpoint("primary", settings.pop("first", HOST), 6379)], **settings)
        return tunnels.advised(config, host, port, StageFailure(code, "cause", "action"))

    @pytest.mark.parametrize(
        "code",
        [
            "name-not-found",
            "connection-refused",
            "no-answer",
            "tls-ended",
            "certificate-wrong-name",
            "wrong-credentials",
        ],
    )
    def test_without_a_tunnel_nothing_changes(self, code: str) -> None:
        failure = self.advised(code)
        assert (failure.code, failure.cause, failure.action) == (code, "cause", "action")
        assert tunnels.advised(Config([]), HOST, 6379, StageFailure(code, "cause", "action")).cause == "cause"

    @pytest.mark.parametrize(
        "code", ["name-not-found", "resolver-silent", "connection-refused", "connection-dropped", "no-route"]
    )
    def test_a_node_to_which_no_tunnel_leads(self, code: str) -> None:
        failure = self.advised(code, "other.example", 6379, connect_to=TUNNEL)
        assert failure.code == code
        assert failure.cause == "cause; no --connect-to leads to other.example:6379"
        assert failure.action == (
            "action; from outside the VPC, open a tunnel to it and pass "
            "--connect-to other.example:6379:127.0.0.1:LOCAL-PORT"
        )
        assert self.advised(code, HOST, 6380, connect_to=TUNNEL).cause.endswith(f"leads to {HOST}:6380")
        assert self.advised("tls-ended", "other.example", connect_to=TUNNEL).action == "action"

    @pytest.mark.parametrize(
        ("code", "cause", "action"),
        [
            ("connection-refused", "no tunnel is open there", "open it or correct its local port"),
            ("tls-ended", "even if its other end reaches nothing", "their security group allows the machine at its"),
            ("tls-failed", "even if its other end reaches nothing", "check the host and the port that it leads to"),
            ("no-answer", "even if its other end reaches nothing", "check the host and the port that it leads to"),
        ],
    )
    @pytest.mark.parametrize("where", [{"connect_to": TUNNEL}, {"first": "localhost", "host": "localhost"}])
    def test_a_tunnel_that_reaches_nothing(self, code: str, cause: str, action: str, where: dict[str, Any]) -> None:
        failure = self.advised(code, **where)
        assert failure.cause.startswith("cause; ")
        assert cause in failure.cause
        assert failure.action.startswith("action; ")
        assert action in failure.action

    def test_a_certificate_for_another_name(self) -> None:
        assert self.advised("certificate-wrong-name", connect_to=TUNNEL).action == (
            f"action; let the tunnel lead to {HOST}:6379, or correct the name"
        )
        failure = self.advised("certificate-wrong-name", "localhost", 16379, first="localhost")
        assert failure.cause == "cause; localhost is this machine, and the certificate is for the name of the cache"
        assert failure.action == ("action; pass --host ENDPOINT --port 6379 --connect-to ENDPOINT:6379:localhost:16379")

    @pytest.mark.parametrize("code", ["certificate-untrusted", "wrong-credentials", "connection-dropped"])
    def test_other_failures_have_nothing_to_do_with_a_tunnel(self, code: str) -> None:
        failure = self.advised(code, connect_to=TUNNEL)
        assert (failure.cause, failure.action) == ("cause", "action")


def test_a_name_without_a_tunnel_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(config: Config, host: str, port: int) -> list[transport.Address]:
        raise StageFailure("name-not-found", "the name does not exist here", "check the spelling")

    monkeypatch.setattr(transport, "resolve", resolve)
    with pytest.raises(StageFailure) as caught:
        Names(Config([WRITES], connect_to=TUNNEL)).addresses("node.example", 6379)
    assert caught.value.action.endswith("--connect-to node.example:6379:127.0.0.1:LOCAL-PORT")


@pytest.mark.parametrize("tls", [[], ["--no-tls"]])
def test_a_tunnel_whose_other_end_reaches_nothing(tls: list[str]) -> None:
    with closing_port() as port:
        outcome = probe.run("--host", HOST, "--connect-to", f"{HOST}:6379:127.0.0.1:{port}", *tls)
    assert outcome.failed["stage"] == "tls"
    assert "a tunnel accepts connections even if its other end reaches nothing" in outcome.failed["cause"]
    assert "the machine at its other end" in outcome.failed["action"]


def test_a_tunnel_that_is_not_open() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        outcome = probe.run("--host", HOST, "--connect-to", f"{HOST}:6379:127.0.0.1:{sock.getsockname()[1]}")
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("tcp", "connection-refused")
    assert "open it or correct its local port" in outcome.failed["action"]


@pytest.mark.servers
def test_the_local_end_as_host_is_corrected_by_following_the_action(pair: tuple[Server, Server]) -> None:
    primary = pair[0]
    words = ["--ca-file", str(primary.certificates.ca_file), *probe.as_user("app")]
    outcome = probe.run("--host=localhost", f"--port={primary.port}", *words, password=PASSWORD)
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("tls", "certificate-wrong-name")
    assert "localhost is this machine" in outcome.failed["cause"]
    options_named = outcome.failed["action"].partition("pass ")[2].replace("ENDPOINT", primary.host).split()
    assert probe.run(*options_named, *words, password=PASSWORD).status == 0


@pytest.mark.servers
def test_a_tunnel_to_one_node_of_a_cluster_names_the_others(cluster: list[Server]) -> None:
    words = [*probe.as_user("app"), "--cluster-mode=enabled", "--shards=3", "--replicas-per-shard=1"]
    outcome = probe.run(*probe.to(cluster[0]), *words, password=PASSWORD)
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("topology", "node-unreachable")
    assert "tunnels lead to 1 of 6 nodes of the cluster" in outcome.failed["cause"]
    named = re.findall(r"--connect-to (\S+?:(\d+):127\.0\.0\.1:)LOCAL-PORT", outcome.failed["action"])
    assert len(named) == 5
    more = [word for option, port in named for word in ("--connect-to", option + port)]
    assert probe.run(*probe.to(cluster[0]), *more, *words, password=PASSWORD).status == 0


def test_many_nodes_without_a_tunnel_are_named_in_part() -> None:
    nodes = [Node(f"node{number}", 6379) for number in range(7)]
    config = Config([WRITES], connect_to={"node0:6379": ("127.0.0.1", 1)})
    cause = StageFailure("name-not-found", "no name", "check it")
    failure = tunnels.unreachable(config, nodes, cause)
    assert failure.code == "node-unreachable"
    assert failure.action.count("--connect-to") == 5
    assert "node5:6379:127.0.0.1:LOCAL-PORT, and 1 more; or test" in failure.action
    assert " more" not in tunnels.unreachable(config, nodes[:6], cause).action
    # With a tunnel to each node, or without tunnels, the failure's own action is right.
    assert tunnels.unreachable(config, nodes[:1], cause).action == "check it"
    assert tunnels.unreachable(Config([WRITES]), nodes, cause).action == "check it"


class TestRedirections:
    def followed(self, failure: StageFailure) -> StageFailure:
        def connect(host: str, port: int) -> Any:
            raise failure

        server = fakes.Server(SET=ReplyError("MOVED 12 10.0.0.7:6379"))
        with pytest.raises(StageFailure) as caught:
            Following(server, "first.example", connect).command("SET", "key", "value")  # type: ignore[arg-type]
        return caught.value

    def test_to_a_node_that_cannot_be_reached(self) -> None:
        failure = self.followed(StageFailure("connection-dropped", "no answer", "open a tunnel"))
        assert failure.code == "connection-dropped"
        assert failure.cause == "SET was redirected to 10.0.0.7:6379, which cannot be used from here: no answer"
        assert failure.action == "open a tunnel"

    def test_the_time_limit_of_the_test_stays_what_it_is(self) -> None:
        assert self.followed(StageFailure("time-limit", "no time", "look")).cause == "no time"


class TestReadPort:
    """A serverless cache announces its read port as a replica."""

    def topology(self, patch: pytest.MonkeyPatch, **settings: Any) -> tuple[str, list[str]]:
        reached: list[str] = []

        def connect(host: str, port: int, address: transport.Address) -> fakes.Server:
            reached.append(f"{host}:{port}")
            return fakes.Server()

        patch.setattr(transport, "resolve", lambda config, host, port: [("127.0.0.1", port)])
        patch.setattr(transport, "connect", connect)
        self.context = context_of(
            fakes.Server(CLUSTER=[[0, 16383, [HOST, 6379, "a"], [HOST, 6380, "b"]]]),
            **{"endpoints": [WRITES], "cluster_mode": "enabled", "shards": 0, "serverless": True, **settings},
        )
        detail = stage_topology.topology(self.context)
        assert codes(self.context) == []
        return detail, sorted(reached)

    def test_in_the_vpc_it_has_to_be_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        detail, reached = self.topology(monkeypatch)
        assert reached == [f"{HOST}:6379", f"{HOST}:6380"]
        assert detail == "1 shard, 2 nodes reachable, all 16384 slots covered"

    def test_a_tunnel_to_the_other_port_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        detail, reached = self.topology(monkeypatch, connect_to=TUNNEL)
        assert reached == [f"{HOST}:6379"]
        assert detail.endswith("the read port not tested, because no tunnel leads to it")
        with pytest.raises(StageSkipped) as caught:
            stage_replicas.replicas(self.context)
        assert str(caught.value) == (
            f"no tunnel leads to the read port; to test it, pass --connect-to {HOST}:6380:127.0.0.1:LOCAL-PORT"
        )

    def test_a_tunnel_to_each_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        detail, reached = self.topology(monkeypatch, connect_to=BOTH)
        assert len(reached) == 2
        assert "not tested" not in detail
        memory = Memory()
        self.context.connection = memory  # type: ignore[assignment]
        monkeypatch.setattr(stage_replicas, "connect", lambda context, host, port: memory)
        assert str(stage_replicas.replicas(self.context)).startswith("read from the reader endpoint after")

    def test_a_replica_of_another_cache_is_not_optional(self) -> None:
        nodes = [Node("a", 6379), Node("b", 6380)]
        assert tunnels.usable(Config([WRITES], connect_to=TUNNEL), nodes) == nodes
        assert tunnels.usable(Config([WRITES], serverless=True), nodes) == nodes
        assert tunnels.usable(Config([WRITES], serverless=True, connect_to=TUNNEL), nodes) == nodes[:1]

    def test_the_watch_leaves_it_out_as_well(self) -> None:
        reply = [[0, 16383, [HOST, 6379], [HOST, 6380]]]
        for connect_to, count in ((TUNNEL, 0), (BOTH, 1)):
            config = Config([WRITES], cluster_mode="enabled", serverless=True, connect_to=connect_to)
            (shard,) = discovered(config, fakes.Server(CLUSTER=reply))  # type: ignore[arg-type]
            assert len(shard.replicas) == count


class TestOptions:
    def read(self, *words: str) -> Config:
        return options.read_config(options.parser().parse_args([f"--host={HOST}", *words]), "")

    def test_a_serverless_cache_speaks_the_cluster_protocol(self) -> None:
        read = self.read("--serverless")
        assert (read.cluster_mode, read.shards, read.endpoints) == ("enabled", 0, [WRITES])
        assert self.read("--serverless", "--cluster-mode=disabled", "--shards=1").cluster_mode == "disabled"
        assert self.read("--serverless", "--engine=memcached").cluster_mode == "disabled"
        assert (self.read().cluster_mode, self.read().shards) == ("disabled", 1)

    @pytest.mark.parametrize(
        ("words", "host", "port"),
        [
            (["--serverless", f"--reader={HOST}"], HOST, 6380),
            (["--serverless", f"--reader={HOST}", "--port=6379"], HOST, 6380),
            (["--serverless", "--engine=memcached", f"--reader={HOST}", "--port=11211"], HOST, 11212),
            (["--serverless", f"--reader={HOST}:7000"], HOST, 7000),
            (["--reader=reader.example", "--port=7000"], "reader.example", 7000),
            (["--reader=reader.example:7001", "--port=7000"], "reader.example", 7001),
            (["--reader=::1", "--port=7000"], "::1", 7000),
        ],
    )
    def test_the_port_of_the_reader(self, words: list[str], host: str, port: int) -> None:
        assert self.read(*words).endpoints[1] == Endpoint("reader", host, port)
