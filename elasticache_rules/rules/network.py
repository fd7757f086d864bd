"""Ports and subnets."""

import re
from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    CACHE_CLUSTER,
    GUIDE,
    REPLICATION_GROUP,
    SUBNET_GROUP,
    duplicates,
    engine_of,
    node_family,
    version_of,
)
from elasticache_rules.template import Resource, Unknown

_TAGGED = tuple(facts.load("schema")["types"])
_TOPIC = re.compile(r"arn:[^:]*:sns:[^:]*:[^:]*:.+\Z")
_KEY = re.compile(r"arn:[^:]*:kms:([^:]*):")


@rule("network/port", REPLICATION_GROUP, CACHE_CLUSTER, source=f"{API}API_CreateReplicationGroup.html")
def port(group: Resource) -> Iterator[Violation]:
    """The port is 1150 to 65535, and not 8005."""
    number = group.integer("Port")
    if number is None:
        return
    ranges: list[list[int]] = facts.load("limits")["ports"]["ranges"]
    if not any(first <= number <= last for first, last in ranges):
        words = " or ".join(f"{first} to {last}" for first, last in ranges)
        default = facts.load("limits")["default_port"].get(engine_of(group) or "redis", 6379)
        yield Violation(property="Port", value=number, must=f"be {words}", fix=f"use {default}, the default")


@rule("network/subnets", SUBNET_GROUP, source=f"{API}API_CreateCacheSubnetGroup.html")
def subnets(group: Resource) -> Iterator[Violation]:
    """A subnet group names at least one subnet."""
    ids = group.items("SubnetIds")
    if ids is not None and not ids:
        yield Violation(property="SubnetIds", value=ids, must="name at least one subnet", fix="add the VPC's subnets")


@rule("network/one-vpc", SUBNET_GROUP, source=f"{API}API_CreateCacheSubnetGroup.html")
def one_vpc(group: Resource) -> Iterator[Violation]:
    """The subnets of a group are in one VPC, without duplicates."""
    subnets = [group.template.follow(value) for value in group.items("SubnetIds") or []]
    known = [subnet.get("VpcId") for subnet in subnets if subnet is not None]
    vpcs = {repr(vpc) for vpc in known if not isinstance(vpc, Unknown | None)}
    twice = duplicates(repr(value) for value in group.items("SubnetIds") or [] if not isinstance(value, Unknown))
    if twice:
        yield Violation(
            property="SubnetIds",
            value=twice,
            must="hold each subnet once",
            fix="remove what is repeated",
            severity=Severity.WARNING,
        )
    if len(vpcs) > 1:
        yield Violation(
            property="SubnetIds",
            value=sorted(vpcs),
            must="be subnets of the same VPC",
            fix="use the subnets of one VPC",
        )


@rule("network/ipv6-version", REPLICATION_GROUP, CACHE_CLUSTER, source=f"{GUIDE}network-type.html")
def ipv6_version(resource: Resource) -> Iterator[Violation]:
    """IPv6 and dual stack need redis 6.2, valkey or memcached 1.6.6, and a Nitro node type."""
    network = resource.text("NetworkType")
    if network not in ("ipv6", "dual_stack"):
        return
    engine, version = engine_of(resource), version_of(resource)
    if engine in ("redis", "valkey", "memcached") and version and not facts.has_feature("ipv6", engine, version):
        yield Violation(
            property="EngineVersion",
            value=version,
            must=f"be {facts.minimum_version('ipv6', engine)} or later with NetworkType {network}",
            fix="raise the version, or use ipv4",
        )
    family = node_family(resource)
    if family is not None and family[0] in facts.load("features")["families"]["before_nitro"]:
        yield Violation(
            property="CacheNodeType",
            value=resource.get("CacheNodeType"),
            must=f"be a Nitro node type with NetworkType {network}",
            fix="use cache.r7g.large, or ipv4",
        )


@rule(
    "network/ip-discovery",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    source=f"{GUIDE}network-type.html",
    severity=Severity.WARNING,
)
def ip_discovery(resource: Resource) -> Iterator[Violation]:
    """IP discovery uses an address type of the network."""
    network = resource.text("NetworkType")
    if resource.text("IpDiscovery") == "ipv6" and network == "ipv4":
        yield Violation(
            property="IpDiscovery",
            value="ipv6",
            must="be ipv4 with NetworkType ipv4",
            fix="set NetworkType to ipv6 or dual_stack",
        )
    if resource.text("IpDiscovery") == "ipv4" and network == "ipv6":
        yield Violation(
            property="IpDiscovery",
            value="ipv4",
            must="be ipv6 with NetworkType ipv6",
            fix="set NetworkType to dual_stack, or IpDiscovery to ipv6",
        )


@rule("network/cache-security-groups", REPLICATION_GROUP, CACHE_CLUSTER, source=f"{API}API_CreateReplicationGroup.html")
def cache_security_groups(resource: Resource) -> Iterator[Violation]:
    """Cache security groups belong to EC2-Classic, which is retired."""
    if resource.states("CacheSecurityGroupNames"):
        yield Violation(
            property="CacheSecurityGroupNames",
            value=resource.get("CacheSecurityGroupNames"),
            must="be absent in a VPC",
            fix=f"use {'SecurityGroupIds' if resource.type == REPLICATION_GROUP else 'VpcSecurityGroupIds'}",
        )


@rule("network/notification-topic", REPLICATION_GROUP, CACHE_CLUSTER, source=f"{API}API_CreateReplicationGroup.html")
def notification_topic(resource: Resource) -> Iterator[Violation]:
    """Notifications go to an SNS topic of the same region, by its ARN."""
    notification_topic_arn, region = resource.text("NotificationTopicArn"), resource.template.region
    if notification_topic_arn is None:
        return
    if not _TOPIC.match(notification_topic_arn):
        yield Violation(
            property="NotificationTopicArn",
            value=notification_topic_arn,
            must="be the ARN of an SNS topic",
            fix="use the topic's ARN",
        )
    elif region is not None and notification_topic_arn.split(":")[3] != region:
        yield Violation(
            property="NotificationTopicArn",
            value=notification_topic_arn,
            must=f"be a topic of the same region, {region}",
            fix="use a topic there",
        )


@rule(
    "network/topic-encryption",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    source=f"{GUIDE}ElastiCacheSNS.html",
    severity=Severity.WARNING,
)
def topic_encryption(resource: Resource) -> Iterator[Violation]:
    """Notifications do not arrive at a topic that is encrypted."""
    topic = resource.target("NotificationTopicArn")
    if topic is not None and topic.type == "AWS::SNS::Topic" and topic.has("KmsMasterKeyId"):
        yield Violation(
            property="NotificationTopicArn",
            value=topic.logical_id,
            must="be a topic without KmsMasterKeyId; ElastiCache cannot publish to an encrypted one",
            fix="use a topic without encryption for cache events",
        )


@rule(
    "network/key-region",
    REPLICATION_GROUP,
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::ServerlessCacheSnapshot",
    "AWS::ElastiCache::Snapshot",
    source=f"{GUIDE}at-rest-encryption.html",
)
def key_region(resource: Resource) -> Iterator[Violation]:
    """The KMS key is of the same region."""
    key, region = _KEY.match(resource.text("KmsKeyId") or ""), resource.template.region
    if key and region is not None and key[1] != region:
        yield Violation(
            property="KmsKeyId",
            value=resource.text("KmsKeyId"),
            must=f"be a key of the same region, {region}",
            fix="use a key there",
        )


@rule("network/tags", *_TAGGED, source="https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html")
def tags(resource: Resource) -> Iterator[Violation]:
    """At most 50 tags, with different keys of 1 to 128 characters that do not begin with aws:."""
    entries: dict[int, dict[str, Any]] = {
        number: entry for number, entry in enumerate(resource.items("Tags") or []) if isinstance(entry, dict)
    }
    if not entries:
        return
    bounds = facts.load("features")["tags"]
    if len(entries) > bounds["max"]:
        yield Violation(
            property="Tags", value=f"{len(entries)} tags", must=f"be at most {bounds['max']}", fix="remove some"
        )
    keys = [key for entry in entries.values() if isinstance(key := entry.get("Key"), str)]
    for number, entry in entries.items():
        key, value = entry.get("Key"), entry.get("Value")
        path = f"Tags.{number}"
        if isinstance(key, str) and key.lower().startswith("aws:"):
            yield Violation(property=f"{path}.Key", value=key, must="not begin with aws:", fix="rename the tag")
        elif isinstance(key, str) and not 1 <= len(key) <= bounds["key"]:
            yield Violation(
                property=f"{path}.Key",
                value=key,
                must=f"have 1 to {bounds['key']} characters",
                fix="shorten the key" if key else "write a key",
            )
        if isinstance(value, str) and len(value) > bounds["value"]:
            yield Violation(
                property=f"{path}.Value",
                value=value,
                must=f"have at most {bounds['value']} characters",
                fix="shorten the value",
            )
    twice = duplicates(keys)
    if twice:
        yield Violation(property="Tags", value=twice, must="hold each key once, without a duplicate", fix="remove one")
