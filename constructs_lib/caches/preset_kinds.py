"""Presets by kind of cache: the settings, and a method that creates the cache."""

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
    cdk.RemovalPolicy.DESTROY: "data is deleted",
    cdk.RemovalPolicy.SNAPSHOT: "a final snapshot is taken",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationGroupPreset:
    """The settings of a preset for a replication group; change them with `dataclasses.replace`."""

    engine: EngineVersion
    node_type: NodeType
    cluster_mode: ClusterMode
    backup: Backup
    logs: tuple[LogDelivery, ...] = ()
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT

    def choices(self) -> Mapping[str, str]:
        """A description of the settings, by topic, to print or document."""
        mode, days = self.cluster_mode, self.backup.retention_days
        return {
            "node type": self.node_type.name,
            "nodes": f"{mode.shards * (mode.replicas_per_shard + 1)}, cluster mode {mode.name}",
            "Multi-AZ": "on" if mode.replicas_per_shard else "off",
            "snapshots": _kept(days),
            "logs": " and ".join(log.log_type.value for log in self.logs) or "none",
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

        :param vpc: the VPC of the nodes and the security group. Not needed with both `subnet_group` and
            `security_groups`. Default: none.
        :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
            none.
        :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
        :param security_groups: existing security groups. Default: a new security group without rules.
        :param access: the authentication of clients. Default: IAM.
        :param kms_key: the key of the encryption at rest. Default: the key of the service.
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
    """The settings of a preset for a Memcached cluster; change them with `dataclasses.replace`."""

    version: MemcachedVersion
    node_type: NodeType
    nodes: int

    def choices(self) -> Mapping[str, str]:
        """A description of the settings, by topic, to print or document."""
        return {
            "node type": self.node_type.name,
            "nodes": f"{self.nodes}",
            "Multi-AZ": "nodes in several zones" if self.nodes > 1 else "off",
            "snapshots": "memcached has none",
            "logs": "memcached has none",
            "removal": "data is deleted",
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

        :param vpc: the VPC of the nodes and the security group. Not needed with both `subnet_group` and
            `security_groups`. Default: none.
        :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
            none.
        :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
        :param security_groups: existing security groups. Default: a new security group without rules.
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
    """The settings of a preset for a serverless cache; change them with `dataclasses.replace`.

    :param maximum_storage_gb: 1 to 5,000; None for no limit.
    :param maximum_ecpu_per_second: 1,000 to 15,000,000; None for no limit.
    """

    engine: ServerlessEngine
    maximum_storage_gb: int | None
    maximum_ecpu_per_second: int | None
    backup: Backup
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT

    def choices(self) -> Mapping[str, str]:
        """A description of the settings, by topic, to print or document."""
        storage, ecpu, days = self.maximum_storage_gb, self.maximum_ecpu_per_second, self.backup.retention_days
        return {
            "storage": f"at most {storage} GB" if storage else "no limit",
            "ECPU": f"at most {ecpu:,} per second" if ecpu else "no limit",
            "Multi-AZ": "always",
            "snapshots": _kept(days),
            "logs": "a serverless cache has none",
            "removal": _POLICIES[self.removal_policy],
        }

    def usage_limits(self) -> UsageLimits:
        """The limits as the prop `usage_limits` of `ServerlessCache`."""
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

        :param vpc: the VPC of the endpoints and the security group. Not needed if both `vpc_subnets` and
            `security_groups` are lists of resources. Default: none.
        :param vpc_subnets: two or three subnets in different Availability Zones. Default: one isolated subnet per zone,
            or one private subnet if there are no isolated ones, at most three.
        :param security_groups: existing security groups. Default: a new security group without rules.
        :param access: the authentication of clients. Default: IAM; none for memcached.
        :param kms_key: the key of the encryption at rest. Default: the key of the service.
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
