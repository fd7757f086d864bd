"""Auto scaling: shards and replicas follow a metric or the clock."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error, is_token
from .._core.resource import check, reference_in_rules
from .._core.words import Words
from ..caches.global_datastore_secondary import GlobalDatastoreSecondary
from ..caches.replication_group_base import ReplicationGroupBase

WORDS: Final = Words(
    {
        "MinCapacity": "min_capacity",
        "MaxCapacity": "max_capacity",
        "ResourceId": "replication_group",
        "EngineVersion": "engine",
    }
)
_Metric = autoscaling.PredefinedMetric


class _Scaling(Construct):
    """What shards and replicas have in common.

    :param dimension: Application Auto Scaling's name of what is scaled.
    """

    _dimension: str

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        replication_group: ReplicationGroupBase,
        min_capacity: int,
        max_capacity: int,
    ) -> None:
        super().__init__(scope, id)
        if isinstance(replication_group, GlobalDatastoreSecondary):
            raise error(
                self,
                "replication_group",
                "be outside any Global Datastore",
                f"the secondary {replication_group.node.path}",
                "set shards of the GlobalDatastore instead",
            )
        require_same_environment(self, "replication_group", replication_group)
        self._group = replication_group
        self._range = (min_capacity, max_capacity)
        if not replication_group.cluster_mode.is_clustered:
            raise error(
                self,
                "replication_group",
                "have cluster mode enabled",
                f"{replication_group.node.path} with cluster mode {replication_group.cluster_mode.name}",
                "use cluster_mode=ClusterMode.enabled(...)",
            )
        check(
            self,
            "AWS::ApplicationAutoScaling::ScalableTarget",
            {
                "MinCapacity": min_capacity,
                "MaxCapacity": max_capacity,
                "ServiceNamespace": "elasticache",
                "ScalableDimension": self._dimension,
                "ResourceId": f"replication-group/{reference_in_rules(replication_group)}",
            },
            words=WORDS,
            related=[replication_group],
        )
        self._target = autoscaling.ScalableTarget(
            self,
            "Target",
            service_namespace=autoscaling.ServiceNamespace.ELASTICACHE,
            scalable_dimension=self._dimension,
            resource_id=f"replication-group/{replication_group.replication_group_id}",
            min_capacity=min_capacity,
            max_capacity=max_capacity,
        )
        self._target.node.add_dependency(replication_group)

    def _track(
        self,
        id: str,
        metric: autoscaling.PredefinedMetric,
        percent: float,
        scale_in: bool,
        cooldown: cdk.Duration | None,
    ) -> None:
        if not is_token(percent) and not 0 < percent < 100:
            raise error(self, id, "track between 0 and 100 percent", f"{percent:g}", "50 to 70 is usual")
        self._target.scale_to_track_metric(
            id,
            predefined_metric=metric,
            target_value=percent,
            disable_scale_in=not scale_in,
            scale_in_cooldown=cooldown,
            scale_out_cooldown=cooldown,
        )

    def on_schedule(
        self,
        id: str,
        *,
        schedule: autoscaling.Schedule,
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        time_zone: cdk.TimeZone | None = None,
    ) -> None:
        """Change the limits at a time, such as before a sale.

        :param id: of the scheduled action, once in this scaling.
        :param schedule: a cron or rate expression, or a moment.
        :param min_capacity: the new minimum. Default: as it is.
        :param max_capacity: the new maximum. Default: as it is.
        :param time_zone: of a cron expression. Default: UTC.
        :raises ValueError: when neither is given, or the two are in the wrong order.
        """
        if min_capacity is None and max_capacity is None:
            raise error(self, id, "change min_capacity or max_capacity", "neither", "pass one of them")
        least = self._range[0] if min_capacity is None else min_capacity
        most = self._range[1] if max_capacity is None else max_capacity
        if least > most:
            raise error(
                self, id, "keep min_capacity within max_capacity", f"{least} and {most}", "lower the one, or raise both"
            )
        self._target.scale_on_schedule(
            id, schedule=schedule, min_capacity=min_capacity, max_capacity=max_capacity, time_zone=time_zone
        )

    @property
    def scalable_target(self) -> autoscaling.ScalableTarget:
        """The target, for policies that have no method here."""
        return self._target


class ShardScaling(_Scaling):
    """Shards are added and removed, with their share of the slots.

    Needs cluster mode enabled, redis 6.0 or valkey, and nodes of certain families in the sizes large to 2xlarge.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Using-Shards.html

    Example: `ShardScaling(self, "Shards", replication_group=cache, min_capacity=2, max_capacity=10).track_memory(60)`.

    :param replication_group: the group to scale, created here or imported with its cluster mode; not in a Global
        Datastore.
    :param min_capacity: the fewest shards, 1 and up.
    :param max_capacity: the most shards, up to 500 and the quota of nodes.
    :raises ValueError: for limits that Application Auto Scaling would refuse, a group without cluster mode, or a group
        of another region or account.
    """

    _dimension = "elasticache:replication-group:NodeGroups"

    def track_primary_engine_cpu(
        self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None
    ) -> None:
        """Keep ElastiCachePrimaryEngineCPUUtilization, the average over the primaries, near a target.

        :param percent: between 0 and 100; 50 to 70 is usual.
        :param scale_in: whether shards are also removed. Default: True.
        :param cooldown: the pause after each change. Default: the service's own, 10 minutes.
        """
        metric = _Metric.ELASTICACHE_PRIMARY_ENGINE_CPU_UTILIZATION
        self._track("PrimaryEngineCpu", metric, percent, scale_in, cooldown)

    def track_memory(self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None) -> None:
        """Keep the share of memory that counts for eviction near a target.

        ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage, and with data tiering
        ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage, which counts the disk as well.

        :param percent: between 0 and 100; 50 to 70 is usual.
        :param scale_in: whether shards are also removed. Default: True.
        :param cooldown: the pause after each change. Default: the service's own, 10 minutes.
        """
        metric = (
            _Metric.ELASTICACHE_DATABASE_CAPACITY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE
            if self._group.data_tiering
            else _Metric.ELASTICACHE_DATABASE_MEMORY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE
        )
        self._track("Memory", metric, percent, scale_in, cooldown)


class ReplicaScaling(_Scaling):
    """Replicas are added to every shard and removed again, 1 to 5 in each.

    Needs cluster mode enabled, redis 6.0 or valkey, and nodes of certain families in the sizes large to 2xlarge.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Using-Replicas.html

    Example: `ReplicaScaling(self, "Replicas", replication_group=cache, min_capacity=1, max_capacity=3)`.

    :param replication_group: the group to scale, created here or imported with its cluster mode; not in a Global
        Datastore.
    :param min_capacity: the fewest replicas in a shard, 1 to 5.
    :param max_capacity: the most replicas in a shard, 1 to 5.
    :raises ValueError: for limits that Application Auto Scaling would refuse, or a group without cluster mode.
    """

    _dimension = "elasticache:replication-group:Replicas"

    def track_replica_engine_cpu(
        self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None
    ) -> None:
        """Keep ElastiCacheReplicaEngineCPUUtilization, the average over the replicas, near a target.

        :param percent: between 0 and 100; 50 to 70 is usual.
        :param scale_in: whether replicas are also removed. Default: True.
        :param cooldown: the pause after each change. Default: the service's own, 10 minutes.
        """
        metric = _Metric.ELASTICACHE_REPLICA_ENGINE_CPU_UTILIZATION
        self._track("ReplicaEngineCpu", metric, percent, scale_in, cooldown)
