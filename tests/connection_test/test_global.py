"""A Global Datastore: the heartbeat of the primary, and a secondary that reads, refuses writes and measures delays."""

import subprocess
import sys
import time

import pytest
from connection_test import heartbeat, transport
from connection_test.config import Config, Endpoint

from tests.cache_servers import PASSWORD, Server, isolated_environment, wait_for
from tests.connection_test import probe
from tests.connection_test.probe import SOURCE, as_user, to

pytestmark = pytest.mark.servers


def beat(*servers: Server, mode: str = "disabled", beats: int | None = None) -> subprocess.Popen[bytes]:
    """Start the heartbeat as the client of the primary region does."""
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


def test_a_cache_that_accepts_writes_is_not_a_secondary(pair: tuple[Server, Server]) -> None:
    outcome = secondary(pair[0])
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("data", "secondary-takes-writes")
    assert "runbook" in outcome.failed["action"]


def test_a_user_without_write_permission_is_not_sufficient(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[1]), *as_user("no-write"), "--global-role=secondary", password=PASSWORD)
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("data", "refused-command")


def test_the_heartbeat_writes_to_the_right_shard(cluster: list[Server]) -> None:
    process = beat(*cluster, mode="enabled", beats=2)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    count = 0
    for server in cluster[:3]:
        connection = server.admin_connection()
        value = connection.call("KEYS", "connection-test:heartbeat")
        count += len(value) if isinstance(value, list) else 0
        connection.close()
    assert count == 1


def test_a_heartbeat_that_is_refused_prints_the_reason(pair: tuple[Server, Server]) -> None:
    process = beat(pair[1], beats=1)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"READONLY" in errors


def test_the_heartbeat_follows_the_name_after_a_failover(
    pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former primary still accepts connections, and refuses writes."""
    primary, former = pair
    led_to = [former, primary]
    endpoint = Endpoint("primary", primary.host, primary.port)
    certificates = str(primary.certificates.ca_file)
    config = Config([endpoint], ca_file=certificates, authentication="password", user="app", password=PASSWORD)

    def resolve(config: Config, host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", led_to.pop(0).port if len(led_to) > 1 else led_to[0].port)]

    class EndedError(Exception):
        """The test has seen enough."""

    beats: list[float] = []

    def sleep(seconds: float) -> None:
        beats.append(seconds)
        if len(beats) == 3:
            raise EndedError

    monkeypatch.setattr(transport, "resolve", resolve)
    monkeypatch.setattr(time, "sleep", sleep)
    connection = primary.admin_connection()
    connection.call("DEL", heartbeat.key_of(config))
    with pytest.raises(EndedError):
        heartbeat.write(config)
    assert connection.call("EXISTS", heartbeat.key_of(config)) == 1
    connection.close()


def test_the_age_of_a_heartbeat_is_the_replication_delay(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    config = Config(endpoints=[])
    connection.call("SET", heartbeat.key_of(config), "1")

    class Later:
        """A connection whose second read returns a heartbeat from 40 ms ago."""

        reads = 0

        def text(self, *words: str) -> str:
            self.reads += 1
            return "1" if self.reads == 1 else str(round(time.time() * 1000) - 40)

    result = heartbeat.arrival(config, Later(), 1.0)  # type: ignore[arg-type]
    connection.close()
    assert result is not None
    assert 39 <= result < 500
