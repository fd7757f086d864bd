"""Replication groups that exist outside of the app."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.imports import Imported, imported
from .._core.lookups import child_path
from ..access.access import Access
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import TransitEncryption
from .replication_group_base import ReplicationGroupBase

# A token, so that the rules treat it as a value that only the deployment knows.
_NOT_KNOWN: Final = cdk.Aws.NO_VALUE


class ImportedReplicationGroup(ReplicationGroupBase):
    """What the `from_...` methods of `ReplicationGroup` return."""

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
        super().__init__(
            scope,
            id,
            cluster_mode=cluster_mode,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
            node_type=node_type,
            data_tiering=data_tiering,
            imported=imported,
        )
        self._id = imported.name
        self._addresses = addresses
        self._access = None if access is None else access._bind_imported(child_path(scope, id))
        self._security_groups = None if security_groups is None else list(security_groups)

    @property
    def replication_group_id(self) -> str:
        """The id that it was imported by."""
        return self._id

    def _address(self, role: str) -> str | None:
        return self._addresses[role]

    def as_resources(self) -> dict[str, dict[str, Any]]:
        """What is known of it, as the rules read it; they skip the rest."""
        engine, node_type, mode = self._given_engine, self._given_node_type, self._given_cluster_mode
        properties: dict[str, Any] = {
            "Engine": engine.engine.value if engine else _NOT_KNOWN,
            "EngineVersion": engine.version if engine else _NOT_KNOWN,
            "CacheNodeType": node_type.name if node_type else _NOT_KNOWN,
            "NumNodeGroups": mode.shards if mode else _NOT_KNOWN,
            "ReplicasPerNodeGroup": mode.replicas_per_shard if mode else _NOT_KNOWN,
            "AutomaticFailoverEnabled": _NOT_KNOWN,
            "CacheParameterGroupName": _NOT_KNOWN,
        }
        return {"Resource": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}}


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

    :raises ValueError: for neither, for both, and for one that is malformed.
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
