"""`elasticache drill failover`: the failover that it requests, and the gaps that it measures."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.failover import drill
from elasticache_operations.picture.timeline.model import read_timeline
from tests.elasticache_operations.drills.failing_over import FailingOver, available, two_shards
from tests.elasticache_operations.drills.failover_drill import CALL, client, quick, record_of, run, watch
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client, gap, start, summary
from tests.elasticache_operations.recorded import refusal
from tests.elasticache_operations.run import Elasticache
from tests.elasticache_operations.status import account

__all__ = ["client", "quick"]


def test_without_run_nothing_is_changed(elasticache: Elasticache, client: Client, tmp_path: Path) -> None:
    aws, path = FailingOver(client).recorded(), tmp_path / "record"
    result = elasticache("drill", "failover", "orders", "--record", str(path), aws=aws)
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == [
        "drill failover of orders (dry run)",
        "check                  result  detail",
        "automatic failover     ok      enabled",
        "Multi-AZ               ok      enabled",
        "replica                ok      1 of shard 0001",
        "replica in sync        ok      orders-002 lags by 20 ms",
        "state                  ok      available, no change pending",
        "failovers in 24 hours  ok      0 of 15 that TestFailover allows",
        "planned: nothing was changed; a run starts the watch on the client of --instance, calls TestFailover of shard "
        "0001 of orders, and fails when reads or writes are interrupted for more than 60 s",
    ]
    assert {operation for _, operation in aws.operations} == {
        "DescribeReplicationGroups",
        "DescribeCacheClusters",
        "DescribeServerlessCaches",
        "DescribeEvents",
        "GetMetricData",
    }
    assert (record_of(path)["result"], record_of(path)["run"]) == ("planned", False)
    assert "watch" not in record_of(path)


@pytest.mark.parametrize("where", ["command", "instance"])
def test_a_failover_is_measured(elasticache: Elasticache, client: Client, tmp_path: Path, where: str) -> None:
    words = watch(client) if where == "command" else ("--instance", INSTANCE)
    aws = FailingOver(client)
    recorded = aws.recorded()
    result = run(elasticache, recorded, *words, "--record", str(tmp_path / "record"), "--format", "json")
    assert result.status == 0, result
    data = record_of(tmp_path / "record")
    assert data == result.data
    assert data["figures"].pop("available_again_s") >= 0
    assert data["figures"] == {
        "shard": "0001",
        "new_primary": "orders-002",
        "longest_write_gap_ms": 400.0,
        "longest_read_gap_ms": 120.5,
        "longest_replica_read_gap_ms": 700.0,
        "lost_writes": 0,
        "unconfirmed_writes": 1,
        "refused_writes": 2,
        "writes": 80,
        "reads": 90,
        "aws_failover_ms": 6_250,
        "most_ms": 60_000.0,
    }
    place = "the command of --watch-command" if where == "command" else INSTANCE
    assert [step["what"] for step in data["steps"]] == [
        f"the watch starts on {place}",
        "the client has read and written for a second without a gap",
        "TestFailover of shard 0001 was called",
        "orders-002 has replaced orders-001 as the primary",
        "orders is available",
        "the watch has ended",
    ]
    assert data["summary"] == "the longest gap of writes and reads is 400 ms, at most 60,000 ms are allowed"
    assert [record["event"] for record in data["watch"]] == ["start", "gap", "gap", "gap", "summary"]
    timeline = read_timeline([str(tmp_path / "record")])
    assert [len(each.gaps) for each in timeline.watches] == [3]
    assert [step.what for step in timeline.drills[0].steps] == [step["what"] for step in data["steps"]]
    assert [params for _, operation, params in recorded.calls if operation == "TestFailover"] == [
        {"ReplicationGroupId": "orders", "NodeGroupId": "0001"}
    ]
    assert not client.is_watching
    assert client.files == []
    assert ("ssm" in {service for service, _ in recorded.operations}) is (where == "instance")


@pytest.mark.parametrize(("most", "status"), [("400ms", 0), ("399ms", 1), ("0.4", 0), ("0.399s", 1)])
def test_the_longest_gap_of_writes_and_reads_decides(
    elasticache: Elasticache, client: Client, most: str, status: int
) -> None:
    result = run(elasticache, FailingOver(client), *watch(client), "--most", most)
    assert result.status == status
    last = "400 ms, at most 400 ms are allowed" if status == 0 else "400 ms, over the 399 ms of --most"
    assert result.out.splitlines()[-1].endswith(f"the longest gap of writes and reads is {last}")


def test_gaps_before_the_call_do_not_count(elasticache: Elasticache, client: Client) -> None:
    client.plan(first=[start(), gap("write", 9000.0)])
    result = run(elasticache, FailingOver(client), *watch(client), "--format", "json", "--most", "1s")
    assert (result.status, result.data["figures"]["longest_write_gap_ms"]) == (0, 400.0)


def test_a_gap_that_ends_after_the_failover_is_awaited(elasticache: Elasticache, client: Client) -> None:
    client.plan(first=[start(), gap("write", 9000.0)], delay=0.6)
    result = run(elasticache, FailingOver(client, statuses=["available"]), *watch(client), "--format", "json")
    assert result.data["figures"]["longest_write_gap_ms"] == 400.0


def test_a_shard_of_several(elasticache: Elasticache, client: Client) -> None:
    aws = FailingOver(client, group=two_shards(), lags={"orders-0002-001": 0.5, "orders-0002-002": 0.1})
    result = run(elasticache, aws, *watch(client), "--shard", "0002", "--format", "json")
    assert result.data["figures"]["new_primary"] == "orders-0002-002"
    assert result.data["checks"][3]["detail"] == "orders-0002-002 lags by 100 ms"


def test_a_call_without_an_answer_that_was_carried_out(elasticache: Elasticache, client: Client) -> None:
    account = FailingOver(client)

    def lost(params: Mapping[str, Any]) -> Any:
        account.fail_over(params)
        return refusal("InternalFailure", status=500)

    account.more[CALL] = lost
    result = run(elasticache, account, *watch(client), "--format", "json")
    assert result.status == 0, result
    steps = [step["what"] for step in result.data["steps"]]
    assert "TestFailover of shard 0001 was called without an answer; its events tell the outcome" in steps
    assert result.data["figures"]["longest_write_gap_ms"] == 400.0


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"first": ["no record"], "error": "no route"}, "does not run: "),
        ({"first": [start()], "error": "no route"}, "does not run: "),
        ({"first": [{"event": "node"}]}, "had no second without a gap in 0 s; nothing was failed over; test the"),
        (
            {"first": [start(), {"event": "not-permitted", "operation": "write", "shard": 1}]},
            "the user of the client may not write, so nothing is measured; nothing was failed over; grant",
        ),
        ({"first": [start(operations=("read",))]}, "the user of the client may not write"),
        (
            {
                "first": [
                    start(),
                    *({"event": "not-permitted", "operation": name, "shard": 1} for name in ("read", "write")),
                ]
            },
            "the user of the client may not read and write",
        ),
    ],
)
@pytest.mark.parametrize("where", ["command", "instance"])
def test_a_client_that_cannot_measure(
    elasticache: Elasticache,
    client: Client,
    *,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    plan: dict[str, Any],
    message: str,
) -> None:
    if "no second" in message:
        monkeypatch.setattr(drill, "STEADY_TIMEOUT", 0.3)
    if "error" in plan:
        monkeypatch.setattr(drill, "STEADY", 1.0)
    client.plan(**plan)
    words = watch(client) if where == "command" else ("--instance", INSTANCE)
    recorded = FailingOver(client).recorded()
    result = run(elasticache, recorded, *words)
    last = result.err.splitlines()[-1]
    assert (result.status, result.out, message in last) == (1, "", True), result
    if "error" in plan:
        assert "no route; nothing was failed over" in last
    assert CALL not in recorded.operations
    assert client.files == []


def test_writes_that_one_shard_permits_are_enough(elasticache: Elasticache, client: Client) -> None:
    client.plan(first=[start(shards=2), {"event": "not-permitted", "operation": "write", "shard": 1}])
    assert run(elasticache, FailingOver(client), *watch(client)).status == 0


def test_a_secondary_of_a_global_datastore_has_no_writes(elasticache: Elasticache, client: Client) -> None:
    client.plan(first=[start(operations=("read",))], then=[gap("read", 5.0)], last=[summary(read=9)])
    info = {"GlobalReplicationGroupId": "world", "GlobalReplicationGroupMemberRole": "SECONDARY"}
    group = available(account.group(GlobalReplicationGroupInfo=info))
    result = run(elasticache, FailingOver(client, group=group), *watch(client), "--format", "json")
    assert result.status == 0, result
    assert {"lost_writes", "longest_write_gap_ms", "writes"}.isdisjoint(result.data["figures"])
    assert result.data["figures"]["longest_read_gap_ms"] == 5.0


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            {"then": [gap("write", 400.0), gap("read", 9.0, ended=False)]},
            "no answer at the end of the watch: reads on shard 1; test it with cache-connection-test",
        ),
        ({"dies": True}, "the watch ended before the failover: it"),
        ({"last": []}, "the watch ended before the failover: it printed no summary; let it run longer"),
    ],
)
@pytest.mark.parametrize("where", ["command", pytest.param("instance", marks=pytest.mark.slow)])
def test_a_failover_that_is_not_measured_to_its_end(
    elasticache: Elasticache, client: Client, where: str, plan: dict[str, Any], message: str
) -> None:
    client.plan(**plan)
    words = watch(client) if where == "command" else ("--instance", INSTANCE)
    result = run(elasticache, FailingOver(client), *words)
    last = result.out.splitlines()[-1]
    assert (result.status, last.startswith(f"failed: {message}")) == (1, True), result


@pytest.mark.parametrize(("last", "lost"), [(2, 5), (None, None)])
def test_lost_writes_of_several_gaps(
    elasticache: Elasticache, client: Client, last: int | None, lost: int | None
) -> None:
    client.plan(then=[gap("write", 400.0, lost=3), gap("write", 10.0, lost=last)])
    result = run(elasticache, FailingOver(client), *watch(client), "--format", "json")
    figures = result.data["figures"]
    assert (figures.get("lost_writes"), figures["unconfirmed_writes"], figures["refused_writes"]) == (lost, 2, 4)


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        ({"completes": False}, "no event of a completed failover in 10 s; look at the events, or give a longer"),
        ({"statuses": ["modifying"]}, "the cache was not available after 10 s; look at it with elasticache status"),
    ],
)
def test_an_end_that_is_not_seen(
    elasticache: Elasticache, client: Client, monkeypatch: pytest.MonkeyPatch, aws: dict[str, Any], message: str
) -> None:
    until = Clock.until

    def at_once(self: Clock, timeout: float, poll: float) -> Iterator[float]:
        return iter([0.0, timeout]) if timeout == 10 else until(self, timeout, poll)

    monkeypatch.setattr(Clock, "until", at_once)
    result = run(elasticache, FailingOver(client, **aws), *watch(client), "--timeout", "10s")
    assert (result.status, result.out.splitlines()[-1].startswith(f"failed: {message}")) == (1, True), result
    assert any("longest gap of writes" in line and "400.0 ms" in line for line in result.out.splitlines())
