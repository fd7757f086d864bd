"""The final snapshot of a resource whose type has no deletion policy `Snapshot`: a property names it instead."""

from typing import Final

import aws_cdk as cdk
import jsii

# The policies with which the final snapshot is taken. CDK sets none for `RemovalPolicy.SNAPSHOT` here.
_TAKEN: Final = (None, cdk.CfnDeletionPolicy.SNAPSHOT)


def follow_removal_policy(resource: cdk.CfnResource, parameter: str, name: str | None) -> None:
    """Leave the name out of the template where an aspect or an escape hatch sets another removal policy.

    :param parameter: the attribute of the L1 that holds the name.
    :param name: the name of the final snapshot; None where none is taken.
    """
    if name is not None:
        setattr(resource, parameter, cdk.Lazy.string(_FinalSnapshotName(resource, name)))


@jsii.implements(cdk.IStableStringProducer)
class _FinalSnapshotName:
    def __init__(self, resource: cdk.CfnResource, name: str) -> None:
        self._resource, self._name = resource, name

    def produce(self) -> str | None:
        return self._name if self._resource.cfn_options.deletion_policy in _TAKEN else None
