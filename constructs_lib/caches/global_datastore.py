"""Global Datastore: one cache whose primary region is copied to up to two others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.checking import error, is_token
from .._core.installed import attribute
from .._core.lookups import region_of
from .._core.nag import GLOBAL_TAGS, acknowledge
from .._core.names import description as describe
from .._core.resource import create
from .._core.words import Prop, Words
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import Durability, NetworkType
from .parameter_group import ParameterGroupBase
from .replication_group import ReplicationGroup
from .replication_group_base import ReplicationGroupBase

_MEMBERS: Final = Prop(
    "primary",
    {
        **{f"'NetworkType {each.value}'": f"NetworkType.{each.name}" for each in NetworkType},
        **{f"'Durability {each.value}'": f"Durability.{each.name}" for each in Durability},
    },
)
_SENTENCES: Final = {
    "global-datastore/excluded": (
        "primary must have neither durability nor IPv6, got {value}; leave durability and network_type out of the "
        "primary"
    ),
    "global-datastore/replicas": (
        "primary must have a replica in each shard, got {value} without one; add a replica to each shard of the primary"
    ),
    "global-datastore/version": "primary must {must}, got {value}; use a later version as engine of the primary",
    "global-datastore/cluster-mode": "{prop} must {must}, got {value}; leave it out",
}
WORDS: Final = Words(
    {
        "GlobalReplicationGroupIdSuffix": "id_suffix",
        "GlobalReplicationGroupDescription": "description",
        "GlobalNodeGroupCount": "shards",
        "RegionalConfigurations": "zones",
        "CacheNodeType": "node_type",
        "CacheParameterGroupName": "parameter_group",
        "EngineVersion": "engine",
        "Members": _MEMBERS,
    },
    _SENTENCES,
)
WORDS_FOR_NODE_TYPE: Final = Words(
    WORDS.props,
    {
        **_SENTENCES,
        "global-datastore/node-type": (
            "node_type must be of a family and a size that Global Datastore takes, got {value}; {fix}"
        ),
    },
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalZones:
    """Where the shards that are added go in one region; with cluster mode.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_RegionalConfiguration.html

    :param replication_group_id: the member in that region.
    :param region: its region.
    :param zones_by_shard: for a shard's id, the Availability Zones of its nodes, the primary's first.
    """

    replication_group_id: str
    region: str
    zones_by_shard: Mapping[str, Sequence[str]]

    def render(self) -> dict[str, Any]:
        """The configuration, by CloudFormation's names."""
        return {
            "ReplicationGroupId": self.replication_group_id,
            "ReplicationGroupRegion": self.region,
            "ReshardingConfigurations": [
                {"NodeGroupId": shard, "PreferredAvailabilityZones": list(zones)}
                for shard, zones in self.zones_by_shard.items()
            ],
        }


class GlobalDatastoreBase(AwsResource):
    """What a secondary asks of a Global Datastore, made here or imported."""

    @property
    def global_replication_group_id(self) -> str:
        """The id, which begins with letters that stand for the primary region."""
        raise NotImplementedError

    @property
    def primary(self) -> ReplicationGroupBase:
        """The member that takes writes."""
        raise NotImplementedError


class GlobalDatastore(GlobalDatastoreBase):
    """A replication group that other regions copy; in the stack of its primary region.

    Size, engine version and number of shards are changed here, for all members together. Each other region has a
    `GlobalDatastoreSecondary` in a stack of its own; delete those first.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    :param primary: with nodes of certain families in large or larger, redis 5.0.6 or valkey, a replica in each shard,
        neither durability nor IPv6. Its stack must have a concrete region.
    :param id_suffix: letters, digits and hyphens that the id ends with. Default: CloudFormation names it.
    :param description: Default: names the stack.
    :param automatic_failover: whether a replica takes over in its region. Default: as the primary has it.
    :param node_type: another size for every member. Default: the primary's.
    :param engine: another version for every member; a major one takes `parameter_group`. Default: the primary's.
    :param parameter_group: for that version. Default: the primary's.
    :param shards: another number of shards for every member; with cluster mode. Default: the primary's.
    :param zones: where new shards go in each region. Default: the service chooses.
    :raises ValueError: for what ElastiCache would refuse, or a region that is not known.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        primary: ReplicationGroup,
        id_suffix: str | None = None,
        description: str | None = None,
        automatic_failover: bool | cdk.IResolvable | None = None,
        node_type: NodeType | None = None,
        engine: EngineVersion | None = None,
        parameter_group: ParameterGroupBase | None = None,
        shards: int | None = None,
        zones: Sequence[RegionalZones] | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._primary = primary
        region = region_of(primary)
        if is_token(region):
            raise error(
                self,
                "primary",
                "be in a stack with a concrete region",
                f"{primary.node.path} in a stack of any region",
                "pass env=cdk.Environment(account=..., region=...) to its stack",
            )
        if engine is not None and engine.engine is not primary.engine.engine:
            raise error(
                self,
                "engine",
                f"be a version of {primary.engine.engine}, which the primary runs",
                engine,
                "choose one, or leave it out",
            )
        self._resource = create(
            self,
            elasticache.CfnGlobalReplicationGroup,
            {
                "GlobalReplicationGroupIdSuffix": id_suffix,
                "GlobalReplicationGroupDescription": description
                or describe("Global Datastore with its primary", primary),
                "AutomaticFailoverEnabled": automatic_failover,
                "CacheNodeType": node_type.name if node_type else None,
                "Engine": engine.engine.value if engine else None,
                "EngineVersion": engine.version if engine else None,
                "CacheParameterGroupName": parameter_group.parameter_group_name if parameter_group else None,
                "GlobalNodeGroupCount": shards,
                "RegionalConfigurations": [each.render() for each in zones] if zones else None,
                "Members": [
                    {
                        "ReplicationGroupId": primary.replication_group_id,
                        "ReplicationGroupRegion": region,
                        "Role": "PRIMARY",
                    }
                ],
            },
            words=WORDS if node_type is None else WORDS_FOR_NODE_TYPE,
            around=[primary],
            region=region,
        )
        acknowledge(self._resource, GLOBAL_TAGS)
        primary.become_primary()

    @property
    def global_replication_group_id(self) -> str:
        """The id, which begins with letters that stand for the primary region."""
        return self._resource.attr_global_replication_group_id

    @property
    def global_replication_group_arn(self) -> str:
        """The ARN that CloudFormation returns; a token."""
        return attribute(self._resource, "Arn")

    @property
    def global_replication_group_status(self) -> str:
        """The status that CloudFormation returns, such as `available`; a token."""
        return self._resource.attr_status

    @property
    def primary(self) -> ReplicationGroup:
        """The member that takes writes."""
        return self._primary

    @staticmethod
    def from_global_replication_group_id(
        scope: Construct, id: str, global_replication_group_id: str, *, primary: ReplicationGroupBase
    ) -> GlobalDatastoreBase:
        """A Global Datastore that exists already, or that another app creates.

        :param global_replication_group_id: its id, with the letters of the primary region.
        :param primary: the member that takes writes, imported: a secondary takes its engine, mode and TLS.
        """
        return _ImportedGlobalDatastore(scope, id, global_replication_group_id, primary)


class _ImportedGlobalDatastore(GlobalDatastoreBase):
    def __init__(self, scope: Construct, id: str, global_id: str, primary: ReplicationGroupBase) -> None:
        super().__init__(scope, id)
        self._id, self._primary = global_id, primary

    @property
    def global_replication_group_id(self) -> str:
        return self._id

    @property
    def primary(self) -> ReplicationGroupBase:
        return self._primary
