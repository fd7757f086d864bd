"""The name of the final snapshot of a serverless cache."""

import aws_cdk as cdk
from constructs import Construct

from .._core.checking import error
from .._core.names import snapshot_name


def final_snapshot_name(
    scope: Construct, path: str, cache_name: str, name: str | None, removal_policy: cdk.RemovalPolicy
) -> str:
    """The name of the caller, or a name that no earlier stack has used.

    It is also generated for a removal policy without a snapshot, because the policy may change later.

    :param scope: a construct in the stack of the cache.
    :param path: the construct path of the cache, for errors.
    :param name: the name that the caller passed.
    :raises ValueError: for a name together with a removal policy without a snapshot.
    """
    if name is not None and removal_policy is not cdk.RemovalPolicy.SNAPSHOT:
        raise error(
            path,
            "final_snapshot_name",
            "be absent unless removal_policy is RemovalPolicy.SNAPSHOT",
            repr(name),
            "leave one of them out",
        )
    return snapshot_name(scope, cache_name) if name is None else name
