"""Imported replication groups."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_rules import UNKNOWN

from .._core.imports import Imported, imported
from .._core.lookups import child_path
from .._core.resource import describe
from ..access.access import Access
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import TransitEncryption
from .replication_group_base import ReplicationGroupBase


class ImportedReplicationGroup(ReplicationGroupBase):
    """An imported replication group; created by the `from_...` methods of `ReplicationGroup`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        imported: Imported,
        addresses: Mapping[str, str | None],
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        engine: EngineVersion | None,
        cluster_mode: ClusterMode | None,
        node_type: NodeType | None,
        data_tiering: bool | None,
        port: int,
        transit_encryption: TransitEncryption,
        access: Access | None,
    ) -> None:
        bound = None if access is None else access.bind_imported(child_path(scope, id))
        super().__init__(
            scope,
            id,
            cluster_mode=cluster_mode,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
            access=lambda _: bound,
            security_groups=lambda _: security_groups,
            node_type=node_type,
            data_tiering=data_tiering,
            imported=imported,
        )
        self._id = imported.name
        self._addresses = addresses
        describe(
            self,
            "AWS::ElastiCache::ReplicationGroup",
            {
                "Engine": engine.engine.value if engine else UNKNOWN,
                "EngineVersion": engine.version if engine else UNKNOWN,
                "CacheNodeType": node_type.name if node_type else UNKNOWN,
                "NumNodeGroups": cluster_mode.shards if cluster_mode else UNKNOWN,
                "ReplicasPerNodeGroup": cluster_mode.replicas_per_shard if cluster_mode else UNKNOWN,
                "AutomaticFailoverEnabled": UNKNOWN,
                "CacheParameterGroupName": UNKNOWN,
            },
        )

    @property
    def replication_group_id(self) -> str:
        """The id that was passed to the import, or the id in the ARN."""
        return self._id

    def _address(self, role: str) -> str | None:
        return self._addresses[role]


def import_replication_group(
    scope: Construct,
    id: str,
    *,
    replication_group_id: str | None = None,
    replication_group_arn: str | None = None,
    addresses: Mapping[str, str | None] | None = None,
    security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    engine: EngineVersion | None = None,
    cluster_mode: ClusterMode | None = None,
    node_type: NodeType | None = None,
    data_tiering: bool | None = None,
    port: int = 6379,
    transit_encryption: TransitEncryption = TransitEncryption.REQUIRED,
    access: Access | None = None,
) -> ImportedReplicationGroup:
    """Import a replication group by its id or its ARN.

    :raises ValueError: if both or neither of id and ARN are passed, or if one is malformed.
    """
    return ImportedReplicationGroup(
        scope,
        id,
        imported=imported(
            scope,
            id,
            kind="replicationgroup",
            name_prop="replication_group_id",
            name=replication_group_id,
            arn_prop="replication_group_arn",
            arn=replication_group_arn,
        ),
        addresses=addresses or {"primary": None, "reader": None, "configuration": None},
        security_groups=security_groups,
        engine=engine,
        cluster_mode=cluster_mode,
        node_type=node_type,
        data_tiering=data_tiering,
        port=port,
        transit_encryption=transit_encryption,
        access=access,
    )
