"""Replication groups: Redis OSS and Valkey on nodes, with cluster mode disabled, enabled or compatible."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import check, error
from .._core.lookups import child_path, region_of
from .._core.names import description as describe
from ..access.access import Access, BoundAccess
from ..access.user import UserBase
from ..access.user_group import UserGroup
from ..network.subnet_group import SubnetGroupBase
from ..parameters import Parameters
from ..values.authentication import Authentication
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.log_delivery import LogDelivery, bind_logs
from ..values.node_type import NodeType
from ..values.options import Backup, Durability, IpDiscovery, NetworkType, TransitEncryption
from .parameter_group import ParameterGroup, ParameterGroupBase, rendered
from .placement import refuse_contradictions, security_groups_of, subnet_group_of
from .replication_group_base import ImportedReplicationGroup, ReplicationGroupBase
from .replication_group_properties import (
    access_properties,
    backup_properties,
    data_tiering_property,
    encryption_properties,
    layout_properties,
    with_cluster_mode,
)
from .replication_group_resource import PROPS, make_resource
from .restore import RestoreFrom


class ReplicationGroup(ReplicationGroupBase):
    """A primary and its replicas, in one shard or in many.

    By default: redis 7.1 on two cache.t4g.micro nodes in two Availability Zones, TLS required, encrypted at
    rest, IAM authentication, daily snapshots kept for 15 days, and a last snapshot when it is removed.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html

    :param vpc: where its nodes and its security group live. Default: none, with both `subnet_group` and
        `security_groups`.
    :param vpc_subnets: which subnets. Default: the isolated ones, or else the private ones.
    :param engine: engine and version; the parameter group family follows from it. Default: redis 7.1.
    :param node_type: the size of each node. Default: cache.t4g.micro.
    :param cluster_mode: shards and replicas. Default: disabled, with one replica.
    :param access: how clients authenticate. Default: IAM, through a user group of its own.
    :param description: 1 to 255 characters. Default: names the stack.
    :param replication_group_id: 1 to 40 letters, digits and hyphens, stored in lower case. Default:
        CloudFormation names it, so that it can be replaced.
    :param subnet_group: one made elsewhere, instead of `vpc_subnets`. Default: a new one.
    :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
    :param parameter_group: one made elsewhere, of the right family. Default: a new one.
    :param parameters: settings of the new parameter group. Default: the family's own.
    :param port: 1150 to 65535, not 8005. Default: 6379.
    :param transit_encryption: whether clients use TLS. Default: required.
    :param at_rest_encryption: whether disks and snapshots are encrypted; it cannot be changed later. Default: True.
    :param kms_key: the key for that, in the same region. Default: the service's own.
    :param backup: automatic snapshots. Default: daily, kept for 15 days.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC, 60 minutes to 24 hours. Default: the service
        chooses.
    :param multi_az: whether nodes of a shard sit in different zones. Default: True where there is a replica.
    :param automatic_failover: whether a replica takes over for a failed primary. Default: True where there is one,
        and always with cluster mode enabled.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :param removal_policy: what becomes of the data. Default: a last snapshot is taken.
    :param restore_from: a snapshot, or RDB files, that a new group is filled from. Default: it begins empty.
    :param snapshotting_cluster_id: the node that snapshots are taken of, `<id>-002` and so on; with cluster mode
        disabled. Default: the service takes a replica.
    :param data_tiering: whether data that is used least lies on disk; r6gd nodes only, and always there.
        Default: True for r6gd.
    :param durability: whether writes are durable; valkey 9.0 with cluster mode. Default: the service's own.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param ip_discovery: the kind of address that clients are told. Default: IPv4, or the only kind there is.
    :param logs: slow log and engine log, each once. Default: none.
    :param notification_topic: hears of failovers and other events, in the same region. Default: none.
    :raises ValueError: for what ElastiCache would refuse, and for props that contradict each other.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        engine: EngineVersion = EngineVersion.REDIS_7_1,
        node_type: NodeType = NodeType.T4G_MICRO,
        cluster_mode: ClusterMode | None = None,
        access: Access | None = None,
        description: str | None = None,
        replication_group_id: str | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        parameter_group: ParameterGroupBase | None = None,
        parameters: Mapping[str, str | float | bool] | Parameters | None = None,
        port: int = facts.load("limits")["default_port"]["redis"],
        transit_encryption: TransitEncryption = TransitEncryption.REQUIRED,
        at_rest_encryption: bool | cdk.IResolvable = True,
        kms_key: kms.IKey | None = None,
        backup: Backup | None = None,
        maintenance_window: str | None = None,
        multi_az: bool | cdk.IResolvable | None = None,
        automatic_failover: bool | cdk.IResolvable | None = None,
        auto_minor_version_upgrade: bool | cdk.IResolvable = True,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
        restore_from: RestoreFrom | None = None,
        snapshotting_cluster_id: str | None = None,
        data_tiering: bool | cdk.IResolvable | None = None,
        durability: Durability | None = None,
        network_type: NetworkType | None = None,
        ip_discovery: IpDiscovery | None = None,
        logs: Sequence[LogDelivery] = (),
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        layout = cluster_mode or ClusterMode.disabled()
        super().__init__(
            scope,
            id,
            cluster_mode=layout,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
        )
        refuse_contradictions(
            self,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            parameter_group=parameter_group,
            parameters=parameters,
        )
        path = child_path(scope, id)
        bound = (access or Access.iam())._bind(self, path, engine)
        self._access = bound
        subnets = subnet_group_of(self, vpc, vpc_subnets, subnet_group)
        group = parameter_group or ParameterGroup(
            self,
            "ParameterGroup",
            engine=engine,
            parameters=with_cluster_mode(path, layout, rendered(self, parameters, engine.family)),
            description=describe("Cache parameters", self),
        )
        self._security_groups = security_groups_of(self, vpc, security_groups)
        properties: dict[str, Any] = {
            "ReplicationGroupDescription": description or describe("Cache", self),
            "ReplicationGroupId": replication_group_id,
            "Engine": engine.engine.value,
            "EngineVersion": engine.version,
            "CacheNodeType": node_type.name,
            "CacheParameterGroupName": group.parameter_group_name,
            "CacheSubnetGroupName": subnets.subnet_group_name,
            "SecurityGroupIds": [each.security_group_id for each in self._security_groups],
            "PreferredMaintenanceWindow": maintenance_window,
            "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
            "Port": port,
            "DataTieringEnabled": data_tiering_property(node_type, data_tiering),
            "Durability": durability.value if durability else None,
            "NetworkType": network_type.value if network_type else None,
            "IpDiscovery": ip_discovery.value if ip_discovery else None,
            "LogDeliveryConfigurations": bind_logs(self, path, logs),
            "NotificationTopicArn": notification_topic.topic_arn if notification_topic else None,
            **layout_properties(layout, engine, automatic_failover, multi_az),
            **encryption_properties(engine, transit_encryption, at_rest_encryption, kms_key),
            **access_properties(bound),
            **backup_properties(backup or Backup(), restore_from, snapshotting_cluster_id),
        }
        if durability in (Durability.SYNC, Durability.ASYNC) and not layout.is_clustered:
            raise error(
                self,
                "durability",
                "be default or disabled without cluster mode",
                durability.value,
                "use cluster_mode=ClusterMode.enabled(...)",
            )
        self._properties, self._parameter_group = properties, group
        # Asked only where it matters, because it asks CDK.
        everywhere = facts.is_everywhere(node_type.name)
        check(self, self.as_resources(), only="Resource", names=PROPS, region=None if everywhere else region_of(scope))
        self._resource = make_resource(self, properties)
        self._resource.apply_removal_policy(removal_policy)
        if layout.is_clustered:
            # Without it, CloudFormation replaces the cluster when the number of shards changes.
            self._resource.cfn_options.update_policy = cdk.CfnUpdatePolicy(use_online_resharding=True)

    def as_resources(self) -> dict[str, dict[str, Any]]:
        """The group and what belongs to it, as the rules read them."""
        resources: dict[str, dict[str, Any]] = {
            "Resource": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": dict(self._properties)}
        }
        if isinstance(self._parameter_group, ParameterGroup):
            resources["ParameterGroup"] = self._parameter_group.as_resource()
            resources["Resource"]["Properties"]["CacheParameterGroupName"] = {"Ref": "ParameterGroup"}
        if isinstance(self.access.user_group, UserGroup):
            users = self.access.user_group.as_resources()
            resources["UserGroup"] = users.pop("Resource")
            resources.update(users)
            resources["Resource"]["Properties"]["UserGroupIds"] = [{"Ref": "UserGroup"}]
        return resources

    @property
    def node_type(self) -> NodeType:
        """The size of each node."""
        return NodeType.of(str(self._properties["CacheNodeType"]))

    @property
    def data_tiering(self) -> bool:
        """Whether data that is used least lies on disk."""
        return bool(self._properties["DataTieringEnabled"])

    @property
    def replication_group_id(self) -> str:
        """The id, lower case; IAM tokens are signed for it."""
        return self._resource.ref

    def _address(self, role: str) -> str:
        return {
            "primary": self._resource.attr_primary_end_point_address,
            "reader": self._resource.attr_reader_end_point_address,
            "configuration": self._resource.attr_configuration_end_point_address,
        }[role]

    @staticmethod
    def from_replication_group_attributes(
        scope: Construct,
        id: str,
        *,
        replication_group_id: str,
        security_groups: Sequence[ec2.ISecurityGroup],
        engine: EngineVersion,
        cluster_mode: ClusterMode,
        primary_endpoint_address: str | None = None,
        reader_endpoint_address: str | None = None,
        configuration_endpoint_address: str | None = None,
        port: int = facts.load("limits")["default_port"]["redis"],
        transit_encryption: TransitEncryption = TransitEncryption.REQUIRED,
        iam_users: Sequence[UserBase] = (),
    ) -> ReplicationGroupBase:
        """A replication group that exists already; nothing about it is checked or changed.

        :param replication_group_id: its id.
        :param security_groups: those of its nodes, that clients need a rule in.
        :param engine: engine and version.
        :param cluster_mode: its layout.
        :param primary_endpoint_address: with cluster mode disabled or compatible.
        :param reader_endpoint_address: with cluster mode disabled or compatible.
        :param configuration_endpoint_address: with cluster mode enabled or compatible.
        :param port: Default: 6379.
        :param transit_encryption: Default: required.
        :param iam_users: users that authenticate with IAM, for `grants.connect`. Default: clients do not authenticate.
        """
        return ImportedReplicationGroup(
            scope,
            id,
            replication_group_id=replication_group_id,
            addresses={
                "primary": primary_endpoint_address,
                "reader": reader_endpoint_address,
                "configuration": configuration_endpoint_address,
            },
            security_groups=security_groups,
            engine=engine,
            cluster_mode=cluster_mode,
            port=port,
            transit_encryption=transit_encryption,
            access=BoundAccess(
                authentication=Authentication.IAM if iam_users else Authentication.NONE,
                users=tuple(iam_users),
            ),
        )
