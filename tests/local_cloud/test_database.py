"""A database deployed by CloudFormation: authentication, confinement, stop, start and reboot."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.keys import Keys
from local_cloud.session import LocalCloudError
from local_cloud.stacks import Stacks
from tests.local_cloud.database_stack import CREATE_SHOP, PORT, REFUSED, SHOP, USER, Client, deployed, template
from tests.local_cloud.processes import listening, processes

pytestmark = pytest.mark.servers


_SCAN = """
import socket, sys
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(0.2)
        # A socket that gets the scanned port as its own local port connects to itself.
        if probe.connect_ex((sys.argv[1], port)) == 0 and probe.getsockname()[1] != port:
            print(port)
"""


@pytest.fixture(scope="module")
def client(emulated: Stacks) -> Iterator[Client]:
    """One database for the tests that do not change it."""
    client = deployed(emulated, "Shared", template())
    assert "ERROR" not in client.psql(CREATE_SHOP)
    yield client
    emulated.delete_all("Shared")


def test_the_master_user_authenticates_with_a_token(client: Client) -> None:
    assert client.psql("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == f"{USER}|t"
    assert client.psql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f"
    assert client.host.startswith("shared-database-")
    assert client.host.endswith(".us-east-1.rds.amazonaws.com")
    assert client.port == PORT


def test_a_role_of_the_master_user_authenticates_with_a_token(client: Client) -> None:
    assert client.psql("CREATE TABLE shop.things (id int); SELECT current_user", user=SHOP) == SHOP
    assert "permission denied" in client.psql("CREATE ROLE another", user=SHOP)


def test_pg_stat_statements_is_available(client: Client) -> None:
    assert "already exists, skipping" in client.psql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    assert client.psql("SELECT count(*) > 0 FROM pg_stat_statements WHERE query <> '<insufficient privilege>'") == "t"
    assert client.psql("SELECT pg_stat_statements_reset() IS NOT NULL") == "t"
    assert client.psql("SHOW log_statement") == "ddl"


def test_parameters_of_a_token_in_any_order_are_accepted(client: Client) -> None:
    host, _, query = client.token().partition("/?")
    reordered = f"{host}/?{'&'.join(reversed(query.split('&')))}"
    assert client.psql("SELECT 1", token=reordered) == "1"


@pytest.mark.parametrize("changed", [{"user": SHOP}, {"host": "other"}, {"port": PORT + 1}, {"service": "elasticache"}])
def test_a_token_for_something_else_is_refused(client: Client, changed: dict[str, Any]) -> None:
    assert f'{REFUSED} "{USER}"' in client.psql("SELECT 1", token=client.token(**changed))


def test_a_password_in_place_of_a_token_is_refused(client: Client) -> None:
    assert f'{REFUSED} "{USER}"' in client.psql("SELECT 1", token="correct-horse-battery-staple")


def test_a_token_with_one_changed_character_is_refused(client: Client) -> None:
    token = client.token()
    at = token.index("X-Amz-Signature=") + 20
    changed = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
    assert REFUSED in client.psql("SELECT 1", token=changed)
    assert client.psql("SELECT 1", token=token) == "1"


def test_an_expired_token_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=902)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: past.replace(tzinfo=None))
    token = client.token()
    monkeypatch.undo()
    assert past.strftime("%Y%m%dT%H%M%SZ") in token
    assert REFUSED in client.psql("SELECT 1", token=token)


def test_a_connection_without_tls_is_refused(client: Client) -> None:
    assert "pg_hba.conf rejects connection" in client.psql("SELECT 1", options="sslmode=disable")
    # rds.force_ssl refuses a user without IAM authentication.
    output = client.psql("SELECT 1", options="sslmode=disable", user="nobody")
    assert "no pg_hba.conf entry" in output
    assert "no encryption" in output


def test_another_certificate_authority_is_not_trusted(client: Client) -> None:
    output = client.psql("SELECT 1", options="sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt")
    assert "certificate" in output


def test_the_superuser_cannot_connect_over_tcp(client: Client) -> None:
    assert "pg_hba.conf rejects connection" in client.psql("SELECT 1", user="rdsadmin", token="x")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO PROGRAM 'cat > /tmp/x'",
        "CREATE TABLE stolen (line text); COPY stolen FROM PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        f"GRANT pg_execute_server_program TO {USER}",
        f"GRANT pg_read_server_files TO {USER}",
        f"GRANT rdsadmin TO {USER}",
        "ALTER SYSTEM SET log_directory = '/tmp'",
        "ALTER ROLE rdsadmin PASSWORD 'x'",
        f"ALTER ROLE {USER} SUPERUSER",
        "CREATE EXTENSION dblink",
        "LOAD '/tmp/x.so'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/x.so', 'f'",
        "SET session_preload_libraries = '/tmp/x'",
    ],
)
def test_the_master_user_cannot_use_files_and_programs_of_the_server(client: Client, sql: str) -> None:
    assert "ERROR" in client.psql(sql)


def test_every_listener_is_on_loopback(client: Client, emulated: Stacks) -> None:
    folder = emulated.session.folder
    pids = [pid for pid, text in processes(folder).items() if "postgres" in text and "bwrap" not in text]
    assert pids
    addresses = [address for pid in pids for address in listening(pid)]
    assert addresses
    assert [address for address in addresses if not address.startswith("127.0.")] == []
    (emulator,) = [pid for pid, text in processes(folder).items() if "local_cloud.emulator" in text]
    # The port of the emulator, and that of the LDAP server for PostgreSQL.
    assert len(listening(emulator)) == 2
    assert [address for address in listening(emulator) if not address.startswith("127.")] == []


def test_the_server_cannot_read_files_of_this_machine(client: Client, emulated: Stacks) -> None:
    """The root folder of the server, seen from outside of its sandbox."""
    (pid,) = [int(path.read_text()) for path in emulated.session.folder.glob("databases/*/pid")]
    root = Path(f"/proc/{pid}/root")
    assert sorted(path.name for path in (root / "etc").iterdir() if path.name != "alternatives") in (
        ["ld.so.cache", "passwd"],
        ["passwd"],
    )
    assert not (root / "root").exists()
    assert not (root / str(emulated.session.folder / "keys.json").lstrip("/")).exists()
    assert not (root / str(emulated.session.folder / "certificates").lstrip("/")).exists()
    environment = Path(f"/proc/{pid}/environ").read_text()
    keys = Keys.read(emulated.session.folder / "keys.json")
    for secret in (keys.access_key, keys.secret_key, keys.administrator, keys.replication, keys.iam_users):
        assert secret not in environment
    status = Path(f"/proc/{pid}/status").read_text()
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert f"{name}:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


def test_an_instance_cannot_connect_to_the_ldap_server(client: Client, emulated: Stacks) -> None:
    (emulator,) = [pid for pid, text in processes(emulated.session.folder).items() if "local_cloud.emulator" in text]
    directories = [address for address in listening(emulator) if address != "127.0.0.1"]
    assert directories
    for address in directories:
        assert client.run(f"python3 -c '{_SCAN}' {address}") == ""


def test_a_database_can_be_stopped_started_and_rebooted(client: Client, emulated: Stacks) -> None:
    rds, id = emulated.client("rds"), client.outputs["Id"]
    client.psql("CREATE TABLE kept AS SELECT 1 AS one")
    assert rds.stop_db_instance(DBInstanceIdentifier=id)["DBInstance"]["DBInstanceStatus"] == "stopped"
    assert "Connection refused" in client.psql("SELECT 1")
    # A database that the API stopped is not a failed server.
    assert emulated.session.failed_servers() == []
    for refused in (rds.stop_db_instance, rds.reboot_db_instance):
        with pytest.raises(ClientError, match="is in stopped state but expected it to be one of available"):
            refused(DBInstanceIdentifier=id)
    assert rds.start_db_instance(DBInstanceIdentifier=id)["DBInstance"]["DBInstanceStatus"] == "available"
    assert client.psql("SELECT one FROM kept") == "1"
    before = client.psql("SELECT pg_postmaster_start_time()")
    rds.reboot_db_instance(DBInstanceIdentifier=id)
    assert client.psql("SELECT one FROM kept") == "1"
    assert client.psql("SELECT pg_postmaster_start_time()") != before
    (described,) = rds.describe_db_instances(DBInstanceIdentifier=id)["DBInstances"]
    assert described["DBInstanceStatus"] == "available"
    assert described["IAMDatabaseAuthenticationEnabled"] is True


def test_a_fault_stops_the_databases_of_a_stack(client: Client, emulated: Stacks) -> None:
    with pytest.raises(LocalCloudError, match="Nothing has no database; correct the prefix"):
        emulated.stop_database("Nothing")
    emulated.stop_database("Shared")
    assert "Connection refused" in client.psql("SELECT 1")
    emulated.client("rds").start_db_instance(DBInstanceIdentifier=client.outputs["Id"])
    assert client.psql("SELECT 1") == "1"


def test_a_killed_database_is_a_failed_server_and_can_be_rebooted(client: Client, emulated: Stacks) -> None:
    (pid,) = [path.read_text() for path in emulated.session.folder.glob("databases/*/pid")]
    subprocess.run(["kill", "-9", pid], check=True)
    until = time.monotonic() + 5
    while not emulated.session.failed_servers():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert emulated.session.failed_servers()[0].startswith(client.outputs["Id"])
    emulated.client("rds").reboot_db_instance(DBInstanceIdentifier=client.outputs["Id"])
    assert emulated.session.failed_servers() == []
    assert client.psql("SELECT 1") == "1"


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("create_db_snapshot", {"DBSnapshotIdentifier": "x"}),
        ("modify_db_instance", {"AllocatedStorage": 30}),
        ("modify_db_instance", {"DeletionProtection": True, "AllocatedStorage": 30}),
        ("delete_db_instance", {}),
    ],
)
def test_the_api_refuses_changes_that_belong_to_a_template(
    client: Client, emulated: Stacks, action: str, more: dict[str, object]
) -> None:
    with pytest.raises(ClientError, match="is not part of the local cloud, where CloudFormation creates"):
        getattr(emulated.client("rds"), action)(DBInstanceIdentifier=client.outputs["Id"], **more)
    with pytest.raises(ClientError, match="nothing not found"):
        emulated.client("rds").stop_db_instance(DBInstanceIdentifier="nothing")
