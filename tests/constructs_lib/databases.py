"""Databases of the tests: an instance of RDS, and the permission of a client to sign in."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

from constructs_lib import (
    Network,
)

POSTGRES = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17)

AURORA = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_6)

ARN = "arn:aws:rds-db:eu-west-1:111111111111:dbuser:"


def instance_of(stack: cdk.Stack, network: Network, **options: Any) -> rds.DatabaseInstance:
    values: dict[str, Any] = {"engine": POSTGRES, "iam_authentication": True, "port": 5433, **options}
    return rds.DatabaseInstance(
        stack,
        "Database",
        vpc=network.vpc,
        vpc_subnets=ec2.SubnetSelection(subnets=network.vpc.isolated_subnets),
        **values,
    )


def resources_of_connect(stack: cdk.Stack) -> list[Any]:
    """The resources of the one statement that lets the client sign in at the database."""
    found = [
        statement
        for policy in assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "rds-db:connect"
    ]
    (statement,) = found
    assert statement["Effect"] == "Allow"
    resources = statement["Resource"]
    return resources if isinstance(resources, list) else [resources]
