"""The conditions for a restore drill, read before anything is changed."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from elasticache_operations.drills.record import Record
from elasticache_operations.drills.restore import snapshots
from elasticache_operations.drills.restore.price import NodeHours
from elasticache_operations.drills.restore.snapshots import Snapshot
from elasticache_operations.drills.restore.temporary import LeftOver
from elasticache_operations.status.caches import Cache


@dataclass(frozen=True, slots=True)
class Found:
    """What was read.

    :param snapshot: the snapshot to restore; None when there is none.
    :param hours: the price of the temporary nodes; None without a snapshot.
    :param left: what other drills of the cache have created.
    """

    snapshot: Snapshot | None
    hours: NodeHours | None
    left: Sequence[LeftOver]


def check(record: Record, arguments: argparse.Namespace, cache: Cache, found: Found) -> None:
    """Add the conditions of the drill to the record."""
    snapshot = found.snapshot
    if arguments.create_snapshot:
        available = cache.status == "available"
        state = f"{cache.id} is {cache.status}"
        record.check("state", available, state if available else f"{state}; wait until it is available")
    elif snapshot is None or snapshot.taken is None:
        record.check("snapshot", False, "none is complete; take one with --create-snapshot")
    else:
        record.check(
            "snapshot",
            True,
            f"{snapshot.name}, {snapshots.age(snapshot.taken, record.now())} old, {snapshot.shards} "
            f"shard{'s' if snapshot.shards > 1 else ''}",
        )
    if found.hours is not None:
        record.check("cost", *_cost(arguments, found.hours))
    record.check("no other drill", *_others(arguments, record, found.left))


def _cost(arguments: argparse.Namespace, hours: NodeHours) -> tuple[bool, str]:
    most = hours.most(arguments.timeout)
    nodes = f"{hours.nodes} x {hours.node_type}"
    if most is None:
        return False, f"the price of {nodes} is not known: {hours.price.why}"
    detail = f"{nodes}, at most {most:.4f} USD with --timeout {arguments.timeout:g}s"
    if arguments.most_usd is not None and most > arguments.most_usd:
        return False, f"{detail}; allow it with --most-usd {most:.4f}"
    return True, detail


def _others(arguments: argparse.Namespace, record: Record, left: Sequence[LeftOver]) -> tuple[bool, str]:
    if not left:
        return True, "nothing is left over"
    named = ", ".join(f"{each.resource.kind} {each.id}" for each in left)
    running = max(each.until for each in left)
    if running > record.now() and not arguments.delete_left_over:
        return False, (
            f"{named} of a drill that may run until {running:%Y-%m-%d %H:%M} UTC; wait for it, or delete what it has "
            "left with --delete-left-over"
        )
    return True, f"{named} of an earlier drill {'is' if len(left) == 1 else 'are'} deleted first"
