"""A Global Datastore: the primary's heartbeat, and a secondary that reads, refuses writes and measures the way."""

import subprocess
import sys
import time

import pytest
from connection_test import heartbeat
from connection_test.config import Config

from tests.cache_servers import PASSWORD, Server, isolated_environment, wait_for
from tests.connection_test import probe
from tests.connection_test.probe import SOURCE, as_user, to

pytestmark = pytest.mark.servers


def beat(*servers: Server, mode: str = "disabled", beats: int | None = None) -> subprocess.Popen[bytes]:
    """The heartbeat as the primary region's client runs it."""
    count = [] if beats is None else [str(beats)]
    return subprocess.Popen(
        [
            *(sys.executable, "-I", str(SOURCE), *to(*servers), *as_user("app"), f"--cluster-mode={mode}"),
            *("--heartbeat", *count),
        ],
        env={**isolated_environment(), "CACHE_PASSWORD": PASSWORD},
        stderr=subprocess.PIPE,
    )


def secondary(*servers: Server, words: tuple[str, ...] = ()) -> probe.Outcome:
    return probe.run(*to(*servers), *as_user("app"), "--global-role=secondary", *words, password=PASSWORD)


def test_a_write_arrives(pair: tuple[Server, Server]) -> None:
    primary, replica = pair
    process = beat(primary)
    try:
        connection = primary.admin_connection()
        wait_for(lambda: connection.call("EXISTS", "connection-test:heartbeat"), "the first beat")
        connection.close()
        outcome = secondary(replica)
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS"
    assert outcome.stage("data")["detail"] == "GET answered and SET refused on 1 shard"
    assert 0 <= outcome.report["arrival_ms"] < 2000
    assert "a write of the primary region arrived after" in outcome.report["summary"]


def test_without_a_heartbeat_it_is_a_warning(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    connection.call("DEL", "connection-test:heartbeat")
    connection.close()
    outcome = secondary(pair[1])
    assert outcome.status == 0
    assert (outcome.stage("replicas")["status"], outcome.stage("replicas")["code"]) == ("WARN", "no-heartbeat")


def test_one_that_takes_writes_is_no_secondary(pair: tuple[Server, Server]) -> None:
    outcome = secondary(pair[0])
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("data", "secondary-takes-writes")
    assert "runbook" in outcome.failed["action"]


def test_a_user_that_may_not_write_cannot_tell(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[1]), *as_user("no-write"), "--global-role=secondary", password=PASSWORD)
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("data", "refused-command")


def test_the_heartbeat_finds_its_shard(cluster: list[Server]) -> None:
    process = beat(*cluster, mode="enabled", beats=2)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    found = 0
    for server in cluster[:3]:
        connection = server.admin_connection()
        value = connection.call("KEYS", "connection-test:heartbeat")
        found += len(value) if isinstance(value, list) else 0
        connection.close()
    assert found == 1


def test_a_heartbeat_that_is_refused_says_why(pair: tuple[Server, Server]) -> None:
    process = beat(pair[1], beats=1)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"READONLY" in errors


def test_a_beat_is_as_old_as_its_way(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    config = Config(endpoints=[])
    connection.call("SET", heartbeat.key_of(config), "1")

    class Later:
        """The second read finds a beat of 40 ms ago."""

        reads = 0

        def text(self, *words: str) -> str:
            self.reads += 1
            return "1" if self.reads == 1 else str(round(time.time() * 1000) - 40)

    found = heartbeat.arrival(config, Later(), 1.0)  # type: ignore[arg-type]
    connection.close()
    assert found is not None
    assert 39 <= found < 500
