"""Auto scaling of shards and replicas, by target tracking or by schedule."""

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
    """The base class of `ShardScaling` and `ReplicaScaling`."""

    _dimension: str
    """The scalable dimension in Application Auto Scaling."""

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
            raise error(self, id, "track between 0 and 100 percent", f"{percent:g}", "choose a number such as 60")
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
        """Change the minimum and maximum capacity on a schedule.

        :param id: the id of the scheduled action, unique in this construct.
        :param schedule: a cron or rate expression, or a point in time.
        :param min_capacity: the new minimum. Default: unchanged.
        :param max_capacity: the new maximum. Default: unchanged.
        :param time_zone: the time zone of a cron expression. Default: UTC.
        :raises ValueError: if neither capacity is passed, or the minimum exceeds the maximum.
        """
        if min_capacity is None and max_capacity is None:
            raise error(self, id, "change min_capacity or max_capacity", "neither", "pass one of them")
        least = self._range[0] if min_capacity is None else min_capacity
        most = self._range[1] if max_capacity is None else max_capacity
        if least > most:
            raise error(
                self,
                id,
                "keep min_capacity within max_capacity",
                f"{least} and {most}",
                "lower min_capacity, or raise max_capacity",
            )
        self._target.scale_on_schedule(
            id, schedule=schedule, min_capacity=min_capacity, max_capacity=max_capacity, time_zone=time_zone
        )

    @property
    def scalable_target(self) -> autoscaling.ScalableTarget:
        """The scalable target, to add other scaling policies."""
        return self._target


class ShardScaling(_Scaling):
    """Add and remove shards, and redistribute the slots.

    Needs cluster mode enabled, redis 6.0 or valkey, and a supported node family in the sizes large to 2xlarge.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Using-Shards.html

    ```python
    scaling = ShardScaling(self, "Shards", replication_group=clustered, min_capacity=2, max_capacity=10)
    scaling.track_memory(60)
    ```

    :param replication_group: the group to scale, created here or imported with its cluster mode; not in a Global
        Datastore.
    :param min_capacity: the minimum number of shards, from 1.
    :param max_capacity: the maximum number of shards, up to 500 and the quota of nodes.
    :raises ValueError: for capacities that Application Auto Scaling would refuse, a group without cluster mode enabled,
        or a group of another region or account.
    """

    _dimension = "elasticache:replication-group:NodeGroups"

    def track_primary_engine_cpu(
        self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None
    ) -> None:
        """Keep ElastiCachePrimaryEngineCPUUtilization, the average over the primaries, near a target.

        :param percent: the target, between 0 and 100; 50 to 70 is common.
        :param scale_in: whether to also remove shards. Default: True.
        :param cooldown: the time to wait after a change. Default: the default of Application Auto Scaling, 10 minutes.
        """
        metric = _Metric.ELASTICACHE_PRIMARY_ENGINE_CPU_UTILIZATION
        self._track("PrimaryEngineCpu", metric, percent, scale_in, cooldown)

    def track_memory(self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None) -> None:
        """Keep the memory usage that counts for eviction near a target.

        The metric is ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage, or with data tiering
        ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage, which includes the disk.

        :param percent: the target, between 0 and 100; 50 to 70 is common.
        :param scale_in: whether to also remove shards. Default: True.
        :param cooldown: the time to wait after a change. Default: the default of Application Auto Scaling, 10 minutes.
        """
        metric = (
            _Metric.ELASTICACHE_DATABASE_CAPACITY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE
            if self._group.data_tiering
            else _Metric.ELASTICACHE_DATABASE_MEMORY_USAGE_COUNTED_FOR_EVICT_PERCENTAGE
        )
        self._track("Memory", metric, percent, scale_in, cooldown)


class ReplicaScaling(_Scaling):
    """Add replicas to and remove replicas from every shard, between 1 and 5 per shard.

    Needs cluster mode enabled, redis 6.0 or valkey, and a supported node family in the sizes large to 2xlarge.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Using-Replicas.html

    ```python
    scaling = ReplicaScaling(self, "Replicas", replication_group=clustered, min_capacity=1, max_capacity=3)
    scaling.track_replica_engine_cpu(50)
    ```

    :param replication_group: the group to scale, created here or imported with its cluster mode; not in a Global
        Datastore.
    :param min_capacity: the minimum number of replicas per shard, 1 to 5.
    :param max_capacity: the maximum number of replicas per shard, 1 to 5.
    :raises ValueError: for capacities that Application Auto Scaling would refuse, a group without cluster mode enabled,
        or a group of another region or account.
    """

    _dimension = "elasticache:replication-group:Replicas"

    def track_replica_engine_cpu(
        self, percent: float, *, scale_in: bool = True, cooldown: cdk.Duration | None = None
    ) -> None:
        """Keep ElastiCacheReplicaEngineCPUUtilization, the average over the replicas, near a target.

        :param percent: the target, between 0 and 100; 50 to 70 is common.
        :param scale_in: whether to also remove replicas. Default: True.
        :param cooldown: the time to wait after a change. Default: the default of Application Auto Scaling, 10 minutes.
        """
        metric = _Metric.ELASTICACHE_REPLICA_ENGINE_CPU_UTILIZATION
        self._track("ReplicaEngineCpu", metric, percent, scale_in, cooldown)
