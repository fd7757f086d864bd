"""Databases of other templates: access, properties, updates, snapshots, Aurora and deletion."""

import copy
import time

import pytest
from botocore.exceptions import ClientError

from local_cloud.session import LocalCloudError
from local_cloud.stacks import Stacks
from tests.local_cloud.database_stack import CREATE_SHOP, PORT, REFUSED, SHOP, USER, Client, aurora, deployed, template
from tests.local_cloud.processes import processes

pytestmark = pytest.mark.servers


def test_a_role_without_rds_db_connect_is_refused(stacks: Stacks) -> None:
    client = deployed(stacks, "Others", template(users=(SHOP,)))
    assert f'{REFUSED} "{USER}"' in client.psql("SELECT 1")


def test_a_connection_without_an_ingress_rule_times_out(stacks: Stacks) -> None:
    client = deployed(stacks, "Closed", template(ingress=False))
    assert "timeout expired" in client.psql("SELECT 1")
    assert stacks.update("Closed", template()).status == "UPDATE_COMPLETE"
    until = time.monotonic() + 10
    while client.psql("SELECT 1") != "1":
        assert time.monotonic() < until


def test_a_master_user_with_a_password_authenticates_with_it(stacks: Stacks) -> None:
    password = "it's a \\ password"
    kinds = {"MasterUserAuthenticationType": None, "MasterUserPassword": password}
    client = deployed(stacks, "Password", template(kinds))
    # Quoted for the shell, which sets the environment variable.
    quoted = password.replace("'", "'\\''")
    assert client.psql("SELECT current_user", token=quoted) == USER
    assert REFUSED in client.psql("SELECT 1")
    assert stacks.update("Password", template({**kinds, "MasterUserPassword": "new"})).status == "UPDATE_COMPLETE"
    assert client.psql("SELECT 1", token="new") == "1"
    assert REFUSED in client.psql("SELECT 1", token=quoted)


def test_an_update_changes_port_parameters_and_iam_authentication(stacks: Stacks) -> None:
    client = deployed(stacks, "Changes", template())
    client.psql("CREATE TABLE kept AS SELECT 1 AS one")
    other = template({"Port": str(PORT + 1)})
    other["Resources"]["Ingress"]["Properties"].update(FromPort=PORT + 1, ToPort=PORT + 1)
    other["Resources"]["Parameters"]["Properties"]["Parameters"]["log_statement"] = "all"
    result = stacks.update("Changes", other)
    assert result.status == "UPDATE_COMPLETE", result.reasons
    assert result.outputs["Port"] == str(PORT + 1)
    assert result.outputs["Host"] == client.host
    moved = Client(stacks, client.instance, result.outputs)
    until = time.monotonic() + 10
    while moved.psql("SELECT one FROM kept") != "1":
        assert time.monotonic() < until
    assert moved.psql("SHOW log_statement") == "all"
    off = copy.deepcopy(other)
    off["Resources"]["Database"]["Properties"]["EnableIAMDatabaseAuthentication"] = False
    assert stacks.update("Changes", off).status == "UPDATE_COMPLETE"
    assert REFUSED in moved.psql("SELECT 1")


def test_without_force_ssl_a_password_is_accepted_without_tls(stacks: Stacks) -> None:
    plain = template({"MasterUserAuthenticationType": None, "MasterUserPassword": "secret"})
    plain["Resources"]["Parameters"]["Properties"]["Parameters"]["rds.force_ssl"] = "0"
    client = deployed(stacks, "Plain", plain)
    assert client.psql("SELECT 1", token="secret", options="sslmode=disable") == "1"
    forced = template({"MasterUserAuthenticationType": None, "MasterUserPassword": "secret"})
    assert stacks.update("Plain", forced).status == "UPDATE_COMPLETE"
    until = time.monotonic() + 5
    while "no encryption" not in client.psql("SELECT 1", token="secret", options="sslmode=disable"):
        assert time.monotonic() < until


def test_deletion_protection_prevents_deletion(stacks: Stacks) -> None:
    client = deployed(stacks, "Protected", template({"DeletionProtection": True}))
    with pytest.raises(
        LocalCloudError, match="Cannot delete protected DB Instance, please disable deletion protection"
    ):
        stacks.delete("Protected")
    rds, id = stacks.client("rds"), client.outputs["Id"]
    assert rds.describe_db_instances(DBInstanceIdentifier=id)["DBInstances"][0]["DeletionProtection"] is True
    assert list((stacks.session.folder / "databases").glob(f"{id}-*/pid"))
    changed = rds.modify_db_instance(DBInstanceIdentifier=id, DeletionProtection=False, ApplyImmediately=True)
    assert changed["DBInstance"]["DeletionProtection"] is False
    stacks.delete("Protected")
    assert list((stacks.session.folder / "databases").glob(f"{id}-*")) == []


def test_the_final_snapshot_can_be_restored(stacks: Stacks) -> None:
    client = deployed(stacks, "Keeps", template())
    client.psql(f"{CREATE_SHOP}; CREATE TABLE kept AS SELECT 'kept' AS word")
    stacks.delete_all()
    assert list((stacks.session.folder / "databases").iterdir()) == []
    listed = stacks.client("rds").describe_db_snapshots()["DBSnapshots"]
    (snapshot,) = [item for item in listed if item["DBInstanceIdentifier"] == client.outputs["Id"]]
    restored = deployed(
        stacks, "Restored", template({"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "DBName": None})
    )
    assert restored.host != client.host
    assert restored.psql("SELECT word FROM kept") == "kept"
    assert restored.psql("SELECT current_user", user=SHOP) == SHOP


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"DBSnapshotIdentifier": "no-such-snapshot"}, "DBSnapshot not found: no-such-snapshot"),
        (
            {"Engine": "mysql"},
            "Engine of Database must be postgres or aurora-postgresql in the local cloud, got 'mysql'",
        ),
        ({"EnableIAMDatabaseAuthentication": False}, "iam-db-auth requires EnableIAMDatabaseAuthentication true"),
        ({"MasterUserPassword": "x"}, "iam-db-auth cannot have MasterUserPassword"),
        ({"MasterUserAuthenticationType": None}, "the master user must have MasterUserPassword, or "),
        ({"MasterUsername": "a b"}, "MasterUsername and DBName must be a letter, then letters, digits or _"),
        ({"DBName": 'x"; DROP'}, "MasterUsername and DBName must be a letter, then letters, digits or _"),
    ],
)
def test_invalid_properties_are_refused(stacks: Stacks, properties: dict[str, object], message: str) -> None:
    result = stacks.create("Refused", template(properties))
    assert result.status == "ROLLBACK_COMPLETE"
    assert message in str(result.reasons)
    assert list((stacks.session.folder / "databases").glob("refused*")) == []


def test_an_aurora_cluster_has_a_reader_endpoint(stacks: Stacks) -> None:
    client = deployed(stacks, "Aurora", aurora())
    assert ".cluster-" in client.host
    reader = client.outputs["Reader"]
    client.psql("CREATE TABLE kept AS SELECT 1 AS one")
    assert client.psql("SELECT one FROM kept", host=reader, token=client.token(host=reader)) == "1"
    rds = stacks.client("rds")
    (member,) = rds.describe_db_instances()["DBInstances"]
    address = member["Endpoint"]["Address"]
    assert client.psql("SELECT one FROM kept", host=address, token=client.token(host=address)) == "1"
    with pytest.raises(ClientError, match="not eligible for stopping"):
        rds.stop_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"])
    id = client.outputs["Id"]
    stacks.stop_database("Aurora")
    assert rds.describe_db_clusters(DBClusterIdentifier=id)["DBClusters"][0]["Status"] == "stopped"
    with pytest.raises(ClientError, match="is in stopped state"):
        rds.stop_db_cluster(DBClusterIdentifier=id)
    assert "Connection refused" in client.psql("SELECT 1")
    assert rds.start_db_cluster(DBClusterIdentifier=id)["DBCluster"]["Status"] == "available"
    assert client.psql("SELECT one FROM kept") == "1"
    # A cluster without a DB instance has no address.
    assert stacks.update("Aurora", aurora(members=0)).status == "UPDATE_COMPLETE"
    assert "could not translate host name" in client.psql("SELECT 1")
    stacks.delete_all()
    (snapshot,) = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert snapshot["DBClusterIdentifier"] == id


def test_deletion_ends_every_process(stacks: Stacks) -> None:
    deployed(stacks, "Ends", template())
    stacks.delete_all("Ends")
    until = time.monotonic() + 10
    while time.monotonic() < until and "ends-database" in str(processes(stacks.session.folder)):
        time.sleep(0.1)
    assert "ends-database" not in str(processes(stacks.session.folder))
