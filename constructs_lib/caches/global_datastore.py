"""Global Datastore: a replication group that is replicated to one or two other regions."""

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
        **{f"'NetworkType {member.value}'": f"NetworkType.{member.name}" for member in NetworkType},
        **{f"'Durability {member.value}'": f"Durability.{member.name}" for member in Durability},
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
            "node_type must have a family and a size that Global Datastore supports, got {value}; {fix}"
        ),
    },
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalZones:
    """The Availability Zones of new shards in one region, for cluster mode enabled.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_RegionalConfiguration.html

    ```python
    zones = {"0003": ["us-east-1a", "us-east-1b"]}
    RegionalZones(replication_group_id="orders", region="us-east-1", zones_by_shard=zones)
    ```

    :param replication_group_id: the id of the member in the region.
    :param region: the region of the member.
    :param zones_by_shard: by shard id, the Availability Zones of the nodes, the primary first.
    """

    replication_group_id: str
    region: str
    zones_by_shard: Mapping[str, Sequence[str]]

    def render(self) -> dict[str, Any]:
        """An item of the property `RegionalConfigurations`."""
        return {
            "ReplicationGroupId": self.replication_group_id,
            "ReplicationGroupRegion": self.region,
            "ReshardingConfigurations": [
                {"NodeGroupId": shard, "PreferredAvailabilityZones": list(zones)}
                for shard, zones in self.zones_by_shard.items()
            ],
        }


class GlobalDatastoreBase(AwsResource):
    """A Global Datastore, created in this app or imported.

    ```python
    orders = GlobalDatastore.from_global_replication_group_id(self, "Global", "ldgnf-orders", primary=cache)
    ```
    """

    @property
    def global_replication_group_id(self) -> str:
        """The id, with a prefix for the primary region; a token unless it is imported by a literal id."""
        raise NotImplementedError

    @property
    def primary(self) -> ReplicationGroupBase:
        """The primary member, which accepts writes."""
        raise NotImplementedError


class GlobalDatastore(GlobalDatastoreBase):
    """A Global Datastore, in the stack of its primary region.

    Change node type, engine version and number of shards here, for all members together. Create a
    `GlobalDatastoreSecondary` in a stack of each other region. Delete the secondaries before the Global Datastore.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    ```python
    primary = ReplicationGroup(self, "Orders", vpc=vpc, node_type=NodeType.R7G_LARGE)
    GlobalDatastore(self, "Global", primary=primary)
    ```

    :param primary: the primary member. It needs a supported node family in the size large or larger, redis 5.0.6 or
        valkey, and a replica in each shard; durability and IPv6 are not supported. The region of its stack must be
        known at synth.
    :param id_suffix: the suffix of the id: letters, digits and hyphens. Default: CloudFormation generates it.
    :param description: a description. Default: a text with the name of the stack.
    :param automatic_failover: whether a replica of the same region takes over for a failed primary node. Default: the
        setting of the primary.
    :param node_type: another node type for all members. Default: the node type of the primary.
    :param engine: another version for all members. A new major version needs `parameter_group`. Default: the version
        of the primary.
    :param parameter_group: a parameter group for the new version. Default: the parameter group of the primary.
    :param shards: another number of shards for all members, with cluster mode enabled. Default: the number of the
        primary.
    :param zones: the Availability Zones of new shards, by region. Default: ElastiCache chooses.
    :raises ValueError: for what ElastiCache would refuse, or a stack whose region is not known at synth.
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
                "be in a stack whose region is known at synth",
                f"{primary.node.path} in an environment-agnostic stack",
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
                "RegionalConfigurations": [zone.render() for zone in zones] if zones else None,
                "Members": [
                    {
                        "ReplicationGroupId": primary.replication_group_id,
                        "ReplicationGroupRegion": region,
                        "Role": "PRIMARY",
                    }
                ],
            },
            words=WORDS if node_type is None else WORDS_FOR_NODE_TYPE,
            related=[primary],
            region=region,
        )
        acknowledge(self._resource, GLOBAL_TAGS)
        primary.become_primary()

    @property
    def global_replication_group_id(self) -> str:
        """The id, with a prefix for the primary region; a token unless it is imported by a literal id."""
        return self._resource.attr_global_replication_group_id

    @property
    def global_replication_group_arn(self) -> str:
        """The ARN; a token."""
        return attribute(self._resource, "Arn")

    @property
    def global_replication_group_status(self) -> str:
        """The status that CloudFormation returns, such as `available`; a token."""
        return self._resource.attr_status

    @property
    def primary(self) -> ReplicationGroup:
        """The primary member, which accepts writes."""
        return self._primary

    @staticmethod
    def from_global_replication_group_id(
        scope: Construct, id: str, global_replication_group_id: str, *, primary: ReplicationGroupBase
    ) -> GlobalDatastoreBase:
        """Import a Global Datastore by its id.

        :param global_replication_group_id: the id, with the prefix for the primary region.
        :param primary: the primary member, imported. A secondary takes over its engine, cluster mode and TLS setting.
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
