"""Templates for the comparison, and the kinds of the changes between two."""

from typing import Any

from elasticache_rules import Template, facts
from elasticache_rules.compare import Change, compare

TYPES = facts.load("schema")["types"]
MAY, SURE, NONE = ["may-replace"], ["replacement"], list[str]()
Json = dict[str, Any]
ONLINE = {"UpdatePolicy": {"UseOnlineResharding": True}}


def template(kind: str, properties: Json, **attributes: Any) -> Json:
    return {"Resources": {"Cache": {"Type": f"AWS::ElastiCache::{kind}", "Properties": properties, **attributes}}}


def group(changes: Json | None = None, **attributes: Any) -> Json:
    base = {
        "ReplicationGroupDescription": "cache",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.r7g.large",
        "NumCacheClusters": 2,
        "ClusterMode": "disabled",
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
    }
    properties = {key: value for key, value in {**base, **(changes or {})}.items() if value is not None}
    return template("ReplicationGroup", properties, **attributes)


def changes_of(old: Json, new: Json) -> list[Change]:
    return compare(Template.of(old), Template.of(new))


def kinds(old: Json, new: Json) -> list[str]:
    """The kinds of the changes that need a decision."""
    return [change.kind for change in changes_of(old, new) if change.decision]


CLUSTER = {"ClusterMode": "enabled", "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, "NumCacheClusters": None}


def of(kind: str, **properties: Any) -> Json:
    return template(kind, properties)


def within(properties: Json, **sections: Any) -> Json:
    return {**group(properties), **sections}


def beside(document: Json, logical_id: str, kind: str, **properties: Any) -> Json:
    document["Resources"][logical_id] = {"Type": f"AWS::ElastiCache::{kind}", "Properties": properties}
    return document


def key(value: Any, **sections: Any) -> Json:
    return within({"KmsKeyId": value, "AtRestEncryptionEnabled": True}, **sections)


def subnets(value: Any) -> Json:
    return beside(group({"CacheSubnetGroupName": value}), "Subnets", "SubnetGroup", CacheSubnetGroupName="net")


def unnamed_subnets(value: Any) -> Json:
    return beside(group({"CacheSubnetGroupName": value}), "Subnets", "SubnetGroup", Description="x")


def changed(kind: str, name: str, old: Any = "one", new: Any = "two") -> list[Change]:
    base = {"Engine": "redis", "EngineVersion": "7.1"} if kind in ("ReplicationGroup", "CacheCluster") else {}
    sides = [{**base, name: value} for value in (old, new)]
    return changes_of(*(of(kind, **{key: value for key, value in side.items() if value}) for side in sides))
