"""A cluster on AWS Outposts, which CloudFormation has no property for: a custom resource makes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import must_be_known
from .._core.installed import python_3_14
from .._core.lookups import child_path
from .._core.names import description as describe
from .._core.names import format_arn, physical_name
from .._core.resource import check
from .._core.words import Words
from ..access.access import BoundAccess
from ..network.subnet_group import SubnetGroup
from ..values.authentication import Authentication
from ..values.engine import EngineVersion, MemcachedVersion
from ..values.node_type import NodeType
from ..values.options import Endpoint
from .cache_base import CacheBase
from .parameter_group import ParameterGroup, ParameterGroupBase
from .placement import security_groups_of

_FUNCTION: Final = Path(__file__).parent / "outposts_function"
_TYPE: Final = "Custom::ElastiCacheOutpostCluster"
WORDS: Final = Words(
    {
        "PreferredOutpostArn": "outpost_arn",
        "CacheNodeType": "node_type",
        "Engine": "engine",
        "EngineVersion": "engine",
        "NumCacheNodes": "nodes",
        "Port": "port",
        "PreferredMaintenanceWindow": "maintenance_window",
    }
)
# What CreateCacheCluster does on the caller's behalf; EC2 does not scope these actions.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
_EC2_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


class OutpostCluster(CacheBase):
    """A redis node or a Memcached cluster on an Outpost.

    CloudFormation has no property for Outposts, so that a function creates, changes and deletes the cluster, and waits
    until it is available. It may do that with clusters of this construct's name alone. A change of what the service
    cannot change in place makes a new cluster. On an Outpost there are M5 and R5 nodes, and neither TLS for redis nor
    authentication, replicas or snapshots: what it holds is lost with it.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCache-Outposts.html

    :param vpc: the VPC that reaches to the Outpost.
    :param vpc_subnets: its subnets on the Outpost.
    :param outpost_arn: `arn:aws:outposts:<region>:<account>:outpost/op-<id>`.
    :param engine: redis or memcached, and a version. Default: redis 7.1.
    :param node_type: of the families M5 and R5, as far as the Outpost has room. Default: cache.m5.large.
    :param nodes: 1 for redis, 1 to 60 for memcached. Default: 1.
    :param cluster_name: 1 to 50 letters, digits and hyphens, lower case; with it, the cluster cannot be replaced.
        Default: generated from the stack's name, the path and the request.
    :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
    :param parameter_group: one made elsewhere, of the right family. Default: a new one.
    :param port: 1150 to 65535, not 8005. Default: 6379, or 11211 for memcached.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: the service chooses.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :raises ValueError: for what Outposts do not have.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection,
        outpost_arn: str,
        engine: EngineVersion | MemcachedVersion = EngineVersion.REDIS_7_1,
        node_type: NodeType | None = None,
        nodes: int = 1,
        cluster_name: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        parameter_group: ParameterGroupBase | None = None,
        port: int | None = None,
        maintenance_window: str | None = None,
        auto_minor_version_upgrade: bool | cdk.IResolvable = True,
    ) -> None:
        name = "memcached" if isinstance(engine, MemcachedVersion) else engine.engine.value
        must_be_known(child_path(scope, id), "nodes", nodes)
        super().__init__(
            scope,
            id,
            port=facts.load("limits")["default_port"][name] if port is None else port,
            access=lambda _: BoundAccess(authentication=Authentication.NONE),
            security_groups=lambda cluster: security_groups_of(cluster, vpc, security_groups),
        )
        self._engine, self._nodes = engine, nodes
        prefix = physical_name(self)
        stated: dict[str, Any] = {
            "Engine": name,
            "EngineVersion": engine.version,
            "CacheNodeType": (node_type or NodeType.of("cache.m5.large")).name,
            "NumCacheNodes": nodes,
            "OutpostMode": "single-outpost",
            "PreferredOutpostArn": outpost_arn,
            "PreferredMaintenanceWindow": maintenance_window,
            "AutoMinorVersionUpgrade": auto_minor_version_upgrade,
            "Port": self._port,
        }
        check(self, _TYPE, stated, words=WORDS)
        as_cluster = {key: value for key, value in stated.items() if "Outpost" not in key}
        check(self, "AWS::ElastiCache::CacheCluster", as_cluster, words=WORDS)
        subnets = SubnetGroup(
            self, "SubnetGroup", vpc=vpc, vpc_subnets=vpc_subnets, description=describe("Cache subnets", self)
        )
        group = parameter_group or ParameterGroup(
            self, "ParameterGroup", engine=engine, description=describe("Cache parameters", self)
        )
        provider = self._provider(cluster_name or f"{prefix}-*", subnets, group)
        properties = {
            **stated,
            "CacheSubnetGroupName": subnets.subnet_group_name,
            "CacheParameterGroupName": group.parameter_group_name,
            "SecurityGroupIds": [each.security_group_id for each in self._security_groups],
            "ClusterName": cluster_name,
            "NamePrefix": prefix,
        }
        self._resource = cdk.CustomResource(
            self,
            "Resource",
            resource_type=_TYPE,
            service_token=provider.service_token,
            properties={key: value for key, value in properties.items() if value is not None},
        )
        # Its rights must outlive it, or it could not be deleted.
        self._resource.node.add_dependency(provider)

    def _provider(self, cluster: str, subnets: SubnetGroup, group: ParameterGroupBase) -> custom_resources.Provider:
        resources = [
            format_arn(self, "cluster", cluster),
            format_arn(self, "subnetgroup", subnets.subnet_group_name),
            format_arn(self, "parametergroup", group.parameter_group_name),
        ]
        policies = [
            iam.PolicyStatement(
                actions=[
                    "elasticache:CreateCacheCluster",
                    "elasticache:ModifyCacheCluster",
                    "elasticache:DeleteCacheCluster",
                    "elasticache:DescribeCacheClusters",
                ],
                resources=resources,
            ),
            iam.PolicyStatement(actions=list(_EC2_ACTIONS), resources=["*"]),
        ]
        looks = [iam.PolicyStatement(actions=["elasticache:DescribeCacheClusters"], resources=resources[:1])]
        return custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=self._function("OnEvent", "on_event", policies),
            is_complete_handler=self._function("IsComplete", "is_complete", looks),
            query_interval=cdk.Duration.seconds(30),
            total_timeout=cdk.Duration.hours(1),
            disable_waiter_state_machine_logging=False,
        )

    def _function(self, id: str, handler: str, policies: Sequence[iam.PolicyStatement]) -> lambda_.Function:
        return lambda_.Function(
            self,
            id,
            runtime=python_3_14(),
            handler=f"handler.{handler}",
            code=lambda_.Code.from_asset(str(_FUNCTION), exclude=["__pycache__", "*.pyc"]),
            description=describe("Cluster on an Outpost", self),
            timeout=cdk.Duration.minutes(2),
            initial_policy=list(policies),
        )

    @property
    def cluster_name(self) -> str:
        """The cluster's id."""
        return self._resource.ref

    @property
    def cache_name(self) -> str:
        """The cluster's id."""
        return self.cluster_name

    @property
    def cache_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:cluster:<id>`."""
        return format_arn(self, "cluster", self.cluster_name)

    @property
    def uses_tls(self) -> bool:
        """Never: the service has no TLS for a redis cluster, and none is asked for with memcached."""
        return False

    @property
    def endpoint(self) -> Endpoint:
        """Where clients connect; with memcached the configuration endpoint."""
        return Endpoint(self._resource.get_att_string("Address"), self._port)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoint, by its role."""
        return {"configuration" if isinstance(self._engine, MemcachedVersion) else "primary": self.endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version and nodes."""
        if isinstance(self._engine, MemcachedVersion):
            return {"engine": "memcached", "engine_version": self._engine.version, "nodes": self._nodes}
        return {"engine": self._engine.engine.value, "engine_version": self._engine.version}
