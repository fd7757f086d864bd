"""An account whose replication group fails over, with the events that ElastiCache writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.elasticache_operations.drills.watching_client import Client
from tests.elasticache_operations.recorded import Answer, Recorded
from tests.elasticache_operations.status import account

TOOK = timedelta(milliseconds=6_250)


def event(message: str, *, age: timedelta = timedelta(), group: str = "orders") -> dict[str, Any]:
    """An event of a replication group."""
    date = datetime.now(UTC) - age
    return {"SourceIdentifier": group, "SourceType": "replication-group", "Message": message, "Date": date}


def called(shard: str = "0001", **given: Any) -> dict[str, Any]:
    """The event of a call of TestFailover."""
    return event(f"Test Failover API called for node group {shard}", **given)


def two_shards() -> dict[str, Any]:
    """A replication group with cluster mode enabled, whose roles the API does not tell."""
    shards: list[dict[str, Any]] = [
        {
            "NodeGroupId": f"000{shard}",
            "Status": "available",
            "NodeGroupMembers": [{"CacheClusterId": f"orders-000{shard}-00{node}"} for node in (1, 2)],
        }
        for shard in (1, 2)
    ]
    names = [node["CacheClusterId"] for shard in shards for node in shard["NodeGroupMembers"]]
    return account.group(NodeGroups=shards, MemberClusters=names, ClusterEnabled=True)


@dataclass(slots=True)
class FailingOver:
    """The account.

    :param group: the replication group.
    :param failure: the answer of TestFailover; None when it is accepted.
    :param statuses: of the group after the failover, the last one for good.
    :param completes: whether the failover ends.
    :param lags: the newest ReplicationLag of nodes in seconds.
    """

    client: Client
    group: dict[str, Any] = field(default_factory=lambda: available(account.group()))
    events: list[dict[str, Any]] = field(default_factory=list)
    failure: Exception | None = None
    statuses: list[str] = field(default_factory=lambda: ["modifying", "available"])
    completes: bool = True
    clusters: dict[str, Any] = field(default_factory=dict)
    lags: dict[str, float] = field(default_factory=lambda: {"orders-002": 0.02})
    more: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _failed_over: bool = field(default=False, init=False)

    def recorded(self) -> Recorded:
        """The answers."""
        described = account.clusters(self.group, **self.clusters)
        return Recorded(
            {
                ("elasticache", "DescribeReplicationGroups"): self._groups,
                ("elasticache", "DescribeCacheClusters"): {"CacheClusters": [*described, account.memcached()]},
                ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [account.serverless()]},
                ("elasticache", "DescribeEvents"): self._events,
                ("elasticache", "TestFailover"): self.fail_over,
                ("cloudwatch", "GetMetricData"): self._metrics,
                **self.client.answers(),
                **self.more,
            }
        )

    def _groups(self, params: Mapping[str, Any]) -> Any:
        group = dict(self.group)
        if self._failed_over:
            group["Status"] = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"ReplicationGroups": [group]}

    def _events(self, params: Mapping[str, Any]) -> Any:
        assert (params["SourceType"], params["Duration"]) == ("replication-group", 1440)
        wanted = params.get("SourceIdentifier")
        return {"Events": [each for each in self.events if wanted in (None, each["SourceIdentifier"])]}

    def fail_over(self, params: Mapping[str, Any]) -> Any:
        """The answer of TestFailover, after the failover."""
        if self.failure is not None:
            return self.failure
        shard = params["NodeGroupId"]
        self._failed_over = True
        self.client.fail_over()
        self.events.append(called(shard))
        if self.completes:
            old, new = self._nodes(shard)[:2]
            end = event(f"Failover from primary node {old} to replica node {new} completed")
            self.events.append({**end, "Date": self.events[-1]["Date"] + TOOK})
        return {"ReplicationGroup": {**self.group, "Status": "modifying"}}

    def _nodes(self, shard: str) -> Sequence[str]:
        (found,) = [each for each in self.group["NodeGroups"] if each["NodeGroupId"] == shard]
        return [member["CacheClusterId"] for member in found["NodeGroupMembers"]]

    def _metrics(self, params: Mapping[str, Any]) -> Any:
        results = []
        for query in params["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            assert (metric["MetricName"], query["MetricStat"]["Period"]) == ("ReplicationLag", 60)
            values = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            lag = self.lags.get(values["CacheClusterId"])
            points = [] if lag is None else [99.0, lag]
            times = [params["StartTime"] + timedelta(minutes=minute) for minute in range(len(points))]
            results.append({"Id": query["Id"], "Timestamps": times, "Values": points})
        return {"MetricDataResults": results}


def available(group: dict[str, Any]) -> dict[str, Any]:
    """A replication group whose shards are available."""
    return {**group, "NodeGroups": [{**shard, "Status": "available"} for shard in group["NodeGroups"]]}
