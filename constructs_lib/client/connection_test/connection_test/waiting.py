"""Waits for states of the cache that end by themselves, in the stages after the first authenticated connection.

A restart or a failover can begin at any time, so a stage that meets one begins again on a new connection.
"""

from __future__ import annotations

import time
from typing import Callable, Optional

from connection_test import stage_engine, stage_topology
from connection_test.context import Context
from connection_test.failures import TEMPORARY
from connection_test.permitted import Unsettled
from connection_test.report import StageFailure

Step = Callable[[Context], Optional[str]]

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0
# Of the time limit: an attempt can take seconds, and the cause of the failure is to be reported, not the limit.
_KEPT_SECONDS = 15.0
# During a failover, the former primary accepts no connection, or only reads, until the names lead to the next one.
_ENDS = (
    *TEMPORARY,
    *("read-only-primary", "node-unreachable", "connection-refused", "connection-dropped", "no-route", "tls-ended"),
)


def patient(step: Step) -> Step:
    """A step that begins again while the cache is in a state that ends by itself.

    The stages wait for `wait_network` seconds altogether; with 0, a step is tried once.
    """

    def waiting(context: Context) -> Optional[str]:
        began: Optional[float] = None
        last: Optional[StageFailure] = None
        pause = _FIRST_PAUSE
        try:
            while True:
                try:
                    if last is not None:
                        time.sleep(pause)
                        pause = min(pause * 1.5, _LONGEST_PAUSE)
                        _begin_again(context)
                    detail = step(context)
                except StageFailure as failure:
                    if failure.code == "time-limit" and last is not None:
                        return _ended(last, began)
                    if not isinstance(failure, Unsettled) and failure.code not in _ENDS:
                        raise
                    last, began = failure, began or time.monotonic()
                    if time.monotonic() + pause > _until(context, began):
                        return _ended(last, began)
                else:
                    return _after(detail, last, began)
        finally:
            if began is not None:
                context.patience = max(0.0, context.patience - (time.monotonic() - began))

    return waiting


def _until(context: Context, began: float) -> float:
    limit = context.started + context.config.time_limit - _KEPT_SECONDS
    return min(began + context.patience, limit)


def _begin_again(context: Context) -> None:
    """Forget what the state may have changed: the connection, the addresses of names, and the owners of slots."""
    context.warnings.clear()
    if context.connection is not None:
        context.connection.close()
    context.connection = None
    context.names.forget_all()
    first = context.config.first
    context.connection = stage_engine.connect(context, first.host, first.port)
    if context.shards:
        stage_topology.learn(context)


def _ended(last: StageFailure, began: Optional[float]) -> Optional[str]:
    """The end of a stage whose state lasts.

    :raises StageFailure: if the state fails the stage.
    """
    if isinstance(last, Unsettled):
        return last.result()
    waited = time.monotonic() - began if began is not None else 0.0
    if waited < _FIRST_PAUSE:
        raise last from None
    raise StageFailure(last.code, f"{last.cause}; this lasted for {waited:.0f} s", last.action) from None


def _after(detail: Optional[str], last: Optional[StageFailure], began: Optional[float]) -> Optional[str]:
    if detail is None or last is None or began is None:
        return detail
    return f"{detail}, after a wait of {time.monotonic() - began:.0f} s because {last.cause}"
