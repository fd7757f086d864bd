"""The PostgreSQL server of the tests: TCP requires TLS, data survives a stop and a crash, and no process remains."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.fetch_servers import postgres_command
from tests.database_servers import Database, database

pytestmark = pytest.mark.servers


def psql(server: Database, options: str, sql: str = "SELECT 1") -> subprocess.CompletedProcess[str]:
    """Run a statement over TCP as the master user, in the C locale, so that messages are in English."""
    (program,), environment = postgres_command()
    where = (
        f"host={server.host} hostaddr=127.0.0.1 port={server.port} dbname={server.name} user={server.user} {options}"
    )
    return subprocess.run(
        [str(Path(program).with_name("psql")), "-X", "-A", "-t", where, "-c", sql],
        env={**environment, "PGPASSWORD": server.password, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_stops_and_recovers(tmp_path: Path) -> None:
    with database(tmp_path, users={"reader": "another"}) as server:
        verified = f"sslmode=verify-full sslrootcert={server.ca_file}"
        done = psql(server, verified, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1); CREATE ROLE shop LOGIN")
        assert done.returncode == 0, done.stderr
        assert psql(server, verified, "GRANT rds_iam TO shop").stdout.strip() == "GRANT ROLE"
        assert "no encryption" in psql(server, "sslmode=disable").stderr
        for end in (server.stop, server.kill):
            pid = server.pid
            end()
            assert not Path(f"/proc/{pid}").exists()
            assert "Connection refused" in psql(server, verified).stderr
            server.start()
            assert server.query("SELECT count(*) FROM kept") == "1"
        pid = server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
