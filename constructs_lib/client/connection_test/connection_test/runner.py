"""Runs the stages in order and stops at the first that fails; a failure of an optional cache skips its other stages."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Callable, Optional

from connection_test import redaction
from connection_test.config import Config, first_line
from connection_test.context import Context
from connection_test.failures import broken
from connection_test.permitted import StageSkipped
from connection_test.report import FAIL, PASS, SKIP, WARN, Report, StageFailure, StageResult
from connection_test.resp import ProtocolError
from connection_test.stages import CACHE_STAGES, STAGES, Stage
from connection_test.transport import COMMAND_SECONDS

# Failures of the test, which say nothing about the cache.
_NOT_OF_THE_CACHE = ("crash", "time-limit")


class _Alarm:
    """Lets the alarm raise only within a stage: between two, nothing would catch it, and the next checks the time."""

    armed = False

    def __enter__(self) -> None:
        self.armed = True

    def __exit__(self, *_: object) -> None:
        self.armed = False


_ALARM = _Alarm()


def run(config: Config, on_result: Optional[Callable[[StageResult], None]] = None) -> Report:
    """Run the test.

    :param on_result: called with the result of each stage when it ends.
    """
    context = Context(config)
    for secret in (config.password, config.database_password):
        redaction.keep(secret)
    report = Report(config.title())
    _limit(config.time_limit)
    try:
        for stage in STAGES:
            if report.failed:
                result = StageResult(stage.name, SKIP, f"not reached, {report.failed.stage} failed")
            elif stage.name in CACHE_STAGES and "without_cache" in context.facts:
                result = StageResult(stage.name, SKIP, f"not reached, {context.facts['without_cache']} failed")
            else:
                result = _run_stage(stage, context)
                if config.cache_optional:
                    _accept_without_cache(result, context)
            report.stages.append(result)
            report.facts = context.facts
            if on_result:
                on_result(result)
    finally:
        _limit(0)
        if context.connection:
            context.connection.close()
        for session in context.database.values():
            session.close()
    return report


def _run_stage(stage: Stage, context: Context) -> StageResult:
    name, started = stage.name, time.monotonic()
    context.warnings.clear()
    try:
        with _ALARM:
            context.check_time()
            step = stage.step(context.config)
            detail = step(context) if step else None
        result = StageResult(name, PASS, detail) if detail is not None else StageResult(name, SKIP, "not needed here")
        if context.warnings:
            codes, causes, actions = map(list, zip(*context.warnings))  # noqa: B905 - strict= came with 3.10
            result = StageResult(name, WARN, detail or "", codes[0], "; ".join(causes), "; ".join(actions))
    except StageSkipped as skipped:
        result = StageResult(name, SKIP, str(skipped))
    except StageFailure as failure:
        result = StageResult(name, FAIL, "", failure.code, failure.cause, failure.action)
    except (OSError, ProtocolError) as problem:
        ended = broken(f"the stage {name}", problem, COMMAND_SECONDS)
        result = StageResult(name, FAIL, "", ended.code, ended.cause, ended.action)
    except Exception as problem:
        result = StageResult(
            name,
            FAIL,
            "",
            "crash",
            f"the test itself failed: {type(problem).__name__}: {first_line(str(problem))}",
            "report this with the configuration; it is a fault of the test, not of the cache",
        )
    result.milliseconds = round((time.monotonic() - started) * 1000, 1)
    return result


def _accept_without_cache(result: StageResult, context: Context) -> None:
    """Turn the failure of a stage of the cache into a warning."""
    if result.status == FAIL and result.stage in CACHE_STAGES and result.code not in _NOT_OF_THE_CACHE:
        result.status = WARN
        context.facts["without_cache"] = result.stage


def _limit(seconds: float) -> None:
    """End a stage that is blocked in a system call when the time limit of the test is reached."""

    def ring(_number: int, _frame: Optional[FrameType]) -> None:
        if _ALARM.armed:
            raise StageFailure(
                "time-limit",
                "the test did not end in its time",
                "look at the stage; a healthy cache answers in milliseconds",
            )

    try:
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    except ValueError:
        pass  # not the main thread: every step has its own limit, and check_time() bounds the loops
