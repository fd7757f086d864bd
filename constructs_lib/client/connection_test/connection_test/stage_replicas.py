"""The stage that reads from replicas what has been written to their primaries."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import Optional

from connection_test import slots, transport, tunnels
from connection_test.commands import command, information
from connection_test.context import Context
from connection_test.failures import REPLICA_STATES, broken, failure_of
from connection_test.permitted import StageSkipped, Unsettled, refusal
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.stage_data import on_primary, targets_of
from connection_test.stage_engine import connect
from connection_test.together import together

_REPLICA_SECONDS = 2.0
_MOST_NAMED = 5


@dataclass(frozen=True)
class _Read:
    """What one replica has shown.

    :param problem: the code of the warning; empty if the write was read from a replica.
    """

    replica: slots.Node
    seconds: float
    problem: str = ""


_PROBLEMS = {
    "reader-is-primary": (
        "{nodes} answers as a primary, so that no replica is read",
        "{nodes} answer as primaries, so that no replica is read",
        "look at the state of the replicas in the console; a reader endpoint without a replica leads to the primary",
    ),
    "replica-detached": (
        "{nodes} has no connection to its primary, and serves old data",
        "{nodes} have no connection to their primaries, and serve old data",
        "look at the state of the node in the console, and at ReplicationLag",
    ),
    "replica-loading": (
        "{nodes} loads its data, and serves no reads",
        "{nodes} load their data, and serve no reads",
        "wait until it has loaded; a restart of the engine is listed in the ElastiCache events",
    ),
    "replica-behind": (
        "{nodes} did not show a write within 2 s",
        "{nodes} did not show a write within 2 s",
        "look at ReplicationLag; read from the primary what must be fresh",
    ),
}


def replicas(context: Context) -> Optional[str]:
    """Data written to a primary can be read from its replicas."""
    config = context.config
    readers = [endpoint for endpoint in config.endpoints if endpoint.role == "reader"]
    shards = slots.reachable(targets_of(context), config.key_prefix)
    pairs = [(shard, replica) for shard in shards for replica in shard.replicas]
    if readers and (config.serverless or (not config.clustered and config.replicas_per_shard > 0)):
        pairs = [(shards[0], slots.Node(reader.host, reader.port)) for reader in readers]
    if not pairs:
        # The stage before has warned of replicas that are expected.
        return "none announced" if config.clustered and config.replicas_per_shard > 0 else None
    if not config.may("get"):
        raise StageSkipped(refusal("get"))
    if config.clustered and not config.may("readonly"):
        raise StageSkipped(refusal("readonly"))
    nodes = tunnels.usable(config, [replica for _, replica in pairs])
    if not nodes:
        first = pairs[0][1]
        raise StageSkipped(
            f"no tunnel leads to the read port; to test it, pass {tunnels.option(first.host, first.port)}"
        )
    pairs = [(shard, replica) for shard, replica in pairs if replica in nodes]
    results = together(lambda pair: _read_from(context, *pair), pairs)
    passing = next((result for result in results if result.problem in REPLICA_STATES.values()), None)
    if passing is not None and context.patience > 0:
        one, _, action = _PROBLEMS[passing.problem]
        failure = StageFailure(passing.problem, one.format(nodes=passing.replica), action)
        raise Unsettled(failure, lambda: _described(context, results))
    return _described(context, results)


def _described(context: Context, results: list[_Read]) -> str:
    _judge(context, results)
    read = [result for result in results if not result.problem]
    context.facts["replicas_read"] = len(read)
    if not read:
        return "no replica read"
    slowest = max(result.seconds for result in read) * 1000
    if context.config.serverless:
        return f"read from the reader endpoint after {slowest:.0f} ms"
    return f"read from {len(read)} replica{'s' if len(read) != 1 else ''}, the slowest after {slowest:.0f} ms"


def _judge(context: Context, results: list[_Read]) -> None:
    for code, (one, several, action) in _PROBLEMS.items():
        nodes = [str(result.replica) for result in results if result.problem == code]
        if nodes:
            more = f" and {len(nodes) - _MOST_NAMED} more" if len(nodes) > _MOST_NAMED else ""
            text = one if len(nodes) == 1 else several
            context.warn(code, text.format(nodes=", ".join(nodes[:_MOST_NAMED]) + more), action)


def _read_from(context: Context, shard: slots.Shard, replica: slots.Node) -> _Read:
    context.check_time()
    salt = os.urandom(6).hex()
    key = slots.key_for(shard, context.config.key_prefix, salt)
    try:
        reader, problem = _opened(context, replica)
    except StageFailure as failure:
        return _Read(replica, 0.0, _state_of(failure))
    with contextlib.closing(reader):
        if problem:
            return _Read(replica, 0.0, problem)
        started = time.monotonic()
        if not context.config.may("set"):
            problem = _read(reader, key)
        else:
            with on_primary(context, shard) as writer:
                started = time.monotonic()
                writer.command("SET", key, salt, "EX", 60)
                try:
                    problem = _wait(reader, key, salt, started)
                finally:
                    with contextlib.suppress(StageFailure):  # the key expires by itself, also without the permission
                        writer.command("DEL", key)
        return _Read(replica, time.monotonic() - started, problem)


def _state_of(failure: StageFailure) -> str:
    """The warning for a state of a replica.

    :raises StageFailure: for every other failure.
    """
    if failure.code not in REPLICA_STATES:
        raise failure from None
    return REPLICA_STATES[failure.code]


def _opened(context: Context, replica: slots.Node) -> tuple[Connection, str]:
    """A connection to a replica that may read, or a connection and the code of a warning."""
    reader = connect(context, replica.host, replica.port)
    try:
        problem = "" if context.config.serverless else _role_problem(reader)
        if not problem and context.config.clustered:
            command(reader, "READONLY")
    except BaseException:
        reader.close()
        raise
    return reader, problem


def _read(reader: Connection, key: str) -> str:
    try:
        command(reader, "GET", key)
    except StageFailure as failure:
        return _state_of(failure)
    return ""


def _wait(reader: Connection, key: str, value: str, started: float) -> str:
    """Read until the replica shows a write; the code of a warning, or empty."""
    while True:
        # The last read begins after the limit, so that a client that was slow itself does not blame the replica.
        last = time.monotonic() - started >= _REPLICA_SECONDS
        problem = "replica-behind"
        try:
            if reader.call("GET", key) == value:
                return ""
        except ReplyError as reply:
            if reply.kind == "MOVED":  # The slot has moved since discovery.
                return ""
            problem = _state_of(failure_of(reply, "GET"))
        except (OSError, ProtocolError) as broke:
            raise broken("GET", broke, transport.COMMAND_SECONDS) from None
        if last:
            return problem
        time.sleep(0.005)


def _role_problem(reader: Connection) -> str:
    try:
        replication = information(reader, "replication")
    except ReplyError:  # The user may not read it; the read below decides.
        return ""
    if replication.get("role") == "master":
        return "reader-is-primary"
    return "replica-detached" if replication.get("master_link_status") == "down" else ""
