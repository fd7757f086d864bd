"""Memcached on nodes: keys are spread over them by the clients, and none is replicated."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import check, error, must_be_known
from .._core.lookups import region_of
from .._core.names import description as describe
from ..network.subnet_group import SubnetGroupBase
from ..parameters import Parameters
from ..values.engine import MemcachedVersion
from ..values.node_type import NodeType
from ..values.options import IpDiscovery, NetworkType
from .memcached_cluster_base import ImportedMemcachedCluster, MemcachedClusterBase
from .parameter_group import ParameterGroup, ParameterGroupBase
from .placement import refuse_contradictions, security_groups_of, subnet_group_of
from .replication_group_resource import argument_of

_PROPS: Final = {
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
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic",
    "Port": "port",
}
_ARGUMENTS: Final = {"AZMode": "az_mode"}
_PORT: Final[int] = facts.load("limits")["default_port"]["memcached"]


class MemcachedCluster(MemcachedClusterBase):
    """Memcached on one node or many.

    By default: memcached 1.6.22 on two cache.t4g.micro nodes in two Availability Zones, TLS required. What a node
    holds is lost with it: there are neither replicas nor snapshots.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html

    :param vpc: where its nodes and its security group live. Default: none, with both `subnet_group` and
        `security_groups`.
    :param vpc_subnets: which subnets. Default: the isolated ones, or else the private ones.
    :param version: Default: 1.6.22.
    :param node_type: the size of each node; another one replaces the cluster. Default: cache.t4g.micro.
    :param nodes: 1 to 60, the service's quota. Default: 2.
    :param zones: one Availability Zone for all nodes, or one for each. Default: spread over several.
    :param cluster_name: 1 to 50 letters, digits and hyphens, lower case. Default: CloudFormation names it.
    :param subnet_group: one made elsewhere, instead of `vpc_subnets`. Default: a new one.
    :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
    :param parameter_group: one made elsewhere, of the right family. Default: a new one.
    :param parameters: settings of the new parameter group. Default: the family's own.
    :param port: 1150 to 65535, not 8005. Default: 11211.
    :param transit_encryption: whether clients use TLS; needs 1.6.12. Default: True.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC, 60 minutes to 24 hours. Default: the service
        chooses.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param ip_discovery: the kind of address that clients are told. Default: IPv4, or the only kind there is.
    :param notification_topic: hears of its events, in the same region. Default: none.
    :param removal_policy: Default: it is deleted, because it cannot be kept as a snapshot.
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
        zones: Sequence[str] = (),
        cluster_name: str | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        parameter_group: ParameterGroupBase | None = None,
        parameters: Mapping[str, str | float | bool] | Parameters | None = None,
        port: int = _PORT,
        transit_encryption: bool = True,
        maintenance_window: str | None = None,
        auto_minor_version_upgrade: bool | cdk.IResolvable = True,
        network_type: NetworkType | None = None,
        ip_discovery: IpDiscovery | None = None,
        notification_topic: sns.ITopic | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id, version=version, nodes=nodes, transit_encryption=transit_encryption, port=port)
        refuse_contradictions(
            self,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            parameter_group=parameter_group,
            parameters=parameters,
        )
        if removal_policy is cdk.RemovalPolicy.SNAPSHOT:
            raise error(
                self,
                "removal_policy",
                "be other than SNAPSHOT for memcached",
                "SNAPSHOT",
                "use DESTROY or RETAIN, because memcached takes no snapshots",
            )
        subnets = subnet_group_of(self, vpc, vpc_subnets, subnet_group)
        group = parameter_group or ParameterGroup(
            self,
            "ParameterGroup",
            engine=version,
            parameters=parameters,
            description=describe("Cache parameters", self),
        )
        self._security_groups = security_groups_of(self, vpc, security_groups)
        properties: dict[str, Any] = {
            "ClusterName": cluster_name,
            "Engine": "memcached",
            "EngineVersion": version.version,
            "CacheNodeType": node_type.name,
            "NumCacheNodes": nodes,
            "CacheParameterGroupName": group.parameter_group_name,
            "CacheSubnetGroupName": subnets.subnet_group_name,
            "VpcSecurityGroupIds": [each.security_group_id for each in self._security_groups],
            "TransitEncryptionEnabled": transit_encryption if version.has("transit_encryption") else None,
            "PreferredMaintenanceWindow": maintenance_window,
            "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
            "NetworkType": network_type.value if network_type else None,
            "IpDiscovery": ip_discovery.value if ip_discovery else None,
            "NotificationTopicArn": notification_topic.topic_arn if notification_topic else None,
            "Port": port,
            **_zones(self, nodes, list(zones)),
        }
        if transit_encryption and not version.has("transit_encryption"):
            raise error(
                self,
                "transit_encryption",
                "be False before memcached 1.6.12",
                f"True with {version}",
                "use a later version, or turn TLS off",
            )
        self._check(scope, properties, group)
        self._resource = elasticache.CfnCacheCluster(
            self,
            "Resource",
            **{
                _ARGUMENTS.get(name) or argument_of(name): value
                for name, value in properties.items()
                if value is not None
            },
        )
        self._resource.apply_removal_policy(removal_policy)

    def _check(self, scope: Construct, properties: Mapping[str, Any], group: ParameterGroupBase) -> None:
        resource = {"Type": "AWS::ElastiCache::CacheCluster", "Properties": dict(properties)}
        resources: dict[str, dict[str, Any]] = {"Resource": resource}
        if isinstance(group, ParameterGroup):
            resources["ParameterGroup"] = group.as_resource()
            resource["Properties"] = {**properties, "CacheParameterGroupName": {"Ref": "ParameterGroup"}}
        everywhere = facts.is_everywhere(str(properties["CacheNodeType"]))
        check(self, resources, only="Resource", names=_PROPS, region=None if everywhere else region_of(scope))

    @property
    def cluster_name(self) -> str:
        """The cluster's id."""
        return self._resource.ref

    def _address(self) -> str:
        return self._resource.attr_configuration_endpoint_address

    @staticmethod
    def from_memcached_cluster_attributes(
        scope: Construct,
        id: str,
        *,
        cluster_name: str,
        configuration_endpoint_address: str,
        security_groups: Sequence[ec2.ISecurityGroup],
        version: MemcachedVersion,
        nodes: int,
        port: int = _PORT,
        transit_encryption: bool = True,
    ) -> MemcachedClusterBase:
        """A cluster that exists already; nothing about it is checked or changed.

        :param security_groups: those of its nodes, that clients need a rule in.
        :param nodes: how many it has.
        :param port: Default: 11211.
        :param transit_encryption: whether clients use TLS. Default: True.
        """
        return ImportedMemcachedCluster(
            scope,
            id,
            cluster_name=cluster_name,
            address=configuration_endpoint_address,
            security_groups=security_groups,
            version=version,
            nodes=nodes,
            port=port,
            transit_encryption=transit_encryption,
        )


def _zones(cluster: Construct, nodes: int, zones: list[str]) -> dict[str, Any]:
    must_be_known(cluster.node.path, "nodes", nodes)
    must_be_known(cluster.node.path, "zones", [each for each in zones if each.startswith("#{Token[")])
    if len(zones) > 1 and len(zones) != nodes:
        raise error(
            cluster,
            "zones",
            f"name one zone for all, or one for each of {nodes} nodes",
            len(zones),
            "list one for each node, a zone as often as it has nodes",
        )
    if not zones:
        return {"AZMode": "cross-az" if nodes > 1 else None}
    if len(zones) == 1:
        return {"AZMode": "single-az", "PreferredAvailabilityZone": zones[0]}
    return {
        "AZMode": "cross-az" if len(set(zones)) > 1 else "single-az",
        "PreferredAvailabilityZones": zones,
    }
