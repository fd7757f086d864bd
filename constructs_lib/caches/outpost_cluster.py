"""A cluster on AWS Outposts, created by a custom resource because CloudFormation does not support Outposts."""

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
from ..access.bound_access import BoundAccess
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
# Actions that CreateCacheCluster performs on behalf of the caller. They do not support resource ARNs.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
_EC2_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


class OutpostCluster(CacheBase):
    """A single redis node or a Memcached cluster on an Outpost.

    CloudFormation does not support caches on Outposts. A Lambda function creates, changes and deletes the cluster, and
    waits until it is available; it has permissions only for clusters with the name of this construct. A change that
    ElastiCache cannot make in place replaces the cluster. Outposts have M5 and R5 nodes only. They do not support TLS
    for redis, authentication, replicas or snapshots: the data is lost when the cluster fails.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCache-Outposts.html

    ```python
    outpost = "arn:aws:outposts:us-east-1:111122223333:outpost/op-0123456789abcdef0"
    subnets = ec2.SubnetSelection(subnets=[vpc.isolated_subnets[0]])
    OutpostCluster(
        self, "Cache", vpc=vpc, vpc_subnets=subnets, outpost_arn=outpost, node_type=NodeType.of("cache.m5.large")
    )
    ```

    :param vpc: the VPC that is extended to the Outpost.
    :param vpc_subnets: the subnets of the VPC on the Outpost.
    :param outpost_arn: `arn:aws:outposts:<region>:<account>:outpost/op-<id>`.
    :param engine: redis or memcached, and a version. Default: redis 7.1.
    :param node_type: a node type of the family M5 or R5 for which the Outpost has capacity. Default: cache.m5.large.
    :param nodes: the number of nodes, 1 for redis, 1 to 60 for memcached. Default: 1.
    :param cluster_name: 1 to 50 lower case letters, digits and hyphens. A cluster with a fixed name cannot be replaced.
        Default: generated from the stack name, the construct path and the request id.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param parameter_group: an existing parameter group of the family of the version. Default: a new parameter group.
    :param port: 1150 to 65535, not 8005. Default: 6379, or 11211 for memcached.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: ElastiCache chooses.
    :param auto_minor_version_upgrade: whether maintenance installs minor versions. Default: True.
    :raises ValueError: for what ElastiCache would refuse, or Outposts do not support.
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
        cluster: dict[str, Any] = {
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
        check(self, _TYPE, cluster, words=WORDS)
        as_cluster = {key: value for key, value in cluster.items() if "Outpost" not in key}
        check(self, "AWS::ElastiCache::CacheCluster", as_cluster, words=WORDS)
        subnets = SubnetGroup(
            self, "SubnetGroup", vpc=vpc, vpc_subnets=vpc_subnets, description=describe("Cache subnets", self)
        )
        group = parameter_group or ParameterGroup(
            self, "ParameterGroup", engine=engine, description=describe("Cache parameters", self)
        )
        provider = self._provider(cluster_name or f"{prefix}-*", subnets, group)
        properties = {
            **cluster,
            "CacheSubnetGroupName": subnets.subnet_group_name,
            "CacheParameterGroupName": group.parameter_group_name,
            "SecurityGroupIds": [security_group.security_group_id for security_group in self._security_groups],
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
        # The permissions must exist until the cluster is deleted.
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
        read_policies = [iam.PolicyStatement(actions=["elasticache:DescribeCacheClusters"], resources=resources[:1])]
        return custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=self._function("OnEvent", "on_event", policies),
            is_complete_handler=self._function("IsComplete", "is_complete", read_policies),
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
        """The id of the cluster; a token."""
        return self._resource.ref

    @property
    def cache_name(self) -> str:
        """The id of the cluster; a token."""
        return self.cluster_name

    @property
    def cache_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:cluster:<id>`."""
        return format_arn(self, "cluster", self.cluster_name)

    @property
    def uses_tls(self) -> bool:
        """Always False: Outposts do not support TLS for redis, and this construct does not use it for memcached."""
        return False

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint for clients; for memcached, the configuration endpoint."""
        return Endpoint(self._resource.get_att_string("Address"), self._port)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoint by its role: `configuration` for memcached, `primary` for redis."""
        return {"configuration" if isinstance(self._engine, MemcachedVersion) else "primary": self.endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine and version, and for memcached the number of nodes, for the connection test."""
        if isinstance(self._engine, MemcachedVersion):
            return {"engine": "memcached", "engine_version": self._engine.version, "nodes": self._nodes}
        return {"engine": self._engine.engine.value, "engine_version": self._engine.version}
