"""Imported Memcached clusters."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.imports import Imported, imported
from ..values.engine import MemcachedVersion
from .memcached_cluster_base import MemcachedClusterBase


class ImportedMemcachedCluster(MemcachedClusterBase):
    """An imported cluster; created by the `from_...` methods of `MemcachedCluster`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        imported: Imported,
        address: str | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        version: MemcachedVersion | None,
        nodes: int | None,
        port: int,
        transit_encryption: bool,
    ) -> None:
        super().__init__(
            scope,
            id,
            version=version,
            nodes=nodes,
            transit_encryption=transit_encryption,
            port=port,
            security_groups=lambda _: security_groups,
            imported=imported,
        )
        self._name, self._host = imported.name, address

    @property
    def cluster_name(self) -> str:
        """The id that was passed to the import, or the id in the ARN."""
        return self._name

    def _address(self) -> str | None:
        return self._host


def import_memcached_cluster(
    scope: Construct,
    id: str,
    *,
    cluster_name: str | None = None,
    cluster_arn: str | None = None,
    address: str | None = None,
    security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    version: MemcachedVersion | None = None,
    nodes: int | None = None,
    port: int = 11211,
    transit_encryption: bool = True,
) -> ImportedMemcachedCluster:
    """Import a Memcached cluster by its id or its ARN.

    :raises ValueError: if both or neither of id and ARN are passed, or if one is malformed.
    """
    return ImportedMemcachedCluster(
        scope,
        id,
        imported=imported(
            scope,
            id,
            kind="cluster",
            name_prop="cluster_name",
            name=cluster_name,
            arn_prop="cluster_arn",
            arn=cluster_arn,
        ),
        address=address,
        security_groups=security_groups,
        version=version,
        nodes=nodes,
        port=port,
        transit_encryption=transit_encryption,
    )
