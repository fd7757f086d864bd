"""A database deployed by CloudFormation: sign-in, network access, updates, restarts and deletion."""

import copy
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
from tests.local_cloud.database_stack import PORT, SHOP, USER, Client, aurora, deployed, template
from tests.local_cloud.processes import listening, processes

pytestmark = pytest.mark.servers
_REFUSED = "authentication failed for user"
_SCAN = """
import socket, sys
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(0.2)
        # A port that the kernel has given to this very socket connects to itself.
        if probe.connect_ex((sys.argv[1], port)) == 0 and probe.getsockname()[1] != port:
            print(port)
"""
_SHOP = (
    f"CREATE ROLE {SHOP} LOGIN; GRANT rds_iam TO {SHOP}; GRANT {SHOP} TO {USER}; "
    f"CREATE SCHEMA shop AUTHORIZATION {SHOP}"
)


@pytest.fixture(scope="module")
def client(emulated: Stacks) -> Iterator[Client]:
    """One database for the tests that change nothing of it."""
    made = deployed(emulated, "Shared", template())
    assert "ERROR" not in made.psql(_SHOP)
    yield made
    emulated.delete_all("Shared")


def test_the_master_user_signs_in_with_a_token(client: Client) -> None:
    assert client.psql("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == f"{USER}|t"
    assert client.psql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f"
    assert client.host.startswith("shared-database-")
    assert client.host.endswith(".us-east-1.rds.amazonaws.com")
    assert client.port == PORT


def test_a_role_that_it_creates_signs_in_too(client: Client) -> None:
    assert client.psql("CREATE TABLE shop.things (id int); SELECT current_user", user=SHOP) == SHOP
    assert "permission denied" in client.psql("CREATE ROLE another", user=SHOP)


def test_its_statements_are_counted(client: Client) -> None:
    assert "already exists, skipping" in client.psql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    assert client.psql("SELECT count(*) > 0 FROM pg_stat_statements WHERE query <> '<insufficient privilege>'") == "t"
    assert client.psql("SELECT pg_stat_statements_reset() IS NOT NULL") == "t"
    assert client.psql("SHOW log_statement") == "ddl"


def test_the_order_of_a_tokens_parameters_does_not_matter(client: Client) -> None:
    host, _, query = client.token().partition("/?")
    reordered = f"{host}/?{'&'.join(reversed(query.split('&')))}"
    assert client.psql("SELECT 1", token=reordered) == "1"


@pytest.mark.parametrize("changed", [{"user": SHOP}, {"host": "other"}, {"port": PORT + 1}, {"service": "elasticache"}])
def test_a_token_for_something_else_is_refused(client: Client, changed: dict[str, Any]) -> None:
    assert f'{_REFUSED} "{USER}"' in client.psql("SELECT 1", token=client.token(**changed))


def test_a_password_in_place_of_a_token_is_refused(client: Client) -> None:
    assert f'{_REFUSED} "{USER}"' in client.psql("SELECT 1", token="correct-horse-battery-staple")


def test_one_changed_letter_is_refused(client: Client) -> None:
    token = client.token()
    at = token.index("X-Amz-Signature=") + 20
    changed = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
    assert _REFUSED in client.psql("SELECT 1", token=changed)
    assert client.psql("SELECT 1", token=token) == "1"


def test_an_expired_token_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=902)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: past.replace(tzinfo=None))
    token = client.token()
    monkeypatch.undo()
    assert past.strftime("%Y%m%dT%H%M%SZ") in token
    assert _REFUSED in client.psql("SELECT 1", token=token)


def test_without_tls_it_is_refused(client: Client) -> None:
    assert "pg_hba.conf rejects connection" in client.psql("SELECT 1", options="sslmode=disable")
    # A user without IAM is refused as rds.force_ssl has it.
    said = client.psql("SELECT 1", options="sslmode=disable", user="nobody")
    assert "no pg_hba.conf entry" in said
    assert "no encryption" in said


def test_another_authority_is_not_trusted(client: Client) -> None:
    said = client.psql("SELECT 1", options="sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt")
    assert "certificate" in said


def test_rds_own_superuser_does_not_sign_in(client: Client) -> None:
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
def test_the_master_user_does_not_get_out_of_the_database(client: Client, sql: str) -> None:
    assert "ERROR" in client.psql(sql)


def test_every_listener_is_on_loopback(client: Client, emulated: Stacks) -> None:
    folder = emulated.session.folder
    found = {
        pid: (text, listening(pid))
        for pid, text in processes(folder).items()
        if "postgres" in text and "bwrap" not in text
    }
    assert found
    addresses = [address for _, each in found.values() for address in each]
    assert addresses
    assert [each for each in addresses if not each.startswith("127.0.")] == []
    (emulator,) = [pid for pid, text in processes(folder).items() if "local_cloud.emulator" in text]
    # Its own port, and the directory that PostgreSQL asks.
    assert len(listening(emulator)) == 2
    assert [each for each in listening(emulator) if not each.startswith("127.")] == []


def test_it_sees_no_file_of_this_machine(client: Client, emulated: Stacks) -> None:
    """The server's own root, as it is seen from outside."""
    (pid,) = [int(path.read_text()) for path in emulated.session.folder.glob("databases/*/pid")]
    root = Path(f"/proc/{pid}/root")
    assert sorted(each.name for each in (root / "etc").iterdir() if each.name != "alternatives") in (
        ["ld.so.cache", "passwd"],
        ["passwd"],
    )
    assert not (root / "root").exists()
    assert not (root / str(emulated.session.folder / "keys.json").lstrip("/")).exists()
    assert not (root / str(emulated.session.folder / "certificates").lstrip("/")).exists()
    environment = Path(f"/proc/{pid}/environ").read_text()
    keys = Keys.read(emulated.session.folder / "keys.json")
    for secret in (keys.access_key, keys.secret_key, keys.administrator, keys.replication, keys.admitted):
        assert secret not in environment
    status = Path(f"/proc/{pid}/status").read_text()
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert f"{name}:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


def test_an_instance_reaches_neither_the_directory_nor_another_port(client: Client, emulated: Stacks) -> None:
    (emulator,) = [pid for pid, text in processes(emulated.session.folder).items() if "local_cloud.emulator" in text]
    directories = [each for each in listening(emulator) if each != "127.0.0.1"]
    assert directories
    for address in directories:
        assert client.run(f"python3 -c '{_SCAN}' {address}") == ""


def test_a_stopped_database_refuses_and_serves_again(client: Client, emulated: Stacks) -> None:
    rds, id = emulated.client("rds"), client.outputs["Id"]
    client.psql("CREATE TABLE kept AS SELECT 1 AS one")
    assert rds.stop_db_instance(DBInstanceIdentifier=id)["DBInstance"]["DBInstanceStatus"] == "stopped"
    assert "Connection refused" in client.psql("SELECT 1")
    # What is stopped on purpose is not what `make local` calls dead.
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


def test_a_killed_database_is_told_and_started_again(client: Client, emulated: Stacks) -> None:
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
def test_the_api_changes_nothing_that_a_template_has(
    client: Client, emulated: Stacks, action: str, more: dict[str, object]
) -> None:
    with pytest.raises(ClientError, match="is not part of the local cloud, where CloudFormation creates"):
        getattr(emulated.client("rds"), action)(DBInstanceIdentifier=client.outputs["Id"], **more)
    with pytest.raises(ClientError, match="nothing not found"):
        emulated.client("rds").stop_db_instance(DBInstanceIdentifier="nothing")


def test_a_role_without_the_permission_is_refused(stacks: Stacks) -> None:
    made = deployed(stacks, "Others", template(users=(SHOP,)))
    assert f'{_REFUSED} "{USER}"' in made.psql("SELECT 1")


def test_without_a_rule_it_is_not_reached(stacks: Stacks) -> None:
    made = deployed(stacks, "Closed", template(ingress=False))
    assert "timeout expired" in made.psql("SELECT 1")
    assert stacks.update("Closed", template()).status == "UPDATE_COMPLETE"
    until = time.monotonic() + 10
    while made.psql("SELECT 1") != "1":
        assert time.monotonic() < until


def test_a_user_with_a_password(stacks: Stacks) -> None:
    password = "it's a \\ password"
    kinds = {"MasterUserAuthenticationType": None, "MasterUserPassword": password}
    made = deployed(stacks, "Password", template(kinds))
    # Of the shell, for the environment variable.
    quoted = password.replace("'", "'\\''")
    assert made.psql("SELECT current_user", token=quoted) == USER
    assert _REFUSED in made.psql("SELECT 1")
    assert stacks.update("Password", template({**kinds, "MasterUserPassword": "new"})).status == "UPDATE_COMPLETE"
    assert made.psql("SELECT 1", token="new") == "1"
    assert _REFUSED in made.psql("SELECT 1", token=quoted)


def test_what_an_update_changes(stacks: Stacks) -> None:
    made = deployed(stacks, "Changes", template())
    made.psql("CREATE TABLE kept AS SELECT 1 AS one")
    other = template({"Port": str(PORT + 1)})
    other["Resources"]["Ingress"]["Properties"].update(FromPort=PORT + 1, ToPort=PORT + 1)
    other["Resources"]["Parameters"]["Properties"]["Parameters"]["log_statement"] = "all"
    found = stacks.update("Changes", other)
    assert found.status == "UPDATE_COMPLETE", found.reasons
    assert found.outputs["Port"] == str(PORT + 1)
    assert found.outputs["Host"] == made.host
    moved = Client(stacks, made.instance, found.outputs)
    until = time.monotonic() + 10
    while moved.psql("SELECT one FROM kept") != "1":
        assert time.monotonic() < until
    assert moved.psql("SHOW log_statement") == "all"
    off = copy.deepcopy(other)
    off["Resources"]["Database"]["Properties"]["EnableIAMDatabaseAuthentication"] = False
    assert stacks.update("Changes", off).status == "UPDATE_COMPLETE"
    assert _REFUSED in moved.psql("SELECT 1")


def test_without_force_ssl_a_password_goes_without_tls(stacks: Stacks) -> None:
    made = template({"MasterUserAuthenticationType": None, "MasterUserPassword": "secret"})
    made["Resources"]["Parameters"]["Properties"]["Parameters"]["rds.force_ssl"] = "0"
    client = deployed(stacks, "Plain", made)
    assert client.psql("SELECT 1", token="secret", options="sslmode=disable") == "1"
    forced = template({"MasterUserAuthenticationType": None, "MasterUserPassword": "secret"})
    assert stacks.update("Plain", forced).status == "UPDATE_COMPLETE"
    until = time.monotonic() + 5
    while "no encryption" not in client.psql("SELECT 1", token="secret", options="sslmode=disable"):
        assert time.monotonic() < until


def test_deletion_protection_protects(stacks: Stacks) -> None:
    made = deployed(stacks, "Protected", template({"DeletionProtection": True}))
    with pytest.raises(
        LocalCloudError, match="Cannot delete protected DB Instance, please disable deletion protection"
    ):
        stacks.delete("Protected")
    rds, id = stacks.client("rds"), made.outputs["Id"]
    assert rds.describe_db_instances(DBInstanceIdentifier=id)["DBInstances"][0]["DeletionProtection"] is True
    assert list((stacks.session.folder / "databases").glob(f"{id}-*/pid"))
    # As one does on AWS.
    changed = rds.modify_db_instance(DBInstanceIdentifier=id, DeletionProtection=False, ApplyImmediately=True)
    assert changed["DBInstance"]["DeletionProtection"] is False
    stacks.delete("Protected")
    assert list((stacks.session.folder / "databases").glob(f"{id}-*")) == []


def test_destroying_leaves_a_snapshot_that_can_be_restored(stacks: Stacks) -> None:
    made = deployed(stacks, "Keeps", template())
    made.psql(f"{_SHOP}; CREATE TABLE kept AS SELECT 'until the end' AS word")
    stacks.delete_all()
    assert list((stacks.session.folder / "databases").iterdir()) == []
    listed = stacks.client("rds").describe_db_snapshots()["DBSnapshots"]
    (snapshot,) = [each for each in listed if each["DBInstanceIdentifier"] == made.outputs["Id"]]
    again = deployed(
        stacks, "Again", template({"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "DBName": None})
    )
    assert again.host != made.host
    assert again.psql("SELECT word FROM kept") == "until the end"
    assert again.psql("SELECT current_user", user=SHOP) == SHOP


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"DBSnapshotIdentifier": "no-such-snapshot"}, "DBSnapshot not found: no-such-snapshot"),
        (
            {"Engine": "mysql"},
            "Engine of Database must be postgres or aurora-postgresql in the local cloud, got 'mysql'",
        ),
        ({"EnableIAMDatabaseAuthentication": False}, "iam-db-auth needs EnableIAMDatabaseAuthentication true"),
        ({"MasterUserPassword": "x"}, "iam-db-auth goes without MasterUserPassword"),
        ({"MasterUserAuthenticationType": None}, "the master user must have a MasterUserPassword, or "),
        ({"MasterUsername": "a b"}, "MasterUsername and DBName must be a letter, then letters, digits or _"),
        ({"DBName": 'x"; DROP'}, "MasterUsername and DBName must be a letter, then letters, digits or _"),
    ],
)
def test_what_cannot_be_is_refused(stacks: Stacks, properties: dict[str, object], message: str) -> None:
    found = stacks.create("Refused", template(properties))
    assert found.status == "ROLLBACK_COMPLETE"
    assert message in str(found.reasons)
    assert list((stacks.session.folder / "databases").glob("refused*")) == []


def test_a_cluster_of_aurora_has_a_reader_endpoint(stacks: Stacks) -> None:
    made = deployed(stacks, "Aurora", aurora())
    assert ".cluster-" in made.host
    reader = made.outputs["Reader"]
    made.psql("CREATE TABLE kept AS SELECT 1 AS one")
    assert made.psql("SELECT one FROM kept", host=reader, token=made.token(host=reader)) == "1"
    rds = stacks.client("rds")
    (member,) = rds.describe_db_instances()["DBInstances"]
    address = member["Endpoint"]["Address"]
    assert made.psql("SELECT one FROM kept", host=address, token=made.token(host=address)) == "1"
    with pytest.raises(ClientError, match="not eligible for stopping"):
        rds.stop_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"])
    id = made.outputs["Id"]
    assert rds.stop_db_cluster(DBClusterIdentifier=id)["DBCluster"]["Status"] == "stopped"
    assert "Connection refused" in made.psql("SELECT 1")
    assert rds.start_db_cluster(DBClusterIdentifier=id)["DBCluster"]["Status"] == "available"
    assert made.psql("SELECT one FROM kept") == "1"
    # Without an instance it has no address.
    assert stacks.update("Aurora", aurora(members=0)).status == "UPDATE_COMPLETE"
    assert "could not translate host name" in made.psql("SELECT 1")
    stacks.delete_all()
    (snapshot,) = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert snapshot["DBClusterIdentifier"] == id


def test_deleting_ends_every_process(stacks: Stacks) -> None:
    deployed(stacks, "Ends", template())
    stacks.delete_all("Ends")
    until = time.monotonic() + 10
    while time.monotonic() < until and "ends-database" in str(processes(stacks.session.folder)):
        time.sleep(0.1)
    assert "ends-database" not in str(processes(stacks.session.folder))
