"""Types that do not exist, and deletion policies."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import EVERY_TYPE, Violation, rule
from elasticache_rules.rules.common import CACHE_CLUSTER, REPLICATION_GROUP, engine_of
from elasticache_rules.template import Resource

_CFN: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_TYPES: Final = tuple(facts.load("schema")["types"])
_CLASSIC: Final = ("AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress")
_POLICIES: Final = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}


@rule("schema/type-exists", EVERY_TYPE, source=f"{_CFN}AWS_ElastiCache.html")
def type_exists(resource: Resource) -> Iterator[Violation]:
    """Every resource states its type; an ElastiCache type exists and is for use in a VPC."""
    if not resource.type and not resource.template.generated:
        other_case = any(name.lower() == "type" for name in resource.attributes)
        fix = "write Type, with a capital T" if other_case else "add it, such as AWS::ElastiCache::ReplicationGroup"
        yield Violation(property="Type", value=None, must="be stated", fix=fix)
    if not resource.type.lower().startswith("aws::elasticache::") or resource.type in _TYPES:
        return
    if resource.type in _CLASSIC:
        yield Violation(
            property="Type",
            value=resource.type,
            must="be a type for a VPC; cache security groups belong to EC2-Classic, which is gone",
            fix="use AWS::EC2::SecurityGroup",
        )
        return
    import difflib  # noqa: PLC0415 - only an error takes the time for it

    near = difflib.get_close_matches(resource.type, _TYPES, n=1, cutoff=0)
    yield Violation(
        property="Type",
        value=resource.type,
        must="be a resource type that exists",
        fix=f"use {near[0]}, or another type of AWS::ElastiCache",
    )


@rule("policies/removal", *_TYPES, source=f"{_CFN}aws-attribute-deletionpolicy.html")
def removal(resource: Resource) -> Iterator[Violation]:
    """The deletion policy exists, and Snapshot is set only for resources that support snapshots."""
    for name, choices in _POLICIES.items():
        policy = resource.attributes.get(name)
        if not isinstance(policy, str):
            continue
        if policy not in choices:
            yield Violation(
                property=name, value=policy, must=f"be one of {', '.join(choices)}", fix="choose one of them"
            )
        elif policy == "Snapshot" and resource.type not in (REPLICATION_GROUP, CACHE_CLUSTER):
            yield Violation(
                property=name,
                value=policy,
                must="be Delete or Retain for a type without snapshots of its own",
                fix="use Retain to keep the resource",
            )
        elif policy == "Snapshot" and engine_of(resource) == "memcached":
            yield Violation(
                property=name,
                value=policy,
                must="be Delete or Retain for memcached, which has no snapshots",
                fix="use Retain to keep the cluster",
                severity=Severity.WARNING,
            )
