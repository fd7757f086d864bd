"""The PostgreSQL of the tests: TLS alone over TCP, data that survives a stop and a crash, and no process left."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.fetch_servers import postgres_command
from tests.database_servers import Database, database

pytestmark = pytest.mark.servers


def psql(made: Database, options: str, sql: str = "SELECT 1") -> subprocess.CompletedProcess[str]:
    """Over TCP, as the master user; in C's locale, so that what it says is known."""
    (program,), environment = postgres_command()
    where = f"host={made.host} hostaddr=127.0.0.1 port={made.port} dbname={made.name} user={made.user} {options}"
    return subprocess.run(
        [str(Path(program).with_name("psql")), "-X", "-A", "-t", where, "-c", sql],
        env={**environment, "PGPASSWORD": made.password, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_stops_and_recovers(tmp_path: Path) -> None:
    with database(tmp_path, users={"reader": "another"}) as made:
        verified = f"sslmode=verify-full sslrootcert={made.ca_file}"
        done = psql(made, verified, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1); CREATE ROLE shop LOGIN")
        assert done.returncode == 0, done.stderr
        assert psql(made, verified, "GRANT rds_iam TO shop").stdout.strip() == "GRANT ROLE"
        assert "no encryption" in psql(made, "sslmode=disable").stderr
        for end in (made.stop, made.kill):
            pid = made.pid
            end()
            assert not Path(f"/proc/{pid}").exists()
            assert "Connection refused" in psql(made, verified).stderr
            made.start()
            assert made.query("SELECT count(*) FROM kept") == "1"
        pid = made.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
