"""Writes and reads on every shard for a while, and measures how long a failover interrupts each of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from concurrent.futures import Future
from typing import Any, Optional

from connection_test import redaction, stage_engine, stage_network
from connection_test.config import Config
from connection_test.context import Context
from connection_test.report import StageFailure, counted
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials
from connection_test.watch_probe import SLOW, Probe, Writes
from connection_test.watch_records import OPERATIONS, Output, Total, total_line
from connection_test.watch_routes import READ, REPLICA_READ, WRITE, Routes, discovered, keys_of

# In seconds: between the requests of one operation on one shard; longer for many, so that the threads keep up.
PERIOD = 0.02
_PERIOD_OF_EACH = 0.0005
# In seconds: a gap that has begun is watched for this long after the end.
GRACE = 10.0
# In seconds: how long the first answers may take before the watch begins.
_FIRST_ANSWERS = 3.0
_TICK = 0.02


class Pauses:
    """Times in which this machine did not run the watch, which are no faults of the cache."""

    def __init__(self) -> None:
        self._list: list[tuple[float, float]] = []

    def tick(self, expected: float, now: float) -> None:
        """Record that the main thread woke up later than expected."""
        if now - expected > 2 * _TICK:
            self._list.append((expected, now))

    def within(self, start: float, end: float) -> float:
        """The seconds of them between two times."""
        return sum(max(0.0, min(end, last) - max(start, first)) for first, last in self._list[-100:])


class Watch:
    """The operations on all shards."""

    def __init__(self, routes: Routes, output: Output, ended: Optional[threading.Event] = None) -> None:
        self.routes, self.output = routes, output
        self.stop, self.pauses = threading.Event(), Pauses()
        self.ended = ended or threading.Event()
        self._next_check = 0.0
        keys = keys_of(routes.shards, routes.config.key_prefix, os.urandom(6).hex())
        wanted = [(number, key, operation) for number, key in keys for operation in self._operations(number)]
        period = max(PERIOD, len(wanted) * _PERIOD_OF_EACH)
        writes = {number: Writes() for number, _ in keys}
        self.shards = [number for number, _ in keys]
        self._clean = routes.credentials.clean
        routes.changed = self._reroute
        self.period = period
        self.probes = [
            Probe(
                routes,
                operation,
                number,
                key,
                period=period,
                writes=writes[number],
                stop=self.stop,
                opened=self._opened,
                paused=self.pauses.within,
                closed=output.gap,
            )
            for number, key, operation in wanted
        ]

    def run(self, seconds: float) -> int:
        """Watch, and print the summary. Returns 0, or 1 where an answer is missing at the end."""
        for probe in self.probes:
            probe.start()
        until = time.monotonic() + _FIRST_ANSWERS
        for probe in self.probes:
            while not probe.first.is_set() and not self.ended.is_set() and time.monotonic() < until:
                self._tick()
        self.output.began = began = time.monotonic()
        self._print_start(seconds)
        while not self.ended.is_set():
            now = time.monotonic()
            over = now >= began + seconds
            if now >= began + seconds + GRACE or (over and not self._troubled(now)):
                break
            self._tick()
        self.stop.set()
        return self._print_summary(time.monotonic(), time.monotonic() - began)

    def _tick(self) -> None:
        """Wait a little, and lead requests that wait in vain to the node that serves the key now."""
        before = time.monotonic()
        self.ended.wait(_TICK)
        now = time.monotonic()
        self.pauses.tick(before + _TICK, now)
        self.routes.search(bool(self._troubled(now)))
        if now > self._next_check:
            self._next_check = now + 5 * _TICK
            self._reroute()

    def _reroute(self) -> None:
        for probe in self._troubled(time.monotonic()):
            probe.reroute()

    def _troubled(self, now: float) -> list[Probe]:
        return [probe for probe in self.probes if probe.troubled(now)]

    def _operations(self, number: int) -> list[str]:
        config, shard = self.routes.config, self.routes.shards[number - 1]
        operations = [READ] if config.global_role == "secondary" else [WRITE, READ]
        # A reader endpoint serves every key.
        one = number == 1 or not self.routes.readers()
        return [*operations, REPLICA_READ] if one and (shard.replicas or self._serverless_reader()) else operations

    def _serverless_reader(self) -> bool:
        return self.routes.config.serverless and bool(self.routes.readers())

    def _opened(self, probe: Probe, node: Node) -> None:
        self.output.emit("node", "", shard=probe.shard, operation=probe.operation, node=self._clean(str(node)))

    def _described(self, number: int, shard: Shard) -> dict[str, object]:
        return {
            "shard": number,
            "primary": self._clean(str(shard.primary)),
            "replicas": [self._clean(str(node)) for node in shard.replicas],
            "slots": [list(each) for each in shard.ranges],
        }

    def _print_start(self, seconds: float) -> None:
        facts: dict[str, Any] = {"duration": seconds, "period_ms": self.period * 1000, "slow_ms": SLOW * 1000}
        facts["shards"] = [self._described(number, self.routes.shards[number - 1]) for number in self.shards]
        facts["operations"] = [name for name in OPERATIONS if any(each.operation == name for each in self.probes)]
        self.output.emit("start", f"watching {counted(len(self.shards), 'shard')} for {seconds:g} s", **facts)
        for probe in self.probes:
            if probe.forbidden:
                what = OPERATIONS[probe.operation]
                line = f"{what} on shard {probe.shard} are not watched: {probe.forbidden}"
                names = {"shard": probe.shard, "operation": probe.operation, "cause": probe.forbidden}
                self.output.emit("not-permitted", line, **names)

    def _print_summary(self, now: float, took: float) -> int:
        totals = {name: Total(name) for name in OPERATIONS if any(each.operation == name for each in self.probes)}
        each_shard = []
        for probe in self.probes:
            if probe.forbidden:
                continue
            gap = probe.open_gap(now)
            if gap is not None:
                probe.total.add(gap)
                self.output.gap(gap)
            totals[probe.operation].merge(probe.total)
            each_shard.append(probe.total.as_dict())
        line = f"watched {counted(len(self.shards), 'shard')} for {took:.0f} s: "
        line += "\n".join(total_line(total) for total in totals.values())
        facts: dict[str, Any] = {"watched": round(took, 3), "interrupted": self.ended.is_set()}
        facts["totals"] = [total.as_dict() for total in totals.values()]
        self.output.emit("summary", line, **facts, each_shard=each_shard)
        return 1 if not each_shard or any(total.open for total in totals.values()) else 0


def watch(config: Config, seconds: float, form: str = "text") -> int:
    """Watch for some seconds, or until SIGINT or SIGTERM; prints every gap when it ends, and a summary.

    A gap that has begun is watched for 10 s more.

    :param form: `text`, or `json` for one record per line.
    :returns: 0, or 1 when an answer is missing at the end or the cache cannot be used to begin with.
    """
    output, ended = Output(form), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    found: Future[tuple[Credentials, list[Shard]]] = Future()
    threading.Thread(target=_discover, args=(config, found), daemon=True).start()
    while not found.done() and not ended.wait(_TICK):
        pass
    if not found.done():
        facts: dict[str, Any] = {"watched": 0.0, "interrupted": True, "totals": [], "each_shard": []}
        output.emit("summary", "watched 0 shards: interrupted before the cache had named its nodes", **facts)
        return 1
    try:
        credentials, shards = found.result()
    except StageFailure as failure:
        text = f"connection_test: {failure.cause}; {failure.action}"
        print(redaction.hide(text), file=sys.stderr)
        return 1
    routes = Routes(config, credentials, shards)
    one = Watch(routes, output, ended)
    routes.start()
    return one.run(seconds)


def _discover(config: Config, found: Future[tuple[Credentials, list[Shard]]]) -> None:
    """Make the credentials and find the shards, in a thread that a signal does not have to wait for."""
    try:
        found.set_result((Credentials(config), _first_shards(config)))
    except BaseException as problem:  # the main thread raises it
        found.set_exception(problem)


def _first_shards(config: Config) -> list[Shard]:
    """The names, the credentials and the topology, with the causes that the stages of the test give."""
    context = Context(config)
    stage_network.dns(context)
    stage_engine.auth(context)
    assert context.connection is not None  # noqa: S101 - the stage made it
    try:
        return discovered(config, context.connection)
    finally:
        context.connection.close()
