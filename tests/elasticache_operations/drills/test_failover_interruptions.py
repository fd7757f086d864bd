"""Interruptions of `elasticache drill failover`, and what they leave."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.drills.failing_over import FailingOver
from tests.elasticache_operations.drills.failover_drill import CALL, client, quick, record_of, run, watch
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client
from tests.elasticache_operations.run import Elasticache

__all__ = ["client", "quick"]


class Interrupted:
    """Answers a call with Ctrl-C after some calls of it."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, params: Mapping[str, Any]) -> Any:
        self.count -= 1
        if self.count < 0:
            signal.raise_signal(signal.SIGINT)
        return {"Events": []}


@pytest.mark.parametrize(
    ("count", "words", "under_way"),
    [
        (0, ["nothing was changed"], False),
        (1, ["nothing was changed"], False),
        (
            2,
            ["TestFailover of shard 0001 was called, and ElastiCache completes the failover without this command; its"],
            True,
        ),
    ],
)
@pytest.mark.parametrize("where", ["command", "instance"])
def test_an_interruption_ends_the_watch(
    elasticache: Elasticache,
    client: Client,
    *,
    tmp_path: Path,
    where: str,
    count: int,
    words: list[str],
    under_way: bool,
) -> None:
    """At the check of the conditions, before the watch, and while the command waits for the events."""
    options = watch(client) if where == "command" else ("--instance", INSTANCE)
    recorded = FailingOver(client, more={("elasticache", "DescribeEvents"): Interrupted(count)}).recorded()
    result = run(elasticache, recorded, *options, "--record", str(tmp_path / "record"))
    last = result.err.splitlines()[-1]
    assert (result.status, result.out) == (130, "")
    assert last.startswith(f"elasticache drill failover: interrupted; {words[0]}")
    data = record_of(tmp_path / "record")
    assert (data["result"], CALL in recorded.operations) == ("interrupted", under_way)
    assert ("longest_write_gap_ms" in data["figures"]) is under_way
    assert not under_way or not client.is_watching
    assert client.files == []


def test_an_interruption_while_the_client_is_awaited(elasticache: Elasticache, client: Client) -> None:
    client.plan(first=[])
    aws = FailingOver(client)
    sent: Any = aws.client.answers()[("ssm", "SendCommand")]
    signals = iter([None, None, signal.SIGTERM])

    def send(params: Mapping[str, Any]) -> Any:
        number = next(signals, None)
        if number is not None:
            signal.raise_signal(number)
        return sent(params)

    aws.more[("ssm", "SendCommand")] = send
    recorded = aws.recorded()
    result = run(elasticache, recorded, "--instance", INSTANCE)
    assert (result.status, result.err.splitlines()[-1]) == (
        130,
        "elasticache drill failover: interrupted; nothing was changed",
    )
    assert CALL not in recorded.operations
    assert not client.is_watching
    assert client.files == []
