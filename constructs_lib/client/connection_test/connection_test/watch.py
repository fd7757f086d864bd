"""Writes and reads on every shard for a while, and measures how long a failover interrupts them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from connection_test import slots, stage_engine, stage_network, stage_topology
from connection_test.config import Config, first_line
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.stage_data import targets_of

PERIOD = 0.02
# In seconds; a slower answer counts as a gap.
SLOW = 0.25
GRACE = 10.0
_EXPIRES = 300
_FAILURES = (StageFailure, ReplyError, ProtocolError, OSError)


@dataclass
class Gap:
    """A time without an answer.

    :param milliseconds: from the last write that was confirmed to the next one.
    :param lost: confirmed writes that were not there afterwards, because they had not been replicated.
    """

    milliseconds: float
    cause: str
    lost: int


@dataclass
class Watched:
    """One shard, watched by one key.

    :param confirmed: the last number whose write was confirmed.
    :param since: the time of that write.
    :param cause: the cause of the current gap; empty for none.
    """

    key: str
    confirmed: int = 0
    since: float = field(default_factory=time.monotonic)
    cause: str = ""
    connection: Optional[Connection] = None
    gaps: list[Gap] = field(default_factory=list)

    def step(self, connect: Callable[[str], Connection]) -> Optional[Gap]:
        """Write and read once; returns a gap that has ended."""
        try:
            if self.connection is None:
                self.connection = connect(self.key)
                if self.cause:
                    get = self.connection.text("GET", self.key)
                    there = int(get) if get.isdigit() else 0
                    self.connection.call("SET", self.key, str(self.confirmed + 1), "EX", _EXPIRES)
                    return self._resume(max(0, self.confirmed - there))
            number = str(self.confirmed + 1)
            self.connection.call("SET", self.key, number, "EX", _EXPIRES)
            if self.connection.text("GET", self.key) != number:
                raise ProtocolError("GET answered another value than SET wrote")
            if time.monotonic() - self.since > SLOW:
                self.cause = "the answer was slow"
                return self._resume(0)
            self.confirmed, self.since = self.confirmed + 1, time.monotonic()
        except _FAILURES as problem:
            self.cause = self.cause or first_line(str(problem)) or type(problem).__name__
            if self.connection is not None:
                self.connection.close()
            self.connection = None
        return None

    def _resume(self, lost: int) -> Gap:
        gap = Gap((time.monotonic() - self.since) * 1000, self.cause, lost)
        self.gaps.append(gap)
        self.confirmed, self.since, self.cause = self.confirmed + 1, time.monotonic(), ""
        return gap


def watch(config: Config, seconds: float) -> int:
    """Watch for some seconds; prints every gap when it ends. Returns 0, or 1 where a shard does not answer at the end.

    A gap that has begun is watched for 10 s more.

    :raises StageFailure: when the cache cannot be used to begin with.
    """
    context = _learned(config)
    salt = os.urandom(6).hex()
    shards = [Watched(slots.key_for(target, config.key_prefix, salt)) for target in targets_of(context)]
    for shard in shards:
        shard.connection = _connection_for(context, shard.key)
    count = f"{len(shards)} shard{'' if len(shards) == 1 else 's'}"
    print(f"watching {count} for {seconds:g} s", flush=True)
    began = time.monotonic()
    while time.monotonic() < began + seconds + (GRACE if any(watched.cause for watched in shards) else 0):
        for number, shard in enumerate(shards):
            gap = shard.step(lambda key: _connection_for(_learned(config), key))
            if gap is not None:
                print(
                    f"{time.monotonic() - began:7.1f} s  shard {number + 1}: no answer for {gap.milliseconds:.0f} ms, "
                    f"{gap.lost} confirmed write{'' if gap.lost == 1 else 's'} lost ({gap.cause})",
                    flush=True,
                )
        time.sleep(PERIOD)
    gaps = [gap for watched in shards for gap in watched.gaps]
    longest = max((gap.milliseconds for gap in gaps), default=0.0)
    print(
        f"watched {count} for {time.monotonic() - began:.0f} s: "
        f"{sum(watched.confirmed for watched in shards)} writes, {len(gaps)} gap{'' if len(gaps) == 1 else 's'}, "
        f"the longest {longest:.0f} ms, {sum(gap.lost for gap in gaps)} confirmed writes lost",
        flush=True,
    )
    silent = [number + 1 for number, watched in enumerate(shards) if watched.cause]
    for number in silent:
        print(f"shard {number} does not answer: {shards[number - 1].cause}", flush=True)
    return 1 if silent else 0


def _learned(config: Config) -> Context:
    """Resolve the names, credentials and shards again."""
    context = Context(config)
    stage_network.dns(context)
    stage_engine.auth(context)
    if config.clustered:
        stage_topology.topology(context)
    return context


def _connection_for(context: Context, key: str) -> Connection:
    """A connection to the node that holds a key."""
    assert context.connection is not None  # noqa: S101 - the stage made it
    if not context.config.clustered:
        return context.connection
    slot = slots.slot_of(key)
    owner = next(shard for shard in context.shards if shard.owns(slot)).primary
    context.connection.close()
    return stage_engine.connect(context, owner.host, owner.port)
