"""The effect of a failover on a client: the interruption, and the loss of acknowledged writes."""

import re
import subprocess
import sys
import time

import pytest

from tests.cache_servers import PASSWORD, Server, isolated_environment
from tests.connection_test.probe import SOURCE, as_user, to

pytestmark = pytest.mark.servers


def watching(*words: str, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", str(SOURCE), *words, "--watch", str(seconds)],
        env={**isolated_environment(), "CACHE_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_a_failover_there_is_no_gap(pair: tuple[Server, Server]) -> None:
    process = watching(*to(pair[0]), *as_user("app"), seconds=1)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    counted = r"(\d+) writes, 0 gaps, the longest 0 ms, 0 confirmed writes lost"
    match = re.fullmatch(rf"watching 1 shard for 1 s\nwatched 1 shard for 1 s: {counted}\n", output)
    assert match, output
    assert int(match[1]) > 10


def test_a_gap_is_measured(pair: tuple[Server, Server]) -> None:
    process = watching(*to(pair[0]), *as_user("app"), seconds=4)
    time.sleep(1)
    connection = pair[0].admin_connection()
    connection.call("ACL", "SETUSER", "app", "off")
    connection.call("CLIENT", "KILL", "USER", "app")
    time.sleep(1)
    connection.call("ACL", "SETUSER", "app", "on")
    connection.close()
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    match = re.search(r"shard 1: no answer for (\d+) ms, 0 confirmed writes lost \((.+)\)", output)
    assert match, output
    assert 900 < int(match[1]) < 2500
    assert "1 gap, the longest" in output


def test_a_slow_answer_is_a_gap(pair: tuple[Server, Server]) -> None:
    process = watching(*to(pair[0]), *as_user("app"), seconds=3)
    time.sleep(1)
    connection = pair[0].admin_connection()
    connection.call("CLIENT", "PAUSE", "700", "ALL")
    connection.close()
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    assert re.search(r"shard 1: no answer for [67]\d\d ms, 0 confirmed writes lost \(the answer was slow\)", output), (
        output
    )


def test_a_node_that_is_unreachable_at_the_end_is_a_failure(pair: tuple[Server, Server]) -> None:
    connection = pair[0].admin_connection()
    process = watching(*to(pair[0]), *as_user("app"), seconds=3)
    time.sleep(1)
    try:
        # Deleting the user also closes its connections.
        connection.call("ACL", "SETUSER", "app", "off")
        connection.call("CLIENT", "KILL", "USER", "app")
        output, _ = process.communicate(timeout=40)
    finally:
        connection.call("ACL", "SETUSER", "app", "on")
        connection.close()
    assert process.returncode == 1
    assert "shard 1 does not answer: " in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--engine=memcached",), "--watch needs redis or valkey that takes writes; leave it out"),
        (("--global-role=secondary",), "--watch needs redis or valkey that takes writes; leave it out"),
    ],
)
def test_configurations_without_writes_are_refused(words: tuple[str, ...], message: str) -> None:
    process = watching("--host=localhost", *words, seconds=1)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors == f"connection_test: {message}\n"


def test_a_duration_of_zero_is_refused() -> None:
    process = watching("--host=localhost", seconds=0)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors == "connection_test: --watch must be more than 0 seconds, got 0; pass another\n"
