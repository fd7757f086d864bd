"""Names, descriptions and ARNs that are generated for a construct."""

import hashlib
import re

import aws_cdk as cdk
from constructs import Construct

from .lookups import path_in_stack, stack_name_of

_LONGEST_READABLE = 23


def description(words: str, construct: Construct) -> str:
    """Words and the name of the stack, in the characters and the length that every service takes.

    Without the construct's path: a security group is replaced when its description changes, and a construct may move
    within its stack.
    """
    # A stack's name has at most 128 letters, digits and hyphens.
    return f"{words} in stack {stack_name_of(construct)}"


def physical_name(construct: Construct, path: str | None = None) -> str:
    """A name for a resource that CloudFormation does not name itself; unique in an account and region.

    At most 32 lower case letters, digits and single hyphens. It begins with the stack's name and the path within the
    stack, as far as they fit, and ends with a hash of both. No two stacks of an account and region share a name.

    :param construct: whose stack is meant.
    :param path: the path that is named. Default: the construct's own.
    """
    path = construct.node.path if path is None else path
    whole = f"{stack_name_of(construct)}/{path_in_stack(construct, path)}"
    readable = re.sub(r"[^a-z0-9]+", "-", whole.lower()).strip("-")
    readable = readable if readable[:1].isalpha() else f"u{readable}"
    return f"{readable[:_LONGEST_READABLE].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def snapshot_name(construct: Construct, name: str) -> str:
    """A name for a snapshot that outlives its stack: the next stack of that name takes one of another name.

    The id of a stack ends with a UUID, and no two stacks that are created have the same.

    :param name: how it begins, at most 40 characters; 37 are added.
    """
    uuid = cdk.Fn.select(2, cdk.Fn.split("/", cdk.Stack.of(construct).stack_id))
    return cdk.Fn.join("-", [name, uuid])


def format_arn(construct: Construct, resource: str, name: str) -> str:
    """An ElastiCache ARN; its parts are separated by colons throughout."""
    return cdk.Stack.of(construct).format_arn(
        service="elasticache",
        resource=resource,
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
