"""A whole Global Datastore from a list of regions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import is_token
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
    """What differs from region to region.

    :param scope: a stack of the region, or a construct in it; the region must be concrete.
    :param vpc: of that region. Default: none, with both `subnet_group` and `security_groups`.
    :param vpc_subnets: Default: the isolated ones, or else the private ones.
    :param subnet_group: one made elsewhere, instead of `vpc_subnets`. Default: a new one.
    :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
    :param replicas_per_shard: 1 to 5. Default: 1.
    :param access: how clients of that region authenticate. Default: IAM, with users of its own.
    :param kms_key: of that region. Default: the service's own.
    :param backup: Default: daily, kept for 15 days.
    :param maintenance_window: Default: the service chooses.
    :param logs: Default: none.
    :param notification_topic: of that region. Default: none.
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
    """The primary, the Global Datastore and the secondaries, each in the stack of its region.

    What all members share is said once; the first region is the primary's. The secondaries' stacks depend on the
    primary's, so that `cdk deploy --all` makes the primary first and `cdk destroy --all` removes it last.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    :param id: of the member in each region's scope; the Global Datastore is called `<id>Global`.
    :param regions: two or three, all different; the first takes the writes.
    :param engine: Default: redis 7.1.
    :param node_type: of certain families, large or larger. Default: cache.r7g.large.
    :param shards: with cluster mode enabled. Default: cluster mode disabled.
    :param parameters: settings of the engine, for all members. Default: the family's own.
    :param transit_encryption: Default: required.
    :param port: of every member. Default: 6379.
    :param id_suffix: what the global id ends with. Default: CloudFormation names it.
    :param removal_policy: what happens to each member's data on removal. Default: a last snapshot is taken.
    :raises ValueError: for regions that do not fit, and for what ElastiCache would refuse.
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
        port: int = facts.load("limits")["default_port"]["redis"],
        id_suffix: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
    ) -> None:
        _check_regions([region_of(cdk.Stack.of(each.scope)) for each in regions])
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
            # The service turns it off for every member, and answers 400 when a member turns it on again:
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
                each.scope,
                id,
                global_datastore=self._global,
                vpc=each.vpc,
                vpc_subnets=each.vpc_subnets,
                subnet_group=each.subnet_group,
                security_groups=each.security_groups,
                replicas_per_shard=each.replicas_per_shard,
                access=each.access,
                kms_key=each.kms_key,
                backup=each.backup,
                maintenance_window=each.maintenance_window,
                logs=each.logs,
                notification_topic=each.notification_topic,
                removal_policy=removal_policy,
            )
            for each in others
        )

    @property
    def primary(self) -> ReplicationGroup:
        """The member that takes writes."""
        return self._primary

    @property
    def global_datastore(self) -> GlobalDatastore:
        """The Global Datastore, in the primary's scope."""
        return self._global

    @property
    def secondaries(self) -> tuple[GlobalDatastoreSecondary, ...]:
        """The members that read, in the order of the regions."""
        return self._secondaries

    @property
    def members(self) -> tuple[ReplicationGroup | GlobalDatastoreSecondary, ...]:
        """All members, the primary first."""
        return (self._primary, *self._secondaries)


def _check_regions(regions: Sequence[str]) -> None:
    most = 1 + facts.load("features")["global_datastore_secondaries"]
    if not 2 <= len(regions) <= most:
        raise ValueError(
            f"GlobalDatastoreSet: regions must be 2 to {most}, got {len(regions)}; name a primary and one or two "
            "secondaries"
        )
    if any(is_token(each) for each in regions):
        raise ValueError(
            "GlobalDatastoreSet: regions must be in stacks with concrete regions, got a stack of any region; pass "
            "env=cdk.Environment(account=..., region=...) to each stack"
        )
    if len(set(regions)) < len(regions):
        raise ValueError(
            f"GlobalDatastoreSet: regions must be different, got {', '.join(regions)}; put each member into another one"
        )
    without = [each for each in regions if each in facts.load("features")["global_datastore_without_regions"]]
    if without:
        raise ValueError(
            f"GlobalDatastoreSet: regions must have Global Datastore, got {', '.join(without)}; choose another region"
        )
