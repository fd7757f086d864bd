"""The stack of the cache: everything that holds data."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib import (
    CacheBase,
    CredentialRotation,
    MemcachedCluster,
    Network,
    ReplicationGroup,
    ServerlessCache,
)
from stacks.acknowledgements import acknowledge_cache, acknowledge_rotation
from stacks.deployment import Deployment
from stacks.place import place_in


class CacheStack(cdk.Stack):
    """A cache of the deployment's kind, with its users, parameter group, subnet group and security group.

    :param deployment: what to make.
    :param network: where its nodes live; None where the deployment names a VPC that exists.
    :param env: where.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        deployment: Deployment,
        network: Network | None,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            env=env,
            description=_DESCRIPTIONS[deployment.kind],
            termination_protection=deployment.termination_protection,
        )
        # A subnet under a cache must not be removed: references to the network are exports, which refuse that.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)
        make = {
            "replication-group": self._replication_group,
            "memcached": self._memcached_cluster,
            "serverless": self._serverless_cache,
        }[deployment.kind]
        vpc, vpc_subnets = place_in(self, deployment, network)
        self._cache: CacheBase = make(deployment, vpc, vpc_subnets)
        acknowledge_cache(self._cache, deployment)
        if deployment.rotation:
            self._rotate(vpc, vpc_subnets)

    @property
    def cache(self) -> CacheBase:
        """The cache."""
        return self._cache

    def _key(self, deployment: Deployment) -> kms.IKey | None:
        if not deployment.customer_managed_key:
            return None
        return kms.Key(self, "Key", description=f"Data of {self.node.path}", enable_key_rotation=True)

    def _rotate(self, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> None:
        rotation = CredentialRotation(
            self,
            "Rotation",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            cache=self._cache,
            user=next(iter(self._cache.access.users), None),
        )
        acknowledge_rotation(rotation)

    def _replication_group(
        self, deployment: Deployment, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection
    ) -> ReplicationGroup:
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            engine=deployment.engine_version_value(),
            node_type=deployment.node_type_value(),
            cluster_mode=deployment.cluster_mode_value(),
            access=deployment.access_value(),
            port=deployment.port,
            kms_key=self._key(deployment),
            multi_az=deployment.multi_az,
            backup=deployment.backup_value(),
            maintenance_window=deployment.maintenance_window,
            logs=deployment.logs_value(),
            removal_policy=deployment.removal_policy_value(),
        )
        cdk.CfnOutput(self, "ReplicationGroupId", value=cache.replication_group_id)
        if cache.cluster_mode.has_primary_endpoint:
            cdk.CfnOutput(self, "PrimaryEndpoint", value=cache.primary_endpoint.socket_address)
            cdk.CfnOutput(self, "ReaderEndpoint", value=cache.reader_endpoint.socket_address)
        if cache.cluster_mode.is_clustered:
            cdk.CfnOutput(self, "ConfigurationEndpoint", value=cache.configuration_endpoint.socket_address)
        return cache

    def _memcached_cluster(
        self, deployment: Deployment, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection
    ) -> MemcachedCluster:
        cache = MemcachedCluster(
            self,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            version=deployment.memcached_version_value(),
            node_type=deployment.node_type_value(),
            nodes=deployment.nodes,
            port=deployment.port,
            maintenance_window=deployment.maintenance_window,
        )
        cdk.CfnOutput(self, "ClusterName", value=cache.cluster_name)
        cdk.CfnOutput(self, "ConfigurationEndpoint", value=cache.configuration_endpoint.socket_address)
        return cache

    def _serverless_cache(
        self, deployment: Deployment, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection
    ) -> ServerlessCache:
        cache = ServerlessCache(
            self,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            engine=deployment.serverless_engine_value(),
            usage_limits=deployment.usage_limits_value(),
            access=deployment.access_value(),
            kms_key=self._key(deployment),
            backup=deployment.backup_value(),
            removal_policy=deployment.removal_policy_value(),
        )
        cdk.CfnOutput(self, "ServerlessCacheName", value=cache.serverless_cache_name)
        cdk.CfnOutput(self, "Endpoint", value=cache.endpoint.socket_address)
        cdk.CfnOutput(self, "ReaderEndpoint", value=cache.reader_endpoint.socket_address)
        return cache


_DESCRIPTIONS: Final = {
    "replication-group": "ElastiCache replication group",
    "memcached": "ElastiCache Memcached cluster",
    "serverless": "ElastiCache serverless cache",
}
