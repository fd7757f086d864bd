"""Automatic failover, Multi-AZ and the replicas that they need."""

from collections.abc import Iterator

from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    ABSENT_CLUSTER_MODE,
    API,
    GUIDE,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    is_secondary,
    replicas_per_shard,
    shard_count,
)
from elasticache_rules.template import Resource

_CREATE = f"{API}API_CreateReplicationGroup.html"
_FAILOVER = f"{GUIDE}AutoFailover.html"


@rule(
    "topology/failover-needs-replica",
    REPLICATION_GROUP,
    source=_FAILOVER,
    absent=(
        *ABSENT_CLUSTER_MODE,
        "ReplicationGroup.AutomaticFailoverEnabled",
        "ReplicationGroup.NumCacheClusters",
        "ReplicationGroup.PrimaryClusterId",
        "ReplicationGroup.ReplicasPerNodeGroup",
    ),
)
def failover_needs_replica(group: Resource) -> Iterator[Violation]:
    """Outside cluster mode, automatic failover needs a replica; CloudFormation turns it on when it is omitted."""
    if is_secondary(group) or group.boolean("AutomaticFailoverEnabled") is False:
        return
    if not group.lacks("AutomaticFailoverEnabled") and group.boolean("AutomaticFailoverEnabled") is None:
        return
    by_default = group.lacks("AutomaticFailoverEnabled")
    shards, replicas, clustered = shard_count(group), replicas_per_shard(group), cluster_enabled(group)
    if shards != 1 or replicas != 0 or clustered is not False or not group.lacks("PrimaryClusterId"):
        return
    yield Violation(
        property="AutomaticFailoverEnabled",
        value=group.get("AutomaticFailoverEnabled"),
        must="be false with a single node; failover needs 2, and CloudFormation turns it on where it is not stated",
        fix="set it to false, or add a replica",
        # Measured for valkey: it is turned on; a recorded deployment of redis shows otherwise.
        severity=Severity.WARNING if by_default and engine_of(group) != "valkey" else None,
    )


@rule(
    "topology/multi-az-needs-replica",
    REPLICATION_GROUP,
    source=_FAILOVER,
    severity=Severity.WARNING,
    absent=("ReplicationGroup.GlobalReplicationGroupId",),
)
def multi_az_needs_replica(group: Resource) -> Iterator[Violation]:
    """Multi-AZ needs a replica in every shard."""
    if group.boolean("MultiAZEnabled") and replicas_per_shard(group) == 0 and not is_secondary(group):
        yield Violation(
            property="MultiAZEnabled",
            value=True,
            must="be false without a replica in each shard",
            fix="add a replica to each shard",
        )


@rule(
    "topology/cluster-mode-needs-failover",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.CacheParameterGroupName",),
)
def cluster_mode_needs_failover(group: Resource) -> Iterator[Violation]:
    """With cluster mode enabled, automatic failover is always on."""
    shards = shard_count(group)
    if group.boolean("AutomaticFailoverEnabled") is not False:
        return
    if cluster_enabled(group) or (shards is not None and shards > 1):
        yield Violation(
            property="AutomaticFailoverEnabled",
            value=False,
            must="be true with cluster mode enabled",
            fix="turn it on; it costs nothing without replicas",
        )


@rule(
    "topology/size-stated",
    REPLICATION_GROUP,
    source=_CREATE,
    severity=Severity.WARNING,
    absent=(
        "ReplicationGroup.NodeGroupConfiguration",
        "ReplicationGroup.NumNodeGroups",
        "ReplicationGroup.PrimaryClusterId",
        "ReplicationGroup.ReplicasPerNodeGroup",
    ),
)
def size_stated(group: Resource) -> Iterator[Violation]:
    """A property sets the number of nodes."""
    names = ("NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration", "PrimaryClusterId")
    if all(group.lacks(name) for name in names) and not any(failover_needs_replica(group)):
        yield Violation(
            property="NumCacheClusters",
            value=None,
            must="be stated, or another property that counts the nodes",
            fix="set NumCacheClusters, or NumNodeGroups and ReplicasPerNodeGroup",
        )


@rule(
    "topology/updates-need-replica",
    REPLICATION_GROUP,
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-elasticache-replicationgroup.html",
    severity=Severity.WARNING,
    absent=(
        "ReplicationGroup.CacheParameterGroupName",
        "ReplicationGroup.NodeGroupConfiguration",
        "ReplicationGroup.NumCacheClusters",
        "ReplicationGroup.NumNodeGroups",
        "ReplicationGroup.PrimaryClusterId",
        "ReplicationGroup.ReplicasPerNodeGroup",
    ),
)
def updates_need_replica(group: Resource) -> Iterator[Violation]:
    """CloudFormation cannot update a cache with cluster mode whose shards have no replica."""
    alone = cluster_enabled(group) and replicas_per_shard(group) == 0
    # With one of these, other rules require a replica.
    if alone and not group.boolean("MultiAZEnabled") and group.text("Durability") not in ("async", "sync"):
        yield Violation(
            property="ReplicasPerNodeGroup" if group.has("ReplicasPerNodeGroup") else "NodeGroupConfiguration",
            value=0,
            must="be at least 1 for later updates of the cache, which CloudFormation makes only with failover",
            fix="give each shard a replica",
        )
