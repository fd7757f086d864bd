"""A replication group that exists already."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib.access import BoundAccess
from constructs_lib.cluster_mode import ClusterMode
from constructs_lib.engine import EngineVersion
from constructs_lib.options import TransitEncryption
from constructs_lib.replication_group_base import ReplicationGroupBase


class ImportedReplicationGroup(ReplicationGroupBase):
    """What `ReplicationGroup.from_replication_group_attributes` returns."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        replication_group_id: str,
        addresses: Mapping[str, str | None],
        security_groups: Sequence[ec2.ISecurityGroup],
        engine: EngineVersion,
        cluster_mode: ClusterMode,
        port: int,
        transit_encryption: TransitEncryption,
        access: BoundAccess,
    ) -> None:
        super().__init__(
            scope,
            id,
            cluster_mode=cluster_mode,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
        )
        self._id = replication_group_id
        self._addresses = addresses
        self._access = access
        self._security_groups = list(security_groups)

    @property
    def replication_group_id(self) -> str:
        return self._id

    def _address(self, role: str) -> str | None:
        return self._addresses[role]
