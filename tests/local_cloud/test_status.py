"""The state of caches in the local cloud: descriptions, metrics of the servers' INFO, and `elasticache status`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.cache import metrics
from local_cloud.descriptions import UPDATES
from local_cloud.stacks import Stacks
from tests.cache_servers import wait_for
from tests.conftest import ROOT
from tests.local_cloud.test_snapshots import primaries

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Orders": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "ReplicationGroupId": "orders",
                "ReplicationGroupDescription": "orders",
                "Engine": "valkey",
                "EngineVersion": "8.1",
                "CacheNodeType": "cache.t4g.micro",
                "NumCacheClusters": 2,
                "AutomaticFailoverEnabled": True,
                "MultiAZEnabled": True,
                "TransitEncryptionEnabled": True,
                "SnapshotRetentionLimit": 3,
            },
        },
        "Sessions": {
            "Type": "AWS::ElastiCache::ServerlessCache",
            "Properties": {
                "ServerlessCacheName": "sessions",
                "Engine": "valkey",
                "MajorEngineVersion": "8",
                "CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Unit": "GB"}},
            },
        },
        "Pages": {
            "Type": "AWS::ElastiCache::CacheCluster",
            "Properties": {
                "ClusterName": "pages",
                "Engine": "memcached",
                "CacheNodeType": "cache.t4g.micro",
                "NumCacheNodes": 2,
            },
        },
    }
}


@pytest.fixture(scope="module")
def deployed(emulated: Stacks) -> Iterator[Stacks]:
    """A replication group, a serverless cache and a cluster of Memcached, with metrics of the first two."""
    result = emulated.create("Caches", TEMPLATE)
    assert result.status == "CREATE_COMPLETE", result.reason
    cloudwatch = emulated.client("cloudwatch")
    wait_for(
        lambda: (
            len(cloudwatch.list_metrics(Namespace=metrics.NAMESPACE, MetricName="BytesUsedForCache")["Metrics"]) == 3
        ),
        "metrics of two nodes and a serverless cache",
    )
    yield emulated
    emulated.delete_all()


def status(stacks: Stacks, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as `make local-status` does."""
    command = [sys.executable, "-m", "local_cloud", "--folder", str(stacks.session.folder), "status"]
    command += ["--line", " ".join(words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def document(stacks: Stacks, *words: str) -> dict[str, Any]:
    done = status(stacks, *words, "--format", "json")
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.servers
def test_every_kind_of_cache_is_described(deployed: Stacks) -> None:
    client = deployed.client("elasticache")
    (group,) = client.describe_replication_groups()["ReplicationGroups"]
    assert (group["AutomaticFailover"], group["MultiAZ"]) == ("enabled", "enabled")
    assert (group["Engine"], group["CacheNodeType"], group["SnapshotRetentionLimit"]) == (
        "valkey",
        "cache.t4g.micro",
        3,
    )
    clusters = client.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    own = [each["CacheClusterId"] for each in clusters if each.get("ReplicationGroupId") == group["ReplicationGroupId"]]
    assert own == group["MemberClusters"]
    (memcached,) = [each for each in clusters if each["Engine"] == "memcached"]
    assert len(memcached["CacheNodes"]) == memcached["NumCacheNodes"] == 2
    (one,) = client.describe_cache_clusters(CacheClusterId=own[1])["CacheClusters"]
    assert one["CacheClusterId"] == own[1]
    with pytest.raises(client.exceptions.CacheClusterNotFoundFault):
        client.describe_cache_clusters(CacheClusterId="none")
    (serverless,) = client.describe_serverless_caches()["ServerlessCaches"]
    assert serverless["CacheUsageLimits"]["DataStorage"]["Maximum"] == 1


@pytest.mark.servers
def test_the_status_shows_what_the_servers_answer(deployed: Stacks) -> None:
    data = document(deployed)
    by_kind = {cache["kind"]: cache for cache in data["caches"]}
    assert set(by_kind) == {"replication group", "cluster", "serverless"}
    group = {each["check"]: each["text"] for each in by_kind["replication group"]["ok"]}
    # A small set of data in 64 MB.
    assert 1 <= float(group["memory"].partition(" %")[0]) <= 10
    assert "failover" in group
    assert "replication-lag" in group
    assert group["updates"] == "no service update pending"
    assert data["not_collected"] == []
    assert {each["check"] for each in by_kind["cluster"]["skipped"]} >= {"evictions"}


@pytest.mark.servers
def test_recorded_update_actions_are_answered(deployed: Stacks) -> None:
    client = deployed.client("elasticache")
    (group,) = client.describe_replication_groups()["ReplicationGroups"]
    file = deployed.session.folder / UPDATES
    action = {
        "ReplicationGroupId": group["ReplicationGroupId"],
        "ServiceUpdateName": "elasticache-20261101",
        "ServiceUpdateSeverity": "critical",
        "ServiceUpdateType": "security-update",
        "UpdateActionStatus": "not-applied",
    }
    file.write_text(json.dumps([action]))
    try:
        done = status(deployed, group["ReplicationGroupId"])
        assert done.returncode == 1, done.stderr
        assert "elasticache-20261101 (security-update, critical), not-applied" in done.stdout
    finally:
        file.unlink()
    assert client.describe_update_actions()["UpdateActions"] == []


COMMANDS: dict[str, tuple[str, str]] = {
    "check stack:Caches": ("0 errors", "could not be judged"),
    "compare stack:Caches stack:Caches": ("0 changes need a decision", ""),
    "cost stack:Caches": ("valkey 8.1 cache.t4g.micro", "memcached cache.t4g.micro"),
    "quotas stack:Caches": ("nodes per cluster, Memcached (Caches/Pages)", "+4"),
    "picture stack:Caches --format markdown": ("### 3 caches", "flowchart TB"),
    "picture cache:orders --format markdown": ("### orders", "primary, 1 replica"),
    "picture cache:sessions --format markdown": ("### sessions", "serverless"),
    "capacity --from orders": ("cheapest", "cache.t4g.micro"),
    "advise orders": ("no offering", "size"),
    "status orders --fail-on never": ("health: available", "backups: kept 3 days"),
    "drill failover orders": ("planned: nothing was changed", "1 of shard 0001"),
    "drill restore orders --most-usd 1 --create-snapshot": ("planned: nothing was changed", "at most"),
}
"""Two texts of the output of each command that reads an account or a stack; other modules test the runs of drills."""


@pytest.mark.servers
@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_reads_the_local_cloud(deployed: Stacks, line: str) -> None:
    if line.startswith("capacity"):
        for primary in primaries(deployed, "orders"):
            primary.mset({f"key:{number}": "x" * 100 for number in range(500)})
        wait_for(lambda: _run(deployed, line).returncode == 0, "the number of keys as a metric")
    done = _run(deployed, line)
    assert done.returncode == 0, done.stdout + done.stderr
    for text in COMMANDS[line]:
        assert text in done.stdout


def _run(stacks: Stacks, line: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "elasticache_operations", *line.split()],
        env={**outside, **stacks.session.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.servers
def test_the_node_types_of_a_cache_that_does_not_exist_are_refused(deployed: Stacks) -> None:
    client = deployed.client("elasticache")
    with pytest.raises(client.exceptions.CacheClusterNotFoundFault, match="none not found"):
        client.list_allowed_node_type_modifications(ReplicationGroupId="none")
    found = client.list_allowed_node_type_modifications(CacheClusterId="orders-001")
    assert "cache.t4g.small" in found["ScaleUpModifications"]
    assert "cache.t4g.micro" not in (*found["ScaleUpModifications"], *found["ScaleDownModifications"])
    assert "cache.t2.micro" not in found["ScaleDownModifications"]


INFO = """# Server
redis_version:7.0.15
role:slave
used_memory:1000000
maxmemory:4000000
connected_clients:7
total_connections_received:%d
keyspace_hits:%d
keyspace_misses:%d
used_cpu_sys:%s
used_cpu_user:1.0
cmdstat_get:calls=%d,usec=2,usec_per_call=1.0
cmdstat_set:calls=5,usec=2,usec_per_call=1.0
db0:keys=3,expires=1,avg_ttl=0
db1:keys=4,expires=0,avg_ttl=0
master_last_io_seconds_ago:2
mem_fragmentation_ratio:1.5
"""


def test_metrics_are_differences_between_two_answers() -> None:
    before, now = metrics.parse(INFO % (10, 100, 100, "1.0", 50)), metrics.parse(INFO % (16, 190, 110, "1.5", 80))
    found = metrics.metrics(now, before, 5)
    assert found["DatabaseMemoryUsagePercentage"] == 25
    assert found["CacheHitRate"] == 90
    assert found["CurrItems"] == 7
    assert found["CurrConnections"] == 7
    assert found["NewConnections"] == 6
    assert found["EngineCPUUtilization"] == pytest.approx(10)
    assert found["GetTypeCmds"] == 30
    assert found["SetTypeCmds"] == 0
    assert found["ReplicationLag"] == 1
    assert "CacheHitRate" not in metrics.metrics(now, now, 5)
    # A restart sets the counters back.
    assert metrics.metrics(before, now, 5)["NewConnections"] == 0
