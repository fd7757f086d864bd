"""The watch of one shard: the interruption of each operation, signals, records, and what cannot be watched."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import cache_servers
from tests.cache_servers import PASSWORD, Certificates, Server, isolated_environment
from tests.connection_test.probe import SOURCE, as_user, to
from tests.connection_test.watching import EXACT, Watching, frozen, witness
from tests.outputs import rest_of

# The tests marked slow wait for an interruption of seconds; test_watch_probe.py needs no server.
pytestmark = pytest.mark.servers


def watching(*words: str, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", str(SOURCE), *words, "--watch", str(seconds)],
        env={**isolated_environment(), "CACHE_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def with_reader(pair: tuple[Server, Server]) -> list[str]:
    primary, replica = pair
    mapped = f"{replica.host}:{primary.port}:127.0.0.1:{replica.port}"
    return [*to(primary), *as_user("app"), "--reader", replica.host, "--connect-to", mapped]


def test_without_a_failover_there_is_no_gap(pair: tuple[Server, Server]) -> None:
    process = watching(*with_reader(pair), seconds=1)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    none = "0 gaps, the longest 0 ms"
    match = re.fullmatch(
        rf"watching 1 shard for 1 s\n"
        rf"watched 1 shard for 1 s: (\d+) writes, {none}, 0 confirmed writes lost, 0 unconfirmed\n"
        rf"(\d+) reads, {none}\n(\d+) replica reads, {none}\n",
        output,
    )
    assert match, output
    assert all(int(count) > 10 for count in match.groups())


@pytest.mark.slow
def test_a_gap_is_measured(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    process = watching(*to(pair[0]), *as_user("app"), seconds=4)
    assert process.stdout is not None
    assert process.stdout.readline() == "watching 1 shard for 4 s\n"
    time.sleep(0.5)
    connection.call("ACL", "SETUSER", "app", "off")
    connection.call("CLIENT", "KILL", "USER", "app")
    off = time.monotonic()
    time.sleep(1)
    connection.call("ACL", "SETUSER", "app", "on")
    known = (time.monotonic() - off) * 1000
    connection.close()
    output, _ = rest_of(process, 20)
    assert process.returncode == 0, output
    match = re.search(r"writes on shard 1: no answer for (\d+) ms, 0 confirmed writes lost \((.+)\)", output)
    assert match, output
    assert int(match[1]) == pytest.approx(known, abs=EXACT)
    assert re.search(r"\d+ writes, 1 gap, the longest", output)
    assert re.search(r"\n\d+ reads, 1 gap, the longest", output)


@pytest.mark.slow
def test_a_slow_answer_is_a_gap(pair: tuple[Server, Server]) -> None:
    watch = Watching(*to(pair[0]), *as_user("app"), seconds=3)
    with witness(pair[0]) as seen:
        connection = pair[0].admin_connection()
        time.sleep(1)
        connection.call("CLIENT", "PAUSE", "700", "ALL")
        connection.close()
        watch.end()
    assert seen.longest() >= 690
    gaps = watch.gaps()
    assert sorted(gaps) == [(1, "read"), (1, "write")]
    for (gap,) in gaps.values():
        assert gap["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)
        assert gap["cause"] == "the answer was slow"
    assert (gaps[1, "write"][0]["lost"], gaps[1, "write"][0]["unconfirmed"]) == (0, 0)


def test_a_short_delay_is_no_gap(pair: tuple[Server, Server]) -> None:
    watch = Watching(*to(pair[0]), *as_user("app"), seconds=2)
    connection = pair[0].admin_connection()
    time.sleep(0.5)
    connection.call("CLIENT", "PAUSE", "100", "ALL")
    connection.close()
    assert watch.end().gaps() == {}


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.0, 3.5])
def test_the_interruption_of_the_reads_from_a_replica(pair: tuple[Server, Server], seconds: float) -> None:
    watch = Watching(*with_reader(pair), seconds=seconds + 2)
    with witness(pair[1]) as seen:
        time.sleep(0.5)
        with frozen(pair[1]):
            time.sleep(seconds)
        watch.end()
    gaps = watch.gaps()
    assert list(gaps) == [(1, "replica-read")]
    (gap,) = gaps[1, "replica-read"]
    assert gap["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)
    assert gap["end"] - gap["start"] == pytest.approx(gap["milliseconds"] / 1000, abs=0.002)


@pytest.mark.slow
def test_a_serverless_cache_reads_on_the_second_port_of_its_name(pair: tuple[Server, Server]) -> None:
    primary, replica = pair
    config = {
        "endpoints": [
            {"role": "primary", "host": primary.host, "port": primary.port},
            {"role": "reader", "host": primary.host, "port": replica.port},
        ],
        "serverless": True,
        "cluster_mode": "disabled",  # these servers speak no cluster protocol
        "authentication": "password",
        "user": "app",
        "ca_file": str(primary.certificates.ca_file),
    }
    mappings = [
        word for server in pair for word in ("--connect-to", f"{primary.host}:{server.port}:127.0.0.1:{server.port}")
    ]
    watch = Watching("--config=-", *mappings, seconds=3, stdin=json.dumps(config))
    with witness(replica) as seen:
        time.sleep(0.5)
        with frozen(replica):
            time.sleep(1)
        watch.end()
    assert watch.start["shards"][0]["replicas"] == [f"{primary.host}:{replica.port}"]
    gaps = watch.gaps()
    assert list(gaps) == [(1, "replica-read")]
    assert gaps[1, "replica-read"][0]["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)


def test_a_secondary_of_a_global_datastore_is_read_alone(pair: tuple[Server, Server]) -> None:
    watch = Watching(*to(pair[1]), *as_user("app"), "--global-role=secondary", seconds=1).end()
    assert watch.start["operations"] == ["read"]
    assert watch.total("read")["answered"] > 10
    assert watch.gaps() == {}


def test_operations_that_the_user_may_not_run_are_left_out(pair: tuple[Server, Server]) -> None:
    process = watching(*to(pair[0]), *as_user("no-write"), seconds=1)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "\nwrites on shard 1 are not watched: NOPERM " in output
    assert re.search(r"\n\d\d+ reads, 0 gaps, the longest 0 ms\n$", output), output


def test_without_permission_for_any_operation_it_fails(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    connection.call("ACL", "SETUSER", "nothing", "on", "~other:*", "+@all", f">{PASSWORD}")
    try:
        watch = Watching(*to(pair[0]), *as_user("nothing"), seconds=0.2).end(status=1)
    finally:
        connection.call("ACL", "DELUSER", "nothing")
        connection.close()
    assert [each["operation"] for each in watch.records if each["event"] == "not-permitted"] == ["write", "read"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_watch_with_a_summary(pair: tuple[Server, Server], number: signal.Signals) -> None:
    watch = Watching(*to(pair[0]), *as_user("app"), seconds=60)
    time.sleep(1)
    watch.end(number)
    assert watch.summary["interrupted"]
    assert watch.total("write")["gaps"] == 0
    assert 0.9 < watch.summary["watched"] < 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "seconds",
    [1.0, pytest.param(3.0, marks=pytest.mark.slow)],
    ids=["before-the-first-failure", "after-a-failure"],
)
def test_an_interruption_that_has_not_ended_is_in_the_summary(
    pair: tuple[Server, Server], number: signal.Signals, seconds: float
) -> None:
    watch = Watching(*to(pair[0]), *as_user("app"), seconds=60)
    time.sleep(0.5)
    with frozen(pair[0]) as since:
        time.sleep(seconds)
        known = (time.monotonic() - since) * 1000
        watch.end(number, status=1)
    for operation in ("write", "read"):
        (gap,) = watch.gaps()[1, operation]
        assert not gap["ended"]
        assert gap["milliseconds"] == pytest.approx(known, abs=EXACT)
        total = watch.total(operation)
        assert (total["gaps"], total["open"]) == (1, 1)
        assert total["longest_ms"] == gap["milliseconds"]
    assert watch.gaps()[1, "write"][0]["lost"] is None


@pytest.mark.slow
def test_a_node_that_is_unreachable_at_the_end_is_a_failure(pair: tuple[Server, Server]) -> None:
    process = watching(*to(pair[0]), *as_user("app"), seconds=1.5)
    assert process.stdout is not None
    assert process.stdout.readline() == "watching 1 shard for 1.5 s\n"
    with frozen(pair[0]):
        output, _ = rest_of(process, 40)
    assert process.returncode == 1
    gap = r"writes on shard 1: no answer for 1[12]\d{3} ms until the end of the watch "
    assert re.search(gap + r"\(1 unconfirmed; no answer within 2 s\)", output), output
    assert re.search(r"watched 1 shard for 1[12] s: .*1 gap, .* 1 without an answer at the end\n", output), output


@pytest.mark.slow
def test_a_gap_that_ends_after_the_time_is_awaited(pair: tuple[Server, Server]) -> None:
    watch = Watching(*to(pair[0]), *as_user("app"), seconds=1)
    with witness(pair[0]) as seen:
        time.sleep(0.5)
        with frozen(pair[0]):
            time.sleep(2.6)
        watch.end()
    for (gap,) in watch.gaps().values():
        assert gap["ended"]
        assert gap["milliseconds"] == pytest.approx(seen.longest(), abs=EXACT)


def test_every_line_is_a_record(pair: tuple[Server, Server]) -> None:
    watch = Watching(*with_reader(pair), seconds=1).end()
    events = [record["event"] for record in watch.records]
    assert sorted(events) == ["node", "node", "node", "start", "summary"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", each["time"]) for each in watch.records)
    where = {"shard": 1, "primary": f"{pair[0].host}:{pair[0].port}", "slots": [[0, 16383]]}
    assert watch.start["shards"] == [{**where, "replicas": [f"{pair[1].host}:{pair[0].port}"]}]
    assert watch.start["operations"] == ["write", "read", "replica-read"]
    assert (watch.start["duration"], watch.start["period_ms"], watch.start["slow_ms"]) == (1, 20, 250)
    assert watch.total("read")["stale"] == 0
    assert [each["shard"] for each in watch.summary["each_shard"]] == [1, 1, 1]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_password_that_the_server_repeats_is_not_printed(
    tmp_path: Path, certificates: Certificates, form: str
) -> None:
    server = cache_servers.start(
        tmp_path, "master", certificates, users=False, options={"rename-command AUTH": "hidden"}
    )
    try:
        process = watching(*to(server), *as_user("app"), "--format", form, seconds=1)
        output, errors = process.communicate(timeout=20)
    finally:
        server.stop()
    assert process.returncode == 1
    assert PASSWORD not in output + errors
    assert "AUTH" in errors


def test_memcached_is_refused() -> None:
    process = watching("--host=localhost", "--engine=memcached", seconds=1)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors == "connection_test: --watch needs redis or valkey; leave it out\n"


def test_a_duration_of_zero_is_refused() -> None:
    process = watching("--host=localhost", seconds=0)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors == "connection_test: --watch must be a number above 0, got 0; write a value such as 60\n"
