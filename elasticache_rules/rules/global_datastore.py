"""Global Datastore: the global group, its primary and its secondaries."""

import re
from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    ABSENT_CLUSTER_MODE,
    API,
    GLOBAL_REPLICATION_GROUP,
    GUIDE,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    is_secondary,
    replicas_per_shard,
    version_of,
)
from elasticache_rules.template import Resource

_SOURCE = f"{GUIDE}Redis-Global-Datastores-Getting-Started.html"
_SUFFIX = re.compile(r"[a-zA-Z0-9](-?[a-zA-Z0-9])*\Z")


def _members(group: Resource) -> dict[int, dict[str, Any]]:
    """The members by their index in the list."""
    return {number: member for number, member in enumerate(group.items("Members") or []) if isinstance(member, dict)}


def _primary(group: Resource) -> Resource | None:
    """The replication group of this template that is the primary member."""
    for member in _members(group).values():
        if str(member.get("Role")).upper() == "PRIMARY":
            target = group.template.follow(member.get("ReplicationGroupId"))
            if target is not None and target.type == REPLICATION_GROUP:
                return target
    return None


@rule("global-datastore/inherited", REPLICATION_GROUP, source=f"{API}API_CreateReplicationGroup.html")
def inherited(group: Resource) -> Iterator[Violation]:
    """A secondary takes its engine, size and encryption from the Global Datastore, and does not set them."""
    if not group.has("GlobalReplicationGroupId"):
        return
    for name in facts.load("features")["secondary_must_not_set"]:
        if group.has(name):
            yield Violation(
                property=name,
                value=group.get(name),
                must="be absent with GlobalReplicationGroupId, because a secondary inherits it",
                fix="remove it, and change it on the global replication group",
            )
    if group.has("AutomaticFailoverEnabled"):
        yield Violation(
            property="AutomaticFailoverEnabled",
            value=group.get("AutomaticFailoverEnabled"),
            must="be absent with GlobalReplicationGroupId, because a secondary inherits it",
            fix="remove it",
            severity=Severity.WARNING,
        )


@rule("global-datastore/secondary-replicas", REPLICATION_GROUP, source=_SOURCE)
def secondary_replicas(group: Resource) -> Iterator[Violation]:
    """A secondary inherits automatic failover, and so needs a replica."""
    if not group.has("GlobalReplicationGroupId"):
        return
    for name, least in (("NumCacheClusters", 2), ("ReplicasPerNodeGroup", 1)):
        count = group.integer(name)
        if count is not None and count < least:
            yield Violation(
                property=name,
                value=count,
                must=f"be at least {least} with GlobalReplicationGroupId, because a secondary inherits failover",
                fix="add a replica",
            )


@rule("global-datastore/cluster-mode", GLOBAL_REPLICATION_GROUP, source=_SOURCE, absent=ABSENT_CLUSTER_MODE)
def cluster_mode_only(group: Resource) -> Iterator[Violation]:
    """Shard counts and regional configurations are for cluster mode enabled."""
    primary = _primary(group)
    if primary is None or is_secondary(primary) or cluster_enabled(primary) is not False:
        return
    for name in ("GlobalNodeGroupCount", "RegionalConfigurations"):
        if group.states(name):
            yield Violation(
                property=name,
                value=group.get(name),
                must="be absent unless the primary has cluster mode enabled",
                fix="remove it",
            )


@rule("global-datastore/members", GLOBAL_REPLICATION_GROUP, source=_SOURCE)
def members(group: Resource) -> Iterator[Violation]:
    """There is one primary, and at most two secondaries in other regions."""
    entries = group.items("Members")
    if entries is None:
        return
    if not entries:
        yield Violation(property="Members", value=[], must="name at least 1 member", fix="add the primary")
        return
    roles = [member.get("Role") for member in _members(group).values()]
    known = [role.upper() for role in roles if isinstance(role, str)]
    if len(known) == len(entries) and set(known) <= {"PRIMARY", "SECONDARY"} and known.count("PRIMARY") != 1:
        yield Violation(
            property="Members", value=known, must="hold exactly one PRIMARY", fix="give one member the role PRIMARY"
        )
    if known.count("SECONDARY") > 2:
        yield Violation(
            property="Members",
            value=known,
            must="hold at most 2 secondary members",
            fix="keep the primary, and let 2 secondaries join by their GlobalReplicationGroupId",
        )
    regions = {number: member.get("ReplicationGroupRegion") for number, member in _members(group).items()}
    seen: set[str] = set()
    for number, region_name in regions.items():
        if isinstance(region_name, str) and region_name in seen:
            yield Violation(
                property=f"Members.{number}.ReplicationGroupRegion",
                value=region_name,
                must="be a region of its own for each member",
                fix="put each secondary in another region",
                severity=Severity.WARNING,
            )
        elif isinstance(region_name, str):
            seen.add(region_name)


@rule(
    "global-datastore/mixed-members",
    GLOBAL_REPLICATION_GROUP,
    source=_SOURCE,
    severity=Severity.WARNING,
    absent=("ReplicationGroup.GlobalReplicationGroupId",),
)
def mixed_members(group: Resource) -> Iterator[Violation]:
    """A secondary joins by GlobalReplicationGroupId: a Global Datastore is created with its primary alone."""
    roles = [str(member.get("Role", "")).upper() for member in _members(group).values()]
    if roles.count("PRIMARY") != 1 or roles.count("SECONDARY") > facts.load("features")["global_datastore_secondaries"]:
        return  # reported by another rule
    for (number, member), role in zip(_members(group).items(), roles, strict=True):
        if role != "SECONDARY":
            continue
        target = group.template.follow(member.get("ReplicationGroupId"))
        if target is None or target.type != REPLICATION_GROUP:
            yield Violation(
                property=f"Members.{number}.Role",
                value="SECONDARY",
                must="be PRIMARY for the only member when the Global Datastore is created",
                fix="let the secondary join by its GlobalReplicationGroupId",
            )
        elif target.lacks("GlobalReplicationGroupId"):
            yield Violation(
                property=f"Members.{number}.ReplicationGroupId",
                value=target.logical_id,
                must="be a replication group that names GlobalReplicationGroupId, for a secondary",
                fix="set GlobalReplicationGroupId on it, and leave out what it inherits",
            )


@rule("global-datastore/region", GLOBAL_REPLICATION_GROUP, source=_SOURCE, severity=Severity.WARNING)
def region(group: Resource) -> Iterator[Violation]:
    """Every member is in a region that has Global Datastore, and a primary of the template in its own."""
    without = facts.load("features")["global_datastore_without_regions"]
    for number, member in _members(group).items():
        name, value = f"Members.{number}.ReplicationGroupRegion", member.get("ReplicationGroupRegion")
        if value in without:
            yield Violation(
                property=name, value=value, must="be a region that has Global Datastore", fix="choose another region"
            )
        primary = group.template.follow(member.get("ReplicationGroupId")) if member.get("Role") == "PRIMARY" else None
        own = primary.template.region if primary is not None else None
        if own is not None and isinstance(value, str) and value != own:
            yield Violation(
                property=name,
                value=value,
                must=f"be the region that the primary is created in, {own}",
                fix=f"use {own}",
                severity=Severity.ERROR,
            )


@rule(
    "global-datastore/suffix",
    GLOBAL_REPLICATION_GROUP,
    source=f"{API}API_CreateGlobalReplicationGroup.html",
    severity=Severity.WARNING,
)
def suffix(group: Resource) -> Iterator[Violation]:
    """The suffix has the form of an identifier."""
    suffix_text = group.text("GlobalReplicationGroupIdSuffix")
    if suffix_text is not None and not _SUFFIX.match(suffix_text):
        yield Violation(
            property="GlobalReplicationGroupIdSuffix",
            value=suffix_text,
            must="be a suffix of alphanumeric characters and single inner hyphens",
            fix="rename it",
        )


@rule("global-datastore/node-type", GLOBAL_REPLICATION_GROUP, source=_SOURCE)
def node_type(group: Resource) -> Iterator[Violation]:
    """The node type has a family and a size that Global Datastore supports."""
    primary = _primary(group)
    cache_node_type = group.text("CacheNodeType") or (primary.text("CacheNodeType") if primary else None)
    if cache_node_type is None or cache_node_type.count(".") != 2:
        return
    _, family, size = cache_node_type.split(".")
    features = facts.load("features")
    families = features["families"]["global_datastore"]
    if family not in families or size in features["sizes"]["too_small_for_global_datastore"]:
        known_type = cache_node_type in facts.node_types()
        yield Violation(
            property="Members",
            value=cache_node_type,
            must=f"have a node type of a family that Global Datastore takes ({', '.join(families)}), large or larger",
            fix="use cache.r7g.large or larger",
            severity=None if known_type else Severity.WARNING,
        )


@rule("global-datastore/version", GLOBAL_REPLICATION_GROUP, source=_SOURCE)
def version(group: Resource) -> Iterator[Violation]:
    """The primary runs redis 5.0.6 or later, or valkey."""
    primary = _primary(group)
    if primary is None:
        return
    engine, engine_version = engine_of(primary), version_of(primary)
    if (
        engine in ("redis", "valkey")
        and engine_version
        and not facts.has_feature("global_datastore", engine, engine_version)
    ):
        yield Violation(
            property="Members",
            value=f"{engine} {engine_version}",
            must=f"run {facts.minimum_version('global_datastore', engine)} or later",
            fix="raise the primary's EngineVersion",
        )


@rule(
    "global-datastore/replicas",
    GLOBAL_REPLICATION_GROUP,
    source=_SOURCE,
    severity=Severity.WARNING,
    absent=(
        "ReplicationGroup.GlobalReplicationGroupId",
        "ReplicationGroup.NodeGroupConfiguration",
        "ReplicationGroup.NumCacheClusters",
        "ReplicationGroup.NumNodeGroups",
        "ReplicationGroup.PrimaryClusterId",
        "ReplicationGroup.ReplicasPerNodeGroup",
    ),
)
def replicas(group: Resource) -> Iterator[Violation]:
    """The primary has a replica."""
    primary = _primary(group)
    if primary is not None and not is_secondary(primary) and replicas_per_shard(primary) == 0:
        yield Violation(
            property="Members",
            value=primary.logical_id,
            must="name a primary with at least one replica in each shard",
            fix="add a replica to the primary",
        )


@rule("global-datastore/excluded", GLOBAL_REPLICATION_GROUP, source=_SOURCE)
def excluded(group: Resource) -> Iterator[Violation]:
    """Members of a Global Datastore do not support durability and IPv6."""
    primary = _primary(group)
    if primary is None:
        return
    if primary.text("Durability") in ("async", "sync"):
        yield Violation(
            property="Members",
            value=f"Durability {primary.text('Durability')}",
            must="be members without durability",
            fix="leave Durability out of the primary",
        )
    if primary.text("NetworkType") in ("ipv6", "dual_stack"):
        yield Violation(
            property="Members",
            value=f"NetworkType {primary.text('NetworkType')}",
            must="be members with NetworkType ipv4",
            fix="use ipv4",
        )
