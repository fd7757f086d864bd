"""The name of the final snapshot of a serverless cache."""

import aws_cdk as cdk
from constructs import Construct

from .._core.checking import error
from .._core.names import snapshot_name


def final_snapshot_name(
    scope: Construct, path: str, cache_name: str, stated: str | None, removal_policy: cdk.RemovalPolicy
) -> str | None:
    """The name that was given, or one that no earlier stack has used; None without a final snapshot.

    :param scope: a construct in the stack of the cache.
    :param path: the path of the cache.
    :raises ValueError: for a name where the removal policy takes no snapshot.
    """
    if removal_policy is cdk.RemovalPolicy.SNAPSHOT:
        return snapshot_name(scope, cache_name) if stated is None else stated
    if stated is not None:
        raise error(
            path,
            "final_snapshot_name",
            "be absent unless removal_policy is RemovalPolicy.SNAPSHOT",
            repr(stated),
            "leave one of them out",
        )
    return None
