"""Runs actions at the same time, as a cluster client does, so that many nodes take no longer than one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

T = TypeVar("T")
R = TypeVar("R")
WORKERS = 64


def together(action: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The results in the order of the items.

    :raises StageFailure: of the first item that fails; the others are not waited for.
    """
    if len(items) == 1:
        return [action(items[0])]
    pool = ThreadPoolExecutor(max_workers=min(WORKERS, max(1, len(items))))
    try:
        return list(pool.map(action, items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
