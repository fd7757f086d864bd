"""Runs actions at the same time, as a cluster client does, so that many nodes take no longer than one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
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
    results: list[Future[R]] = [Future() for _ in items]
    waiting = deque(zip(results, items))  # noqa: B905 - Python 3.9

    def work() -> None:
        while True:
            try:
                result, item = waiting.popleft()
            except IndexError:
                return
            try:
                result.set_result(action(item))
            except BaseException as problem:  # as any executor does; the caller raises it
                result.set_exception(problem)

    for _ in range(min(WORKERS, len(items))):
        # The interpreter would wait for the threads of an executor when it ends, also after the time limit of the test.
        threading.Thread(target=work, daemon=True).start()
    try:
        return [result.result() for result in results]
    finally:
        waiting.clear()
