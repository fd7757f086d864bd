"""Sections of reports as the measurements write them, for tests without servers."""

from typing import Any


def sections() -> dict[str, dict[str, Any]]:
    """All sections of a run that passes."""
    return {
        "latency": {
            "primary key": latency(0.21, 0.2, 0.03),
            "page": latency(0.4, 4.1, 3.0),
            "report": latency(0.5, 31.0, 29.0),
        },
        "hits": {
            "products": 300,
            "reads": 3000,
            "hits": 2760,
            "hit_ratio": 0.92,
            "queries": 240,
            "updates": 28,
            "seconds": 6.4,
            "series": [
                {"second": 0.2, "hit_ratio": 0.41, "reads_per_s": 487.5, "queries_per_s": 280.0},
                {"second": 3.2, "hit_ratio": None, "reads_per_s": 0.0, "queries_per_s": 0.0},
                {"second": 4.0, "hit_ratio": 0.9, "reads_per_s": 500.0, "queries_per_s": 52.5},
                {"second": 6.0, "hit_ratio": 1.0, "reads_per_s": 512.5, "queries_per_s": 2.5},
            ],
        },
        "staleness": {
            "ttl_seconds": 1.0,
            "ttl_only": {"updates": 10, "p50_ms": 512.4, "max_ms": 998.2},
            "invalidation": {"updates": 30, "p50_ms": 1.1, "max_ms": 13.8},
            "write_through": {"updates": 30, "p50_ms": 0.5, "max_ms": 1.6},
        },
        "races": {"races": 200, "plain_stale": 71, "lease_stale": 0, "refused_fills": 60},
        "stampede": {
            "ttl_seconds": 0.5,
            "readers": 16,
            "naive": stampede(16, 48, [[0.0, 0], [0.5, 1], [0.51, 16], [0.6, 0]]),
            "lease": stampede(1, 4, [[0.0, 0], [0.5, 1], [0.53, 0]]),
            "early": stampede(1, 6, [[0.0, 0], [0.4, 1], [0.43, 0], [0.9, 1], [0.95, 0]]),
        },
        "outage": {
            "seconds_before": 2.0,
            "seconds_stopped": 4.0,
            "seconds_after": 2.5,
            "target_reads_per_s": 75.0,
            "breaker_openings": 1,
            "library": outage(70.0, 112.5, 0.3),
            "plain": outage(0.0, 4003.0, 0.01),
            "series": [
                {"second": 1.0, "library": moment(75.0, 0.9), "plain": moment(74.0, 0.8)},
                {"second": 3.0, "library": moment(66.0, 104.0), "plain": moment(0.0, None)},
                {"second": 7.0, "library": moment(75.0, 1.4), "plain": moment(78.0, 4003.0)},
            ],
        },
        "sessions": {"changes": 200, "lost": 0, "whole_lost": 93},
    }


def latency(cache: float, database: float, server: float) -> dict[str, Any]:
    figures = {"cache_ms": cache, "database_ms": database, "server_ms": server}
    percentiles = {name: {"p50": p50, "p95": 2 * p50, "p99": 3 * p50} for name, p50 in figures.items()}
    return {"samples": 200, "hits": 200, **percentiles}


def stampede(most: int, loads: int, steps: list[list[float]]) -> dict[str, Any]:
    times = {"p50": 0.3, "p95": 0.9, "p99": 30.0, "max": 60.0}
    return {"reads": 1400, "loads": loads, "most_in_flight": most, "read_ms": times, "steps": steps}


def outage(stopped: float, longest: float, back: float | None) -> dict[str, Any]:
    return {
        "errors": 0,
        "reads_per_s_before": 75.0,
        "reads_per_s_stopped": stopped,
        "p99_stopped_ms": 104.0 if stopped else None,
        "longest_ms": longest,
        "seconds_until_hits": back,
    }


def moment(reads: float, p99: float | None) -> dict[str, float | None]:
    return {"reads_per_s": reads, "p99_ms": p99}


def facts(**changes: Any) -> dict[str, Any]:
    """What a report says before its sections."""
    cache = {"kind": "valkey, serverless", "version": "Valkey 8.0", "host": "c.example", "tls": True}
    database = {"version": "PostgreSQL 17.2", "host": "d.example", "application_user": "shop", "authentication": "iam"}
    return {
        "scale": "full",
        "section_seconds": {},
        "cache": {**cache, "authentication": "iam", "usable": True, **changes},
        "database": database,
    }
