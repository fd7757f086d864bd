"""What an error reply, a broken connection or a malformed reply means: code, cause and next action."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from connection_test.config import first_line
from connection_test.report import StageFailure
from connection_test.resp import ReplyError

TEMPORARY = ("loading", "busy", "failover", "slots-moving", "slots-not-covered", "no-answer")
"""Codes of states that end by themselves, which the stages wait for."""
REPLICA_STATES = {"loading": "replica-loading", "failover": "replica-detached"}
"""Codes of states of a replica that leave its shard usable, and the codes of their warnings."""


@dataclass(frozen=True)
class State:
    """A state of the engine.

    :param mark: the first word of the reply, or a part of its text if it contains a space.
    :param cause: may use `{command}` and `{text}`.
    """

    mark: str
    code: str
    cause: str
    action: str


_STATES = (
    State(
        "NOAUTH",
        "no-credentials",
        "the cache requires authentication, and no credentials were sent",
        "authenticate with IAM, with the AUTH token, or with the user's password",
    ),
    State(
        "NOPERM",
        "missing-permission",
        "the user may not run {command} ({text})",
        "if the application needs {command} on such keys, add it to the user's access string; otherwise test as a "
        "user that the application uses, and set key_prefix to a prefix that the user may access",
    ),
    State(
        "MOVED",
        "cluster-mode-on",
        "the cache is in cluster mode, and this client is not (MOVED after {command})",
        "use a cluster client with the configuration endpoint; this test is one with --cluster-mode=enabled",
    ),
    State(
        "ASK",
        "slots-moving",
        "a hash slot is moving to another shard (ASK after {command})",
        "wait until the shards have changed; a cluster client follows the redirection",
    ),
    State(
        "TRYAGAIN",
        "slots-moving",
        "a hash slot is moving to another shard ({text})",
        "wait until the shards have changed, and repeat the command",
    ),
    State(
        "cluster support disabled",
        "cluster-mode-off",
        "the cache is a single shard with cluster mode disabled, and this client expects a cluster",
        "use a plain client with the primary endpoint",
    ),
    State(
        "READONLY",
        "read-only-primary",
        "the node that should be the primary is read-only",
        "write to the primary endpoint, not to a node's own or the reader endpoint; after a failover, look the "
        "name up again; the secondary of a Global Datastore takes no writes",
    ),
    State(
        "CLUSTERDOWN",
        "slots-not-covered",
        "the cluster does not serve this key ({text})",
        "wait for a failover to end, or look at the shards' state in the console",
    ),
    State(
        "LOADING",
        "loading",
        "the node loads its data after a start or a restore",
        "wait until it has loaded; a restart of the engine is listed in the ElastiCache events",
    ),
    State(
        "BUSY",
        "busy",
        "a script or function runs for too long, and the node answers no other command",
        "run SCRIPT KILL or FUNCTION KILL, and limit the work of a script",
    ),
    State(
        "OOM",
        "out-of-memory",
        "the node has no memory left, and refuses {command}",
        "look at DatabaseMemoryUsagePercentage; set TTLs, choose a maxmemory-policy that evicts, or scale the cache",
    ),
    State(
        "NOREPLICAS",
        "too-few-replicas",
        "the primary refuses {command}, because fewer replicas are connected than min-replicas-to-write asks for",
        "look at ReplicationLag and at the state of the replicas, or lower the parameter min-replicas-to-write",
    ),
    State(
        "MASTERDOWN",
        "failover",
        "the replica has lost its primary, and serves no old data",
        "wait for the failover to end, or look at the state of the nodes in the console",
    ),
    State(
        "MISCONF",
        "snapshot-failed",
        "the node refuses {command}, because its last snapshot failed",
        "look at FreeableMemory and SwapUsage, and at the ElastiCache events; raise reserved-memory-percent",
    ),
    State(
        "max number of clients",
        "too-many-connections",
        "the node has reached its maximum number of connections",
        "look at CurrConnections; use a connection pool, close idle connections (timeout), or choose a larger node",
    ),
    State(
        "unknown command",
        "unknown-command",
        "the engine does not know {command} ({text})",
        "check that the endpoint belongs to the cache; ElastiCache renames or disables some commands",
    ),
)


def failure_of(reply: ReplyError, command: str) -> StageFailure:
    """The failure for an error reply."""
    text = first_line(str(reply))
    for state in _STATES:
        if reply.kind == state.mark or (" " in state.mark and state.mark in reply.raw):
            return StageFailure(
                state.code,
                state.cause.format(command=command, text=text),
                state.action.format(command=command, text=text),
            )
    return StageFailure(
        "refused-command",
        f"the cache refused {command} ({text})",
        "run the command with cache-cli to see whether the reply is permanent, and check the ElastiCache events",
    )


def broken(where: str, problem: BaseException, seconds: float) -> StageFailure:
    """The failure for a connection that ended, did not answer, or answered something else than RESP."""
    if isinstance(problem, (TimeoutError, socket.timeout)):
        return StageFailure(
            "no-answer",
            f"{where} was not answered within {seconds:g} s",
            "look at EngineCPUUtilization and at the slow log, and whether a failover is in progress",
        )
    if isinstance(problem, OSError):
        return StageFailure(
            "no-answer",
            f"the connection ended during {where} ({first_line(str(problem)) or type(problem).__name__})",
            "look at the ElastiCache events for a failover or a restart, and at CurrConnections for its maximum",
        )
    return StageFailure(
        "malformed-reply",
        f"{where} was answered in another protocol ({first_line(str(problem))})",
        "check that the port belongs to the cache, and that nothing between answers in its place",
    )


_MEMCACHED_STATES = (
    State(
        "out of memory",
        "out-of-memory",
        "{command} has no memory left for the value",
        "look at Evictions and FreeableMemory; use a larger node, or more nodes",
    ),
    State(
        "too large",
        "value-too-large",
        "{command} refuses a value of this size",
        "raise the parameter max_item_size",
    ),
    State(
        "unauthenticated",
        "authentication-required",
        "{command} requires authentication, which Memcached of ElastiCache does not have",
        "check that the endpoint belongs to the cache",
    ),
)


def memcached_failure(node: str, reply: ReplyError) -> StageFailure:
    """The failure for an error reply of Memcached."""
    text = first_line(str(reply))
    for state in _MEMCACHED_STATES:
        if state.mark in reply.raw:
            return StageFailure(state.code, state.cause.format(command=node, text=text), state.action)
    return StageFailure(
        "refused-command",
        f"{node} refused a command ({text})",
        "check that the engine is Memcached, and look at CurrConnections and Evictions",
    )
