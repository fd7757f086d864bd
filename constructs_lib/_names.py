"""Names, descriptions and ARNs that are made from a construct's path."""

import re

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import facts

# What EC2 takes in a security group's description, the strictest of those that are written here.
_NOT_IN_DESCRIPTIONS = re.compile(r"[^a-zA-Z0-9. _:/()#,@+=&;{}!$*-]")


def description(words: str, construct: Construct) -> str:
    """Words and the construct's path, in the characters and the length that every service takes."""
    longest = facts.limit("description_length", "max")
    return _NOT_IN_DESCRIPTIONS.sub("-", f"{words} {construct.node.path}")[:longest]


def physical_name(construct: Construct) -> str:
    """A name for a resource that CloudFormation does not name itself: from the path, at most 40 characters."""
    name = cdk.Names.unique_resource_name(construct, max_length=39, separator="-").lower()
    name = re.sub(r"[^a-z0-9]+", "-", name).strip("-")
    return name if name[0].isalpha() else f"u{name}"


def format_arn(construct: Construct, resource: str, name: str) -> str:
    """An ElastiCache ARN; its parts are separated by colons throughout."""
    return cdk.Stack.of(construct).format_arn(
        service="elasticache",
        resource=resource,
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
