"""`--watch`: reads and writes while servers restart or fail; what it counts, and when it fails."""

import os
import re
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from caching_demo.failures import DatabaseLostError
from caching_demo.patience import Patient
from caching_demo.watched import Outcome, Reads

from tests import cache_servers, database_servers
from tests.cache_servers import PASSWORD, Certificates, Server, free_port
from tests.caching_demo.conftest import Program, Started
from tests.database_servers import Database

pytestmark = [pytest.mark.servers, pytest.mark.cli, pytest.mark.slow]


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Database]:
    with database_servers.database(tmp_path / "database") as database:
        yield database


@pytest.fixture
def own_cache(tmp_path: Path, certificates: Certificates) -> Iterator[Server]:
    server = cache_servers.start(tmp_path, "watched", certificates)
    yield server
    if server.process.poll() is None:
        server.stop()


def watching(program: Program, port: int, seconds: float) -> Started:
    started = program.start(program.config(port), "--watch", str(seconds))
    assert started.process.stdout is not None
    line = started.process.stdout.readline()
    assert line == f"watching for {seconds:g} s: 4 readers and a writer of 20 products\n", line
    return started


def figure(output: str, pattern: str) -> float:
    found = re.search(pattern, output)
    assert found, output
    return float(found[1])


def test_it_reads_and_writes_and_writes_no_report(program: Program, cache: Server) -> None:
    done = watching(program, cache.port, 2).end()
    assert done.status == 0, done.output
    assert figure(done.output, r"watched for \d+ s: (\d+) reads, 0 errors, ") > 50
    assert figure(done.output, r" 0 without the cache; (\d+) writes") > 5
    assert "\nretries: 0 at the database, 0 of invalidations\n" in done.output
    assert done.output.endswith(" for good 0 of 20\nverdict: pass\n")
    assert done.summary == ""
    assert not done.folder.exists()


def test_a_database_that_restarts_is_no_error(
    demo_zip: Path, tmp_path: Path, own_database: Database, cache: Server, certificates: Certificates
) -> None:
    started = watching(Program(demo_zip, tmp_path, own_database, certificates), cache.port, 9)
    time.sleep(1)
    own_database.stop()
    # Longer than the TTL, so that readers need the database as well.
    time.sleep(6)
    own_database.start()
    done = started.end()
    assert done.status == 0, done.output
    assert ", 0 errors, " in done.output
    assert figure(done.output, r"retries: (\d+) at the database") > 0
    assert figure(done.output, r"the longest (\d+) ms") > 500


def test_a_cache_that_fails_is_no_error_and_is_used_again(program: Program, own_cache: Server) -> None:
    started = watching(program, own_cache.port, 6)
    time.sleep(1)
    os.kill(own_cache.process.pid, signal.SIGSTOP)
    time.sleep(1.5)
    os.kill(own_cache.process.pid, signal.SIGCONT)
    done = started.end()
    assert done.status == 0, done.output
    assert ", 0 errors, " in done.output
    assert figure(done.output, r", (\d+) without the cache") > 0
    assert figure(done.output, r"(\d+) of invalidations") > 0


def test_a_cache_that_stays_away_is_a_failure(program: Program, own_cache: Server) -> None:
    started = watching(program, own_cache.port, 2)
    # A server that forgets its user refuses every command.
    admin = own_cache.admin_connection()
    admin.call("ACL", "SETUSER", "app", "off", "-@all")
    admin.close()
    done = started.end()
    assert done.status == 1, done.output
    assert ", 0 errors, " in done.output
    assert done.output.endswith(
        "verdict: fail: the cache did not confirm an invalidation; the cache did not answer for 20 of 20 values at the "
        "end\n"
    )


def test_a_lost_invalidation_is_a_failure(program: Program, own_cache: Server, certificates: Certificates) -> None:
    """Something else writes the old values again and again, with a longer TTL."""
    started = watching(program, own_cache.port, 8)
    with redis.Redis(
        host="127.0.0.1",
        port=own_cache.port,
        username="app",
        password=PASSWORD,
        ssl=True,
        ssl_ca_certs=str(certificates.ca_file),
    ) as other:
        # Bytes 4 to 11 of a value are its expiry.
        expiry = struct.pack(">q", round((time.time() + 60) * 1000))
        values = {key: other.get(key) for key in other.scan_iter("{caching-demo:*:watch:*}")}
        old = {key: value[:4] + expiry + value[12:] for key, value in values.items() if value}
        assert len(old) >= 15
        while started.process.poll() is None:
            for key, value in old.items():
                other.set(key, value, px=60_000)
            time.sleep(0.05)
    done = started.end()
    assert done.status == 1, done.output
    assert re.search(r"verdict: fail: \d+ of 20 values stayed old; a value was read \d+\.\d s after", done.output)


@pytest.mark.parametrize(("seconds", "status"), [("0.5", 2), ("3601", 2), ("x", 2)])
def test_a_time_out_of_range_is_refused(program: Program, seconds: str, status: int) -> None:
    done = program.run(program.config(free_port()), "--watch", seconds)
    assert done.status == status
    assert "argument --watch: " in done.output


def test_a_cache_that_cannot_be_used_at_the_start_is_an_error(program: Program) -> None:
    done = program.run(program.config(free_port()), "--watch", "1")
    assert done.status == 2
    assert "verdict: error: cache: ConnectionError: " in done.output
    assert "run cache-connection-test, which names the cause" in done.output
    assert done.summary == ""


CLEAN = {"seconds": 9.6, "writes": 5, "database_retries": 1, "cache_retries": 2, "unconfirmed": 0}


@pytest.mark.parametrize(
    ("reads", "changes", "failures"),
    [
        ({}, {}, []),
        ({"stale": 3, "stale_seconds": 6.0}, {}, []),
        ({"stale": 3, "stale_seconds": 6.1}, {}, ["a value was read 6.1 s after its invalidation, its TTL is 5 s"]),
        ({"errors": ["E: one", "E: two"]}, {}, ["2 errors reached a reader, the first one E: one"]),
        ({}, {"unconfirmed": 1}, ["the cache did not confirm an invalidation"]),
        ({}, {"stale_for_good": 1}, ["1 of 20 values stayed old"]),
        ({}, {"unanswered": 1}, ["the cache did not answer for 1 of 20 values at the end"]),
    ],
)
def test_what_is_a_failure(reads: dict[str, Any], changes: dict[str, Any], failures: list[str]) -> None:
    outcome = Outcome(reads=Reads(count=7, longest=0.0124, **reads), **{**CLEAN, **changes})
    assert outcome.failures == failures
    lines = outcome.lines()
    assert lines[0].startswith(f"watched for 10 s: 7 reads, {len(reads.get('errors', []))} errors, the longest 12 ms, ")
    assert lines[1] == "retries: 1 at the database, 2 of invalidations"
    assert lines[-1] == f"verdict: {'fail: ' + '; '.join(failures) if failures else 'pass'}"


class Idle:
    """A pool that counts how often its idle connections are closed."""

    forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1


@pytest.mark.parametrize("passing", [True, False])
def test_only_what_passes_is_repeated(passing: bool) -> None:
    calls: list[str] = []

    def call(id: str) -> str:
        calls.append(id)
        if len(calls) < 3:
            raise DatabaseLostError("cause", "action", passing=passing)
        return id

    pool = Idle()
    patient: Patient = Patient(pool)  # type: ignore[arg-type]  # the real one needs the driver
    if passing:
        assert patient.call(call, "1") == "1"
        assert (calls, patient.retries, pool.forgotten) == (["1"] * 3, 2, 2)
    else:
        with pytest.raises(DatabaseLostError, match="cause"):
            patient.call(call, "1")
        assert (calls, patient.retries, pool.forgotten) == (["1"], 0, 0)


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caching_demo.patience.PATIENCE", 0.25)

    def call(_id: str) -> str:
        raise DatabaseLostError("cause", "action", passing=True)

    patient = Patient(Idle())  # type: ignore[arg-type]  # as above
    with pytest.raises(DatabaseLostError, match="cause"):
        patient.call(call, "1")
    assert 1 <= patient.retries <= 3
