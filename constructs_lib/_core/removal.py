"""The final snapshot of a resource type that has a property for its name instead of the deletion policy `Snapshot`."""

from typing import Final

import aws_cdk as cdk
import jsii

# The deletion policies with a final snapshot. An aspect sets the second one, which CloudFormation does not accept for
# this type; CDK reports that.
_WITH_SNAPSHOT: Final = (None, cdk.CfnDeletionPolicy.SNAPSHOT)


def follow_removal_policy(resource: cdk.CfnResource, parameter: str, name: str | None) -> None:
    """Omit the snapshot name from the template if an aspect or an escape hatch sets another removal policy.

    :param parameter: the attribute of the L1 that holds the name.
    :param name: the name of the final snapshot; None for no snapshot.
    """
    if name is not None:
        setattr(resource, parameter, cdk.Lazy.string(_FinalSnapshotName(resource, name)))


def keep_final_snapshot(resource: cdk.CfnResource) -> None:
    """Remove the deletion policies, so that CloudFormation deletes the resource, and the service takes the snapshot."""
    resource.cfn_options.deletion_policy = None
    resource.cfn_options.update_replace_policy = None


@jsii.implements(cdk.IStableStringProducer)
class _FinalSnapshotName:
    def __init__(self, resource: cdk.CfnResource, name: str) -> None:
        self._resource, self._name = resource, name

    def produce(self) -> str | None:
        return self._name if self._resource.cfn_options.deletion_policy in _WITH_SNAPSHOT else None
