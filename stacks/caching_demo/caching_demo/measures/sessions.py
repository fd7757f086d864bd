"""Requests that change one session at the same time: how many changes are lost."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any, Callable

from caching_demo.bench import Bench
from caching_demo.timing import together
from elasticache_caching import SessionStore

_THREADS = 8


def measure(bench: Bench) -> dict[str, Any]:
    """Lost changes, with one field for each key, and with a session that is written back as a whole."""
    client, count = bench.link.client(), bench.scale.sessions
    raw, key = client.redis(), f"{{{bench.name('whole-session')}}}"
    store = SessionStore(client, bench.name("session"), ttl=60)

    def change_field(id: str, number: int) -> None:
        store.save(id, {f"item {number}": number})

    def change_whole(id: str, number: int) -> None:
        session = json.loads(raw.get(id) or "{}")
        session[f"item {number}"] = number
        raw.set(id, json.dumps(session), px=60_000)

    try:
        raw.set(key, "{}", px=60_000)
        _change(bench, key, count, change_whole)
        whole = len(json.loads(raw.get(key) or "{}"))
        id = store.create()
        _change(bench, id, count, change_field)
        fields = len(store.load(id) or {})
        store.destroy(id)
    finally:
        client.close()
    if whole == count:
        bench.notes.append(
            "no change was lost in whole sessions either, so that the sessions show nothing; run it again"
        )
    return {"changes": count, "lost": count - fields, "whole_lost": count - whole}


def _change(bench: Bench, id: str, count: int, change: Callable[[str, int], None]) -> None:
    """Make all changes, with several threads at once."""
    barrier = threading.Barrier(_THREADS)

    def work(first: int) -> None:
        barrier.wait()
        for number in range(first, count, _THREADS):
            bench.deadline.check("the sessions")
            change(id, number)

    together([partial(work, first) for first in range(_THREADS)], bench.deadline, "the sessions")
