"""The snapshots of a replication group: the newest, one that is named, or one that is taken for the drill."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.restore.temporary import SNAPSHOT
from elasticache_operations.errors import CommandError, InputError, one_of
from elasticache_rules.output import counted

DESCRIBE: Final = Call("elasticache", "DescribeSnapshots")
Described = Mapping[str, Any]
"""A snapshot as the API describes it."""
_AVAILABLE: Final = "available"
_FAILED: Final = "failed"
_POLL: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot.

    :param taken: when the data of the first shard were read; None until it is complete.
    """

    name: str
    status: str
    engine: str
    version: str
    node_type: str
    shards: int
    taken: datetime | None
    data_tiering: bool = False
    arn: str = ""

    @property
    def usable(self) -> bool:
        """Whether it is complete."""
        return self.status == _AVAILABLE and self.taken is not None

    @classmethod
    def of(cls, described: Described) -> "Snapshot":
        """Create it from an answer of DescribeSnapshots or CreateSnapshot."""
        nodes = described.get("NodeSnapshots") or ()
        times = [node["SnapshotCreateTime"] for node in nodes if node.get("SnapshotCreateTime")]
        return cls(
            name=described["SnapshotName"],
            status=str(described.get("SnapshotStatus") or ""),
            engine=str(described.get("Engine") or "redis"),
            version=str(described.get("EngineVersion") or ""),
            node_type=str(described.get("CacheNodeType") or ""),
            shards=int(described.get("NumNodeGroups") or len(nodes) or 1),
            taken=min(times).astimezone(UTC) if times else None,
            data_tiering=described.get("DataTiering") == "enabled",
            arn=str(described.get("ARN") or ""),
        )


def listed(aws: Aws) -> list[Described]:
    """Every snapshot of the region, as described."""
    return list(aws.pages(DESCRIBE.service, DESCRIBE.operation, "Snapshots"))


def of_group(described: Iterable[Described], group: str, nodes: Iterable[str]) -> list[Snapshot]:
    """The snapshots of a replication group, the oldest first.

    With cluster mode disabled a snapshot names the node that it was taken of, and not the replication group.
    """
    members = set(nodes)
    found = [
        Snapshot.of(each)
        for each in described
        if each.get("ReplicationGroupId") == group or each.get("CacheClusterId") in members
    ]
    return sorted(found, key=lambda each: each.taken or datetime.max.replace(tzinfo=UTC))


def chosen(found: Sequence[Snapshot], name: str | None) -> Snapshot | None:
    """The snapshot with a name, or the newest that is complete; None when there is none.

    :raises InputError: for a name that does not exist, or of a snapshot that is not complete.
    """
    usable = [each for each in found if each.usable]
    if name is None:
        return usable[-1] if usable else None
    for snapshot in found:
        if snapshot.name == name:
            if not snapshot.usable:
                raise InputError(
                    f"--snapshot must be complete, got {name}, which is {snapshot.status}; wait, or choose another"
                )
            return snapshot
    raise one_of("--snapshot", name, [each.name for each in usable] or ["none: this cache has no snapshot"])


def wait_for(aws: Aws, name: str, clock: Clock, timeout: float) -> Snapshot:
    """Wait until a snapshot is complete.

    :raises CommandError: when it fails, or is not complete in time.
    """
    status = "absent"
    for _ in clock.until(timeout, _POLL):
        described = SNAPSHOT.describe(aws, name)
        if described is None:
            continue
        snapshot = Snapshot.of(described)
        if snapshot.usable:
            return snapshot
        status = snapshot.status
        if status == _FAILED:
            raise CommandError(f"snapshot {name} has failed; look at the events: aws elasticache describe-events")
    raise CommandError(f"snapshot {name} is {status} after {timeout:g} s; give a longer --timeout")


def age(taken: datetime, now: datetime) -> str:
    """The age of a snapshot in words, such as "3 hours"."""
    passed = max(now - taken, timedelta())
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if passed >= 2 * unit:
            return f"{passed // unit} {name}s"
    return counted(passed.seconds, "second")
