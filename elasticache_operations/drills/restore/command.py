"""`elasticache drill restore`: proves that a snapshot can be restored, and that its data are those of the cache.

Example: `elasticache drill restore orders --most-usd 2 --instance i-0123456789abcdef0 --run --record drills.jsonl`.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
"""

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from elasticache_operations import price_options
from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills import client_shell, run_command
from elasticache_operations.drills import record as records
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.durations import add_timeout
from elasticache_operations.drills.record import Result, recording
from elasticache_operations.drills.replication_groups import require_group
from elasticache_operations.drills.restore import conditions, price, snapshots, temporary
from elasticache_operations.drills.restore.conditions import Found
from elasticache_operations.drills.restore.copy import Original
from elasticache_operations.drills.restore.drill import Drill
from elasticache_operations.drills.restore.snapshots import Snapshot
from elasticache_operations.drills.restore.temporary import GROUP, SNAPSHOT, LeftOver
from elasticache_operations.errors import InputError
from elasticache_operations.pricing.live import GET_PRODUCTS
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.collect import INVENTORY, chosen, inventory, region_of
from elasticache_rules.output import counted

CALLS: Final[Sequence[Call]] = (
    *INVENTORY,
    snapshots.DESCRIBE,
    *temporary.CALLS,
    GET_PRODUCTS,
    *run_command.calls("--run --instance"),
)
_TIMEOUT: Final = "45m"
_SAMPLE: Final = 1000
_MOST_SAMPLE: Final = 100_000
_MOST_CHANGED: Final = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Finds the newest snapshot of a replication group. With --run, restores it into a temporary cache with one "
        "node for each shard in the same subnets and security groups, compares its keys with those of the cache on a "
        "client, and deletes it, also after an interruption or a failure."
    )
    parser.epilog = (
        "exit status: 0 the data agree, or nothing prevents the drill (without --run); 1 the data differ, the snapshot "
        "was not restored, or a condition is not met; 2 an argument is wrong; 3 AWS refused a call or did not answer; "
        "130 interrupted"
    )
    records.add_options(parser, "restore, compare and delete")
    parser.add_argument(
        "--most-usd", metavar="USD", type=price.usd("--most-usd"), help="the largest cost; required with --run"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--snapshot", metavar="NAME", help="of the cache (default: the newest one)")
    source.add_argument(
        "--create-snapshot", action="store_true", help="take a snapshot for the drill, which is deleted with the cache"
    )
    client_shell.add_options(parser)
    parser.add_argument(
        "--sample",
        metavar="N",
        type=_whole("--sample", 1, _MOST_SAMPLE),
        default=_SAMPLE,
        help=f"keys to compare from each cache, at most {_MOST_SAMPLE:,} (default: {_SAMPLE:,})",
    )
    parser.add_argument(
        "--most-changed",
        metavar="PERCENT",
        type=_percent("--most-changed"),
        default=_MOST_CHANGED,
        help=f"of the keys that may have changed since the snapshot (default: {_MOST_CHANGED:g})",
    )
    add_timeout(parser, "the snapshot and the restore, such as 90m", default=_TIMEOUT, least=60, most=86400)
    parser.add_argument(
        "--delete-left-over",
        action="store_true",
        help="delete what a drill of this cache has left, also when it may still run",
    )
    price_options.add_arguments(parser)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Check the conditions, and with `--run` restore, compare and delete."""
    region = region_of(context)
    if arguments.run and arguments.most_usd is None:
        raise InputError(
            "--most-usd must be given with --run, because the temporary cache costs; write it like --most-usd 2"
        )
    shell = client_shell.shell_of(arguments, context.aws) if arguments.run else None
    with recording("restore", arguments, context) as record:
        found = inventory(context, [])
        cache = _group(found, arguments.id)
        original = _original(context, cache)
        described = snapshots.listed(context.aws)
        members = [member.cluster for member in cache.members]
        snapshot = _snapshot(arguments, cache, snapshots.of_group(described, cache.id, members))
        hours = price.of(arguments, context, region, snapshot) if snapshot else None
        left = _left_over(context, cache.id, found, described)
        conditions.check(record, arguments, cache, Found(snapshot, hours, left))
        if not record.checks_are_met or snapshot is None or hours is None:
            return record.end(Result.REFUSED, f"nothing was changed; {record.unmet}")
        if shell is None:
            return record.end(Result.PLANNED, _plan(arguments, snapshot))
        restored = None if arguments.create_snapshot else snapshot
        limits = (arguments.sample, arguments.most_changed, arguments.timeout)
        return Drill(context, record, original, restored, left, hours, shell, *limits, Clock()).run()


def _group(found: Sequence[Cache], id: str) -> Cache:
    """The replication group with this id.

    :raises InputError: when it does not exist, with ids that are similar; for a cache of another kind.
    """
    (cache,) = chosen(found, [id])
    others = {
        CacheKind.SERVERLESS: "a serverless cache, whose snapshots are restored into serverless caches",
        CacheKind.CLUSTER: "a cluster",
    }
    return require_group(cache, others)


def _original(context: Context, cache: Cache) -> Original:
    aws = context.aws
    (group,) = aws.call("elasticache", "DescribeReplicationGroups", ReplicationGroupId=cache.id)["ReplicationGroups"]
    (node,) = aws.call("elasticache", "DescribeCacheClusters", CacheClusterId=cache.members[0].cluster)["CacheClusters"]
    return Original(group, node)


def _snapshot(arguments: argparse.Namespace, cache: Cache, found: Sequence[Snapshot]) -> Snapshot | None:
    """The snapshot to restore; with `--create-snapshot` its properties, as far as they are known before."""
    if not arguments.create_snapshot:
        return snapshots.chosen(found, arguments.snapshot)
    return Snapshot(
        name="",
        status="",
        engine=cache.engine,
        version=cache.version,
        node_type=cache.node_type,
        shards=cache.shards,
        taken=None,
    )


def _left_over(
    context: Context, id: str, found: Sequence[Cache], described: Sequence[snapshots.Described]
) -> list[LeftOver]:
    groups = [{"ReplicationGroupId": each.id, "ARN": each.arn} for each in found if each.kind is CacheKind.GROUP]
    return [
        *temporary.left_over(context.aws, id, GROUP, groups),
        *temporary.left_over(context.aws, id, SNAPSHOT, described),
    ]


def _plan(arguments: argparse.Namespace, snapshot: Snapshot) -> str:
    what = f"snapshot {snapshot.name}" if snapshot.name else "a snapshot that it takes"
    return (
        f"nothing was changed; a run restores {what}, compares up to {counted(arguments.sample, 'key')} "
        "of each cache on the client, and deletes what it has created"
    )


def _whole(option: str, least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise InputError(
                f"{option} must be a whole number from {least:,} to {most:,}, got {text[:60]!r}; write it like "
                f"{option} 500"
            )
        return int(text)

    return parse


def _percent(option: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text.removesuffix("%"))
        except ValueError:
            value = -1.0
        if not 0 <= value <= 100:
            raise InputError(f"{option} must be 0 to 100, got {text[:60]!r}; write it like {option} 5")
        return value

    return parse
