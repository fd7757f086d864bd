"""The stacks of a Global Datastore: network, cache and client in each region."""

from dataclasses import dataclass, replace

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib import GlobalDatastoreSet, GlobalRegion
from stacks.acknowledgements import acknowledge_cache, acknowledge_global_member
from stacks.client import ClientStack
from stacks.deployment import Deployment
from stacks.network import NetworkStack
from stacks.place import warn_of_unknown_region


class GlobalCacheStack(cdk.Stack):
    """What one region of a Global Datastore holds; the member is put into it when all regions are there.

    :param deployment: what to make.
    :param network: of the same region.
    :param env: account and region.
    """

    def __init__(
        self, scope: Construct, id: str, *, deployment: Deployment, network: NetworkStack, env: cdk.Environment
    ) -> None:
        super().__init__(
            scope,
            id,
            env=env,
            description="Member of an ElastiCache Global Datastore",
            termination_protection=deployment.termination_protection,
        )
        warn_of_unknown_region(self)
        key = (
            kms.Key(self, "Key", description=f"Data of {self.node.path}", enable_key_rotation=True)
            if deployment.customer_managed_key
            else None
        )
        self._region = GlobalRegion(
            scope=self,
            vpc=network.network.vpc,
            vpc_subnets=network.network.vpc_subnets,
            replicas_per_shard=deployment.replicas,
            access=deployment.access_value(),
            kms_key=key,
            backup=deployment.backup_value(),
            maintenance_window=deployment.maintenance_window,
            logs=deployment.logs_value(),
        )

    @property
    def global_region(self) -> GlobalRegion:
        """What the member of this region is made from."""
        return self._region


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionStacks:
    """The three stacks of one region."""

    region: str
    network: NetworkStack
    cache: GlobalCacheStack
    client: ClientStack


def build_global_stacks(
    scope: Construct, deployment: Deployment, *, env: cdk.Environment | None = None
) -> tuple[RegionStacks, ...]:
    """Three stacks in each region, the primary's first.

    Secondaries depend on the primary's cache, and their clients on its client, whose writes they wait for.

    :param scope: the app, or a stage.
    :param env: the account, where it is known; the regions are the deployment's.
    """
    account = deployment.account or (env.account if env else None)
    networks, caches = [], []
    for region in deployment.regions:
        where = cdk.Environment(account=account, region=region)
        prefix = f"{deployment.stack_prefix}-{region}"
        network = NetworkStack(scope, f"{prefix}-Network", deployment=deployment, env=where)
        networks.append(network)
        caches.append(GlobalCacheStack(scope, f"{prefix}-Cache", deployment=deployment, network=network, env=where))
    made = GlobalDatastoreSet(
        "Cache",
        regions=[each.global_region for each in caches],
        engine=deployment.engine_version_value(),
        node_type=deployment.node_type_value(),
        shards=deployment.shards if deployment.cluster_mode == "enabled" else None,
        port=deployment.port,
        removal_policy=deployment.removal_policy_value(),
    )
    cdk.CfnOutput(caches[0], "GlobalReplicationGroupId", value=made.global_datastore.global_replication_group_id)
    found: list[RegionStacks] = []
    for region, network, cache, member in zip(deployment.regions, networks, caches, made.members, strict=True):
        acknowledge_cache(member, deployment)
        if member is not made.primary:
            acknowledge_global_member(member, deployment)
        cdk.CfnOutput(cache, "ReplicationGroupId", value=member.replication_group_id)
        for role, endpoint in member.connection_endpoints().items():
            cdk.CfnOutput(cache, f"{role.capitalize()}Endpoint", value=endpoint.socket_address)
        client = ClientStack(
            scope,
            f"{deployment.stack_prefix}-{region}-Client",
            deployment=replace(deployment, region=region),
            network=network.network,
            cache=member,
            env=cdk.Environment(account=account, region=region),
        )
        if found:
            client.add_stack_dependency(found[0].client, "it measures how long that client's writes take to arrive")
        found.append(RegionStacks(region=region, network=network, cache=cache, client=client))
    return tuple(found)
