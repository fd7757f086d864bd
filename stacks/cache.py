"""The stack of the cache: everything that holds data."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib import Network, ReplicationGroup
from stacks.acknowledgements import acknowledge_cache
from stacks.deployments import Deployment
from stacks.place import place_in


class CacheStack(cdk.Stack):
    """A replication group with its users, parameter group, subnet group and security group.

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
            description="ElastiCache replication group",
            termination_protection=deployment.termination_protection,
        )
        # A subnet under a cache must not be removed: references to the network are exports, which refuse that.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)
        vpc, vpc_subnets = place_in(self, deployment, network)
        key = (
            kms.Key(self, "Key", description=f"Data of {self.node.path}", enable_key_rotation=True)
            if deployment.customer_managed_key
            else None
        )
        self._cache = ReplicationGroup(
            self,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            engine=deployment.engine_version_value(),
            node_type=deployment.node_type_value(),
            cluster_mode=deployment.cluster_mode_value(),
            access=deployment.access_value(),
            port=deployment.port,
            kms_key=key,
            multi_az=deployment.multi_az,
            backup=deployment.backup_value(),
            maintenance_window=deployment.maintenance_window,
        )
        acknowledge_cache(self._cache, deployment)
        self._add_outputs()

    @property
    def cache(self) -> ReplicationGroup:
        """The replication group."""
        return self._cache

    def _add_outputs(self) -> None:
        cdk.CfnOutput(self, "ReplicationGroupId", value=self._cache.replication_group_id)
        if self._cache.cluster_mode.has_primary_endpoint:
            cdk.CfnOutput(self, "PrimaryEndpoint", value=self._cache.primary_endpoint.socket_address)
            cdk.CfnOutput(self, "ReaderEndpoint", value=self._cache.reader_endpoint.socket_address)
        if self._cache.cluster_mode.is_clustered:
            cdk.CfnOutput(self, "ConfigurationEndpoint", value=self._cache.configuration_endpoint.socket_address)
