"""The stage that compares the shards and replicas of the cache with those that the configuration expects."""

from __future__ import annotations

from connection_test import slots, tunnels
from connection_test.commands import command, information
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.permitted import StageSkipped, refusal
from connection_test.report import StageFailure, counted
from connection_test.resp import Connection, ReplyError
from connection_test.together import together

_MOST_NAMED = 5


def topology(context: Context) -> str:
    """The cluster covers all slots, and every node is reachable; outside cluster mode, the node is a primary."""
    connection, config = context.connection, context.config
    assert connection is not None  # noqa: S101 - the stage before made it
    if not config.clustered:
        return _one_shard(context, connection)
    if not config.may("cluster|slots"):
        raise StageFailure(
            "missing-permission",
            f"{refusal('cluster slots')}, and clients of a cluster need it",
            "add +cluster|slots to the access string, or test as another user",
        )
    learn(context)
    nodes = [node for shard in context.shards for node in (shard.primary, *shard.replicas)]
    usable = tunnels.usable(config, nodes)
    _must_reach(context, usable)
    _compare(context)
    note = ", the read port not tested, because no tunnel leads to it" if len(usable) < len(nodes) else ""
    found = f"{counted(len(context.shards), 'shard')}, {counted(len(usable), 'node')} reachable"
    return f"{found}, all {slots.SLOTS} slots covered{note}"


def learn(context: Context) -> None:
    """Read the shards of the cluster.

    :raises StageFailure: when they cannot be read, or do not cover all slots.
    """
    connection, first = context.connection, context.config.first
    assert connection is not None  # noqa: S101 - the stage before made it
    answer = command(connection, "CLUSTER", "SLOTS")
    try:
        context.shards = slots.parse(answer, slots.Node(first.host, first.port))
    except (ValueError, TypeError) as problem:
        raise StageFailure(
            "malformed-reply",
            f"the answer to CLUSTER SLOTS has another form than in Redis OSS and Valkey ({first_line(str(problem))})",
            "check that the endpoint belongs to the cache, and that nothing between answers in its place",
        ) from None
    context.facts["shards"] = len(context.shards)
    _must_cover(context.shards)


def _one_shard(context: Context, connection: Connection) -> str:
    context.facts["shards"] = 1
    if not context.config.may("info"):
        raise StageSkipped(refusal("info"))
    try:
        replication = information(connection, "replication")
    except ReplyError as reply:
        context.warn(
            "missing-permission",
            f"the role is not readable ({first_line(str(reply))})",
            "nothing, if the application does not need INFO; the other stages do not depend on it",
        )
        return "one shard"
    role, connected = replication.get("role"), replication.get("connected_slaves", "0")
    expected = context.config.replicas_per_shard
    if role == "master" and not context.config.serverless and connected.isdigit() and int(connected) < expected:
        context.warn(
            "missing-replicas",
            f"{expected} replica{'s' if expected != 1 else ''} expected, and {connected} connected to the primary",
            "look at the state of the nodes in the console: without a replica there is no failover",
        )
    behind = sorted(
        name
        for name, value in replication.items()
        if name.startswith("slave") and "state=" in value and "state=online" not in value
    )
    if behind:
        context.warn(
            "replica-synchronizing",
            f"{len(behind)} of {connected} replicas still copy the data of the primary",
            "wait until they are online; look at ReplicationLag and at the ElastiCache events",
        )
    return f"one shard, this node is {role}, {connected} replicas connected"


def _must_cover(shards: list[slots.Shard]) -> None:
    gaps = slots.uncovered(shards)
    if gaps:
        missing = sum(last - first + 1 for first, last in gaps)
        ranges = ", ".join(f"{first}-{last}" for first, last in gaps[:_MOST_NAMED])
        raise StageFailure(
            "slots-not-covered",
            f"{missing} of {slots.SLOTS} hash slots belong to no shard ({ranges})",
            "wait for resharding or a failover to end, or look at the shards' state in the console",
        )


def _must_reach(context: Context, nodes: list[slots.Node]) -> None:
    try:
        together(lambda node: context.names.connect(node.host, node.port, lambda sock: sock.close()), nodes)
    except StageFailure as failure:
        raise tunnels.unreachable(context.config, nodes, failure) from None


def _compare(context: Context) -> None:
    config, shards = context.config, context.shards
    if config.shards and len(shards) != config.shards:
        context.warn(
            "other-shards",
            f"{config.shards} shards were expected, and there are {len(shards)}",
            "after a change of shards, update the template",
        )
    few = [number for number, shard in enumerate(shards, 1) if len(shard.replicas) < config.replicas_per_shard]
    if few:
        named = ", ".join(f"shard {number} has {len(shards[number - 1].replicas)}" for number in few[:_MOST_NAMED])
        more = f", and {len(few) - _MOST_NAMED} more" if len(few) > _MOST_NAMED else ""
        context.warn(
            "missing-replicas",
            f"{config.replicas_per_shard} replicas per shard were expected, and {len(few)} of {len(shards)} shards "
            f"have fewer: {named}{more}",
            "look at the state of the nodes in the console: a shard without a replica has no failover",
        )
