"""Serverless caches."""

import re
from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.backup import without_retention
from elasticache_rules.rules.common import API, GUIDE, SERVERLESS_CACHE, USER_GROUP, as_text, duplicates, engine_of
from elasticache_rules.template import Resource, Unknown, as_integer

_CREATE = f"{API}API_CreateServerlessCache.html"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*\Z")


@rule("serverless/engine", SERVERLESS_CACHE, source=_CREATE)
def engine(cache: Resource) -> Iterator[Violation]:
    """A serverless cache runs valkey, redis or memcached."""
    value = cache.text("Engine")
    if value is not None and value.lower() not in facts.load("features")["serverless_versions"]:
        yield Violation(
            property="Engine", value=value, must="be an engine: valkey, redis or memcached", fix="choose one of them"
        )


@rule("serverless/version", SERVERLESS_CACHE, source=_CREATE, severity=Severity.WARNING)
def version(cache: Resource) -> Iterator[Violation]:
    """The major version of a serverless cache is available for serverless caches."""
    name, major_engine_version = engine_of(cache), cache.get("MajorEngineVersion")
    offered = facts.load("features")["serverless_versions"].get(name or "")
    if offered and isinstance(major_engine_version, str | int | float) and as_text(major_engine_version) not in offered:
        yield Violation(
            property="MajorEngineVersion",
            value=major_engine_version if isinstance(major_engine_version, bool) else as_text(major_engine_version),
            must=f"be {' or '.join(offered)} for serverless {name}",
            fix="choose an offered major version",
            severity=None if facts.is_version(as_text(major_engine_version)) else Severity.ERROR,
        )


@rule("serverless/name", SERVERLESS_CACHE, source=_CREATE, severity=Severity.WARNING)
def name(cache: Resource) -> Iterator[Violation]:
    """The name has at most 40 characters, without a space, and begins with a letter."""
    serverless_cache_name = cache.text("ServerlessCacheName")
    longest = facts.load("features")["serverless_cache_name_length"]["max"]
    if serverless_cache_name is not None and (
        len(serverless_cache_name) > longest or not _NAME.match(serverless_cache_name)
    ):
        yield Violation(
            property="ServerlessCacheName",
            value=serverless_cache_name,
            must=f"have at most {longest} alphanumeric characters and single hyphens, no space, a letter first",
            fix="rename it",
            severity=Severity.ERROR if len(serverless_cache_name) > longest else None,
        )


@rule("serverless/final-snapshot-name", SERVERLESS_CACHE, source=_CREATE, severity=Severity.WARNING)
def final_snapshot_name(cache: Resource) -> Iterator[Violation]:
    """The final snapshot's name has only single hyphens, not at the beginning or the end."""
    value = cache.text("FinalSnapshotName")
    if value is not None and not _NAME.match(value):
        yield Violation(
            property="FinalSnapshotName",
            value=value,
            must="begin with a letter and hold only alphanumeric characters and single inner hyphens",
            fix="rename it",
        )


@rule("serverless/description", SERVERLESS_CACHE, source=_CREATE)
def description(cache: Resource) -> Iterator[Violation]:
    """The description has at most 255 characters and no angle brackets."""
    value = cache.text("Description")
    if value is None:
        return
    if len(value) > facts.limit("description_length", "max"):
        yield Violation(property="Description", value=value, must="have at most 255 characters", fix="shorten it")
    elif "<" in value or ">" in value:
        yield Violation(
            property="Description",
            value=value,
            must="hold neither < nor >",
            fix="write it without them",
            severity=Severity.WARNING,
        )


@rule("serverless/limits", SERVERLESS_CACHE, source=_CREATE)
def limits(cache: Resource) -> Iterator[Violation]:
    """Usage limits are within the service's limits, and the minimum does not exceed the maximum."""
    usage = cache.get("CacheUsageLimits")
    if not isinstance(usage, dict):
        return
    features = facts.load("features")
    for part, bounds, zero in (
        ("ECPUPerSecond", features["ecpu_per_second"], True),
        ("DataStorage", features["data_storage_gb"], False),
    ):
        limit = usage.get(part)
        if isinstance(limit, dict):
            yield from _within(part, limit, bounds, zero)
    storage = usage.get("DataStorage")
    if isinstance(storage, dict) and isinstance(storage.get("Unit", ""), str) and storage.get("Unit") != "GB":
        yield Violation(
            property="CacheUsageLimits.DataStorage.Unit",
            value=storage.get("Unit"),
            must="be GB",
            fix="state the storage in GB",
        )


def _within(part: str, limit: dict[str, Any], bounds: dict[str, int], zero: bool) -> Iterator[Violation]:
    least, most = as_integer(limit.get("Minimum")), as_integer(limit.get("Maximum"))
    for edge, number in (("Minimum", least), ("Maximum", most)):
        if number is None or bounds["min"] <= number <= bounds["max"] or (number == 0 and zero):
            continue
        yield Violation(
            property=f"CacheUsageLimits.{part}.{edge}",
            value=number,
            must=f"be {bounds['min']} to {bounds['max']}",
            fix="choose a number in that range",
        )
    if least is not None and most is not None and 0 < most < least:
        yield Violation(
            property=f"CacheUsageLimits.{part}.Minimum",
            value=least,
            must=f"not exceed the Maximum ({most})",
            fix="lower the minimum, or raise the maximum",
        )


@rule("serverless/retention", SERVERLESS_CACHE, source=_CREATE)
def retention(cache: Resource) -> Iterator[Violation]:
    """Snapshots are kept for 0 to 35 days."""
    days, most = cache.integer("SnapshotRetentionLimit"), facts.limit("snapshot_retention_days", "max")
    if days is not None and not 0 <= days <= most:
        yield Violation(
            property="SnapshotRetentionLimit",
            value=days,
            must=f"be 0 to {most} days",
            fix="keep them for less time" if days > most else "use 0 to turn snapshots off",
        )


@rule("serverless/snapshot-time", SERVERLESS_CACHE, source=_CREATE, severity=Severity.WARNING)
def snapshot_time(cache: Resource) -> Iterator[Violation]:
    """The daily snapshot time is hh24:mi."""
    daily_snapshot_time = cache.text("DailySnapshotTime")
    if daily_snapshot_time is not None and not _TIME.match(daily_snapshot_time):
        yield Violation(
            property="DailySnapshotTime",
            value=daily_snapshot_time,
            must="have the form hh24:mi",
            fix="write it like 04:00, in UTC",
        )


@rule(
    "serverless/time-without-retention",
    SERVERLESS_CACHE,
    source=_CREATE,
    severity=Severity.WARNING,
    absent=("ServerlessCache.SnapshotRetentionLimit",),
)
def time_without_retention(cache: Resource) -> Iterator[Violation]:
    """A daily snapshot time needs a retention; without one no snapshot is taken."""
    yield from without_retention(cache, "DailySnapshotTime")


@rule("serverless/public", SERVERLESS_CACHE, source=f"{GUIDE}serverless-public-endpoints-chapter.html")
def public(cache: Resource) -> Iterator[Violation]:
    """A public endpoint needs valkey 9."""
    if cache.text("ConnectionType") != "public":
        return
    engine_name, major = engine_of(cache), cache.get("MajorEngineVersion")
    value = as_text(major)
    old = isinstance(major, str | int) and facts.is_version(value) and facts.version_key(value) < (9,)
    if (engine_name is not None and engine_name != "valkey") or old:
        yield Violation(
            property="ConnectionType",
            value="public",
            must="be vpc for anything before valkey 9",
            fix="use valkey 9, or a connection within the VPC",
        )


@rule("serverless/users", SERVERLESS_CACHE, source=f"{GUIDE}Clusters.RBAC.html")
def users(cache: Resource) -> Iterator[Violation]:
    """Memcached has no users; a redis cache accepts only redis user groups."""
    name = engine_of(cache)
    if name == "memcached" and cache.has("UserGroupId"):
        yield Violation(
            property="UserGroupId",
            value=cache.get("UserGroupId"),
            must="be absent for memcached",
            fix="remove it; security groups decide who connects",
        )
    group = cache.target("UserGroupId")
    if name == "redis" and group is not None and group.type == USER_GROUP and engine_of(group) == "valkey":
        yield Violation(
            property="UserGroupId",
            value=group.logical_id,
            must="be a user group of engine redis for a redis cache",
            fix="set the group's Engine to redis, or the cache's to valkey",
        )


@rule("serverless/subnets", SERVERLESS_CACHE, source=_CREATE)
def subnets(cache: Resource) -> Iterator[Violation]:
    """The subnets are in one VPC, and in different Availability Zones."""
    twice = duplicates(repr(value) for value in cache.items("SubnetIds") or [] if not isinstance(value, Unknown))
    if twice:
        yield Violation(
            property="SubnetIds",
            value=twice,
            must="hold each subnet once",
            fix="use one subnet in each zone",
            severity=Severity.WARNING,
        )
        return
    resources = [cache.template.follow(value) for value in cache.items("SubnetIds") or []]
    known = [subnet for subnet in resources if subnet is not None]
    vpcs = {repr(value) for subnet in known if not isinstance(value := subnet.get("VpcId"), Unknown | None)}
    zones = [zone for subnet in known if (zone := subnet.text("AvailabilityZone")) is not None]
    if len(vpcs) > 1:
        yield Violation(
            property="SubnetIds",
            value=sorted(vpcs),
            must="be subnets of the same VPC",
            fix="use the subnets of one VPC",
        )
    elif len(set(zones)) < len(zones):
        yield Violation(
            property="SubnetIds",
            value=zones,
            must="be subnets in different Availability Zones",
            fix="use one subnet in each zone",
            severity=Severity.WARNING,
        )
