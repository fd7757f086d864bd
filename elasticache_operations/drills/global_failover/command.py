"""Moves the primary of a Global Datastore: planned, or after its region is lost.

`elasticache drill global-failover status   --id ID --region REGION`
`elasticache drill global-failover failover --id ID --region REGION --to REGION [--run]`
`elasticache drill global-failover promote  --id ID --region REGION --primary-is-lost [--run]`

Without `--run`, a command prints what it would do, and changes nothing. Run again, a command resumes a change that is
under way, and ends with status 0 when the change is complete. `--record FILE` appends the record of a failover or a
promotion as one line of JSON.

Exit statuses; an error is one line on stderr:

0    the change is complete, or was complete before; without --run: it would be
1    the state does not allow the change, the service refused it, or its end was not seen
2    an option is wrong or missing, names something that does not exist, or confirms too little
3    AWS did not answer, without credentials, permission, network or boto3; nothing was changed
130  interrupted with Ctrl-C; the message says whether a change is under way

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Console.html
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from elasticache_operations.aws import Call
from elasticache_operations.drills.global_failover import recorded
from elasticache_operations.drills.global_failover.api import Client, client
from elasticache_operations.drills.global_failover.change import Apis, Change
from elasticache_operations.drills.global_failover.datastore import Group, State, read
from elasticache_operations.drills.global_failover.failover import Failover
from elasticache_operations.drills.global_failover.plans import Plan, Step
from elasticache_operations.drills.global_failover.promotion import Promotion
from elasticache_operations.drills.global_failover.runs import Run
from elasticache_operations.drills.global_failover.statuses import MEANINGS, OperationError, Status
from elasticache_operations.drills.record import Record

CALLS: Final[Sequence[Call]] = (
    Call("elasticache", "DescribeGlobalReplicationGroups"),
    Call("elasticache", "DescribeReplicationGroups"),
    Call("elasticache", "FailoverGlobalReplicationGroup", when="failover --run"),
    Call("elasticache", "DisassociateGlobalReplicationGroup", when="promote --run"),
)
_PROG: Final = "elasticache drill global-failover"
_EPILOG: Final = "\n".join(
    [
        "exit statuses; an error is one line on stderr:",
        *(f"  {status:<4d} {meaning}" for status, meaning in MEANINGS.items()),
        "",
        "Run again, a command resumes a change that is under way. Without --run, the status is that of a run, as",
        "far as the state shows it: it does not test the permission to change, nor how a change under way will end.",
        "Afterwards change the templates: see docs/runbooks/global-datastore.md.",
    ]
)


@dataclass(slots=True)
class Operations:
    """The commands: status, failover and promote.

    :param client: creates a client for a region.
    :param write_line: receives the lines of output.
    :param poll: seconds between two reads of the state.
    :param timeout: seconds after which a command ends without having seen the end of a change.
    :param clock: seconds of a monotonic clock.
    :param sleep: waits for some seconds.
    """

    client: Client
    write_line: Callable[[str], None] = print
    poll: float = 10.0
    timeout: float = 1800.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _run: Run | None = field(default=None, init=False)

    def status(self, global_id: str, region: str) -> State:
        """Show a Global Datastore.

        :raises OperationError: when it does not exist in this region, or a call fails.
        """
        state = read(Apis(self.client)(region), global_id)
        self.write_line(str(state))
        return state

    def failover(self, global_id: str, region: str, to: str, *, dry_run: bool) -> State:
        """Make a secondary the primary while both regions are available; no write is lost.

        :param region: the region whose API is used, a member's.
        :param to: the region of the new primary.
        :raises OperationError: when it is not complete at the end; the message says how to continue.
        """
        change = Failover(Apis(self.client), global_id, region, to)
        run, plan = self._begin(change)
        if not self._is_dry(change, plan, dry_run=dry_run):
            run.carry_out(plan)
            self.write_line(f"after\n{change.describe()}")
        if change.state is None:
            raise AssertionError("a read sets the state")
        return change.state

    def promote(
        self,
        global_id: str,
        region: str,
        *,
        dry_run: bool,
        primary_is_lost: bool = False,
        replication_group_id: str | None = None,
    ) -> Group:
        """Detach a secondary, so that it accepts writes; writes that have not reached it are lost.

        :param region: the region of the secondary; its API is used because that of the primary may not answer.
        :param primary_is_lost: confirms that the primary accepts no writes.
        :param replication_group_id: the replication group of the secondary, needed when the region no longer lists
            the Global Datastore.
        :raises OperationError: when it is not complete at the end; the message says how to continue.
        """
        change = Promotion(Apis(self.client), global_id, region, primary_is_lost, replication_group_id)
        run, plan = self._begin(change)
        if change.attached and plan.step in (Step.CALL, Step.WAIT):
            self.write_line(f"warning: {change.risk()}")
        if not self._is_dry(change, plan, dry_run=dry_run):
            run.carry_out(plan)
            self.write_line(f"after\n  {region:<16} STANDALONE available      {change.group_id}")
        if change.group is None:
            raise AssertionError("a read sets the replication group, or refuses")
        return change.group

    def interrupted(self) -> str:
        """The message for an interruption: whether a change is under way."""
        return self._run.unfinished("interrupted") if self._run is not None else "interrupted; nothing was changed"

    @property
    def under_way(self) -> bool:
        """Whether a change is or may be under way."""
        return self._run is not None and self._run.under_way

    def _begin(self, change: Change) -> tuple[Run, Plan]:
        self._run = run = Run(change, self.write_line, self.poll, self.timeout, self.clock, self.sleep)
        return run, run.first_read()

    def _is_dry(self, change: Change, plan: Plan, *, dry_run: bool) -> bool:
        """Print what a run would do, if this is a dry run; returns whether it is one.

        :raises OperationError: when a run would be refused.
        """
        if not dry_run:
            return False
        if plan.step is Step.REFUSE:
            self.write_line(f"dry run: nothing was changed; a run ends with status {plan.status.exit:d}")
            raise OperationError(plan.why, plan.status)
        if plan.step is Step.CALL:
            self.write_line(f"call: {change.request}")
        preview = f"has nothing to do: {plan.why}" if plan.step is Step.DONE else change.preview(plan)
        self.write_line(f"dry run: nothing was changed; a run {preview}; status {Status.DONE.exit:d}")
        return True


class _Parser(argparse.ArgumentParser):
    """A parser whose error is one line."""

    def error(self, message: str) -> NoReturn:
        raise OperationError(f"{message}; see {self.prog} --help", Status.ARGUMENTS)


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text.strip()


def parser(prog: str = _PROG) -> argparse.ArgumentParser:
    """Create the parser of the command's arguments.

    :param prog: the name of the command.
    """
    parser = _Parser(
        prog=prog,
        description="Moves the primary of a Global Datastore.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("status", "show the members, their roles and their statuses"),
        ("failover", "make a secondary the primary, while both regions are available"),
        ("promote", "detach a secondary, so that it accepts writes, when the region of the primary is lost"),
    ):
        command = commands.add_parser(
            name,
            help=words,
            description=words,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--id", required=True, type=_name, help="id of the Global Datastore")
        command.add_argument(
            "--region", required=True, type=_name, help="region whose API is used; with promote the secondary's"
        )
        if name == "failover":
            command.add_argument("--to", required=True, type=_name, help="region of the new primary")
        if name == "promote":
            command.add_argument(
                "--primary-is-lost",
                action="store_true",
                help="confirm that the primary accepts no writes; otherwise the data of two writers diverge",
            )
            command.add_argument(
                "--replication-group-id",
                type=_name,
                metavar="ID",
                help="replication group of the secondary; needed to resume when the region no longer lists the Global "
                "Datastore",
            )
        if name != "status":
            command.add_argument("--run", action="store_true", help="change it; otherwise print what would be done")
            command.add_argument(
                "--record",
                metavar="FILE",
                type=Path,
                help="append the record of the drill to this file, as one line of JSON",
            )
    return parser


def main(words: Sequence[str], prog: str = _PROG) -> int:
    """Run the command; returns its exit status.

    :param prog: the name of the command, which its help shows.
    """
    return run(words, prog=prog).exit


def run(
    words: Sequence[str],
    create: Client = client,
    *,
    prog: str = _PROG,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Status:
    """Run the command; returns how it ended."""
    operations = Operations(create, _print, clock=clock, sleep=sleep)
    record: Record | None = None
    try:
        arguments = parser(prog).parse_args(words)
        record = recorded.begin(arguments)
        operations.write_line = recorded.keeping(_print, record)
        _execute(operations, arguments)
    except SystemExit:  # after --help
        return Status.DONE
    except OperationError as problem:
        return _fail(str(problem), problem.status, prog, record)
    except KeyboardInterrupt:
        return _fail(operations.interrupted(), Status.INTERRUPTED, prog, record)
    except BrokenPipeError:
        # The reader of the output has ended, so further output must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = Status.UNDER_WAY if operations.under_way else Status.UNAVAILABLE
        return _fail(operations.interrupted().replace("interrupted", "the output was closed"), status, prog, record)
    done = "the change is complete" if record is not None and record.run else "nothing was changed"
    problem_of_record = recorded.end(record, Status.DONE, done)
    return _fail(problem_of_record, Status.ARGUMENTS, prog) if problem_of_record else Status.DONE


def _execute(operations: Operations, arguments: argparse.Namespace) -> None:
    if arguments.command == "status":
        operations.status(arguments.id, arguments.region)
    elif arguments.command == "failover":
        operations.failover(arguments.id, arguments.region, arguments.to, dry_run=not arguments.run)
    else:
        operations.promote(
            arguments.id,
            arguments.region,
            dry_run=not arguments.run,
            primary_is_lost=arguments.primary_is_lost,
            replication_group_id=arguments.replication_group_id,
        )


def _print(line: str) -> None:
    """Print without buffering, because a wait can be long."""
    print(line, flush=True)


def _fail(message: str, status: Status, prog: str, record: Record | None = None) -> Status:
    unwritten = recorded.end(record, status, message)
    print(f"{prog}: {message}{f'; {unwritten}' if unwritten else ''}", file=sys.stderr)
    return status
