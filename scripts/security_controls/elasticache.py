"""ElastiCache: the seven controls, on replication groups, redis clusters, and clusters on Outposts.

They do not evaluate serverless caches. A secondary of a Global Datastore does not set inherited properties, so the
checks add those of its primary.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import (
    ByDefault,
    ByProp,
    Check,
    Control,
    Deployed,
    Finding,
    Prop,
    Resource,
    Service,
)

_GROUP: Final = "AWS::ElastiCache::ReplicationGroup"
_CLUSTER: Final = "AWS::ElastiCache::CacheCluster"
_OUTPOST: Final = "Custom::ElastiCacheOutpostCluster"
_OUTPOSTS_REASON: Final = "a cluster on an Outpost has {}, and the service offers none"
_GLOBAL_REASON: Final = (
    "the service disables it for every member of a Global Datastore, and refuses to enable it "
    "([reported](https://github.com/hashicorp/terraform-provider-aws/issues/24919)); "
    "change the version with `GlobalDatastore(engine=)`"
)


def _inherits(properties: Mapping[str, Any]) -> bool:
    return "GlobalReplicationGroupId" in properties


def _with_inherited(deployed: Deployed) -> Iterator[Resource]:
    """The replication groups; a secondary with the properties of its primary."""
    groups = deployed.of(_GROUP)
    primary = next((group.properties for group in groups if not _inherits(group.properties)), {})
    for group in groups:
        properties = {**primary, **group.properties} if _inherits(group.properties) else group.properties
        yield Resource(group.stack, group.logical_id, group.kind, properties)


def _groups(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    def check(deployed: Deployed) -> Iterator[Finding]:
        for group in _with_inherited(deployed):
            yield group.name, passes(group.properties)

    return check


def _groups_and_redis_clusters(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    def check(deployed: Deployed) -> Iterator[Finding]:
        yield from _groups(passes)(deployed)
        for cluster in deployed.of(_CLUSTER, _OUTPOST):
            if cluster.properties.get("Engine") != "memcached":
                yield cluster.name, passes(cluster.properties)

    return check


def _minor_upgrades(deployed: Deployed) -> Iterator[Finding]:
    """A secondary does not inherit this property, because the service disables it."""
    for cache in deployed.of(_GROUP, _CLUSTER, _OUTPOST):
        if cache.properties.get("Engine") != "memcached":
            yield cache.name, cache.properties.get("AutoMinorVersionUpgrade") is True


def _auth_before_6(deployed: Deployed) -> Iterator[Finding]:
    for group in _with_inherited(deployed):
        if group.properties.get("Engine") == "redis" and int(str(group.properties["EngineVersion"]).split(".")[0]) < 6:
            yield group.name, "AuthToken" in group.properties


def _own_subnet_group(deployed: Deployed) -> Iterator[Finding]:
    for cache in deployed.of(_GROUP, _CLUSTER, _OUTPOST):
        yield cache.name, cache.properties.get("CacheSubnetGroupName", "default") != "default"


SERVICE: Final = Service(
    "ElastiCache",
    "elasticache-controls",
    (
        Control(
            "ElastiCache.1",
            "ElastiCache (Redis OSS) clusters should have automatic backups enabled",
            ByDefault(
                "`ReplicationGroup(backup=)`, 15 days; the presets keep 1 (`dev-test`) or 35 days (`production`)",
                exceptions={
                    "demo": "`preset=demo` keeps no snapshots",
                    "outposts": _OUTPOSTS_REASON.format("no snapshots"),
                },
            ),
            _groups_and_redis_clusters(lambda p: int(p.get("SnapshotRetentionLimit", 0)) >= 1),
        ),
        Control(
            "ElastiCache.2",
            "ElastiCache clusters should have automatic minor version upgrades enabled",
            ByDefault(
                "`ReplicationGroup(auto_minor_version_upgrade=)`",
                exceptions={"global-datastore": _GLOBAL_REASON, "global-datastore-cluster": _GLOBAL_REASON},
            ),
            _minor_upgrades,
        ),
        Control(
            "ElastiCache.3",
            "ElastiCache replication groups should have automatic failover enabled",
            ByDefault(
                "enabled if there is a replica: `ClusterMode.disabled(replicas=)`, one in every deployment",
                exceptions={
                    "demo": "`preset=demo` has no replica",
                    "token-single-node": "`replicas=0` asks for a single node",
                },
            ),
            _groups(lambda p: p.get("AutomaticFailoverEnabled") is True),
        ),
        Control(
            "ElastiCache.4",
            "ElastiCache replication groups should be encrypted at rest",
            ByDefault("`ReplicationGroup(at_rest_encryption=, kms_key=)`"),
            _groups(lambda p: p.get("AtRestEncryptionEnabled") is True),
        ),
        Control(
            "ElastiCache.5",
            "ElastiCache replication groups should be encrypted in transit",
            ByDefault("`ReplicationGroup(transit_encryption=)`; TLS is required of every client"),
            _groups(lambda p: p.get("TransitEncryptionEnabled") is True),
        ),
        Control(
            "ElastiCache.6",
            "ElastiCache (Redis OSS) replication groups of earlier versions should have Redis OSS AUTH enabled",
            ByProp(
                "evaluates only versions before 6.0; the default, redis 7.1, has IAM users instead. "
                "An earlier version is refused unless another access is chosen",
                (Prop("ReplicationGroup", "access"),),
                ("access", "auth-token"),
                without="old-redis",
                having="old-redis-token",
            ),
            _auth_before_6,
        ),
        Control(
            "ElastiCache.7",
            "ElastiCache clusters should not use the default subnet group",
            ByDefault("every cache has its own subnet group"),
            _own_subnet_group,
        ),
    ),
)
