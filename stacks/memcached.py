"""A deployment of one Memcached cluster."""

from dataclasses import dataclass
from typing import ClassVar

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import CacheBase, MemcachedCluster, MemcachedVersion, NodeType
from stacks.acknowledgements import acknowledge_memcached
from stacks.placed import PRESETS, PlacedDeployment, Preset


@dataclass(frozen=True, kw_only=True)
class MemcachedDeployment(PlacedDeployment):
    """A Memcached cluster.

    :param engine_version: such as 1.6.22. Default: 1.6.22.
    :param node_type: the node type.
    :param nodes: the number of nodes, 1 to 60.
    :param port: 1150 to 65535, not 8005.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: ElastiCache chooses.
    """

    CACHE_DESCRIPTION: ClassVar[str] = "ElastiCache Memcached cluster"

    engine_version: str | None = None
    node_type: str = "cache.t4g.micro"
    nodes: int = 2
    port: int = 11211
    maintenance_window: str | None = None

    def version_value(self) -> MemcachedVersion:
        """The version of memcached."""
        return MemcachedVersion.of(self.engine_version) if self.engine_version else MemcachedVersion.V1_6_22

    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the cluster."""
        cache = MemcachedCluster(
            stack,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            version=self.version_value(),
            node_type=NodeType.of(self.node_type),
            nodes=self.nodes,
            port=self.port,
            maintenance_window=self.maintenance_window,
        )
        cdk.CfnOutput(stack, "ClusterName", value=cache.cluster_name)
        cdk.CfnOutput(stack, "ConfigurationEndpoint", value=cache.configuration_endpoint.socket_address)
        acknowledge_memcached(cache, port=self.port)
        return cache

    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """The node type and the number of nodes of a preset."""
        chosen = PRESETS[preset](self.version_value())
        return {"node_type": chosen.node_type.name, "nodes": chosen.nodes}
