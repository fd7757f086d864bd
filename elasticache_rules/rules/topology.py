"""Shards, replicas and cluster mode."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    GUIDE,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    is_secondary,
    replicas_per_shard,
    shard_count,
    version_of,
)
from elasticache_rules.template import Resource

_CREATE = f"{API}API_CreateReplicationGroup.html"
_FAILOVER = f"{GUIDE}AutoFailover.html"


@rule("topology/counts", REPLICATION_GROUP, source=_CREATE)
def counts(group: Resource) -> Iterator[Violation]:
    """Nodes, shards and replicas are within the limits of a cluster."""
    most = facts.limit("replicas_per_shard", "max")
    nodes, replicas = group.integer("NumCacheClusters"), group.integer("ReplicasPerNodeGroup")
    shards = group.integer("NumNodeGroups")
    if nodes is not None and not 1 <= nodes <= most + 1:
        yield Violation(
            property="NumCacheClusters",
            value=nodes,
            must=f"be 1 to {most + 1}, a primary and up to {most} replicas",
            fix="use fewer replicas, or more shards" if nodes > most else "use one node or more",
        )
    if replicas is not None and not 0 <= replicas <= most:
        yield Violation(
            property="ReplicasPerNodeGroup",
            value=replicas,
            must=f"be 0 to {most}",
            fix="use fewer replicas, or more shards" if replicas > most else "use 0 or more",
        )
    if shards is not None and not 1 <= shards <= facts.limit("shards", "max"):
        yield Violation(
            property="NumNodeGroups",
            value=shards,
            must=f"be 1 to {facts.limit('shards', 'max')}",
            fix="use fewer shards of a larger node type" if shards > 1 else "use one shard or more",
        )


@rule(
    "topology/nodes-per-cluster",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.NumNodeGroups", "ReplicationGroup.ReplicasPerNodeGroup"),
)
def nodes_per_cluster(group: Resource) -> Iterator[Violation]:
    """A cluster has at most 500 nodes; more than 90 need a quota increase."""
    shards, replicas = shard_count(group), replicas_per_shard(group)
    if shards is None or replicas is None or not 1 <= shards <= facts.limit("shards", "max"):
        return
    if any(shards_of_old_versions(group)):
        return
    total, most = shards * (replicas + 1), facts.limit("nodes_per_cluster", "max")
    name = "NumNodeGroups" if group.has("NumNodeGroups") else "NodeGroupConfiguration"
    if total > most:
        yield Violation(
            property=name,
            value=shards,
            must=f"keep the cluster within {most} nodes, and {shards} x {replicas + 1} is {total}",
            fix="use fewer shards, or fewer replicas in each",
        )
    elif total > facts.limit("nodes_per_cluster", "default_quota"):
        yield Violation(
            property=name,
            value=shards,
            must=f"fit the quota, which is 90 nodes per cluster by default, and this is {total}",
            fix="ask for a higher quota before you deploy",
            severity=Severity.WARNING,
        )


@rule("topology/shards-before-5.0.6", REPLICATION_GROUP, source=_CREATE)
def shards_of_old_versions(group: Resource) -> Iterator[Violation]:
    """Before redis 5.0.6 a cluster has at most 250 shards."""
    engine, version, shards = engine_of(group), version_of(group), shard_count(group)
    if engine != "redis" or version is None or shards is None:
        return
    most = facts.limit("shards", "max_before_5_0_6")
    too_many = most < shards <= facts.limit("shards", "max")
    if too_many and not facts.has_feature("five_hundred_shards", engine, version):
        yield Violation(
            property="NumNodeGroups",
            value=shards,
            must=f"be at most {most} before redis 5.0.6",
            fix="raise EngineVersion, or use fewer shards",
        )


@rule(
    "topology/one-count-of-nodes",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.NodeGroupConfiguration", "ReplicationGroup.NumNodeGroups"),
)
def one_count_of_nodes(group: Resource) -> Iterator[Violation]:
    """NumCacheClusters is for a single shard, and excludes other counts."""
    shards = group.integer("NumNodeGroups")
    if not group.has("NumCacheClusters"):
        return
    if shards is not None and shards > 1:
        yield Violation(
            property="NumCacheClusters",
            value=group.get("NumCacheClusters"),
            must=f"be absent with NumNodeGroups {shards}",
            fix="use ReplicasPerNodeGroup",
        )
        return
    for name in ("NumNodeGroups", "NodeGroupConfiguration", "ReplicasPerNodeGroup"):
        if group.has(name):
            yield Violation(
                property=name,
                value=group.get(name),
                must="be absent with NumCacheClusters",
                fix="keep one way to count the nodes",
                severity=Severity.WARNING,
            )
            return


@rule(
    "topology/shards-need-cluster-mode",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.GlobalReplicationGroupId",),
)
def shards_need_cluster_mode(group: Resource) -> Iterator[Violation]:
    """More than one shard needs a parameter group with cluster-enabled."""
    shards = shard_count(group)
    if shards is not None and shards > 1 and not is_secondary(group) and cluster_enabled(group) is False:
        name = group.get("CacheParameterGroupName")
        default = isinstance(name, str) and name.startswith("default.")
        yield Violation(
            property="CacheParameterGroupName",
            value=name,
            must=f"be a parameter group with cluster-enabled=yes for {shards} shards",
            fix=f"use {name}.cluster.on"
            if default
            else "set cluster-enabled to yes in it, or use default.<family>.cluster.on",
        )


@rule("topology/cluster-mode-shards", REPLICATION_GROUP, source=f"{GUIDE}modify-cluster-mode.html")
def cluster_mode_shards(group: Resource) -> Iterator[Violation]:
    """Cluster mode disabled and compatible have one shard."""
    mode, shards = group.text("ClusterMode"), shard_count(group)
    if mode in ("disabled", "compatible") and shards is not None and shards > 1:
        yield Violation(
            property="NumNodeGroups",
            value=shards,
            must=f"be 1 with cluster mode {mode}",
            fix="set ClusterMode to enabled, or use one shard",
        )


@rule("topology/cluster-mode-version", REPLICATION_GROUP, source=f"{GUIDE}modify-cluster-mode.html")
def cluster_mode_version(group: Resource) -> Iterator[Violation]:
    """Cluster mode compatible needs redis 7.0 or valkey."""
    engine, version = engine_of(group), version_of(group)
    if group.text("ClusterMode") != "compatible" or engine not in ("redis", "valkey") or version is None:
        return
    if not facts.has_feature("cluster_mode_property", engine, version):
        yield Violation(
            property="ClusterMode",
            value="compatible",
            must=f"be enabled or disabled before redis 7.0, and this is {engine} {version}",
            fix="raise EngineVersion to 7.0 or later",
        )


@rule("topology/multi-az-needs-failover", REPLICATION_GROUP, source=_FAILOVER)
def multi_az_needs_failover(group: Resource) -> Iterator[Violation]:
    """Multi-AZ needs automatic failover."""
    if group.boolean("MultiAZEnabled") and group.boolean("AutomaticFailoverEnabled") is False:
        yield Violation(
            property="AutomaticFailoverEnabled",
            value=False,
            must="be true with Multi-AZ",
            fix="turn failover on, or Multi-AZ off",
        )


@rule(
    "topology/cluster-mode-group",
    REPLICATION_GROUP,
    source=f"{GUIDE}modify-cluster-mode.html",
    severity=Severity.WARNING,
)
def cluster_mode_group(group: Resource) -> Iterator[Violation]:
    """ClusterMode agrees with the parameter group."""
    mode, clustered = group.text("ClusterMode"), cluster_enabled(group)
    if group.lacks("CacheParameterGroupName") or clustered is None:
        return
    if (mode == "disabled" and clustered) or (mode == "enabled" and not clustered):
        yield Violation(
            property="ClusterMode",
            value=mode,
            must=f"be {'enabled' if clustered else 'disabled'}, as the parameter group has it (cluster-enabled)",
            fix="make the two agree",
        )
