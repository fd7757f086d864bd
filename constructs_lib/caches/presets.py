"""Presets for every engine, as in "Easy create" of the console: demo, dev/test and production.

Example: `presets.production(EngineVersion.VALKEY_8_2).create(self, "Cache", vpc=vpc)`.

The names and the node types are those of the console. The method `choices` describes all settings.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/GettingStarted.html
"""

from dataclasses import dataclass
from typing import Final, final, overload

import aws_cdk as cdk

from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion, MemcachedVersion, ServerlessEngine
from ..values.log_delivery import LogDelivery
from ..values.node_type import NodeType
from ..values.options import Backup
from .preset_kinds import MemcachedPreset, Preset, ReplicationGroupPreset, ServerlessPreset


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The settings of one preset for all kinds of caches.

    :param nodes: the number of nodes of a Memcached cluster.
    :param replicas: the number of replicas of a replication group.
    :param retention_days: the retention of daily snapshots; a number, because a Duration costs jsii calls at import.
    :param storage_gb: the storage limit of a serverless cache.
    :param ecpu_per_second: the ECPU limit of a serverless cache.
    :param with_logs: whether a replication group delivers the logs that its version supports.
    """

    node_type: NodeType
    nodes: int
    replicas: int
    retention_days: int
    storage_gb: int | None
    ecpu_per_second: int | None
    with_logs: bool = False
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT

    def of(self, engine: EngineVersion | MemcachedVersion | ServerlessEngine) -> Preset:
        """The preset for an engine."""
        if isinstance(engine, MemcachedVersion):
            return MemcachedPreset(version=engine, node_type=self.node_type, nodes=self.nodes)
        backup = Backup(retention=cdk.Duration.days(self.retention_days))
        if isinstance(engine, ServerlessEngine):
            return ServerlessPreset(
                engine=engine,
                maximum_storage_gb=self.storage_gb,
                maximum_ecpu_per_second=self.ecpu_per_second,
                backup=backup,
                removal_policy=self.removal_policy,
            )
        logs = {"slow_log": LogDelivery.slow_log(), "engine_log": LogDelivery.engine_log()} if self.with_logs else {}
        return ReplicationGroupPreset(
            engine=engine,
            node_type=self.node_type,
            cluster_mode=ClusterMode.disabled(replicas=self.replicas),
            backup=backup,
            logs=tuple(log for feature, log in logs.items() if engine.has(feature)),
            removal_policy=self.removal_policy,
        )


_DEMO: Final = _Choice(
    node_type=NodeType.T4G_MICRO,
    nodes=1,
    replicas=0,
    retention_days=0,
    storage_gb=1,
    ecpu_per_second=1000,
    removal_policy=cdk.RemovalPolicy.DESTROY,
)
_DEV_TEST: Final = _Choice(
    node_type=NodeType.R7G_LARGE,
    nodes=2,
    replicas=1,
    retention_days=1,
    storage_gb=10,
    ecpu_per_second=10_000,
)
_PRODUCTION: Final = _Choice(
    node_type=NodeType.R7G_XLARGE,
    nodes=3,
    replicas=2,
    retention_days=35,
    storage_gb=None,
    ecpu_per_second=None,
    with_logs=True,
)


@overload
def demo(engine: EngineVersion) -> ReplicationGroupPreset: ...
@overload
def demo(engine: MemcachedVersion) -> MemcachedPreset: ...
@overload
def demo(engine: ServerlessEngine) -> ServerlessPreset: ...
def demo(engine: EngineVersion | MemcachedVersion | ServerlessEngine) -> Preset:
    """The smallest configuration, for short experiments: one node, no snapshots, and no data kept on removal.

    :param engine: a version of redis, valkey or memcached, or a serverless engine.
    """
    return _DEMO.of(engine)


@overload
def dev_test(engine: EngineVersion) -> ReplicationGroupPreset: ...
@overload
def dev_test(engine: MemcachedVersion) -> MemcachedPreset: ...
@overload
def dev_test(engine: ServerlessEngine) -> ServerlessPreset: ...
def dev_test(engine: EngineVersion | MemcachedVersion | ServerlessEngine) -> Preset:
    """A smaller configuration for development and tests: one replica, to test failover, and daily snapshots.

    :param engine: a version of redis, valkey or memcached, or a serverless engine.
    """
    return _DEV_TEST.of(engine)


@overload
def production(engine: EngineVersion) -> ReplicationGroupPreset: ...
@overload
def production(engine: MemcachedVersion) -> MemcachedPreset: ...
@overload
def production(engine: ServerlessEngine) -> ServerlessPreset: ...
def production(engine: EngineVersion | MemcachedVersion | ServerlessEngine) -> Preset:
    """A configuration for production: two replicas in other Availability Zones, snapshots kept for 35 days, and logs.

    :param engine: a version of redis, valkey or memcached, or a serverless engine.
    """
    return _PRODUCTION.of(engine)
