"""Imported resources of the tests: the prefix of an ARN of another account, a security group, a replication group."""

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

PREFIX = "arn:aws:elasticache:us-east-1:222222222222"


def group(stack: cdk.Stack) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")


def complete(stack: cdk.Stack, **changes: Any) -> ReplicationGroupBase:
    given: dict[str, Any] = {
        "replication_group_id": "orders",
        "security_groups": [group(stack)],
        "engine": EngineVersion.VALKEY_8_2,
        "cluster_mode": ClusterMode.disabled(replicas=1),
        "node_type": NodeType.of("cache.r7g.xlarge"),
        "primary_endpoint_address": "master.orders.example",
        "reader_endpoint_address": "replica.orders.example",
        "access": Access.users([IamUser.from_user_id(stack, "App", "app")]),
        **changes,
    }
    return ReplicationGroup.from_replication_group_attributes(stack, "Orders", **given)
