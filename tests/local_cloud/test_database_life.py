"""A database with a cache in front of it: failover, restart, new shards, updates, deletion with snapshots."""

import copy
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.fault import replace_text, set_property, without_delays, without_final_snapshot
from local_cloud.instance import sandbox
from local_cloud.stacks import Change, Deployed, Stacks, Template, renamed
from tests.outputs import rest_of

pytestmark = [pytest.mark.servers, pytest.mark.slow]

CONTEXT = {"deployment": "rds-behind-cache"}
QUICK = replace_text("180 /usr/local/bin/caching-demo", "180 /usr/local/bin/caching-demo --quick")


def changed(templates: dict[str, Template]) -> dict[str, Template]:
    """With the quick demonstration, and without the delays that AWS needs."""
    result = copy.deepcopy(templates)
    QUICK(result["Client"])
    without_delays(result["Client"])
    return result


def deploy(stacks: Stacks, prefix: str, **context: str) -> Deployed:
    result = stacks.deploy(prefix, changed(stacks.templates(**CONTEXT, **context)))
    assert result.status == "CREATE_COMPLETE", result.reason
    return result


def update(stacks: Stacks, prefix: str, part: str, template: Template) -> Deployed:
    result = stacks.update(f"{prefix}-{part}", renamed(template, prefix))
    assert result.status == "UPDATE_COMPLETE", result.reason
    return result


def run(stacks: Stacks, *words: str) -> str:
    """The output of a command in the newest instance."""
    command = sandbox.enter(stacks.session.instances()[-1], words)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def watching(stacks: Stacks, seconds: int) -> subprocess.Popen[str]:
    """Start readers and a writer in the newest instance."""
    command = sandbox.enter(stacks.session.instances()[-1], ["caching-demo", "--watch", str(seconds)])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith(f"watching for {seconds} s: "), line
    return process


def passed(process: subprocess.Popen[str]) -> str:
    """Wait for the end; no error reached a reader, and no value is old when its TTL is over."""
    output, _ = rest_of(process, 120)
    assert process.returncode == 0, output
    assert ", 0 errors, " in output
    assert output.endswith(" for good 0 of 20\nverdict: pass\n"), output
    return output


def figure(output: str, pattern: str) -> float:
    found = re.search(pattern, output)
    assert found, output
    return float(found[1])


def group(stacks: Stacks, prefix: str) -> str:
    groups = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    (id,) = [one["ReplicationGroupId"] for one in groups if one["ReplicationGroupId"].startswith(prefix.lower())]
    return str(id)


def database(stacks: Stacks, prefix: str) -> dict[str, Any]:
    instances = stacks.client("rds").describe_db_instances()["DBInstances"]
    (one,) = [one for one in instances if one["DBInstanceIdentifier"].startswith(prefix.lower())]
    return one  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def deployed(emulated: Stacks) -> Iterator[Stacks]:
    """One deployment for the tests that use it in turn; the last one kills the servers of its cache."""
    templates = changed(emulated.templates(**CONTEXT))
    without_final_snapshot(templates["Cache"])
    result = emulated.deploy("Life", templates)
    assert result.status == "CREATE_COMPLETE", result.reason
    yield emulated
    emulated.delete_all("Life-")


def test_a_failover_of_the_cache_is_no_error(deployed: Stacks) -> None:
    process = watching(deployed, 8)
    time.sleep(2)
    deployed.client("elasticache").test_failover(ReplicationGroupId=group(deployed, "Life"), NodeGroupId="0001")
    output = passed(process)
    # The primary was killed: some reads or invalidations had no answer.
    assert figure(output, r", (\d+) without the cache") + figure(output, r"(\d+) of invalidations") > 0


def test_a_reboot_of_the_database_is_no_error(deployed: Stacks) -> None:
    process = watching(deployed, 6)
    time.sleep(2)
    id = database(deployed, "Life")["DBInstanceIdentifier"]
    deployed.client("rds").reboot_db_instance(DBInstanceIdentifier=id)
    assert figure(passed(process), r"retries: (\d+) at the database") > 0


def test_a_database_that_is_stopped_for_longer_than_the_ttl_is_no_error(deployed: Stacks) -> None:
    process, rds = watching(deployed, 12), deployed.client("rds")
    id = database(deployed, "Life")["DBInstanceIdentifier"]
    time.sleep(1)
    rds.stop_db_instance(DBInstanceIdentifier=id)
    time.sleep(7)
    rds.start_db_instance(DBInstanceIdentifier=id)
    output = passed(process)
    assert figure(output, r"retries: (\d+) at the database") > 0
    # Values whose TTL is over come from the database, so their readers wait.
    assert figure(output, r"the longest (\d+) ms") > 500


def test_a_failover_while_the_database_restarts_is_no_error(deployed: Stacks) -> None:
    process = watching(deployed, 10)
    time.sleep(2)
    id = database(deployed, "Life")["DBInstanceIdentifier"]
    deployed.client("rds").reboot_db_instance(DBInstanceIdentifier=id)
    deployed.client("elasticache").test_failover(ReplicationGroupId=group(deployed, "Life"), NodeGroupId="0001")
    assert figure(passed(process), r"retries: (\d+) at the database") > 0


def test_reads_without_the_cache_are_slower(deployed: Stacks) -> None:
    """In one run, the page with the cache and from the database alone."""
    pattern = r"page p50 ([\d.]+) ms \("
    with_cache = figure(run(deployed, "caching-demo", "--quick"), pattern)
    deployed.kill_servers("Life")
    output = run(deployed, "caching-demo", "--quick")
    assert "warning: the cache could not be used" in output
    assert figure(output, pattern) > 1.5 * with_cache
    tested = run(deployed, "cache-connection-test")
    assert "\nverdict: WARN at tcp, the cache is optional: " in tested
    # The emulator cannot describe the caches of other stacks while the servers of one are down.
    deployed.delete_all("Life-")


def test_shards_are_added_and_removed_online(stacks: Stacks) -> None:
    prefix, context = "Scales", {"cache": "cluster-mode-enabled"}
    deploy(stacks, prefix, **context, shards="2")
    changes = {shards: stacks.templates(**CONTEXT, **context, shards=shards)["Cache"] for shards in ("3", "2")}
    process, began = watching(stacks, 60), time.monotonic()
    for shards, template in changes.items():
        update(stacks, prefix, "Cache", template)
        groups = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
        (one,) = [one for one in groups if one["ReplicationGroupId"] == group(stacks, prefix)]
        assert len(one["NodeGroups"]) == int(shards)
    assert time.monotonic() - began < 60, "a change was after the watch"
    passed(process)


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        ({"database": "aurora"}, "cluster mode disabled"),
        ({"cache": "serverless"}, "serverless"),
        ({"cache": "cluster-mode-enabled", "shards": "2", "database": "aurora"}, "cluster mode enabled"),
    ],
    ids=["aurora", "serverless", "aurora and cluster mode"],
)
def test_other_kinds_of_cache_and_database(stacks: Stacks, context: dict[str, str], kind: str) -> None:
    verdict = deploy(stacks, "Kinds", **context).verdict
    assert ", database postgres " in verdict
    assert "; caching-demo: hit ratio 0." in verdict
    (instance,) = stacks.session.instances()
    assert f", {kind}, TLS on, authentication iam" in (instance / "console").read_text()
    if "database" not in context:
        return
    process, rds = watching(stacks, 6), stacks.client("rds")
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    rds.stop_db_cluster(DBClusterIdentifier=cluster["DBClusterIdentifier"])
    rds.start_db_cluster(DBClusterIdentifier=cluster["DBClusterIdentifier"])
    assert figure(passed(process), r"retries: (\d+) at the database") > 0


def test_updates_and_deletion_keep_the_data(stacks: Stacks) -> None:
    prefix = "Keeps"
    deploy(stacks, prefix)
    assert run(stacks, "cache-cli", "SET", "kept", "until-the-end").strip() == "OK"
    server = database(stacks, prefix)
    # A replica more, and settings of the database that need no replacement.
    templates = changed(stacks.templates(**CONTEXT, replicas="2", database_backup_retention_days="3"))
    process = watching(stacks, 25)
    for change in (
        set_property("AWS::RDS::DBInstance", "AllocatedStorage", "30"),
        set_property("AWS::RDS::DBInstance", "DBInstanceClass", "db.t4g.small"),
    ):
        change(templates["Database"])
    update(stacks, prefix, "Database", templates["Database"])
    update(stacks, prefix, "Cache", templates["Cache"])
    passed(process)
    after = database(stacks, prefix)
    assert (after["DBInstanceIdentifier"], after["DbiResourceId"]) == (
        server["DBInstanceIdentifier"],
        server["DbiResourceId"],
    )
    assert after["AllocatedStorage"] == 30
    assert run(stacks, "cache-cli", "GET", "kept").strip() == "until-the-end"
    verdict = update(stacks, prefix, "Client", templates["Client"]).verdict
    assert "; caching-demo: hit ratio " in verdict
    id = group(stacks, prefix)
    stacks.delete_all()
    (snapshot,) = stacks.client("elasticache").describe_snapshots(ReplicationGroupId=id)["Snapshots"]
    (file,) = (stacks.session.folder / "snapshots" / snapshot["SnapshotName"]).iterdir()
    assert b"until-the-end" in file.read_bytes()
    saved = stacks.client("rds").describe_db_snapshots()["DBSnapshots"]
    (final,) = [one for one in saved if one["DBInstanceIdentifier"] == server["DBInstanceIdentifier"]]
    restored = changed(stacks.templates(**CONTEXT))
    from_snapshot(final["DBSnapshotIdentifier"])(restored["Database"])
    result = stacks.deploy("Restored", restored)
    assert result.status == "CREATE_COMPLETE", result.reason
    assert "caching-demo: hit ratio " in result.verdict


def from_snapshot(id: str) -> Change:
    """Restore the database; RDS takes its name and its master user from the snapshot."""

    def change(template: Template) -> None:
        set_property("AWS::RDS::DBInstance", "DBSnapshotIdentifier", id)(template)
        (properties,) = [
            resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::RDS::DBInstance"
        ]
        for name in ("DBName", "MasterUsername", "MasterUserAuthenticationType"):
            properties.pop(name, None)

    return change
