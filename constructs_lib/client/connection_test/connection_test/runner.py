"""Runs the stages in order and stops at the first that fails."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Callable, Optional

from connection_test import config as configuration
from connection_test import stage_data, stage_engine, stage_memcached, stage_network, stage_secondary
from connection_test.config import Config, first_line
from connection_test.context import Context
from connection_test.report import FAIL, PASS, SKIP, STAGES, WARN, Report, StageFailure, StageResult

Stage = Callable[[Context], Optional[str]]

_STAGES: dict[str, Stage] = {
    "config": lambda context: configuration.check(context.config),
    "clock": stage_network.clock,
    "dns": stage_network.dns,
    "tcp": stage_network.tcp,
    "tls": stage_network.tls,
    "auth": stage_engine.auth,
    "ping": stage_engine.ping,
    "topology": stage_engine.topology,
    "data": stage_data.data,
    "replicas": stage_data.replicas,
    "latency": stage_data.latency,
}

_MEMCACHED: dict[str, Stage] = {
    "auth": stage_memcached.auth,
    "ping": stage_memcached.ping,
    "topology": stage_memcached.topology,
    "data": stage_memcached.data,
    "replicas": stage_memcached.replicas,
    "latency": stage_memcached.latency,
}

_SECONDARY: dict[str, Stage] = {
    "data": stage_secondary.data,
    "replicas": stage_secondary.replicas,
    "latency": stage_secondary.latency,
}


def stages_of(config: Config) -> dict[str, Stage]:
    """What runs for a kind of cache."""
    if config.engine == "memcached":
        return {**_STAGES, **_MEMCACHED}
    return {**_STAGES, **_SECONDARY} if config.global_role == "secondary" else _STAGES


def run(config: Config, on_result: Optional[Callable[[StageResult], None]] = None) -> Report:
    """Run the test.

    :param on_result: called with each stage as it ends.
    """
    context = Context(config)
    if config.password:
        context.secrets.append(config.password)
    report = Report(config.title(), secrets=context.secrets)
    _limit(config.time_limit)
    try:
        for name in STAGES:
            if report.failed:
                result = StageResult(name, SKIP, f"not reached, {report.failed.stage} failed")
            else:
                result = _run_stage(name, context)
            report.stages.append(result)
            report.facts = context.facts
            if on_result:
                on_result(result)
    finally:
        _limit(0)
        if context.connection:
            context.connection.close()
    return report


def _run_stage(name: str, context: Context) -> StageResult:
    started = time.monotonic()
    context.warnings.clear()
    try:
        context.check_time()
        detail = stages_of(context.config)[name](context)
        result = StageResult(name, PASS, detail) if detail is not None else StageResult(name, SKIP, "not needed here")
        if context.warnings:
            codes, causes, actions = map(list, zip(*context.warnings))  # noqa: B905 - strict= came with 3.10
            result = StageResult(name, WARN, detail or "", codes[0], "; ".join(causes), "; ".join(actions))
    except StageFailure as failure:
        result = StageResult(name, FAIL, "", failure.code, failure.cause, failure.action)
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


def _limit(seconds: float) -> None:
    """End a stage that hangs in a system call when the time for the whole test is up."""

    def ring(_number: int, _frame: Optional[FrameType]) -> None:
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
