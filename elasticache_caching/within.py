"""A time limit for functions without a time-out parameter."""

from __future__ import annotations

import contextlib
import socket
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Callable


def within(seconds: float | None, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a daemon thread with a time limit. A connection that it returns too late is closed.

    :raises socket.timeout: if the function takes longer.
    """
    future: Future[Any] = Future()

    def work() -> None:
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="elasticache-caching-helper", daemon=True).start()
    try:
        return future.result(seconds)
    except FutureTimeoutError:
        future.add_done_callback(_discard)
        raise socket.timeout("no answer in time") from None


def _discard(future: Future[Any]) -> None:
    with contextlib.suppress(Exception):
        future.result().close()
