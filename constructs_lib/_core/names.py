"""Names, descriptions and ARNs that are made from a construct's path."""

import hashlib
import re

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import facts

# What EC2 takes in a security group's description, the strictest of those that are written here.
_NOT_IN_DESCRIPTIONS = re.compile(r"[^a-zA-Z0-9. _:/()#,@+=&;{}!$*-]")


def description(words: str, construct: Construct | str) -> str:
    """Words and the construct's path, in the characters and the length that every service takes.

    :param construct: the construct, or its path where that is at hand.
    """
    path = construct if isinstance(construct, str) else construct.node.path
    longest = facts.limit("description_length", "max")
    return _NOT_IN_DESCRIPTIONS.sub("-", f"{words} {path}")[:longest]


def physical_name(path: str) -> str:
    """A name for a resource that CloudFormation does not name itself, at most 32 characters.

    The path's readable part, and a hash of the whole of it that makes it unique in the app.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    readable = readable if readable[:1].isalpha() else f"u{readable}"
    return f"{readable[:23].rstrip('-')}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def format_arn(construct: Construct, resource: str, name: str) -> str:
    """An ElastiCache ARN; its parts are separated by colons throughout."""
    return cdk.Stack.of(construct).format_arn(
        service="elasticache",
        resource=resource,
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
