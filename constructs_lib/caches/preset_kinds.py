"""What a preset holds for each kind of cache, and how it creates one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..access.access import Access
from ..network.subnet_group import SubnetGroupBase
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion, MemcachedVersion, ServerlessEngine
from ..values.log_delivery import LogDelivery
from ..values.node_type import NodeType
from ..values.options import Backup
from ..values.usage_limits import UsageLimits
from .memcached_cluster import MemcachedCluster
from .replication_group import ReplicationGroup
from .serverless_cache import ServerlessCache

_POLICIES: Final = {
    cdk.RemovalPolicy.DESTROY: "nothing is kept",
    cdk.RemovalPolicy.SNAPSHOT: "a last snapshot is taken",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationGroupPreset:
    """What is chosen for a replication group; `dataclasses.replace` changes a part of it."""

    engine: EngineVersion
    node_type: NodeType
    cluster_mode: ClusterMode
    backup: Backup
    logs: tuple[LogDelivery, ...] = ()
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT

    def choices(self) -> Mapping[str, str]:
        """What it chose, in words."""
        mode, days = self.cluster_mode, self.backup.retention_days
        return {
            "node type": self.node_type.name,
            "nodes": f"{mode.shards * (mode.replicas_per_shard + 1)}, cluster mode {mode.name}",
            "Multi-AZ": "on" if mode.replicas_per_shard else "off",
            "snapshots": _kept(days),
            "logs": " and ".join(each.log_type.value for each in self.logs) or "none",
            "removal": _POLICIES[self.removal_policy],
        }

    def create(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        access: Access | None = None,
        kms_key: kms.IKey | None = None,
    ) -> ReplicationGroup:
        """Create the cache.

        :param vpc: where its nodes and its security group live. Default: none, with both `subnet_group` and
            `security_groups`.
        :param vpc_subnets: which subnets. Default: the isolated ones, or else the private ones.
        :param subnet_group: one made elsewhere, instead of `vpc_subnets`. Default: a new one.
        :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
        :param access: how clients authenticate. Default: IAM.
        :param kms_key: what encrypts it at rest. Default: the service's own key.
        :raises ValueError: for what ElastiCache would refuse.
        """
        return ReplicationGroup(
            scope,
            id,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            security_groups=security_groups,
            access=access,
            kms_key=kms_key,
            engine=self.engine,
            node_type=self.node_type,
            cluster_mode=self.cluster_mode,
            backup=self.backup,
            logs=self.logs,
            removal_policy=self.removal_policy,
        )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MemcachedPreset:
    """What is chosen for a Memcached cluster; `dataclasses.replace` changes a part of it."""

    version: MemcachedVersion
    node_type: NodeType
    nodes: int

    def choices(self) -> Mapping[str, str]:
        """What it chose, in words."""
        return {
            "node type": self.node_type.name,
            "nodes": f"{self.nodes}",
            "Multi-AZ": "nodes in several zones" if self.nodes > 1 else "off",
            "snapshots": "memcached has none",
            "logs": "memcached has none",
            "removal": "nothing is kept",
        }

    def create(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> MemcachedCluster:
        """Create the cache.

        :param vpc: where its nodes and its security group live. Default: none, with both `subnet_group` and
            `security_groups`.
        :param vpc_subnets: which subnets. Default: the isolated ones, or else the private ones.
        :param subnet_group: one made elsewhere, instead of `vpc_subnets`. Default: a new one.
        :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
        :raises ValueError: for what ElastiCache would refuse.
        """
        return MemcachedCluster(
            scope,
            id,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            security_groups=security_groups,
            version=self.version,
            node_type=self.node_type,
            nodes=self.nodes,
        )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessPreset:
    """What is chosen for a serverless cache; `dataclasses.replace` changes a part of it.

    :param maximum_storage_gb: 1 to 5,000; None for no limit.
    :param maximum_ecpu_per_second: 1,000 to 15,000,000; None for no limit.
    """

    engine: ServerlessEngine
    maximum_storage_gb: int | None
    maximum_ecpu_per_second: int | None
    backup: Backup
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT

    def choices(self) -> Mapping[str, str]:
        """What it chose, in words."""
        storage, ecpu, days = self.maximum_storage_gb, self.maximum_ecpu_per_second, self.backup.retention_days
        return {
            "storage": f"at most {storage} GB" if storage else "no limit",
            "ECPU": f"at most {ecpu:,} a second" if ecpu else "no limit",
            "Multi-AZ": "always",
            "snapshots": _kept(days),
            "logs": "a serverless cache has none",
            "removal": _POLICIES[self.removal_policy],
        }

    def usage_limits(self) -> UsageLimits:
        """The limits, as a serverless cache takes them."""
        return UsageLimits(
            maximum_storage=cdk.Size.gibibytes(self.maximum_storage_gb) if self.maximum_storage_gb else None,
            maximum_ecpu_per_second=self.maximum_ecpu_per_second,
        )

    def create(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        access: Access | None = None,
        kms_key: kms.IKey | None = None,
    ) -> ServerlessCache:
        """Create the cache.

        :param vpc: where its endpoints and its security group live. Default: none, where both `vpc_subnets` and
            `security_groups` list theirs.
        :param vpc_subnets: two or three subnets in different zones. Default: one isolated subnet of each zone, or else
            a private one, at most three.
        :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
        :param access: how clients authenticate. Default: IAM; memcached has none.
        :param kms_key: what encrypts it at rest. Default: the service's own key.
        :raises ValueError: for what ElastiCache would refuse.
        """
        return ServerlessCache(
            scope,
            id,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
            access=access,
            kms_key=kms_key,
            engine=self.engine,
            usage_limits=self.usage_limits(),
            backup=self.backup,
            removal_policy=self.removal_policy,
        )


def _kept(days: int) -> str:
    if days == 0:
        return "none"
    return f"daily, kept for {days} day{'s' if days != 1 else ''}"


Preset = ReplicationGroupPreset | MemcachedPreset | ServerlessPreset
