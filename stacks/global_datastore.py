"""A deployment of a Global Datastore: network, cache and client in each region."""

from dataclasses import dataclass
from typing import ClassVar

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import GlobalDatastoreSet, GlobalRegion, Network, ReplicationGroupBase
from stacks.acknowledgements import (
    acknowledge_logs,
    acknowledge_replication_group,
    acknowledge_secondary,
    acknowledge_secret,
)
from stacks.cache import warn_of_unknown_region
from stacks.client import ClientStack, in_network
from stacks.forms import check_regions
from stacks.network import NetworkStack
from stacks.nodes import NodesDeployment


class GlobalCacheStack(cdk.Stack):
    """A stack for one member of a Global Datastore; the member is created when the stacks of all regions exist.

    :param deployment: the deployment with the settings of the cache.
    :param network: the network of the same region.
    :param env: the account and the region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        deployment: "GlobalDatastoreDeployment",
        network: Network,
        env: cdk.Environment,
    ) -> None:
        super().__init__(
            scope,
            id,
            env=env,
            description="Member of an ElastiCache Global Datastore",
            termination_protection=deployment.termination_protection,
        )
        warn_of_unknown_region(self)
        self._region = GlobalRegion(
            scope=self,
            vpc=network.vpc,
            vpc_subnets=network.vpc_subnets,
            replicas_per_shard=deployment.replicas,
            access=deployment.access_value(),
            kms_key=deployment.key(self),
            backup=deployment.backup_value(),
            maintenance_window=deployment.maintenance_window,
            logs=deployment.logs_value(),
        )

    @property
    def global_region(self) -> GlobalRegion:
        """The settings of the member, for `GlobalDatastoreSet`."""
        return self._region


@dataclass(frozen=True, kw_only=True)
class GlobalDatastoreDeployment(NodesDeployment):
    """A Global Datastore: a primary and its copies in one or two other regions.

    :param regions: two or three regions, comma-separated, the primary region first.
    """

    MORE_SHARDS: ClassVar[str] = "cluster_mode=enabled"

    regions: tuple[str, ...] = ("us-east-1", "eu-west-1")
    node_type: str = "cache.m7g.large"

    def __post_init__(self) -> None:
        """Check the fields that a Global Datastore restricts."""
        super().__post_init__()
        if self.cluster_mode == "compatible":
            raise ValueError(
                f"{self.name}: cluster_mode must be disabled or enabled, got compatible; choose one of the two"
            )
        check_regions(self.name, self.regions)

    def build(self, scope: Construct, env: cdk.Environment | None = None) -> None:
        """Create three stacks in each region, the primary region first.

        The caches of the secondaries depend on the primary, and their clients on its client, whose writes they read.
        """
        account = self.account or (env.account if env else None)
        networks, caches = [], []
        for region in self.regions:
            where = cdk.Environment(account=account, region=region)
            prefix = f"{self.stack_prefix}-{region}"
            stack = NetworkStack(scope, f"{prefix}-Network", deployment=self, exports_strongly=True, env=where)
            networks.append(stack.network)
            caches.append(GlobalCacheStack(scope, f"{prefix}-Cache", deployment=self, network=stack.network, env=where))
        members = self._create_members(caches)
        first: ClientStack | None = None
        for region, network, cache in zip(self.regions, networks, members, strict=True):
            client = ClientStack(
                scope,
                f"{self.stack_prefix}-{region}-Client",
                deployment=self,
                place=in_network(network),
                cache=cache,
                network=network,
                env=cdk.Environment(account=account, region=region),
            )
            if first is None:
                first = client
            else:
                client.add_stack_dependency(first, "it measures how long that client's writes take to arrive")

    def _create_members(self, caches: list[GlobalCacheStack]) -> list[ReplicationGroupBase]:
        """The members, the primary first, with the outputs of their stacks."""
        created = GlobalDatastoreSet(
            "Cache",
            regions=[cache.global_region for cache in caches],
            engine=self.engine_version_value(),
            node_type=self.node_type_value(),
            shards=self.shards if self.cluster_mode == "enabled" else None,
            port=self.port,
            removal_policy=self.removal_policy_value(),
        )
        datastore = created.global_datastore
        cdk.CfnOutput(caches[0], "GlobalReplicationGroupId", value=datastore.global_replication_group_id)
        for stack, member in zip(caches, created.members, strict=True):
            acknowledge_replication_group(
                member,
                engine=self.engine,
                port=self.port,
                access=self.access,
                one_zone=self.replicas == 0,
                backup_retention_days=self.backup_retention_days,
            )
            acknowledge_logs(member, delivered=self.log_delivery)
            acknowledge_secret(member, access=self.access, rotated=False)
            if member is not created.primary:
                acknowledge_secondary(member, engine=self.engine, port=self.port, has_key=self.customer_managed_key)
            cdk.CfnOutput(stack, "ReplicationGroupId", value=member.replication_group_id)
            for role, endpoint in member.connection_endpoints().items():
                cdk.CfnOutput(stack, f"{role.capitalize()}Endpoint", value=endpoint.socket_address)
        return list(created.members)
