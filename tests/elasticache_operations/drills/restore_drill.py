"""Runs `elasticache drill restore` against a region, and reads its document."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from elasticache_operations.drills.restore import command
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.restoring import Region
from tests.elasticache_operations.run import AS_OF, Elasticache, Result

INSTANCE = ("--instance", "i-0123456789abcdef0")
RUN = ("--run", "--most-usd", "1", *INSTANCE)
READS = {
    "DescribeReplicationGroups",
    "DescribeCacheClusters",
    "DescribeServerlessCaches",
    "DescribeSnapshots",
    "ListTagsForResource",
}
Drill = Callable[..., Result]


@pytest.fixture
def drill(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Drill:
    """Runs the drill against a region; the JSON document is checked against its schema."""

    def run(region: Region, *words: str, id: str = "orders") -> Result:
        monkeypatch.setattr(command, "Clock", lambda: region.clock)
        given = ("drill", "restore", id, "--region", "us-east-1", *AS_OF, *words)
        result = elasticache(*given, "--format", "json", aws=region.recorded)
        if result.out:
            check_schema("drill", result.data)
        return result

    return run


def summary(result: Result) -> str:
    return str(result.data["summary"])


def checks(result: Result) -> dict[str, tuple[bool, str]]:
    return {check["name"]: (check["met"], check["detail"]) for check in result.data["checks"]}


def error(result: Result) -> str:
    """The error, after the lines of progress."""
    return result.err.splitlines()[-1]


def tags(cache: str = "orders", until: timedelta = timedelta(hours=-1)) -> list[dict[str, str]]:
    when = datetime.now(UTC) + until
    return [
        {"Key": "operations:drill", "Value": f"restore:{cache}"},
        {"Key": "operations:drill-until", "Value": f"{when:%Y-%m-%dT%H:%M:%SZ}"},
    ]
