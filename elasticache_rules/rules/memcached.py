"""Cache clusters: memcached, and the single redis node."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import API, CACHE_CLUSTER, GUIDE, cluster_enabled, engine_of, version_of
from elasticache_rules.template import Resource

_CREATE = f"{API}API_CreateCacheCluster.html"


@rule("cache-cluster/engine", CACHE_CLUSTER, source=_CREATE)
def engine(cluster: Resource) -> Iterator[Violation]:
    """A cache cluster runs memcached or redis; valkey is for replication groups."""
    name = engine_of(cluster)
    if name == "valkey":
        yield Violation(
            property="Engine",
            value=name,
            must="be an engine of a CacheCluster, memcached or redis; valkey is not",
            fix="use AWS::ElastiCache::ReplicationGroup for valkey",
        )
    elif name is not None and name not in ("memcached", "redis"):
        yield Violation(
            property="Engine", value=name, must="be an engine that exists: memcached or redis", fix="choose one of them"
        )


@rule("cache-cluster/nodes", CACHE_CLUSTER, source=_CREATE)
def nodes(cluster: Resource) -> Iterator[Violation]:
    """A redis cluster has one node, a memcached cluster one or more."""
    count, name = cluster.integer("NumCacheNodes"), engine_of(cluster)
    if count is None:
        return
    if count < 1:
        yield Violation(property="NumCacheNodes", value=count, must="be at least 1", fix="use one node or more")
    elif name == "redis" and count != 1:
        yield Violation(
            property="NumCacheNodes",
            value=count,
            must="be 1 for redis",
            fix="use a replication group for more nodes",
        )
    elif count > 60:
        yield Violation(
            property="NumCacheNodes",
            value=count,
            must="fit the quota, which is 60 nodes per memcached cluster by default",
            fix="ask for a higher quota before you deploy",
            severity=Severity.WARNING,
        )


@rule("cache-cluster/zones", CACHE_CLUSTER, source=_CREATE)
def zones(cluster: Resource) -> Iterator[Violation]:
    """Cross-zone nodes need at least two nodes and one zone per node."""
    count, mode, name = cluster.integer("NumCacheNodes"), cluster.text("AZMode"), engine_of(cluster)
    preferred = cluster.items("PreferredAvailabilityZones")
    if mode == "cross-az" and name == "redis":
        yield Violation(
            property="AZMode",
            value=mode,
            must="be single-az for redis, which has one node; cross-az needs 2",
            fix="leave it out",
        )
    elif mode == "cross-az" and count == 1:
        yield Violation(
            property="AZMode", value=mode, must="be single-az with 1 node; cross-az needs 2 or more", fix="add a node"
        )
    if preferred is not None and count is not None and len(preferred) != count:
        yield Violation(
            property="PreferredAvailabilityZones",
            value=preferred,
            must=f"list a zone for each of the {counted(count, 'node')}",
            fix=f"list {counted(count, 'zone')}",
        )
    known = {zone for zone in preferred or [] if isinstance(zone, str)}
    if mode == "single-az" and len(known) > 1:
        yield Violation(
            property="PreferredAvailabilityZones",
            value=sorted(known),
            must="be one zone with AZMode single-az",
            fix="set AZMode to cross-az",
            severity=Severity.WARNING,
        )


@rule("cache-cluster/memcached-snapshots", CACHE_CLUSTER, source=_CREATE)
def memcached_snapshots(cluster: Resource) -> Iterator[Violation]:
    """Memcached takes no snapshots and restores none."""
    if engine_of(cluster) != "memcached":
        return
    for name in ("SnapshotRetentionLimit", "SnapshotName", "SnapshotArns", "SnapshotWindow"):
        value = cluster.get(name)
        if cluster.has(name) and not (name == "SnapshotRetentionLimit" and cluster.integer(name) == 0):
            yield Violation(
                property=name,
                value=value,
                must="be absent for memcached, which has no snapshots",
                fix="remove it, or use redis or a serverless cache",
                severity=Severity.WARNING if name == "SnapshotWindow" else None,
            )


@rule("cache-cluster/memcached-logs", CACHE_CLUSTER, source=f"{GUIDE}Log_Delivery.html")
def memcached_logs(cluster: Resource) -> Iterator[Violation]:
    """Memcached delivers no logs."""
    if engine_of(cluster) == "memcached" and cluster.states("LogDeliveryConfigurations"):
        yield Violation(
            property="LogDeliveryConfigurations",
            value="configurations",
            must="be absent for memcached",
            fix="remove them",
        )


@rule("cache-cluster/tls", CACHE_CLUSTER, source=_CREATE)
def tls(cluster: Resource) -> Iterator[Violation]:
    """Encryption in transit is for memcached 1.6.12 and later."""
    if not cluster.boolean("TransitEncryptionEnabled"):
        return
    name, version = engine_of(cluster), version_of(cluster)
    if name == "redis":
        yield Violation(
            property="TransitEncryptionEnabled",
            value=True,
            must="be false for a redis CacheCluster",
            fix="use a replication group",
        )
    elif name == "memcached" and version and not facts.has_feature("transit_encryption", name, version):
        yield Violation(
            property="TransitEncryptionEnabled",
            value=True,
            must=f"be false before memcached 1.6.12, and this is {version}",
            fix="raise EngineVersion to 1.6.12 or later",
        )


@rule("cache-cluster/cluster-mode", CACHE_CLUSTER, source=_CREATE)
def cluster_mode(cluster: Resource) -> Iterator[Violation]:
    """A redis cache cluster has no cluster mode."""
    if engine_of(cluster) == "redis" and cluster_enabled(cluster):
        yield Violation(
            property="CacheParameterGroupName",
            value=cluster.get("CacheParameterGroupName"),
            must="be a parameter group without cluster-enabled",
            fix="use a replication group for cluster mode",
        )


@rule("cache-cluster/data-tiering", CACHE_CLUSTER, source=f"{GUIDE}data-tiering.html")
def data_tiering(cluster: Resource) -> Iterator[Violation]:
    """The r6gd family is for replication groups."""
    name = cluster.text("CacheNodeType") or ""
    if name.startswith("cache.r6gd."):
        yield Violation(
            property="CacheNodeType",
            value=name,
            must="be of another family than r6gd, which is for replication groups",
            fix="use a replication group with data tiering, or another node type",
        )


@rule("cache-cluster/snapshot-arns", CACHE_CLUSTER, source=_CREATE)
def snapshot_arns(cluster: Resource) -> Iterator[Violation]:
    """A cache cluster is restored from one file."""
    arns = cluster.items("SnapshotArns")
    if arns is not None and len(arns) > 1 and engine_of(cluster) != "memcached":
        yield Violation(
            property="SnapshotArns", value=arns, must="be a list of one SnapshotArns entry", fix="keep one of them"
        )
