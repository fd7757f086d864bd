"""Replication groups: Redis OSS and Valkey on nodes, with cluster mode disabled, enabled or compatible."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import require_same_environment
from .._core.checking import error
from .._core.installed import attribute
from .._core.lookups import ChildPath, region_of
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
from .parameter_group import ParameterGroup, ParameterGroupBase, rendered, with_cluster_mode
from .placement import InSubnetGroup, refuse_contradictions, require_subnets, security_groups_of, subnet_group_of
from .replication_group_base import ReplicationGroupBase, endpoint_address
from .replication_group_import import import_replication_group
from .replication_group_words import DERIVED_FAILOVER, WORDS
from .restore import RestoreFrom


class ReplicationGroup(InSubnetGroup, ReplicationGroupBase):
    """A replication group of one or more shards, each with a primary and its replicas.

    By default, it runs redis 7.1 on two cache.t4g.micro nodes in two Availability Zones, with TLS, encryption at rest,
    IAM authentication, daily snapshots kept for 15 days, and a final snapshot on removal.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html

    ```python
    cache = ReplicationGroup(self, "Cart", vpc=vpc, engine=EngineVersion.VALKEY_8_2)
    cache.grant_connect(function)
    cache.connections.allow_default_port_from(function)
    ```

    :param vpc: the VPC of the nodes and the security group. Not needed with both `subnet_group` and `security_groups`.
        Default: none.
    :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
        none.
    :param engine: engine and version, which determine the parameter group family. Default: redis 7.1.
    :param node_type: the node type. Default: cache.t4g.micro.
    :param cluster_mode: shards and replicas. Default: disabled, with one replica.
    :param access: the authentication of clients. Default: IAM, with a new user group.
    :param description: 1 to 255 characters. Default: a text with the name of the stack.
    :param replication_group_id: 1 to 40 letters, digits and hyphens, stored in lower case. Default: CloudFormation
        generates an id, so that the replication group can be replaced.
    :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param parameter_group: an existing parameter group of the family of the version. Default: a new parameter group.
    :param parameters: parameters of the new parameter group. Default: the defaults of the family.
    :param port: 1150 to 65535, not 8005. Default: 6379.
    :param transit_encryption: whether clients use TLS. Default: required.
    :param at_rest_encryption: whether disks and snapshots are encrypted; a change replaces the group. Default: True.
    :param kms_key: the key for encryption at rest, in the same region. Default: the service-owned key.
    :param backup: automatic snapshots. Default: daily, kept for 15 days.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC, 1 to 24 hours. Default: ElastiCache chooses.
    :param multi_az: whether the nodes of a shard are in different Availability Zones. Default: True if there are
        replicas.
    :param automatic_failover: whether a replica takes over for a failed primary. Default: True if there are replicas,
        and always True with cluster mode enabled.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :param removal_policy: what happens to the data on removal. Default: a final snapshot is taken.
    :param restore_from: a snapshot or RDB files with the initial data. Default: the replication group starts empty.
    :param snapshotting_cluster_id: the node that snapshots are taken from, such as `<id>-002`; with cluster mode
        disabled. Default: ElastiCache chooses a replica.
    :param data_tiering: whether the least recently used data is stored on disk. It is required for r6gd nodes, and not
        available for others. Default: True for r6gd.
    :param durability: whether writes go to durable storage; needs valkey 9.0 with cluster mode enabled. Default: the
        default of ElastiCache.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param ip_discovery: the IP version of the addresses that discovery returns. Default: IPv4, or IPv6 with the network
        type IPv6.
    :param logs: the slow log, the engine log, or both. Default: none.
    :param notification_topic: the SNS topic for failover and other events, in the same region. Default: none.
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
        port: int = 6379,
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
        mode, path = cluster_mode or ClusterMode.disabled(), ChildPath(scope, id)
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
            parameters=with_cluster_mode(path, mode, rendered(self, parameters, engine.family)),
            description=describe("Cache parameters", self),
        )
        failover = mode.has_replicas or mode.is_clustered if automatic_failover is None else automatic_failover
        require_same_environment(self, "parameter_group", group)
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
                "SecurityGroupIds": [security_group.security_group_id for security_group in self._security_groups],
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
            related=[item for item in (group, self.access.user_group) if item is not None],
            # The region is read only if the rules need it, because reading it is a jsii call.
            region=None if facts.is_everywhere(node_type.name) else region_of(scope),
            removal_policy=removal_policy,
        )
        if mode.is_clustered:
            # Without this policy, CloudFormation replaces the cluster when the number of shards changes.
            self._resource.cfn_options.update_policy = cdk.CfnUpdatePolicy(use_online_resharding=True)

    @property
    def parameter_group(self) -> ParameterGroupBase:
        """The parameter group: the value of the parameter, or the group that this construct creates."""
        return self._parameter_group

    @property
    def effective_durability(self) -> str:
        """The durability that is in effect, such as `disabled`; a token."""
        return attribute(self._resource, "EffectiveDurability")

    @property
    def replication_group_id(self) -> str:
        """The id in lower case, for which clients sign IAM tokens; a token."""
        return reference_to(self)

    def _address(self, role: str) -> str:
        return endpoint_address(self._resource, role)

    @staticmethod
    def from_replication_group_id(scope: Construct, id: str, replication_group_id: str) -> ReplicationGroupBase:
        """Import a replication group of the stack's account and region by its id.

        The id is enough for permissions, events and the ARN. Members that need another attribute raise an error; pass
        it to `from_replication_group_attributes`.

        Example: `ReplicationGroup.from_replication_group_id(self, "Orders", "orders").replication_group_arn`.

        :param replication_group_id: letters, digits and hyphens.
        :raises ValueError: for an id that is malformed.
        """
        return import_replication_group(scope, id, replication_group_id=replication_group_id)

    @staticmethod
    def from_replication_group_arn(scope: Construct, id: str, replication_group_arn: str) -> ReplicationGroupBase:
        """Import a replication group by its ARN, also from another account or region.

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
        """Import a replication group with attributes; its properties are not checked.

        Only the id or the ARN is required. Members that need an attribute that was not passed raise an error.

        Example: `from_replication_group_attributes(self, "Orders", replication_group_id="orders",
        cluster_mode=ClusterMode.disabled(replicas=1), node_type=NodeType.R7G_LARGE)` has the attributes that
        alarms need.

        :param replication_group_id: the id. Default: the id in the ARN.
        :param replication_group_arn: the ARN, also from another account or region. Default: built from the id.
        :param security_groups: the security groups of the nodes, for connections. Default: not known.
        :param engine: engine and version, for a client and scaling. Default: not known.
        :param cluster_mode: shards and replicas, for metrics, alarms, dashboards, scaling and endpoints. Default: not
            known.
        :param node_type: the node type, for alarms and scaling. Default: not known.
        :param data_tiering: whether the nodes use data tiering. Default: determined from the node type.
        :param primary_endpoint_address: the DNS name, with cluster mode disabled or compatible. Default: not known.
        :param reader_endpoint_address: the DNS name, with cluster mode disabled or compatible. Default: not known.
        :param configuration_endpoint_address: the DNS name, with cluster mode enabled or compatible. Default: not
            known.
        :param port: the port. Default: 6379.
        :param transit_encryption: whether clients use TLS. Default: required.
        :param access: the authentication of clients, for a client and `grant_connect`: `Access.users([...])` with
            imported users, `Access.auth_token(secret)`, `Access.user_group(...)` or `Access.none()`. Default: not
            known.
        :raises ValueError: if both or neither of id and ARN are passed, or if one is malformed.
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
