"""Memcached on nodes: clients distribute keys over the nodes, and there is no replication."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import require_same_environment
from .._core.checking import error, length_must_be_known, must_be_known
from .._core.lookups import child_path, region_of
from .._core.names import description as describe
from .._core.resource import create, reference_to
from .._core.words import Prop, Words
from ..network.subnet_group import SubnetGroupBase
from ..parameters import Parameters
from ..values.engine import MemcachedVersion
from ..values.node_type import NodeType
from ..values.options import IpDiscovery, NetworkType
from .memcached_cluster_base import MemcachedClusterBase
from .memcached_cluster_import import import_memcached_cluster
from .parameter_group import ParameterGroup, ParameterGroupBase
from .placement import InSubnetGroup, refuse_contradictions, require_subnets, security_groups_of, subnet_group_of

WORDS: Final = Words(
    {
        "ClusterName": "cluster_name",
        "Engine": "version",
        "EngineVersion": "version",
        "CacheNodeType": "node_type",
        "NumCacheNodes": "nodes",
        "AZMode": "zones",
        "PreferredAvailabilityZone": "zones",
        "PreferredAvailabilityZones": "zones",
        "CacheParameterGroupName": "parameter_group",
        "TransitEncryptionEnabled": "transit_encryption",
        "PreferredMaintenanceWindow": "maintenance_window",
        "NetworkType": "network_type",
        **{f"NetworkType {member.value}": f"NetworkType.{member.name}" for member in NetworkType},
        "IpDiscovery": Prop(
            "ip_discovery", {repr(member.value): f"IpDiscovery.{member.name}" for member in IpDiscovery}
        ),
        "NotificationTopicArn": "notification_topic",
        "Port": "port",
    },
    {
        "network/ip-discovery": (
            "ip_discovery must be IpDiscovery.IPV4 with NetworkType.IPV4, the default, got {value}; set "
            "network_type to NetworkType.IPV6 or NetworkType.DUAL_STACK, or leave ip_discovery out"
        ),
        "network/ipv6-version EngineVersion": (
            "version must {must}, got {value}; use a later version, or NetworkType.IPV4"
        ),
        "network/ipv6-version CacheNodeType": (
            "node_type must {must}, got {value}; use another node type, such as cache.r7g.large, or NetworkType.IPV4"
        ),
    },
)


class MemcachedCluster(InSubnetGroup, MemcachedClusterBase):
    """A Memcached cluster of one or more nodes.

    By default, it runs memcached 1.6.22 on two cache.t4g.micro nodes in two Availability Zones, with TLS. There are no
    replicas and no snapshots: the data of a node is lost when the node fails.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html

    ```python
    pages = MemcachedCluster(self, "Pages", vpc=vpc, nodes=3)
    pages.connections.allow_default_port_from(security_group)
    ```

    :param vpc: the VPC of the nodes and the security group. Not needed with both `subnet_group` and `security_groups`.
        Default: none.
    :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
        none.
    :param version: the version of memcached. Default: 1.6.22.
    :param node_type: the node type; a change replaces the cluster. Default: cache.t4g.micro.
    :param nodes: the number of nodes, 1 to 60, which is the default quota. Default: 2.
    :param zones: one Availability Zone for all nodes, or one zone per node; zones may repeat. Default: ElastiCache
        spreads the nodes over several zones.
    :param cluster_name: 1 to 50 lower case letters, digits and hyphens. Default: CloudFormation generates a name.
    :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param parameter_group: an existing parameter group of the family of the version. Default: a new parameter group.
    :param parameters: parameters of the new parameter group. Default: the defaults of the family.
    :param port: 1150 to 65535, not 8005. Default: 11211.
    :param transit_encryption: whether clients use TLS; needs 1.6.12. Default: True.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC, 60 minutes to 24 hours. Default: ElastiCache
        chooses.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param ip_discovery: the IP version of the addresses that discovery returns. Default: IPv4, or IPv6 with the network
        type IPv6.
    :param notification_topic: the SNS topic for events, in the same region. Default: none.
    :param removal_policy: what happens to the cluster on removal; memcached has no snapshots. Default: it is deleted.
    :raises ValueError: for what ElastiCache would refuse, and for props that contradict each other.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        version: MemcachedVersion = MemcachedVersion.V1_6_22,
        node_type: NodeType = NodeType.T4G_MICRO,
        nodes: int = 2,
        zones: Sequence[str] | None = None,
        cluster_name: str | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        parameter_group: ParameterGroupBase | None = None,
        parameters: Mapping[str, str | float | bool] | Parameters | None = None,
        port: int = 11211,
        transit_encryption: bool = True,
        maintenance_window: str | None = None,
        auto_minor_version_upgrade: bool | cdk.IResolvable = True,
        network_type: NetworkType | None = None,
        ip_discovery: IpDiscovery | None = None,
        notification_topic: sns.ITopic | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.DESTROY,
    ) -> None:
        path = child_path(scope, id)
        refuse_contradictions(
            path,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            parameter_group=parameter_group,
            parameters=parameters,
        )
        require_subnets(path, vpc, vpc_subnets, subnet_group)
        if removal_policy is cdk.RemovalPolicy.SNAPSHOT:
            raise error(
                path,
                "removal_policy",
                "not be RemovalPolicy.SNAPSHOT for memcached",
                "RemovalPolicy.SNAPSHOT",
                "use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN, because memcached has no snapshots",
            )
        has_tls = version.has("transit_encryption")
        if transit_encryption and not has_tls:
            raise error(
                path,
                "transit_encryption",
                f"be False before memcached {facts.minimum_version('transit_encryption', 'memcached')}",
                f"True with {version}",
                "use a later version, or set it to False",
            )
        super().__init__(
            scope,
            id,
            version=version,
            nodes=nodes,
            transit_encryption=transit_encryption,
            port=port,
            security_groups=lambda cluster: security_groups_of(cluster, vpc, security_groups),
        )
        subnets = subnet_group_of(self, vpc, vpc_subnets, subnet_group)
        group = parameter_group or ParameterGroup(
            self,
            "ParameterGroup",
            engine=version,
            parameters=parameters,
            description=describe("Cache parameters", self),
        )
        require_same_environment(self, "parameter_group", group)
        self._vpc, self._subnet_group, self._parameter_group, self._node_type = vpc, subnets, group, node_type
        self._resource = create(
            self,
            elasticache.CfnCacheCluster,
            {
                "ClusterName": cluster_name,
                "Engine": "memcached",
                "EngineVersion": version.version,
                "CacheNodeType": node_type.name,
                "NumCacheNodes": nodes,
                "CacheParameterGroupName": group.parameter_group_name,
                "CacheSubnetGroupName": subnets.subnet_group_name,
                "VpcSecurityGroupIds": [security_group.security_group_id for security_group in self._security_groups],
                "TransitEncryptionEnabled": transit_encryption if has_tls else None,
                "PreferredMaintenanceWindow": maintenance_window,
                "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
                "NetworkType": network_type.value if network_type else None,
                "IpDiscovery": ip_discovery.value if ip_discovery else None,
                "NotificationTopicArn": notification_topic.topic_arn if notification_topic else None,
                "Port": port,
                **_zones(path, nodes, list(zones or ())),
            },
            words=WORDS,
            related=[group],
            region=None if facts.is_everywhere(node_type.name) else region_of(scope),
            removal_policy=removal_policy,
        )

    @property
    def parameter_group(self) -> ParameterGroupBase:
        """The parameter group: the value of the parameter, or the group that this construct creates."""
        return self._parameter_group

    @property
    def node_type(self) -> NodeType:
        """The node type of all nodes."""
        return self._node_type

    @property
    def cluster_name(self) -> str:
        """The id of the cluster; a token."""
        return reference_to(self)

    def _address(self) -> str:
        return self._resource.attr_configuration_endpoint_address

    @staticmethod
    def from_memcached_cluster_name(scope: Construct, id: str, cluster_name: str) -> MemcachedClusterBase:
        """Import a cluster of the stack's account and region by its id.

        The id is enough for permissions, metrics and events. Members that need another attribute raise an error; pass
        it to `from_memcached_cluster_attributes`.

        Example: `MemcachedCluster.from_memcached_cluster_name(self, "Pages", "pages").metrics.evictions()`.

        :param cluster_name: letters, digits and hyphens.
        :raises ValueError: for a name that is malformed.
        """
        return import_memcached_cluster(scope, id, cluster_name=cluster_name)

    @staticmethod
    def from_memcached_cluster_arn(scope: Construct, id: str, cluster_arn: str) -> MemcachedClusterBase:
        """Import a cluster by its ARN, also from another account or region.

        Example: `MemcachedCluster.from_memcached_cluster_arn(self, "Pages", cdk.Fn.import_value("PagesArn"))`.

        :param cluster_arn: `arn:aws:elasticache:<region>:<account>:cluster:<id>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return import_memcached_cluster(scope, id, cluster_arn=cluster_arn)

    @staticmethod
    def from_memcached_cluster_attributes(
        scope: Construct,
        id: str,
        *,
        cluster_name: str | None = None,
        cluster_arn: str | None = None,
        configuration_endpoint_address: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        version: MemcachedVersion | None = None,
        nodes: int | None = None,
        port: int = 11211,
        transit_encryption: bool = True,
    ) -> MemcachedClusterBase:
        """Import a cluster with attributes; its properties are not checked.

        Only the name or the ARN is required. Members that need an attribute that was not passed raise an error.

        Example: `from_memcached_cluster_attributes(self, "Pages", cluster_name="pages", nodes=2)` has the attributes
        that alarms need.

        :param cluster_name: the id. Default: the id in the ARN.
        :param cluster_arn: the ARN, also from another account or region. Default: built from the id.
        :param configuration_endpoint_address: the DNS name of the configuration endpoint, for clients. Default: not
            known.
        :param security_groups: the security groups of the nodes, for connections. Default: not known.
        :param version: the version of memcached, for a client. Default: not known.
        :param nodes: the number of nodes, 1 to 60, for alarms and dashboards. Default: not known.
        :param port: the port. Default: 11211.
        :param transit_encryption: whether clients use TLS. Default: True.
        :raises ValueError: if both or neither of name and ARN are passed, or if one is malformed.
        """
        return import_memcached_cluster(
            scope,
            id,
            cluster_name=cluster_name,
            cluster_arn=cluster_arn,
            address=configuration_endpoint_address,
            security_groups=security_groups,
            version=version,
            nodes=nodes,
            port=port,
            transit_encryption=transit_encryption,
        )


def _zones(path: str, nodes: int, zones: list[str]) -> dict[str, Any]:
    must_be_known(path, "nodes", nodes)
    length_must_be_known(path, "zones", zones)
    if len(zones) > 1 and len(zones) != nodes:
        raise error(
            path,
            "zones",
            f"name one zone, or one zone for each of {nodes} nodes",
            len(zones),
            "list one zone per node; a zone may be repeated",
        )
    if not zones:
        return {"AZMode": "cross-az" if nodes > 1 else None}
    if len(zones) == 1:
        return {"AZMode": "single-az", "PreferredAvailabilityZone": zones[0]}
    return {
        "AZMode": "cross-az" if len(set(zones)) > 1 else "single-az",
        "PreferredAvailabilityZones": zones,
    }
