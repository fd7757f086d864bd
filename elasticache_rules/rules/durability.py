"""Durability and data tiering: their requirements for a replication group."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    ABSENT_CLUSTER_MODE,
    GUIDE,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    is_secondary,
    node_family,
    parameters_of,
    replicas_per_shard,
    version_of,
)
from elasticache_rules.template import Resource

_LIMITS = f"{GUIDE}Durability.Limitations.html"
_TIERING = f"{GUIDE}data-tiering.html"
_POLICIES = ("volatile-lru", "allkeys-lru", "noeviction")


def _durable(group: Resource) -> bool:
    return group.text("Durability") in ("async", "sync")


def _family(group: Resource) -> str | None:
    parts = node_family(group)
    return parts[0] if parts is not None else None


@rule("durability/version", REPLICATION_GROUP, source=_LIMITS)
def version(group: Resource) -> Iterator[Violation]:
    """Durability needs valkey 9.0."""
    engine, engine_version = engine_of(group), version_of(group)
    old = (
        engine == "valkey"
        and engine_version is not None
        and not facts.has_feature("durability", engine, engine_version)
    )
    if _durable(group) and (engine == "redis" or old):
        yield Violation(
            property="Durability",
            value=group.get("Durability"),
            must=f"be absent before valkey 9.0, and this is {engine} {engine_version or ''}".rstrip(),
            fix="use valkey 9.0 or later",
        )


@rule(
    "durability/topology",
    REPLICATION_GROUP,
    source=_LIMITS,
    absent=(*ABSENT_CLUSTER_MODE, "ReplicationGroup.MultiAZEnabled"),
)
def topology(group: Resource) -> Iterator[Violation]:
    """Durability needs cluster mode, Multi-AZ and a replica in each shard."""
    if not _durable(group) or is_secondary(group):
        return
    if cluster_enabled(group) is False:
        yield Violation(
            property="CacheParameterGroupName",
            value=group.get("CacheParameterGroupName"),
            must="turn cluster mode on with Durability (cluster-enabled)",
            fix="use default.valkey9.cluster.on, or a group with cluster-enabled=yes",
        )
    elif replicas_per_shard(group) == 0:
        yield Violation(
            property="Durability",
            value=group.get("Durability"),
            must="be absent without a replica in each shard",
            fix="add a replica to each shard, and turn Multi-AZ on",
        )
    elif group.lacks("MultiAZEnabled") or group.boolean("MultiAZEnabled") is False:
        yield Violation(
            property="MultiAZEnabled",
            value=group.get("MultiAZEnabled"),
            must="be true with Durability",
            fix="turn Multi-AZ on",
        )


@rule("durability/encryption", REPLICATION_GROUP, source=_LIMITS)
def encryption(group: Resource) -> Iterator[Violation]:
    """Durability needs encryption in transit and at rest."""
    if not _durable(group):
        return
    for name, severity in (("TransitEncryptionEnabled", None), ("AtRestEncryptionEnabled", Severity.WARNING)):
        if group.boolean(name) is False:
            yield Violation(
                property=name, value=False, must="be true with Durability", fix="turn it on", severity=severity
            )


@rule("durability/node-type", REPLICATION_GROUP, source=_LIMITS)
def node_type(group: Resource) -> Iterator[Violation]:
    """Durability needs a node type of a family that has it."""
    family, families = _family(group), facts.load("features")["families"]["durability"]
    tiered = group.boolean("DataTieringEnabled")  # reported by another rule
    if _durable(group) and not tiered and family is not None and family not in families:
        yield Violation(
            property="CacheNodeType",
            value=group.get("CacheNodeType"),
            must=f"be of a family that has durability ({', '.join(families)})",
            fix="use cache.r7g.large or larger",
        )


@rule("durability/data-tiering", REPLICATION_GROUP, source=_LIMITS)
def with_data_tiering(group: Resource) -> Iterator[Violation]:
    """Durability and data tiering exclude each other."""
    if _durable(group) and group.boolean("DataTieringEnabled"):
        yield Violation(
            property="DataTieringEnabled",
            value=True,
            must="be false with Durability",
            fix="choose one of the two",
        )


@rule("durability/global-datastore", REPLICATION_GROUP, source=_LIMITS)
def in_global_datastore(group: Resource) -> Iterator[Violation]:
    """A secondary of a Global Datastore has no durability."""
    if _durable(group) and group.has("GlobalReplicationGroupId"):
        yield Violation(
            property="Durability",
            value=group.get("Durability"),
            must="be absent in a Global Datastore (GlobalReplicationGroupId)",
            fix="leave it out",
        )


@rule(
    "data-tiering/family",
    REPLICATION_GROUP,
    source=_TIERING,
    absent=("ReplicationGroup.DataTieringEnabled", "ReplicationGroup.GlobalReplicationGroupId"),
)
def tiering_family(group: Resource) -> Iterator[Violation]:
    """The r6gd family needs data tiering, and no other has it."""
    family = _family(group)
    if family is None or is_secondary(group):
        return
    tiered = family in facts.load("features")["families"]["data_tiering"]
    unstated = group.lacks("DataTieringEnabled") or group.boolean("DataTieringEnabled") is False
    if tiered and unstated:
        yield Violation(
            property="DataTieringEnabled",
            value=group.get("DataTieringEnabled"),
            must=f"be true on {group.text('CacheNodeType')}",
            fix="set it to true, or use another family than r6gd",
        )
    elif not tiered and group.boolean("DataTieringEnabled"):
        yield Violation(
            property="DataTieringEnabled",
            value=True,
            must=f"be false on the node type {group.text('CacheNodeType')}",
            fix="use the r6gd family, or leave it out",
        )


@rule("data-tiering/version", REPLICATION_GROUP, source=_TIERING)
def tiering_version(group: Resource) -> Iterator[Violation]:
    """Data tiering needs redis 6.2 or valkey."""
    engine, engine_version = engine_of(group), version_of(group)
    if engine not in ("redis", "valkey") or engine_version is None:
        return
    wanted = group.boolean("DataTieringEnabled") or _family(group) == "r6gd"
    if wanted and not facts.has_feature("data_tiering", engine, engine_version):
        yield Violation(
            property="EngineVersion",
            value=engine_version,
            must="be 6.2 or later for data tiering",
            fix="raise the version, or use another family than r6gd",
        )


@rule("data-tiering/eviction", REPLICATION_GROUP, source=_TIERING, severity=Severity.WARNING)
def tiering_eviction(group: Resource) -> Iterator[Violation]:
    """Data tiering works with three eviction policies."""
    target = group.target("CacheParameterGroupName")
    if not group.boolean("DataTieringEnabled") or target is None or target.type != PARAMETER_GROUP:
        return
    policy = parameters_of(target).get("maxmemory-policy")
    if isinstance(policy, str) and policy not in _POLICIES:
        yield Violation(
            property="CacheParameterGroupName",
            value=policy,
            must=f"set maxmemory-policy to {', '.join(_POLICIES)} with data tiering",
            fix="choose one of them",
        )
