"""The stages of a Global Datastore's secondary: it serves reads, refuses writes, and receives the primary's writes."""

from __future__ import annotations

import os

from connection_test import heartbeat, slots, transport
from connection_test.commands import command
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.failures import TEMPORARY, broken, failure_of
from connection_test.permitted import StageSkipped, must_refuse, refusal
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.stage_data import measure_and_judge, targets_of
from connection_test.stage_engine import connect
from connection_test.together import together

_ARRIVAL_SECONDS = 10.0
# How a secondary refuses a write that the user may run.
_REFUSALS = ("READONLY", "MOVED")


def data(context: Context) -> str:
    """Every shard answers a read, and refuses a write."""
    if not context.config.may("get"):
        raise StageSkipped(refusal("get"))
    salt = os.urandom(6).hex()
    targets = slots.reachable(targets_of(context), context.config.key_prefix)
    together(lambda shard: _read_and_refuse(context, shard, salt), targets)
    count = len(targets)
    return f"GET answered and SET refused on {count} shard{'s' if count != 1 else ''}"


def _read_and_refuse(context: Context, shard: slots.Shard, salt: str) -> None:
    context.check_time()
    key = slots.key_for(shard, context.config.key_prefix, salt)
    connection = _reader(context, shard.primary)
    try:
        command(connection, "GET", key)
        if context.config.may("set"):
            _must_refuse(connection, shard.primary, key)
        else:
            must_refuse(context, connection, "SET", key, "x", "EX", "60", after=_REFUSALS)
    finally:
        connection.close()


def replicas(context: Context) -> str:
    """Measure the replication delay from the primary region."""
    config = context.config
    if not config.may("get"):
        raise StageSkipped(refusal("get"))
    slot = slots.slot_of(heartbeat.key_of(config))
    shard = next(target for target in targets_of(context) if target.owns(slot))
    connection = _reader(context, shard.primary)
    try:
        arrival = heartbeat.arrival(config, connection, min(_ARRIVAL_SECONDS, context.remaining()))
    except ReplyError as reply:
        raise failure_of(reply, "GET") from None
    except (ProtocolError, OSError) as problem:
        raise broken(f"GET of {shard.primary}", problem, transport.COMMAND_SECONDS) from None
    finally:
        connection.close()
    if arrival is None:
        context.warn(
            "no-heartbeat",
            f"no write of the primary region's client to the key {heartbeat.key_of(config)} arrived within "
            f"{_ARRIVAL_SECONDS:g} s",
            "look at GlobalDatastoreReplicationLag, whether cache-heartbeat runs on the primary region's client, and "
            f"whether the user there has the key prefix {config.key_prefix} as well",
        )
        return "not measured"
    context.facts["arrival_ms"] = round(arrival)
    return f"a write in the primary region arrived after {arrival:.0f} ms"


def latency(context: Context) -> str:
    """How long a round trip takes in this region, by up to 200 PINGs and 200 GETs."""
    if not context.config.may("get") and not context.config.may("ping"):
        raise StageSkipped(refusal("get", "ping"))
    shard = slots.reachable(targets_of(context), context.config.key_prefix)[0]
    key = slots.key_for(shard, context.config.key_prefix, os.urandom(6).hex())
    connection = _reader(context, shard.primary)
    try:
        return measure_and_judge(
            context, lambda: command(connection, "PING"), lambda: command(connection, "GET", key), "GET"
        )
    finally:
        connection.close()


def _reader(context: Context, node: slots.Node) -> Connection:
    connection = connect(context, node.host, node.port)
    if context.config.clustered:
        command(connection, "READONLY")
    return connection


def _must_refuse(connection: Connection, node: slots.Node, key: str) -> None:
    try:
        connection.call("SET", key, "x", "EX", 60)
    except ReplyError as reply:
        if reply.kind in _REFUSALS:
            return
        failure = failure_of(reply, "SET")
        if failure.code in TEMPORARY:
            raise failure from None
        raise StageFailure(
            "refused-command",
            f"{node} refused a write in another way than a secondary does ({first_line(str(reply))})",
            "look the error up; if the user needs no SET, name the commands that it may run in permissions",
        ) from None
    except (OSError, ProtocolError) as problem:
        raise broken("SET", problem, transport.COMMAND_SECONDS) from None
    raise StageFailure(
        "secondary-takes-writes",
        f"{node} took a write, and a secondary of a Global Datastore takes none",
        "it was promoted, or is no member: see the runbook of the Global Datastore",
    )
