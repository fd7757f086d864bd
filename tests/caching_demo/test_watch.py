"""`--watch`: reads and writes while servers restart or fail; what it counts, and when it fails."""

import os
import re
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests import cache_servers, database_servers
from tests.cache_servers import PASSWORD, Certificates, Server, free_port
from tests.caching_demo.conftest import Program, Started
from tests.database_servers import Database

pytestmark = [pytest.mark.servers, pytest.mark.cli]


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
