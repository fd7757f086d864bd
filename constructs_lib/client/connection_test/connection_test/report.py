"""The report of the test by stage, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Optional

from connection_test import redaction

PASS, WARN, FAIL, SKIP = "PASS", "WARN", "FAIL", "SKIP"

# By stage. Programs rely on them: a new stage gets an unused number, independent of its position.
EXIT_CODES = {
    "config": 10,
    "clock": 11,
    "dns": 12,
    "tcp": 13,
    "tls": 14,
    "auth": 15,
    "ping": 16,
    "topology": 17,
    "data": 18,
    "replicas": 19,
    "latency": 20,
    "db-dns": 21,
    "db-tcp": 22,
    "db-tls": 23,
    "db-auth": 24,
    "db-query": 25,
}


class StageFailure(Exception):  # noqa: N818 - it is how a stage ends, and not always an error of this program
    """A failure that ends a stage.

    :param code: stable, for programs: `connection-refused`.
    :param cause: the cause, as text.
    :param action: what to do next.
    """

    def __init__(self, code: str, cause: str, action: str) -> None:
        self.code, self.cause, self.action = code, redaction.hide(cause), redaction.hide(action)
        super().__init__(self.cause)


@dataclass
class StageResult:
    """The result of one stage."""

    stage: str
    status: str
    detail: str = ""
    code: str = ""
    cause: str = ""
    action: str = ""
    milliseconds: float = 0.0

    def __post_init__(self) -> None:
        """Hide what a server may have repeated of a secret."""
        self.detail, self.cause, self.action = map(redaction.hide, (self.detail, self.cause, self.action))

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON, without empty values."""
        return {key: value for key, value in vars(self).items() if value not in ("", None)}


@dataclass
class Report:
    """The results of all stages, and facts about the cache."""

    title: str
    stages: list[StageResult] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> Optional[StageResult]:
        """The stage that failed, if one did."""
        return next((result for result in self.stages if result.status == FAIL), None)

    @property
    def verdict(self) -> str:
        """FAIL when a stage failed, WARN when one warned, else PASS."""
        if self.failed:
            return FAIL
        return WARN if any(result.status == WARN for result in self.stages) else PASS

    @property
    def exit_code(self) -> int:
        """0, or the code of the stage that failed."""
        return EXIT_CODES[self.failed.stage] if self.failed else 0

    @property
    def summary(self) -> str:
        """One line: the verdict with its facts, or the stage, the cause and the next action."""
        failed = self.failed
        if failed:
            return redaction.hide(f"FAIL at {failed.stage}: {failed.cause}; next: {failed.action}")
        warned = [result.stage for result in self.stages if result.status == WARN]
        database = self.facts.get("database")
        behind = (
            "database {engine} {version} query p50 {p50} ms".format(**database, **database["query_ms"])
            if database
            else ""
        )
        lost = next((result for result in self.stages if result.stage == self.facts.get("without_cache")), None)
        if lost:
            reason = f"WARN at {lost.stage}, the cache is optional: {lost.cause}; next: {lost.action}"
            return redaction.hide(f"{reason}; {behind}")
        parts = [f"{self.facts.get('engine', 'engine')} {self.facts.get('engine_version', 'of unknown version')}"]
        if "nodes" in self.facts:
            parts.append(f"nodes {self.facts['nodes']}")
        else:
            parts.append(f"cluster mode {self.facts.get('cluster_mode', 'unknown')}")
            parts.append(f"shards {self.facts.get('shards', '?')}")
            parts.append(f"replicas read {self.facts.get('replicas_read', 0)}")
        if "arrival_ms" in self.facts:
            parts.append(f"a write of the primary region arrived after {self.facts['arrival_ms']} ms")
        latency = self.facts.get("latency_ms")
        if latency:
            parts.append("latency p50 {p50} ms p95 {p95} ms p99 {p99} ms".format(**latency))
        if behind:
            parts.append(behind)
        if warned:
            parts.append("warnings at " + " and ".join(warned))
        return redaction.hide(f"{self.verdict}: " + ", ".join(parts))

    def as_json(self) -> str:
        """The report as JSON."""
        document = {
            "verdict": self.verdict,
            "summary": self.summary,
            **{key: redaction.hidden(value) for key, value in self.facts.items()},
            "stages": [result.as_dict() for result in self.stages],
        }
        return json.dumps(document, indent=2)


def stage_lines(result: StageResult) -> list[str]:
    """One stage as text: a line, followed by the cause and the next action if there are any."""
    lines = [f"{result.status} {result.stage:<9} {result.detail or result.cause}".rstrip()]
    if result.cause and result.detail:
        lines.append(f"     cause: {result.cause}")
    if result.action:
        lines.append(f"     next:  {result.action}")
    return lines


def counted(number: int, noun: str) -> str:
    """A number with a noun in the singular or plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
