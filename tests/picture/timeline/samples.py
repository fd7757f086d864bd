"""Records of watches, written by the watch's own output, and records of drills."""

import contextlib
import io
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from connection_test.watch_records import OPERATIONS, Gap, Output, Total
from connection_test.watch_routes import READ, REPLICA_READ, WRITE

Json = dict[str, Any]
CAUSE = "the server closed the connection"


def gap(shard: int, operation: str, start: float, end: float, cause: str = CAUSE, **more: Any) -> Gap:
    """A gap, in seconds since the beginning."""
    return Gap(shard, operation, start, end, cause, **more)


def watch(
    shards: int = 3,
    gaps: Iterable[Gap] = (),
    *,
    seconds: float = 60.0,
    moves: Iterable[tuple[float, int, str, str]] = (),
    forbidden: Iterable[tuple[int, str, str]] = (),
    operations: Iterable[str] = (WRITE, READ, REPLICA_READ),
    summary: bool = True,
    interrupted: bool = False,
) -> list[Json]:
    """The records of a watch, as its own output writes them."""
    written = io.StringIO()
    output = Output("json")
    kinds = [(number, operation) for number in range(1, shards + 1) for operation in operations]
    totals = {kind: Total(kind[1], kind[0], answered=round(seconds * 50)) for kind in kinds}
    refused = [(number, operation) for number, operation, _ in forbidden]
    with contextlib.redirect_stdout(written):
        for number, operation in kinds:
            output.emit("node", "", shard=number, operation=operation, node=f"10.0.{number // 250}.{number % 250}:6379")
        began = output.began = time.monotonic()
        output.emit(
            "start",
            "",
            duration=seconds,
            period_ms=20.0,
            slow_ms=250.0,
            shards=[_shard(number, shards) for number in range(1, shards + 1)],
            operations=list(operations),
        )
        for number, operation, cause in forbidden:
            output.emit("not-permitted", "", shard=number, operation=operation, cause=cause)
        for one in sorted(gaps, key=lambda each: each.end):
            totals[one.shard, one.operation].add(one)
            totals[one.shard, one.operation].unconfirmed += one.unconfirmed
            totals[one.shard, one.operation].refused += one.refused
            output.began = time.monotonic() - one.end
            output.gap(replace(one, start=one.start + output.began, end=one.end + output.began))
        for at, number, operation, node in moves:
            output.began = time.monotonic() - at
            output.emit("node", "", shard=number, operation=operation, node=node)
        output.began = time.monotonic() - seconds
        if summary:
            merged = {name: Total(name) for name in operations}
            watched = [total for kind, total in totals.items() if kind not in refused]
            for total in watched:
                merged[total.operation].merge(total)
            output.emit(
                "summary",
                "",
                watched=seconds,
                interrupted=interrupted,
                totals=[total.as_dict() for total in merged.values()],
                each_shard=[total.as_dict() for total in watched],
            )
    assert began
    assert set(operations) <= set(OPERATIONS)
    return [_dated(json.loads(line)) for line in written.getvalue().splitlines()]


def _shard(number: int, count: int) -> Json:
    first, last = 16384 * (number - 1) // count, 16384 * number // count - 1
    node = f"10.0.{number // 250}.{number % 250}"
    return {"shard": number, "primary": f"{node}:6379", "replicas": [f"{node}:6380"], "slots": [[first, last]]}


def _dated(record: Json) -> Json:
    """A record at the same time in each run: the watch begins at 04:00:00."""
    second = max(record["seconds"], 0.0) + (0.0 if record["seconds"] >= 0 else record["seconds"])
    whole = 4 * 3600 * 1000 + round(second * 1000)
    clock = f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"
    return {**record, "time": f"2026-11-27T{clock}+00:00"}


def failover() -> list[Json]:
    """A failover of the second of three shards, with lost writes and another primary."""
    return watch(
        gaps=[
            gap(2, WRITE, 9.962, 14.0, lost=2, unconfirmed=1),
            gap(2, READ, 9.969, 14.0),
            gap(1, REPLICA_READ, 31.2, 31.48, "the answer was slow"),
        ],
        moves=[(14.0, 2, WRITE, "10.0.0.22:6379"), (14.0, 2, READ, "10.0.0.22:6379")],
    )


def many(shards: int, interrupted: int) -> list[Json]:
    """A failover of many shards, one after the other."""
    gaps = [
        gap(
            number,
            operation,
            5 + number % 40,
            6 + number % 40 + number % 7 / 10,
            lost=number % 3 if operation == WRITE else None,
        )
        for number in range(1, interrupted + 1)
        for operation in (WRITE, READ)
    ]
    return watch(shards, gaps)


def drill(**more: Any) -> Json:
    """A failover drill at the time of the watch."""
    return {
        "schema": 1,
        "command": "drill failover",
        "as_of": "2026-11-27",
        "region": "eu-west-1",
        "sources": [],
        "warnings": [],
        "drill": "failover",
        "id": "orders",
        "run": True,
        "result": "passed",
        "summary": "the longest gap is 4,038 ms, at most 60 s are allowed",
        "began": "2026-11-27T03:59:58.000Z",
        "ended": "2026-11-27T04:00:45.500Z",
        "checks": [
            {"name": "Multi-AZ", "met": True, "detail": "enabled"},
            {"name": "automatic failover", "met": True, "detail": "enabled"},
        ],
        "steps": [
            {"time": "2026-11-27T03:59:58.200Z", "what": "the watch was started on i-0123456789abcdef0"},
            {"time": "2026-11-27T04:00:09.900Z", "what": "TestFailover was called for shard 0002"},
            {"time": "2026-11-27T04:00:40.000Z", "what": "the events say that the failover is completed"},
        ],
        "figures": {"longest_write_gap_ms": 4038.0, "longest_read_gap_ms": 4031.0, "lost_writes": 2},
        **more,
    }


def write(path: Path, *records: Json) -> Path:
    """A file of records."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


SAMPLES: dict[str, Callable[[], list[Json]]] = {
    "failover": failover,
    "quiet": lambda: watch(1),
    "open": lambda: watch(
        2,
        [gap(1, WRITE, 50.0, 70.0, "no answer within 2 s", ended=False, unconfirmed=4), gap(1, READ, -0.4, 2.0)],
        seconds=70.0,
        forbidden=[(2, WRITE, "NOPERM this user has no permissions to run the 'set' command")],
        interrupted=True,
    ),
    "many gaps": lambda: watch(
        2, [gap(1, WRITE, at, at + 0.3 + at / 100, f"cause {at}", lost=0) for at in range(2, 58, 4)], seconds=60
    ),
    "40 shards": lambda: many(40, 9),
    "500 shards": lambda: many(500, 100),
    "500 quiet": lambda: watch(500),
    "killed": lambda: watch(3, [gap(3, READ, 4.0, 5.0)], summary=False),
    "drill": lambda: [drill()],
    "drill with watch": lambda: [*failover(), drill()],
    "dry run": lambda: [
        drill(
            run=False,
            result="planned",
            steps=[],
            figures={},
            ended="2026-11-27T03:59:59.000Z",
            summary="nothing was changed",
        )
    ],
}
