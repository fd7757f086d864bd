"""A deployment of one replication group."""

from dataclasses import dataclass
from typing import ClassVar

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import CacheBase, ReplicationGroup
from stacks.acknowledgements import acknowledge_logs, acknowledge_replication_group, acknowledge_secret
from stacks.nodes import NodesDeployment
from stacks.placed import PRESETS, PlacedDeployment, Preset
from stacks.secured import RotatedDeployment, removal_name


@dataclass(frozen=True, kw_only=True)
class ReplicationGroupDeployment(NodesDeployment, RotatedDeployment, PlacedDeployment):
    """A replication group of Redis OSS or Valkey.

    :param multi_az: whether the nodes of a shard are in different Availability Zones. Default: true with replicas.
    """

    CACHE_DESCRIPTION: ClassVar[str] = "ElastiCache replication group"

    multi_az: bool | None = None

    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the replication group, and the rotation of its credential."""
        cache = ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            engine=self.engine_version_value(),
            node_type=self.node_type_value(),
            cluster_mode=self.cluster_mode_value(),
            access=self.access_value(),
            port=self.port,
            kms_key=self.key(stack),
            multi_az=self.multi_az,
            backup=self.backup_value(),
            maintenance_window=self.maintenance_window,
            logs=self.logs_value(),
            removal_policy=self.removal_policy_value(),
        )
        cdk.CfnOutput(stack, "ReplicationGroupId", value=cache.replication_group_id)
        if cache.cluster_mode.has_primary_endpoint:
            cdk.CfnOutput(stack, "PrimaryEndpoint", value=cache.primary_endpoint.socket_address)
            cdk.CfnOutput(stack, "ReaderEndpoint", value=cache.reader_endpoint.socket_address)
        if cache.cluster_mode.is_clustered:
            cdk.CfnOutput(stack, "ConfigurationEndpoint", value=cache.configuration_endpoint.socket_address)
        acknowledge_replication_group(
            cache,
            engine=self.engine,
            port=self.port,
            access=self.access,
            one_zone=self.replicas == 0 or self.multi_az is False,
            backup_retention_days=self.backup_retention_days,
        )
        acknowledge_logs(cache, delivered=self.log_delivery)
        acknowledge_secret(cache, access=self.access, rotated=self.rotation)
        self.rotate(stack, cache, vpc, vpc_subnets)
        return cache

    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """The node type, replicas, backups, logs and removal of a preset."""
        chosen = PRESETS[preset](self.engine_version_value())
        return {
            "node_type": chosen.node_type.name,
            "replicas": chosen.cluster_mode.replicas_per_shard,
            "backup_retention_days": chosen.backup.retention_days,
            "log_delivery": bool(chosen.logs),
            "removal": removal_name(chosen.removal_policy),
        }
