"""Access to resources in a template, and a value that a condition selects."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions

SERVERLESS_CACHE = "AWS::ElastiCache::ServerlessCache"


def conditional(s: cdk.Stack, first: object, second: object) -> cdk.IResolvable:
    """One of two values, selected by a condition."""
    cdk.CfnCondition(s, "Given", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    return cdk.Fn.condition_if("Given", first, second)


def properties_of(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    """The properties of the one resource of a type; reading the template validates it as well."""
    (found,) = assertions.Template.from_stack(stack).find_resources(kind).values()
    props: dict[str, Any] = found["Properties"]
    return props


def resource_of(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    """The one resource of a type."""
    (found,) = assertions.Template.from_stack(stack).find_resources(kind).values()
    return dict(found)


def statements_of(stack: cdk.Stack) -> list[dict[str, Any]]:
    """Every statement of every policy."""
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    return [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]
