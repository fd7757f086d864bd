"""`elasticache drill failover`: fails over a shard, and measures the interruption at a client.

Example: `elasticache drill failover orders --shard 0001 --instance i-0123456789abcdef0 --run --record drills.jsonl`.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html#auto-failover-test
"""

import argparse
from collections.abc import Sequence
from typing import Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills import record as records
from elasticache_operations.drills import run_command
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.durations import add_timeout, duration
from elasticache_operations.drills.failover import conditions
from elasticache_operations.drills.failover.drill import CALL, STEADY_TIMEOUT, Drill
from elasticache_operations.drills.failover.watch import CommandWatch, InstanceWatch, Watch
from elasticache_operations.drills.record import Result, recording
from elasticache_operations.drills.run_command import Instance
from elasticache_operations.errors import InputError
from elasticache_operations.status.caches import Cache
from elasticache_operations.status.collect import region_of

CALLS: Final[Sequence[Call]] = (*conditions.CALLS, CALL, *run_command.calls("--run --instance"))
_MOST: Final = "60s"
_TIMEOUT: Final = "15m"
_SPARE: Final = 120
"""Seconds that the watch on an instance runs longer than the failover may take."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Checks whether a shard can be failed over. With --run, starts cache-connection-test --watch on a client, "
        "calls TestFailover, and prints how long reads and writes were interrupted."
    )
    parser.epilog = (
        "exit status: 0 passed, or nothing prevents it (without --run); 1 a condition is not met, the interruption was "
        "longer than --most, or the end was not seen; 2 an argument is wrong; 3 AWS refused a call or did not answer; "
        "130 interrupted"
    )
    records.add_options(parser, "call TestFailover, which replaces the primary")
    parser.add_argument("--shard", metavar="ID", help="such as 0001 (default: the only shard)")
    client = parser.add_mutually_exclusive_group()
    client.add_argument("--instance", metavar="ID", help="the client, on which SSM Run Command starts the watch")
    client.add_argument(
        "--watch-command",
        metavar="COMMAND",
        help="runs cache-connection-test --watch SECONDS --format json on the client, and ends with SIGINT; instead of "
        "--instance",
    )
    parser.add_argument(
        "--most",
        metavar="DURATION",
        type=duration("--most", 0.001, 3600),
        default=_MOST,
        help=f"the longest gap of reads and writes that is allowed, such as 500ms or 60s (default: {_MOST})",
    )
    add_timeout(parser, "the failover, until the cache is available again", default=_TIMEOUT)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Check the conditions, and with `--run` fail over and measure it."""
    region_of(context)
    if arguments.run and not (arguments.instance or arguments.watch_command):
        raise InputError(
            "--instance must be given with --run, because the interruption is measured at a client; give the id of the "
            "client's instance, or --watch-command"
        )
    with recording("failover", arguments, context) as record:
        cache = conditions.group(context, arguments.id)
        shard = conditions.shard(cache, arguments.shard)
        conditions.check(record, context, cache, shard)
        if not record.checks_are_met:
            return record.end(Result.REFUSED, f"nothing was changed; {record.unmet}")
        if not arguments.run:
            return record.end(Result.PLANNED, _plan(arguments, cache, shard))
        nodes = [member.cluster for member in cache.members if member.shard == shard]
        watch = _watch(arguments, context)
        return Drill(context, record, cache, shard, nodes, watch, arguments.most, arguments.timeout).run()


def _watch(arguments: argparse.Namespace, context: Context) -> Watch:
    if arguments.watch_command:
        return CommandWatch(arguments.watch_command)
    seconds = int(arguments.timeout + STEADY_TIMEOUT + _SPARE)
    return InstanceWatch(Instance(context.aws, arguments.instance, Clock()), seconds)


def _plan(arguments: argparse.Namespace, cache: Cache, shard: str) -> str:
    place = arguments.instance or arguments.watch_command or "the client of --instance"
    return (
        f"nothing was changed; a run starts the watch on {place}, calls TestFailover of shard {shard} of {cache.id}, "
        f"and fails when reads or writes are interrupted for more than {arguments.most:g} s"
    )
