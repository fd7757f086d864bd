"""The state of caches as data, text and Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.report import Lines, Report, Source, Table
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.findings import Finding, Outcome, Passed, Severity, Skipped
from elasticache_rules.output import counted

COLUMNS: Final = ("severity", "check", "finding", "advice")


@dataclass(frozen=True, slots=True)
class CacheState:
    """A cache with the outcomes of its checks.

    :param month: its nodes' price in USD; None if it is not known.
    """

    cache: Cache
    outcomes: Sequence[Outcome]
    month: float | None

    @property
    def findings(self) -> list[Finding]:
        """The findings, the most severe first."""
        found = [each for each in self.outcomes if isinstance(each, Finding)]
        return sorted(found, key=lambda finding: -finding.severity.value)

    @property
    def worst(self) -> int:
        """The value of the most severe finding; 0 without one."""
        return max((finding.severity.value for finding in self.findings), default=0)


def report(
    states: Sequence[CacheState],
    missing: dict[str, str],
    sources: Sequence[Source],
    fail_on: str,
    warnings: Sequence[str],
    *,
    origin: str,
) -> Report:
    """The report of a fleet.

    :param origin: where the prices come from, and their date.
    """
    ordered = sorted(states, key=lambda state: (-state.worst, state.cache.id))
    data: dict[str, Any] = {
        "fail_on": fail_on,
        "caches": [_data(state) for state in ordered],
        "not_collected": [{"what": what, "why": why} for what, why in missing.items()],
        "findings": {severity.word: _count(ordered, severity) for severity in reversed(Severity)},
    }
    blocks: list[Table | Lines] = []
    for number, state in enumerate(ordered):
        blocks += [Lines([""])] * bool(number)
        blocks += _blocks(state)
    if not states:
        blocks.append(Lines(["no cache in this region"]))
    if len(states) > 1:
        counts = ", ".join(_counts(ordered)) or "none"
        blocks.append(Lines([f"{len(states)} caches, findings: {counts}"]))
    blocks += [Lines([f"not collected: {what}, {why}"]) for what, why in missing.items()]
    if any(state.month is not None for state in states):
        blocks.append(Lines([origin]))
    return Report(data, blocks, sources, warnings)


def _count(states: Sequence[CacheState], severity: Severity) -> int:
    return sum(finding.severity is severity for state in states for finding in state.findings)


def _counts(states: Sequence[CacheState]) -> Iterator[str]:
    for severity in reversed(Severity):
        if number := _count(states, severity):
            yield f"{number} {severity.word}"


def _data(state: CacheState) -> dict[str, Any]:
    cache = state.cache
    return {
        "id": cache.id,
        "kind": str(cache.kind),
        "engine": cache.engine,
        "version": cache.version,
        "status": cache.status,
        "node_type": cache.node_type or None,
        "shards": None if cache.kind is CacheKind.SERVERLESS else cache.shards,
        "nodes": None if cache.kind is CacheKind.SERVERLESS else len(cache.members),
        "zones": list(cache.zones),
        "usd_per_month": None if state.month is None else round(state.month, 2),
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity.word,
                "text": finding.text,
                "value": finding.value,
                "limit": finding.limit,
                "unit": finding.unit or None,
                "advice": finding.advice,
            }
            for finding in state.findings
        ],
        "ok": [{"check": each.check, "text": each.text} for each in state.outcomes if isinstance(each, Passed)],
        "skipped": [{"check": each.check, "why": each.why} for each in state.outcomes if isinstance(each, Skipped)],
    }


def _blocks(state: CacheState) -> Iterator[Table | Lines]:
    counts = ", ".join(_counts([state])) or "none"
    rows = [(finding.severity.word.upper(), finding.check, finding.text, finding.advice) for finding in state.findings]
    title = f"{_title(state)}   findings: {counts}"
    yield Table(COLUMNS, rows, title) if rows else Lines([title])
    lines = []
    if passed := [f"{each.check}: {each.text}" for each in state.outcomes if isinstance(each, Passed)]:
        lines.append(f"ok       {'; '.join(passed)}")
    if skipped := [f"{each.check} ({each.why})" for each in state.outcomes if isinstance(each, Skipped)]:
        lines.append(f"skipped  {'; '.join(skipped)}")
    yield Lines(lines)


def _title(state: CacheState) -> str:
    cache = state.cache
    parts = [cache.id, f"{cache.engine} {cache.version}"]
    if cache.kind is CacheKind.SERVERLESS:
        parts.append("serverless")
    elif cache.engine == "memcached" or cache.kind is CacheKind.CLUSTER:
        parts.append(f"{len(cache.members)} x {cache.node_type}")
    else:
        parts += [
            f"cluster mode {'enabled' if cache.cluster_mode else 'disabled'}",
            f"{counted(cache.shards, 'shard')}, {len(cache.members)} x {cache.node_type}",
        ]
    if cache.zones:
        parts.append(", ".join(cache.zones))
    if state.month is not None:
        parts.append(f"{state.month:,.2f} USD a month")
    return "  ".join(parts)
