"""A region with a replication group and its snapshots, which answers what a restore drill calls."""

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticache_operations.drills.clock import Clock
from tests.elasticache_operations.recorded import Answer, Recorded, refusal

PREFIX = "drill-restore-"
GROUP_ARN = "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:"
SNAPSHOT_ARN = "arn:aws:elasticache:us-east-1:123456789012:snapshot:"
SAME = {
    "source": 1000,
    "restored": 1000,
    "complete": True,
    "sampled": 1000,
    "same": 1000,
    "changed": 0,
    "gone": 0,
    "new": 0,
    "different": 0,
    "lost": 0,
    "unreadable": 0,
}


def snapshot(name: str, hours: float = 3, **more: Any) -> dict[str, Any]:
    """A snapshot of the group, some hours old."""
    taken = datetime.now(UTC) - timedelta(hours=hours)
    return {
        "SnapshotName": name,
        "SnapshotStatus": "available",
        "CacheClusterId": "orders-002",
        "Engine": "valkey",
        "EngineVersion": "8.1.0",
        "CacheNodeType": "cache.t4g.micro",
        "ARN": f"{SNAPSHOT_ARN}{name}",
        "NodeSnapshots": [{"SnapshotCreateTime": taken}],
        **more,
    }


@dataclass(slots=True)
class Region:
    """The region.

    :param clustered: whether the group has cluster mode enabled, with three shards.
    :param creating: how many descriptions a new group is being created for.
    :param deleting: how many descriptions a deleted group still exists for.
    :param hidden: how many descriptions do not show a new group yet.
    :param compared: the result of the comparison on the instance.
    :param failing: an error for an operation, raised once.
    :param signals: the number of a call at which signals are sent, and how many.
    """

    clustered: bool = False
    creating: int = 2
    deleting: int = 1
    hidden: int = 0
    compared: Mapping[str, Any] = field(default_factory=lambda: SAME)
    status_of_comparison: int = 0
    failing: dict[str, list[Exception]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """The operations that are carried out, although their answer is an error of `failing`."""
    signals: tuple[int, int] = (0, 0)
    number: int = signal.SIGINT
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The arguments of the last call of each operation."""
    scripts: list[str] = field(default_factory=list)
    count: int = 0
    now: float = 0.0
    recorded: Recorded = field(init=False)
    _ages: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups["orders"] = self._orders()
        if not self.snapshots:
            self.add(snapshot("daily"))
        handlers = {
            ("elasticache", "DescribeReplicationGroups"): self._describe_groups,
            ("elasticache", "DescribeCacheClusters"): self._describe_nodes,
            ("elasticache", "DescribeServerlessCaches"): lambda p: {"ServerlessCaches": []},
            ("elasticache", "DescribeSnapshots"): self._describe_snapshots,
            ("elasticache", "ListTagsForResource"): lambda p: {"TagList": self.tags.get(p["ResourceName"], [])},
            ("elasticache", "CreateReplicationGroup"): self._create,
            ("elasticache", "DeleteReplicationGroup"): self._delete,
            ("elasticache", "CreateSnapshot"): self._take,
            ("elasticache", "DeleteSnapshot"): self._discard,
            ("ssm", "SendCommand"): self._send,
            ("ssm", "GetCommandInvocation"): self._invocation,
        }
        answers: dict[tuple[str, str], Answer] = {key: self._counted(key[1], each) for key, each in handlers.items()}
        self.recorded = Recorded(answers)

    @property
    def clock(self) -> Clock:
        """A clock that advances with each wait."""
        return Clock(lambda: self.now, self._sleep)

    @property
    def left(self) -> list[str]:
        """What the drill has created and not deleted."""
        return [name for name in (*self.groups, *self.snapshots) if name.startswith(PREFIX)]

    def add(self, described: dict[str, Any], tags: list[dict[str, str]] | None = None) -> None:
        """Add a snapshot."""
        self.snapshots[described["SnapshotName"]] = described
        self.tags[described["ARN"]] = tags or []

    def add_group(self, id: str, tags: list[dict[str, str]]) -> None:
        """Add a replication group that a drill has left."""
        self.groups[id] = self._group(id)
        self.tags[f"{GROUP_ARN}{id}"] = tags

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _counted(self, operation: str, handler: Any) -> Any:
        def answer(params: Mapping[str, Any]) -> Any:
            self.count += 1
            self.now += 0.5
            at, how_many = self.signals
            if at <= self.count < at + how_many:
                signal.raise_signal(self.number)
            self.requests[operation] = dict(params)
            planned = self.failing.get(operation)
            if not planned:
                return handler(params)
            if operation in self.lost:
                handler(params)
            return planned.pop(0)

        return answer

    def _orders(self) -> dict[str, Any]:
        shards = range(1, 4) if self.clustered else range(1, 2)
        roles = {} if self.clustered else {1: {"CurrentRole": "primary"}, 2: {"CurrentRole": "replica"}}
        return {
            **self._group("orders"),
            "Status": "available",
            "ClusterEnabled": self.clustered,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
            "NodeGroups": [
                {
                    "NodeGroupId": f"{shard:04d}",
                    "NodeGroupMembers": [
                        {"CacheClusterId": self._node(shard, node), **roles.get(node, {})} for node in (1, 2)
                    ],
                }
                for shard in shards
            ],
            "MemberClusters": [self._node(shard, node) for shard in shards for node in (1, 2)],
        }

    def _node(self, shard: int, node: int) -> str:
        return f"orders-{shard:04d}-{node:03d}" if self.clustered else f"orders-{node:03d}"

    def _group(self, id: str) -> dict[str, Any]:
        host = f"{id}.abc123.use1.cache.amazonaws.com"
        endpoint = {"Address": f"clustercfg.{host}" if self.clustered else f"master.{host}", "Port": 6379}
        shard = {"NodeGroupId": "0001", "NodeGroupMembers": [], "PrimaryEndpoint": endpoint}
        more = {"ConfigurationEndpoint": endpoint} if self.clustered else {}
        return {
            "ReplicationGroupId": id,
            "ARN": f"{GROUP_ARN}{id}",
            "Status": "available",
            "CacheNodeType": "cache.t4g.micro",
            "Engine": "valkey",
            "NodeGroups": [shard],
            "MemberClusters": [],
            **more,
        }

    def _describe_groups(self, params: Mapping[str, Any]) -> Any:
        for id in [id for id in self.groups if id.startswith(PREFIX)]:
            self._advance(self.groups, id, "Status")
        found = list(self.groups.values())
        if wanted := params.get("ReplicationGroupId"):
            unseen = wanted.startswith(PREFIX) and self.hidden > 0
            self.hidden -= unseen
            if wanted not in self.groups or unseen:
                return refusal("ReplicationGroupNotFoundFault")
            found = [self.groups[wanted]]
        return {"ReplicationGroups": found}

    def _describe_nodes(self, params: Mapping[str, Any]) -> Any:
        nodes = [
            {
                "CacheClusterId": name,
                "CacheClusterStatus": "available",
                "ReplicationGroupId": "orders",
                "Engine": "valkey",
                "EngineVersion": "8.1.0",
                "CacheNodeType": "cache.t4g.micro",
                "NumCacheNodes": 1,
                "CacheSubnetGroupName": "orders-subnets",
                "SecurityGroups": [{"SecurityGroupId": "sg-1"}, {"SecurityGroupId": "sg-2"}],
                "CacheParameterGroup": {"CacheParameterGroupName": "orders-parameters"},
            }
            for name in self.groups["orders"]["MemberClusters"]
        ]
        wanted = params.get("CacheClusterId")
        return {"CacheClusters": [each for each in nodes if wanted in (None, each["CacheClusterId"])]}

    def _describe_snapshots(self, params: Mapping[str, Any]) -> Any:
        for name in [name for name in self.snapshots if name.startswith(PREFIX)]:
            self._advance(self.snapshots, name, "SnapshotStatus")
        wanted = params.get("SnapshotName")
        unseen = wanted is not None and wanted.startswith(PREFIX) and self.hidden > 0
        self.hidden -= unseen
        if unseen or (wanted is not None and wanted not in self.snapshots):
            return refusal("SnapshotNotFoundFault")
        return {"Snapshots": [each for each in self.snapshots.values() if wanted in (None, each["SnapshotName"])]}

    def _advance(self, kept: dict[str, dict[str, Any]], name: str, key: str) -> None:
        """Let a creation or a deletion proceed."""
        status = kept[name][key]
        if status not in ("creating", "deleting"):
            return
        self._ages[name] = self._ages.get(name, 0) + 1
        if self._ages[name] > (self.creating if status == "creating" else self.deleting):
            self._ages[name] = 0
            if status == "deleting":
                del kept[name]
            else:
                kept[name][key] = "available"

    def _create(self, params: Mapping[str, Any]) -> Any:
        id = params["ReplicationGroupId"]
        self.groups[id] = {**self._group(id), "Status": "creating"}
        self.tags[f"{GROUP_ARN}{id}"] = list(params["Tags"])
        return {"ReplicationGroup": self.groups[id]}

    def _delete(self, params: Mapping[str, Any]) -> Any:
        group = self.groups[params["ReplicationGroupId"]]
        if group["Status"] == "creating":
            return refusal("InvalidReplicationGroupState", "it is being created")
        group["Status"] = "deleting"
        return {"ReplicationGroup": group}

    def _take(self, params: Mapping[str, Any]) -> Any:
        described = snapshot(params["SnapshotName"], 0, SnapshotStatus="creating")
        if self.clustered:
            described |= {"NumNodeGroups": 3}
        self.add(described, list(params["Tags"]))
        return {"Snapshot": described}

    def _discard(self, params: Mapping[str, Any]) -> Any:
        found = self.snapshots[params["SnapshotName"]]
        if found["SnapshotStatus"] == "creating":
            return refusal("InvalidSnapshotState", "it is being created")
        found["SnapshotStatus"] = "deleting"
        return {"Snapshot": found}

    def _send(self, params: Mapping[str, Any]) -> Any:
        self.scripts += params["Parameters"]["commands"]
        return {"Command": {"CommandId": "11111111-1111-1111-1111-111111111111"}}

    def _invocation(self, params: Mapping[str, Any]) -> Any:
        status = self.status_of_comparison
        return {
            "Status": "Failed" if status else "Success",
            "ResponseCode": status,
            "StandardOutputContent": "" if status else json.dumps(self.compared),
            "StandardErrorContent": "it broke" if status else "",
        }
