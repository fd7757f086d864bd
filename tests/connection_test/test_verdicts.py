"""The table of verdicts in docs/connection-test.md, against the stages."""

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from connection_test import runner, stage_data, stage_replicas, stage_topology, transport
from connection_test.context import Context
from connection_test.report import StageFailure, StageResult
from connection_test.resp import ReplyError
from connection_test.slots import Node, Shard
from connection_test.stages import STAGES

from scripts.fetch_servers import server_command
from tests.cache_servers import PASSWORD, Server
from tests.conftest import ROOT
from tests.connection_test import stage_fakes as fakes
from tests.connection_test.stage_fakes import ENDPOINT, Memory, context_of, slots_reply

Patch = pytest.MonkeyPatch
FILE = ROOT / "docs" / "connection-test.md"
ALL_SLOTS = [(0, 16383)]
HALVES = ((0, 8191), (8192, 16383))


def rows() -> list[tuple[str, str, str, str]]:
    """Stage, finding, code and verdict."""
    text = FILE.read_text().partition("## Which findings decide the verdict")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert cells[0] == ["stage", "finding", "code", "verdict"]
    return [(stage, finding, code.strip("`"), verdict) for stage, finding, code, verdict in cells[2:]]


def run(stage: str, context: Context) -> StageResult:
    return runner._run_stage(next(each for each in STAGES if each.name == stage), context)


def with_info(**info: str) -> Memory:
    memory = Memory()
    memory.role = info
    return memory


def pinged(version: str, mode: str, *, answer: str = "PONG", **settings: Any) -> StageResult:
    memory = with_info(redis_version=version, redis_mode=mode) if version else with_info(redis_mode=mode)
    memory.answers["PING"] = answer
    return run("ping", context_of(memory, engine_version="7.1", **settings))


def cluster_of(
    patch: Patch, *ranges: tuple[int, int], replicas: int = 0, dead: str = "", **settings: Any
) -> StageResult:
    def connect(host: str, port: int, address: transport.Address) -> fakes.Server:
        if host == dead:
            raise StageFailure("connection-refused", f"{host} refused", "check the port")
        return fakes.Server()

    patch.setattr(transport, "resolve", lambda config, host, port: [(host, port)])
    patch.setattr(transport, "connect", connect)
    reply = slots_reply(*ranges)
    for number, entry in enumerate(reply):
        entry += [[f"replica-{number}-{each}", 6379] for each in range(replicas)]
    settings = {"shards": len(ranges), "replicas_per_shard": replicas, **settings}
    return run("topology", context_of(fakes.Server(CLUSTER=reply), cluster_mode="enabled", **settings))


def one_shard(connection: fakes.Server, **settings: Any) -> StageResult:
    return run("topology", context_of(connection, **settings))


class NoInfo(Memory):
    """A server that refuses INFO, although the access string allows it."""

    def info(self, section: str) -> dict[str, str]:
        raise ReplyError("NOPERM User app has no permissions to run the 'info' command")


class Redirects(fakes.Server):
    """Answers every write with a redirection."""

    def call(self, *words: Any) -> Any:
        raise ReplyError("MOVED 1 other:6379")


def redirected(patch: Patch) -> StageResult:
    patch.setattr(stage_data, "connect", lambda context, host, port: Redirects())
    context = context_of(Redirects(), cluster_mode="enabled")
    context.shards = [Shard(Node(ENDPOINT.host, ENDPOINT.port), ALL_SLOTS)]
    return run("data", context)


def followed(patch: Patch) -> StageResult:
    other = Memory()
    patch.setattr(stage_data, "connect", lambda context, host, port: other)
    context = context_of(Redirects(), cluster_mode="enabled")
    context.shards = [Shard(Node(ENDPOINT.host, ENDPOINT.port), ALL_SLOTS)]
    return run("data", context)


def replica_read(patch: Patch, replica: Memory) -> StageResult:
    patch.setattr(stage_replicas, "_REPLICA_SECONDS", 0.1)
    patch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
    memory = Memory()
    replica.held = memory.held
    context = context_of(memory, cluster_mode="enabled", replicas_per_shard=1)
    context.shards = [Shard(Node(ENDPOINT.host, ENDPOINT.port), ALL_SLOTS, [Node("replica", 6379)])]
    return run("replicas", context)


def refusing() -> Memory:
    replica = Memory()
    replica.answers["GET"] = ReplyError("NOPERM no permissions to access one of the keys")
    return replica


def loading() -> Memory:
    replica = Memory()
    replica.answers["GET"] = ReplyError("LOADING Redis is loading the dataset in memory")
    return replica


SCENARIOS: dict[str, Callable[[Patch], StageResult]] = {
    "cluster mode is on, and the client expects it off": lambda _: pinged("7.1.0", "cluster"),
    "cluster mode is off, and the client expects it on": lambda _: pinged(
        "7.1.0", "standalone", cluster_mode="enabled"
    ),
    "another engine, or another major version": lambda _: pinged("6.2.6", "standalone"),
    "`INFO` is answered without a version": lambda _: pinged("", "standalone"),
    "`PING` is answered with something other than `PONG`": lambda _: pinged("7.1.0", "standalone", answer="OK"),
    "another minor version of the same major version": lambda _: pinged("7.0.15", "standalone"),
    "hash slots belong to no shard": lambda patch: cluster_of(patch, (0, 8191), (8193, 16383)),
    "a primary or replica of the announced topology accepts no connection": lambda patch: cluster_of(
        patch, *HALVES, replicas=1, dead="replica-1-0"
    ),
    "the access string does not allow `CLUSTER SLOTS` in cluster mode": lambda patch: cluster_of(
        patch, *HALVES, permissions=["get"]
    ),
    "`CLUSTER SLOTS` is answered in another form": lambda _: one_shard(
        fakes.Server(CLUSTER="text"), cluster_mode="enabled"
    ),
    "fewer or more shards than in the template": lambda patch: cluster_of(patch, *HALVES, shards=3),
    "a shard has fewer replicas than in the template": lambda patch: cluster_of(
        patch, *HALVES, replicas=1, replicas_per_shard=2
    ),
    "a replica still copies the data of its primary": lambda _: one_shard(
        with_info(role="master", connected_slaves="1", slave0="ip=a,port=1,state=wait_bgsave"), replicas_per_shard=1
    ),
    "`INFO` is refused, although the access string allows it": lambda _: one_shard(NoInfo()),
    "a shard has more replicas than in the template": lambda patch: cluster_of(
        patch, *HALVES, replicas=2, replicas_per_shard=1
    ),
    "a hash slot moves, and the redirection leads to a node that answers": followed,
    "a hash slot moves, and five redirections lead to no answer": redirected,
    "a replica refuses the read": lambda patch: replica_read(patch, refusing()),
    "a replica or the reader endpoint answers as a primary": lambda patch: replica_read(
        patch, with_info(role="master")
    ),
    "a replica has lost its primary": lambda patch: replica_read(
        patch, with_info(role="slave", master_link_status="down")
    ),
    "a replica loads its data": lambda patch: replica_read(patch, loading()),
    "a replica does not show a write within 2 s": lambda patch: replica_read(patch, Memory(late=9.0)),
}


def test_every_finding_of_the_page_has_a_scenario() -> None:
    assert [finding for _, finding, _, _ in rows()] == list(SCENARIOS)


@pytest.mark.parametrize(("stage", "finding", "code", "verdict"), rows())
def test_the_stage_has_the_verdict_of_the_page(
    stage: str, finding: str, code: str, verdict: str, monkeypatch: Patch
) -> None:
    result = SCENARIOS[finding](monkeypatch)
    assert (result.stage, result.code, result.status) == (stage, code, verdict), result


def test_a_shard_with_fewer_replicas_outside_cluster_mode_has_the_same_verdict() -> None:
    result = one_shard(with_info(role="master", connected_slaves="0"), replicas_per_shard=1)
    assert (result.code, result.status) == ("missing-replicas", "WARN")


def test_the_minor_version_is_a_note() -> None:
    assert pinged("7.0.15", "standalone").detail.endswith(", another minor version than 7.1 of the template")
    assert "another minor version" not in pinged("7.1.9", "standalone").detail


def codes_of(module: Any) -> set[str]:
    """The codes that a module writes: of failures, of warnings, and the keys of tables of warnings."""
    tree = ast.parse(Path(module.__file__).read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("StageFailure", "warn") and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
        if isinstance(node, ast.Dict):
            found |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return found


def test_the_page_has_every_code_of_the_topology_and_the_replicas() -> None:
    written_codes = codes_of(stage_topology) | codes_of(stage_replicas)
    assert {"other-shards", "slots-not-covered", "replica-behind"} <= written_codes
    assert written_codes <= {code for _, _, code, _ in rows()}


@pytest.mark.servers
class TestRedisCli:
    """What the page says of the engine's client."""

    def cli(self, server: Server, *words: str, name: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
        command, environment = server_command()
        program = Path(command[0].replace("-server", "-cli"))
        arguments = ["-h", "127.0.0.1", "-p", str(server.port), "--tls", "--cacert", str(server.certificates.ca_file)]
        return subprocess.run(
            [str(program), *arguments, "--user", name, *words],
            env={**environment, "REDISCLI_AUTH": password},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def test_refusals_end_with_the_status_0(self, pair: tuple[Server, Server]) -> None:
        for words, name, password, error in (
            (["GET", "other"], "other-keys", PASSWORD, "NOPERM"),
            (["GET", "other"], "app", "wrong", "WRONGPASS"),
        ):
            done = self.cli(pair[0], *words, name=name, password=password)
            assert error in done.stdout + done.stderr
            assert done.returncode == 0
        assert self.cli(pair[0], "-e", "GET", "other", name="other-keys").returncode == 1

    def test_a_certificate_for_another_name_is_accepted(self, elsewhere: Server) -> None:
        assert self.cli(elsewhere, "PING", name="app").stdout == "PONG\n"


def test_the_page_names_each_stage_in_the_comparison() -> None:
    table = FILE.read_text().partition("## Compared with other tools")[2]
    for stage in STAGES:
        if not stage.name.startswith("db-"):
            assert re.search(rf"\| [^|]*\b{stage.name}\b[^|]*\|", table), stage.name
    assert "db-dns to db-query" in table
