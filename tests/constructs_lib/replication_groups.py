"""Replication groups of the tests: the properties in a template, a primary of a Global Datastore, an imported group."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    Access,
    ClusterMode,
    EngineVersion,
    IamUser,
    NodeType,
    ReplicationGroup,
    ReplicationGroupBase,
)
from tests.constructs_lib.templates import properties_of

GROUP = "AWS::ElastiCache::ReplicationGroup"


def properties(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the one replication group; reading the template validates it as well."""
    return properties_of(stack, GROUP)


def primary_of(stack: cdk.Stack, vpc: ec2.IVpc, **options: Any) -> ReplicationGroup:
    return ReplicationGroup(stack, "Primary", vpc=vpc, **{"node_type": NodeType.R7G_LARGE, **options})


def imported(stack: cdk.Stack, **changes: Any) -> ReplicationGroupBase:
    given: dict[str, Any] = {
        "replication_group_id": "demo",
        "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        "engine": EngineVersion.REDIS_7_1,
        "cluster_mode": ClusterMode.disabled(),
        "primary_endpoint_address": "master.demo.example",
        "access": Access.users([IamUser.from_user_id(stack, "Imported User", "app")]),
        **changes,
    }
    return ReplicationGroup.from_replication_group_attributes(stack, "Imported", **given)
