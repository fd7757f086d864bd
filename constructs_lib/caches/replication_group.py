"""Replication groups: Redis OSS and Valkey on nodes, with cluster mode disabled, enabled or compatible."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import error, problem
from .._core.installed import attribute
from .._core.lookups import child_path, region_of
from .._core.names import description as describe
from .._core.renamed import renamed
from .._core.resource import create, reference_to
from ..access.access import Access
from ..network.subnet_group import SubnetGroupBase
from ..parameters import Parameters
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.log_delivery import LogDelivery, bind_logs
from ..values.node_type import NodeType
from ..values.options import Backup, Durability, IpDiscovery, NetworkType, TransitEncryption
from .parameter_group import ParameterGroup, ParameterGroupBase, rendered
from .placement import InSubnetGroup, refuse_contradictions, require_subnets, security_groups_of, subnet_group_of
from .replication_group_base import ReplicationGroupBase, endpoint_address
from .replication_group_import import import_replication_group
from .replication_group_words import DERIVED_FAILOVER, WORDS
from .restore import RestoreFrom


class ReplicationGroup(InSubnetGroup, ReplicationGroupBase):
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
    :param removal_policy: what happens to the data on removal. Default: a last snapshot is taken.
    :param restore_from: a snapshot, or RDB files, that a new group is filled from. Default: it begins empty.
    :param snapshotting_cluster_id: the node that snapshots are taken of, `<id>-002` and so on; with cluster mode
        disabled. Default: the service takes a replica.
    :param data_tiering: whether data that is used least lies on disk; r6gd nodes only, and always there.
        Default: True for r6gd.
    :param durability: whether writes are durable; valkey 9.0 with cluster mode. Default: the service's own.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param ip_discovery: the kind of address that clients are told. Default: IPv4, or the only kind there is.
    :param logs: slow log and engine log, each once. Default: none.
    :param notification_topic: the SNS topic for failovers and other events, in the same region. Default: none.
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
        mode, path = cluster_mode or ClusterMode.disabled(), child_path(scope, id)
        tiering = data_tiering if data_tiering is not None else node_type.has_data_tiering or None
        refuse_contradictions(
            path,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            parameter_group=parameter_group,
            parameters=parameters,
        )
        require_subnets(path, vpc, vpc_subnets, subnet_group)
        super().__init__(
            scope,
            id,
            cluster_mode=mode,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
            access=lambda cache: (access or Access.iam()).bind(cache, path, engine),
            security_groups=lambda cache: security_groups_of(cache, vpc, security_groups),
            node_type=node_type,
            data_tiering=bool(tiering),
        )
        if durability in (Durability.SYNC, Durability.ASYNC) and not mode.is_clustered:
            raise error(
                path,
                "durability",
                "be default or disabled without cluster mode",
                f"Durability.{durability.name}",
                "use cluster_mode=ClusterMode.enabled(...)",
            )
        subnets = subnet_group_of(self, vpc, vpc_subnets, subnet_group)
        group = parameter_group or ParameterGroup(
            self,
            "ParameterGroup",
            engine=engine,
            parameters=_with_cluster_mode(path, mode, rendered(self, parameters, engine.family)),
            description=describe("Cache parameters", self),
        )
        failover = mode.has_replicas or mode.is_clustered if automatic_failover is None else automatic_failover
        self._vpc, self._subnet_group, self._parameter_group = vpc, subnets, group
        self._resource = create(
            self,
            elasticache.CfnReplicationGroup,
            {
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
                "AutomaticFailoverEnabled": failover,
                "MultiAZEnabled": mode.has_replicas and failover if multi_az is None else multi_az,
                "AtRestEncryptionEnabled": at_rest_encryption,
                "KmsKeyId": kms_key.key_arn if kms_key else None,
                "SnapshottingClusterId": snapshotting_cluster_id,
                "DataTieringEnabled": tiering,
                "Durability": durability.value if durability else None,
                "NetworkType": network_type.value if network_type else None,
                "IpDiscovery": ip_discovery.value if ip_discovery else None,
                "LogDeliveryConfigurations": bind_logs(self, path, logs),
                "NotificationTopicArn": notification_topic.topic_arn if notification_topic else None,
                **mode.render(with_mode=engine.has("cluster_mode_property")),
                **transit_encryption.render(with_mode=engine.has("transit_encryption_mode")),
                **self.access.render(),
                **(backup or Backup()).render(),
                **(restore_from.render() if restore_from else {}),
            },
            words=DERIVED_FAILOVER if automatic_failover is None else WORDS,
            around=[each for each in (group, self.access.user_group) if each is not None],
            # Asked only where it matters, because it asks CDK.
            region=None if facts.is_everywhere(node_type.name) else region_of(scope),
            removal_policy=removal_policy,
        )
        if mode.is_clustered:
            # Without it, CloudFormation replaces the cluster when the number of shards changes.
            self._resource.cfn_options.update_policy = cdk.CfnUpdatePolicy(use_online_resharding=True)

    @property
    def parameter_group(self) -> ParameterGroupBase:
        """The parameter group, given or created."""
        return self._parameter_group

    @property
    def effective_durability(self) -> str:
        """The durability that CloudFormation returns, such as `disabled`; a token."""
        return attribute(self._resource, "EffectiveDurability")

    @property
    def replication_group_id(self) -> str:
        """The id, lower case; IAM tokens are signed for it."""
        return reference_to(self)

    def _address(self, role: str) -> str:
        return endpoint_address(self._resource, role)

    @staticmethod
    def from_replication_group_id(scope: Construct, id: str, replication_group_id: str) -> ReplicationGroupBase:
        """A replication group of the stack's account and region that exists already, by its id alone.

        Permissions, events and the ARN need no more. What needs another attribute raises an error that names it;
        `from_replication_group_attributes` takes it.

        Example: `ReplicationGroup.from_replication_group_id(self, "Orders", "orders").grant_connect(role)`.

        :param replication_group_id: letters, digits and hyphens.
        :raises ValueError: for an id that is malformed.
        """
        return import_replication_group(scope, id, replication_group_id=replication_group_id)

    @staticmethod
    def from_replication_group_arn(scope: Construct, id: str, replication_group_arn: str) -> ReplicationGroupBase:
        """A replication group that exists already, by its ARN alone, also of another account or region.

        Example: `ReplicationGroup.from_replication_group_arn(self, "Orders", cdk.Fn.import_value("OrdersArn"))`.

        :param replication_group_arn: `arn:aws:elasticache:<region>:<account>:replicationgroup:<id>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return import_replication_group(scope, id, replication_group_arn=replication_group_arn)

    @staticmethod
    @renamed(iam_users="access=Access.users([...])")
    def from_replication_group_attributes(
        scope: Construct,
        id: str,
        *,
        replication_group_id: str | None = None,
        replication_group_arn: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        engine: EngineVersion | None = None,
        cluster_mode: ClusterMode | None = None,
        node_type: NodeType | None = None,
        data_tiering: bool | None = None,
        primary_endpoint_address: str | None = None,
        reader_endpoint_address: str | None = None,
        configuration_endpoint_address: str | None = None,
        port: int = 6379,
        transit_encryption: TransitEncryption = TransitEncryption.REQUIRED,
        access: Access | None = None,
    ) -> ReplicationGroupBase:
        """A replication group that exists already; nothing about it is checked or changed.

        All but the id or the ARN is optional. What needs an attribute that was not given raises an error that names it.

        Example: `from_replication_group_attributes(self, "Orders", replication_group_id="orders",
        cluster_mode=ClusterMode.disabled(replicas=1), node_type=NodeType.R7G_LARGE)` has all that alarms need.

        :param replication_group_id: its id. Default: the one in the ARN.
        :param replication_group_arn: its ARN, also of another account or region. Default: made from the id.
        :param security_groups: those of its nodes, for connections. Default: not known.
        :param engine: engine and version, for a client and scaling. Default: not known.
        :param cluster_mode: its layout, for metrics, alarms, dashboards, scaling and endpoints. Default: not known.
        :param node_type: the size of each node, for alarms and scaling. Default: not known.
        :param data_tiering: whether data that is used least lies on disk. Default: as the node type has it.
        :param primary_endpoint_address: with cluster mode disabled or compatible. Default: not known.
        :param reader_endpoint_address: with cluster mode disabled or compatible. Default: not known.
        :param configuration_endpoint_address: with cluster mode enabled or compatible. Default: not known.
        :param port: Default: 6379.
        :param transit_encryption: whether clients use TLS. Default: required.
        :param access: how clients authenticate, for a client and `grant_connect`: `Access.users([...])` with imported
            users, `Access.auth_token(secret)`, `Access.user_group(...)` or `Access.none()`. Default: not known.
        :raises ValueError: for neither an id nor an ARN, for both, and for one that is malformed.
        """
        return import_replication_group(
            scope,
            id,
            replication_group_id=replication_group_id,
            replication_group_arn=replication_group_arn,
            addresses={
                "primary": primary_endpoint_address,
                "reader": reader_endpoint_address,
                "configuration": configuration_endpoint_address,
            },
            security_groups=security_groups,
            engine=engine,
            cluster_mode=cluster_mode,
            node_type=node_type,
            data_tiering=data_tiering,
            port=port,
            transit_encryption=transit_encryption,
            access=access,
        )


def _with_cluster_mode(path: str, mode: ClusterMode, parameters: dict[str, str]) -> dict[str, str]:
    """The parameters of a new group; cluster mode sets one of them."""
    wanted = "yes" if mode.is_clustered else "no"
    given = parameters.get("cluster-enabled", wanted)
    if given != wanted:
        raise problem(
            path,
            f"parameters set cluster-enabled={given}, and cluster_mode is {mode.name}",
            "leave cluster-enabled out, because cluster_mode sets it",
        )
    return {"cluster-enabled": "yes", **parameters} if mode.is_clustered else parameters
