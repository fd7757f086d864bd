"""ElastiCache: the seven controls, on replication groups, redis clusters, and clusters on Outposts.

They do not evaluate serverless caches. A secondary of a Global Datastore states none of what it inherits, so that it is
read with the properties of its primary.
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
    "the service turns it off for every member of a Global Datastore, and refuses to turn it on "
    "([reported](https://github.com/hashicorp/terraform-provider-aws/issues/24919)); "
    "change the version with `GlobalDatastore(engine=)`"
)


def _inherits(properties: Mapping[str, Any]) -> bool:
    return "GlobalReplicationGroupId" in properties


def _with_inherited(found: Deployed) -> Iterator[Resource]:
    """Each replication group; a secondary with what its primary states."""
    groups = found.of(_GROUP)
    primary = next((each.properties for each in groups if not _inherits(each.properties)), {})
    for each in groups:
        properties = {**primary, **each.properties} if _inherits(each.properties) else each.properties
        yield Resource(each.stack, each.logical_id, each.kind, properties)


def _groups(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    def check(found: Deployed) -> Iterator[Finding]:
        for each in _with_inherited(found):
            yield each.name, passes(each.properties)

    return check


def _groups_and_redis_clusters(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    def check(found: Deployed) -> Iterator[Finding]:
        yield from _groups(passes)(found)
        for each in found.of(_CLUSTER, _OUTPOST):
            if each.properties.get("Engine") != "memcached":
                yield each.name, passes(each.properties)

    return check


def _minor_upgrades(found: Deployed) -> Iterator[Finding]:
    """A secondary inherits nothing here: the service turns it off."""
    for each in found.of(_GROUP, _CLUSTER, _OUTPOST):
        if each.properties.get("Engine") != "memcached":
            yield each.name, each.properties.get("AutoMinorVersionUpgrade") is True


def _auth_before_6(found: Deployed) -> Iterator[Finding]:
    for each in _with_inherited(found):
        if each.properties.get("Engine") == "redis" and int(str(each.properties["EngineVersion"]).split(".")[0]) < 6:
            yield each.name, "AuthToken" in each.properties


def _own_subnet_group(found: Deployed) -> Iterator[Finding]:
    for each in found.of(_GROUP, _CLUSTER, _OUTPOST):
        yield each.name, each.properties.get("CacheSubnetGroupName", "default") != "default"


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
                    "rds-behind-cache-least": "`preset=demo` keeps no snapshots",
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
                "on where there is a replica: `ClusterMode.disabled(replicas=)`, one in every deployment",
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
                "evaluates versions before 6.0 alone; the default, redis 7.1, has IAM users instead. "
                "An earlier version is refused until another access is chosen",
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
            ByDefault("each cache has a subnet group of its own"),
            _own_subnet_group,
        ),
    ),
)
