"""The primary of a Global Datastore writes the time; a secondary measures the replication delay."""

from __future__ import annotations

import sys
import time
from typing import Optional

from connection_test import redaction, slots, stage_engine, stage_network, stage_topology, transport
from connection_test.config import Config, first_line
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError

NAME = "heartbeat"
PERIOD = 0.5
_EXPIRES = 60


def key_of(config: Config) -> str:
    """The key that holds the time of the last write, in milliseconds."""
    return config.key_prefix + NAME


def write(config: Config, beats: Optional[int] = None) -> int:
    """Write the time repeatedly; returns only when the number of beats is reached.

    :param beats: the number of writes. Default: unlimited.
    """
    done, context = 0, Context(config)
    connection: Optional[Connection] = None
    try:
        while beats is None or done < beats:
            try:
                if connection is None:
                    connection = _connect(context)
                connection.call("SET", key_of(config), str(round(time.time() * 1000)), "EX", _EXPIRES)
                done += 1
            except (StageFailure, ReplyError, ProtocolError, OSError) as problem:
                # A failover moves the primary, and a token ends with its connection: connect again.
                print(f"heartbeat: {redaction.hide(first_line(str(problem)))}", file=sys.stderr, flush=True)
                if connection is not None:
                    connection.close()
                connection = None
                # After a failover the name leads to another node, and the former primary still accepts connections.
                context = Context(config)
                # The system's authorities may have been updated since the start.
                transport.forget_authorities()
                if beats is not None:
                    return 1
            time.sleep(PERIOD)
    finally:
        if connection is not None:
            connection.close()
    return 0


def arrival(config: Config, connection: Connection, seconds: float) -> Optional[float]:
    """The replication delay of the newest write in milliseconds; None when no write arrives.

    The clocks of two machines are compared, which the Amazon Time Sync Service keeps within a millisecond.
    """
    until = time.monotonic() + seconds
    before = _read(config, connection)
    while time.monotonic() < until:
        now = _read(config, connection)
        if now is not None and now != before:
            return max(0.0, time.time() * 1000 - now)
        time.sleep(0.005)
    return None


def _read(config: Config, connection: Connection) -> Optional[int]:
    value = connection.text("GET", key_of(config))
    return int(value) if value.isdigit() else None


def _connect(context: Context) -> Connection:
    """A connection to the node that holds the key."""
    config = context.config
    stage_network.dns(context)
    stage_engine.auth(context)
    assert context.connection is not None  # noqa: S101 - the stage made it
    if not config.clustered:
        return context.connection
    try:
        stage_topology.topology(context)
    finally:
        context.connection.close()
    slot = slots.slot_of(key_of(config))
    shard = next(candidate for candidate in context.shards if candidate.owns(slot))
    return stage_engine.connect(context, shard.primary.host, shard.primary.port)
