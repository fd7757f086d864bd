"""Engines, versions, and the parameter group family that each version needs."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.newer import may_be_newer_family, may_be_newer_version
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    GUIDE,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    as_text,
    engine_of,
    is_secondary,
    version_of,
)
from elasticache_rules.template import Resource


@rule("engine/replication", REPLICATION_GROUP, source=f"{API}API_CreateReplicationGroup.html")
def replication_engine(group: Resource) -> Iterator[Violation]:
    """A replication group runs valkey or redis."""
    engine = engine_of(group)
    if engine is not None and engine not in ("redis", "valkey"):
        yield Violation(
            property="Engine",
            value=group.get("Engine"),
            must="be valkey or redis, the engines of a replication group",
            fix="use AWS::ElastiCache::CacheCluster for memcached",
        )


@rule(
    "engine/version", REPLICATION_GROUP, CACHE_CLUSTER, GLOBAL_REPLICATION_GROUP, source=f"{GUIDE}engine-versions.html"
)
def offered_version(group: Resource) -> Iterator[Violation]:
    """The engine version is offered by the service, in the format of its engine."""
    engine, version = engine_of(group), version_of(group)
    if version is None:
        yield from _malformed_version(group, engine or "")
        return
    offered = facts.engine_versions(engine or "")
    if engine is None and group.type == REPLICATION_GROUP:
        yield from _version_of_neither(version)
    if not offered:
        return
    if version in offered or (engine == "redis" and version == "6.x"):
        return
    listed = ", ".join(offered)
    if may_be_newer_version(engine or "", version):
        yield Violation(
            property="EngineVersion",
            value=version,
            must=f"be a version that is known here ({listed})",
            fix="check that the service offers it",
            severity=Severity.WARNING,
        )
        return
    yield Violation(
        property="EngineVersion",
        value=version,
        must=f"be a version of {engine} that the service offers ({listed})",
        fix=f"choose one of them, such as {offered[-1]}",
    )


def _version_of_neither(version: str) -> Iterator[Violation]:
    """A version that neither engine of a replication group has, where the engine is absent or unknown."""
    engines = ("redis", "valkey")
    listed = [offered for engine in engines for offered in facts.engine_versions(engine)]
    if version not in (*listed, "6.x") and not any(may_be_newer_version(engine, version) for engine in engines):
        yield Violation(
            property="EngineVersion",
            value=version,
            must=f"be a version of redis or valkey that the service offers ({', '.join(listed)})",
            fix=f"choose one of them, such as {listed[-1]}",
        )


def _malformed_version(group: Resource, engine: str) -> Iterator[Violation]:
    """A value that cannot be a version; `schema/type` reports null, lists and objects."""
    engine_version, offered = group.get("EngineVersion"), facts.engine_versions(engine)
    if not isinstance(engine_version, str | int | float) or (
        isinstance(engine_version, str) and "${Token[" in engine_version
    ):
        return
    yield Violation(
        property="EngineVersion",
        value=engine_version if isinstance(engine_version, bool) else as_text(engine_version),
        must=f"be a version of {engine} that the service offers ({', '.join(offered)})"
        if offered
        else "have the form of an engine version, such as 7.1",
        fix=f"choose one of them, such as {offered[-1]}" if offered else "write the version alone, like 7.1",
    )


@rule("engine/family-known", PARAMETER_GROUP, source=f"{GUIDE}ParameterGroups.html")
def known_family(parameter_group: Resource) -> Iterator[Violation]:
    """The family of a parameter group exists."""
    family = parameter_group.text("CacheParameterGroupFamily")
    if family is None or family in facts.all_families():
        return
    engine = next((name for name in ("redis", "valkey", "memcached") if family.startswith(name)), "redis")
    known = facts.families(engine)
    yield Violation(
        property="CacheParameterGroupFamily",
        value=as_text(family),
        must=f"be a family that exists ({', '.join(known)})",
        fix="use the family of the engine version",
        severity=Severity.WARNING if may_be_newer_family(family) else None,
    )


@rule(
    "engine/family-matches",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    source=f"{GUIDE}ParameterGroups.html",
    absent=("ReplicationGroup.GlobalReplicationGroupId",),
)
def matching_family(group: Resource) -> Iterator[Violation]:
    """The parameter group is of the family that the engine version needs, or at least of the engine."""
    engine, version = engine_of(group), version_of(group)
    if engine not in ("redis", "valkey", "memcached") or is_secondary(group):
        return
    target = group.target("CacheParameterGroupName")
    name = group.get("CacheParameterGroupName")
    family: str | None = None
    if target is not None and target.type == PARAMETER_GROUP:
        family = target.text("CacheParameterGroupFamily")
    elif isinstance(name, str) and name.startswith("default."):
        family = name.removeprefix("default.").removesuffix(".cluster.on")
    if family is None or (version is None and not group.lacks("EngineVersion")):
        if family is not None and not _is_of(family, engine):
            yield _other_engine(family, engine)
        return
    if version is None:
        yield from _without_version(family, engine)
        return
    needed = facts.family_of(engine, version)
    if family != needed:
        yield Violation(
            property="CacheParameterGroupName",
            value=family,
            must=f"be of family {needed}, which {engine} {version} needs",
            fix=f"use a parameter group of family {needed}",
        )


def _is_of(family: str, engine: str) -> bool:
    return family.startswith(engine) or not family.startswith(("redis", "valkey", "memcached"))


def _other_engine(family: str, engine: str) -> Violation:
    return Violation(
        property="CacheParameterGroupName",
        value=family,
        must=f"be of a family of {engine}",
        fix=f"use a parameter group of family {facts.families(engine)[-1]}, and state EngineVersion",
    )


def _without_version(family: str, engine: str) -> Iterator[Violation]:
    """Without EngineVersion the service takes its default version, which changes over time."""
    if not _is_of(family, engine):
        yield _other_engine(family, engine)
    elif family in facts.families(engine)[: -2 if engine == "valkey" else -1]:
        yield Violation(
            property="EngineVersion",
            value=None,
            must=f"be stated with a parameter group of family {family}; the default version may need another one",
            fix="state the version that the family is for",
            severity=Severity.WARNING,
        )
