"""Caches as the ElastiCache API describes them: clusters, serverless caches, and the settings of replication groups."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from elasticache_rules import facts
from local_cloud.cache.servers import Cache, Node

_ZONES: Final = "abc"
UPDATES: Final = "update-actions.json"
"""The file below the folder of a run with the update actions that are answered; without it, none is pending."""


def settings(group: Element, cache: Cache) -> None:
    """Add the settings of a replication group that its template has."""
    props = cache.properties
    for name in ("ReplicationGroupDescription", "CacheNodeType"):
        if props.get(name):
            SubElement(group, name.removeprefix("ReplicationGroup")).text = str(props[name])
    values = {
        "Engine": str(props.get("Engine") or "redis"),
        "AutomaticFailover": "enabled" if _true(props.get("AutomaticFailoverEnabled")) else "disabled",
        "MultiAZ": "enabled" if _true(props.get("MultiAZEnabled")) else "disabled",
        "AtRestEncryptionEnabled": str(_true(props.get("AtRestEncryptionEnabled"))).lower(),
        "AuthTokenEnabled": str(bool(props.get("AuthToken"))).lower(),
        "SnapshotRetentionLimit": str(props.get("SnapshotRetentionLimit") or 0),
    }
    for name, value in values.items():
        SubElement(group, name).text = value
    if cache.user_group:
        SubElement(SubElement(group, "UserGroupIds"), "member").text = cache.user_group
    members = SubElement(group, "MemberClusters")
    for node in cache.nodes:
        SubElement(members, "ClusterId").text = node.name


def clusters(caches: Iterable[Cache]) -> Element:
    """The answer of DescribeCacheClusters: each node of a replication group, and each cluster of its own."""
    result = Element("DescribeCacheClustersResult")
    listed = SubElement(result, "CacheClusters")
    for cache in caches:
        if cache.is_group:
            for number, node in enumerate(cache.nodes):
                element = _cluster(listed, cache, node.name)
                zone = f"{cache.region}{_ZONES[number % len(_ZONES)]}"
                SubElement(element, "PreferredAvailabilityZone").text = zone
                SubElement(element, "NumCacheNodes").text = "1"
                SubElement(element, "ReplicationGroupId").text = cache.id
        elif cache.kind == "cluster":
            element = _cluster(listed, cache, cache.id)
            SubElement(element, "NumCacheNodes").text = str(len(cache.nodes))
            nodes = SubElement(element, "CacheNodes")
            for number, node in enumerate(cache.nodes):
                _node(SubElement(nodes, "CacheNode"), cache, node, number)
    return result


def _cluster(listed: Element, cache: Cache, id: str) -> Element:
    engine = str(cache.properties.get("Engine") or "redis")
    version = str(cache.properties.get("EngineVersion") or facts.engine_versions(engine)[-1])
    element = SubElement(listed, "CacheCluster")
    values = {
        "CacheClusterId": id,
        "CacheClusterStatus": "available",
        "CacheNodeType": str(cache.properties.get("CacheNodeType") or ""),
        "Engine": engine,
        "EngineVersion": version if version.count(".") > 1 else f"{version}.0",
        "TransitEncryptionEnabled": str(cache.tls).lower(),
        "AtRestEncryptionEnabled": str(_true(cache.properties.get("AtRestEncryptionEnabled"))).lower(),
        "SnapshotRetentionLimit": str(cache.properties.get("SnapshotRetentionLimit") or 0),
    }
    for name, value in values.items():
        SubElement(element, name).text = value
    group = SubElement(element, "CacheParameterGroup")
    named = cache.properties.get("CacheParameterGroupName")
    SubElement(group, "CacheParameterGroupName").text = str(named or f"default.{facts.family_of(engine, version)}")
    SubElement(group, "ParameterApplyStatus").text = "in-sync"
    if cache.properties.get("CacheSubnetGroupName"):
        SubElement(element, "CacheSubnetGroupName").text = str(cache.properties["CacheSubnetGroupName"])
    groups = SubElement(element, "SecurityGroups")
    for name in cache.security_groups:
        member = SubElement(groups, "member")
        SubElement(member, "SecurityGroupId").text = name
        SubElement(member, "Status").text = "active"
    return element


def _node(element: Element, cache: Cache, node: Node, number: int) -> None:
    SubElement(element, "CacheNodeId").text = f"{number + 1:04d}"
    SubElement(element, "CacheNodeStatus").text = "available" if node.process.poll() is None else "failed"
    SubElement(element, "CustomerAvailabilityZone").text = f"{cache.region}{_ZONES[number % len(_ZONES)]}"


def serverless(caches: Iterable[Cache]) -> Element:
    """The answer of DescribeServerlessCaches."""
    result = Element("DescribeServerlessCachesResult")
    listed = SubElement(result, "ServerlessCaches")
    for cache in caches:
        if cache.kind != "serverlesscache":
            continue
        props = cache.properties
        engine = str(props.get("Engine"))
        version = str(props.get("MajorEngineVersion") or facts.engine_versions(engine)[-1].partition(".")[0])
        element = SubElement(listed, "member")
        values = {
            "ServerlessCacheName": cache.id,
            "Status": "available",
            "Engine": engine,
            "MajorEngineVersion": version,
            "FullEngineVersion": version,
            "SnapshotRetentionLimit": str(props.get("SnapshotRetentionLimit") or 0),
        }
        for name, value in values.items():
            SubElement(element, name).text = value
        if cache.user_group:
            SubElement(element, "UserGroupId").text = cache.user_group
        _limits(element, props.get("CacheUsageLimits") or {})
    return result


def _limits(element: Element, limits: Mapping[str, Any]) -> None:
    if not limits:
        return
    parent = SubElement(element, "CacheUsageLimits")
    for name, values in limits.items():
        part = SubElement(parent, name)
        for key, value in values.items():
            SubElement(part, key).text = str(value)


def updates(folder: Path) -> Element:
    """The answer of DescribeUpdateActions, from a file in the folder of the run."""
    result = Element("DescribeUpdateActionsResult")
    listed = SubElement(result, "UpdateActions")
    try:
        recorded = json.loads((folder / UPDATES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        recorded = []
    for action in recorded:
        element = SubElement(listed, "UpdateAction")
        for name, value in action.items():
            SubElement(element, name).text = str(value)
    return result


def none(action: str) -> Element:
    """The answer of an action that lists nothing here, such as reserved nodes."""
    return Element(f"{action}Result")


def node_types(cache: Cache) -> Element:
    """The answer of ListAllowedNodeTypeModifications: the types of the facts for the engine, by their memory."""
    engine, own = str(cache.properties.get("Engine") or "redis"), str(cache.properties.get("CacheNodeType"))
    known = facts.load("node_capacity")["types"]
    result = Element("ListAllowedNodeTypeModificationsResult")
    lists = {name: SubElement(result, f"Scale{name}Modifications") for name in ("Up", "Down")}
    for name, type_facts in known.items():
        if name != own and own in known and engine in type_facts["engines"]:
            larger = type_facts["maxmemory"] >= known[own]["maxmemory"]
            SubElement(lists["Up" if larger else "Down"], "member").text = name
    return result


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
