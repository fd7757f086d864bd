"""A Global Datastore with all of its members, from a list of regions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import error, is_token
from .._core.lookups import region_of
from ..access.access import Access
from ..network.subnet_group import SubnetGroupBase
from ..parameters import Parameters
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.log_delivery import LogDelivery
from ..values.node_type import NodeType
from ..values.options import Backup, TransitEncryption
from .global_datastore import GlobalDatastore
from .global_datastore_secondary import GlobalDatastoreSecondary
from .replication_group import ReplicationGroup


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalRegion:
    """The settings of one region of a `GlobalDatastoreSet`.

    ```python
    first, second = regional_stacks
    secondary = GlobalRegion(scope=second, vpc=second.vpc, replicas_per_shard=2)
    GlobalDatastoreSet("Orders", regions=[GlobalRegion(scope=first, vpc=first.vpc), secondary])
    ```

    :param scope: a stack of the region, or a construct in it. The region must be known at synth.
    :param vpc: the VPC in the region. Not needed with both `subnet_group` and `security_groups`. Default: none.
    :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
        none.
    :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param replicas_per_shard: the number of replicas in each shard, 1 to 5. Default: 1.
    :param access: the authentication of clients of the region. Default: IAM, with a new user.
    :param kms_key: the key for encryption at rest, from the region. Default: the service-owned key.
    :param backup: automatic snapshots in the region. Default: daily, kept for 15 days.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: ElastiCache chooses.
    :param logs: the slow log and the engine log of the region. Default: none.
    :param notification_topic: the SNS topic for events, in the region. Default: none.
    """

    scope: Construct
    vpc: ec2.IVpc | None = None
    vpc_subnets: ec2.SubnetSelection | None = None
    subnet_group: SubnetGroupBase | None = None
    security_groups: Sequence[ec2.ISecurityGroup] | None = None
    replicas_per_shard: int = 1
    access: Access | None = None
    kms_key: kms.IKey | None = None
    backup: Backup | None = None
    maintenance_window: str | None = None
    logs: Sequence[LogDelivery] = ()
    notification_topic: sns.ITopic | None = None


@final
class GlobalDatastoreSet:
    """A Global Datastore with its primary and its secondaries, each in the stack of its region.

    The props apply to all members; the first region is the primary region. The stacks of the secondaries depend on the
    stack of the primary, so that `cdk deploy --all` creates the primary first and `cdk destroy --all` deletes it last.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    ```python
    orders = GlobalDatastoreSet(
        "Orders", regions=[GlobalRegion(scope=stack, vpc=stack.vpc) for stack in regional_stacks]
    )
    for stack, member in zip(regional_stacks, orders.members):
        CacheClient(stack, "Client", vpc=stack.vpc, cache=member)
    ```

    :param id: the construct id of the member in each scope. The id of the Global Datastore is `<id>Global`.
    :param regions: two or three different regions. The first is the primary region, which accepts writes.
    :param engine: engine and version. Default: redis 7.1.
    :param node_type: a supported family in the size large or larger. Default: cache.r7g.large.
    :param shards: the number of shards, for cluster mode enabled. Default: cluster mode disabled.
    :param parameters: engine parameters for all members. Default: the defaults of the family.
    :param transit_encryption: whether clients use TLS. Default: required.
    :param port: the port of all members, 1150 to 65535, not 8005. Default: 6379.
    :param id_suffix: the suffix of the id of the Global Datastore. Default: CloudFormation generates it.
    :param removal_policy: what happens to the data of each member on removal. Default: a final snapshot is taken.
    :raises ValueError: for regions that are not supported, not different or not known at synth, and for what
        ElastiCache would refuse.
    """

    def __init__(
        self,
        id: str,
        *,
        regions: Sequence[GlobalRegion],
        engine: EngineVersion = EngineVersion.REDIS_7_1,
        node_type: NodeType = NodeType.R7G_LARGE,
        shards: int | None = None,
        parameters: Mapping[str, str | float | bool] | Parameters | None = None,
        transit_encryption: TransitEncryption = TransitEncryption.REQUIRED,
        port: int = 6379,
        id_suffix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
    ) -> None:
        _check_regions([region_of(cdk.Stack.of(region.scope)) for region in regions])
        first, *others = regions
        layout = (
            ClusterMode.disabled(replicas=first.replicas_per_shard)
            if shards is None
            else ClusterMode.enabled(shards=shards, replicas_per_shard=first.replicas_per_shard)
        )
        self._primary = ReplicationGroup(
            first.scope,
            id,
            vpc=first.vpc,
            vpc_subnets=first.vpc_subnets,
            subnet_group=first.subnet_group,
            security_groups=first.security_groups,
            engine=engine,
            node_type=node_type,
            cluster_mode=layout,
            access=first.access,
            parameters=parameters,
            port=port,
            transit_encryption=transit_encryption,
            kms_key=first.kms_key,
            backup=first.backup,
            maintenance_window=first.maintenance_window,
            # ElastiCache turns this off for all members, and returns an error if a member turns it on:
            # https://github.com/hashicorp/terraform-provider-aws/issues/24919 (2022-05-21)
            # https://github.com/terraform-aws-modules/terraform-aws-elasticache/issues/7 (2024-06-20)
            auto_minor_version_upgrade=False,
            logs=first.logs,
            notification_topic=first.notification_topic,
            removal_policy=removal_policy,
        )
        self._global = GlobalDatastore(first.scope, f"{id}Global", primary=self._primary, id_suffix=id_suffix)
        self._secondaries = tuple(
            GlobalDatastoreSecondary(
                region.scope,
                id,
                global_datastore=self._global,
                vpc=region.vpc,
                vpc_subnets=region.vpc_subnets,
                subnet_group=region.subnet_group,
                security_groups=region.security_groups,
                replicas_per_shard=region.replicas_per_shard,
                access=region.access,
                kms_key=region.kms_key,
                backup=region.backup,
                maintenance_window=region.maintenance_window,
                logs=region.logs,
                notification_topic=region.notification_topic,
                removal_policy=removal_policy,
            )
            for region in others
        )

    @property
    def primary(self) -> ReplicationGroup:
        """The primary member, which accepts writes."""
        return self._primary

    @property
    def global_datastore(self) -> GlobalDatastore:
        """The Global Datastore, in the scope of the primary."""
        return self._global

    @property
    def secondaries(self) -> tuple[GlobalDatastoreSecondary, ...]:
        """The secondary members, which are read-only, in the order of the regions."""
        return self._secondaries

    @property
    def members(self) -> tuple[ReplicationGroup | GlobalDatastoreSecondary, ...]:
        """All members, the primary first."""
        return (self._primary, *self._secondaries)


def _check_regions(regions: Sequence[str]) -> None:
    maximum = 1 + facts.load("features")["global_datastore_secondaries"]
    if not 2 <= len(regions) <= maximum:
        raise error(
            "GlobalDatastoreSet",
            "regions",
            f"list 2 to {maximum} regions",
            len(regions),
            f"pass a primary region and up to {maximum - 1} secondary regions",
        )
    if any(is_token(region) for region in regions):
        raise error(
            "GlobalDatastoreSet",
            "regions",
            "be in stacks whose region is known at synth",
            "an environment-agnostic stack",
            "pass env=cdk.Environment(account=..., region=...) to each stack",
        )
    if len(set(regions)) < len(regions):
        raise error(
            "GlobalDatastoreSet",
            "regions",
            "be different",
            ", ".join(regions),
            "create each member in a stack of another region",
        )
    unsupported = [region for region in regions if region in facts.load("features")["global_datastore_without_regions"]]
    if unsupported:
        raise error(
            "GlobalDatastoreSet",
            "regions",
            "support Global Datastore",
            ", ".join(unsupported),
            "choose another region",
        )
