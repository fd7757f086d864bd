"""The final snapshot of a serverless cache, which follows the removal policy that the template has in the end."""

from typing import Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.checking import error
from .._core.names import snapshot_name

# CloudFormation has no DeletionPolicy Snapshot for this type: a cache with a final snapshot has no policy at all.
_TAKEN: Final = (None, cdk.CfnDeletionPolicy.SNAPSHOT)


def final_snapshot_name(
    cache: Construct, cache_name: str, stated: str | None, removal_policy: cdk.RemovalPolicy
) -> str | None:
    """The name that was given, or one that no earlier stack has used; None without a final snapshot.

    :raises ValueError: for a name where the removal policy takes no snapshot.
    """
    if removal_policy is cdk.RemovalPolicy.SNAPSHOT:
        return snapshot_name(cache, cache_name) if stated is None else stated
    if stated is not None:
        raise error(
            cache,
            "final_snapshot_name",
            "be absent unless removal_policy is SNAPSHOT",
            repr(stated),
            "leave one of them out",
        )
    return None


def follow_removal_policy(resource: elasticache.CfnServerlessCache, name: str | None) -> None:
    """Leave the name out of the template where an aspect or an escape hatch sets another removal policy."""
    if name is not None:
        resource.final_snapshot_name = cdk.Lazy.string(_FinalSnapshotName(resource, name))


@jsii.implements(cdk.IStableStringProducer)
class _FinalSnapshotName:
    def __init__(self, resource: elasticache.CfnServerlessCache, name: str) -> None:
        self._resource, self._name = resource, name

    def produce(self) -> str | None:
        return self._name if self._resource.cfn_options.deletion_policy in _TAKEN else None
