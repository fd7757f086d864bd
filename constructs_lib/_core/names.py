"""Names, descriptions and ARNs that are generated for a construct."""

import hashlib
import re

import aws_cdk as cdk
from constructs import Construct

from .lookups import path_in_stack, stack_name_of

_LONGEST_READABLE = 23


def description(words: str, construct: Construct) -> str:
    """A description with the name of the stack, in characters and a length that every service accepts.

    It does not contain the construct path: CloudFormation replaces a security group when its description changes,
    and a construct may move within its stack.
    """
    # A stack's name has at most 128 letters, digits and hyphens.
    return f"{words} in stack {stack_name_of(construct)}"


def physical_name(construct: Construct, path: str | None = None) -> str:
    """A name for a resource that CloudFormation does not name; unique in an account and region.

    At most 32 lower case letters, digits and single hyphens: the stack name and the path within the stack, truncated,
    and a hash of both. The names differ between stacks because stack names are unique in an account and region.

    :param construct: a construct in the stack of the resource.
    :param path: the path of the resource's construct. Default: the path of `construct`.
    """
    whole = f"{stack_name_of(construct)}/{path_in_stack(construct, path)}"
    readable = re.sub(r"[^a-z0-9]+", "-", whole.lower()).strip("-")
    readable = readable if readable[:1].isalpha() else f"u{readable}"
    return f"{readable[:_LONGEST_READABLE].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def snapshot_name(construct: Construct, name: str) -> str:
    """A name for a snapshot that is kept after its stack, so that a later stack of the same name can take one.

    The name ends with the UUID in the stack id, which is different for every stack that is created.

    :param name: the prefix, at most 40 characters; 37 are added.
    """
    uuid = cdk.Fn.select(2, cdk.Fn.split("/", cdk.Stack.of(construct).stack_id))
    return cdk.Fn.join("-", [name, uuid])


def format_arn(construct: Construct, resource: str, name: str) -> str:
    """An ElastiCache ARN, with colons between all parts."""
    return cdk.Stack.of(construct).format_arn(
        service="elasticache",
        resource=resource,
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
