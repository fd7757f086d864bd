"""`elasticache drill failover` with recorded answers, and a watch that is a real program."""

import json
import signal
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills import run_command
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.failover import drill
from elasticache_operations.picture.timeline.model import read_timeline
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.failing_over import FailingOver, available, called, event, two_shards
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client, gap, start, summary
from tests.elasticache_operations.recorded import Recorded, refusal
from tests.elasticache_operations.run import Elasticache, Result
from tests.elasticache_operations.status import account

CALL = ("elasticache", "TestFailover")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for shorter times; `test_the_client_is_steady_for_a_second` has the real one."""
    for name, seconds in (
        ("LOST_TIMEOUT", 0.1),
        ("STEADY", 0.1),
        ("STEADY_TIMEOUT", 5.0),
        ("SETTLE", 5.0),
        ("_QUICK", 0.02),
        ("_POLL", 0.02),
    ):
        monkeypatch.setattr(drill, name, seconds)
    monkeypatch.setattr(run_command, "_POLL", 0.01)


def run(elasticache: Elasticache, aws: FailingOver | Recorded, *words: str) -> Result:
    recorded = aws.recorded() if isinstance(aws, FailingOver) else aws
    return elasticache("drill", "failover", "orders", "--run", *words, aws=recorded)


def watch(client: Client) -> tuple[str, str]:
    return ("--watch-command", client.command)


def record_of(path: Path) -> Any:
    (line,) = path.read_text().splitlines()
    document = json.loads(line)
    check_schema("drill", document)
    return document


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


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        ({"group": {"AutomaticFailover": "disabled"}}, "automatic failover: disabled; enable it"),
        ({"group": {"MultiAZ": "disabled"}}, "Multi-AZ: disabled; enable it"),
        ({"group": account.group(nodes=1)}, "replica: none; add a replica"),
        ({"lags": {}}, "replica in sync: not known, no metric ReplicationLag in 10 minutes; wait for metrics"),
        ({"lags": {"orders-001": 0.0}}, "replica in sync: not known"),
        ({"lags": {"orders-002": 1.01}}, "replica in sync: orders-002 lags by 1.01 s, at most 1 s are allowed; wait"),
        ({"group": {"Status": "modifying"}}, "state: orders is modifying; wait until it is available"),
        ({"clusters": {"CacheClusterStatus": "rebooting cluster nodes"}}, "state: orders-001 is rebooting"),
        (
            {"group": {"PendingModifiedValues": {"AutomaticFailoverStatus": "disabled"}}},
            "state: pending changes: AutomaticFailoverStatus; wait for them",
        ),
        ({"events": [called(group=f"g{number}") for number in range(15)]}, "failovers in 24 hours: 15 of 15 that"),
    ],
)
def test_a_condition_that_is_not_met(
    elasticache: Elasticache, client: Client, tmp_path: Path, aws: dict[str, Any], message: str
) -> None:
    group = available({**account.group(), **aws.pop("group", {})})
    recorded = FailingOver(client, group=group, **aws).recorded()
    result = run(elasticache, recorded, *watch(client), "--record", str(tmp_path / "record"))
    assert (result.status, result.err) == (1, "")
    assert result.out.splitlines()[-1].startswith(f"refused: nothing was changed; {message}")
    assert CALL not in recorded.operations
    assert record_of(tmp_path / "record")["result"] == "refused"


@pytest.mark.parametrize(
    "aws",
    [
        {"lags": {"orders-002": 1.0}},
        {"events": [called(), *(event("Replication group created") for _ in range(20))]},
        {"events": [called() for _ in range(14)] + [called(age=timedelta(hours=24))]},
    ],
)
def test_conditions_that_are_just_met(elasticache: Elasticache, client: Client, aws: dict[str, Any]) -> None:
    assert elasticache("drill", "failover", "orders", aws=FailingOver(client, **aws).recorded()).status == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("order",), "ID must be one of the valid values, got 'order'; use orders, "),
        ((" ",), "ID must not be empty; give the id of a replication group"),
        (
            ("sessions",),
            "ID must be a replication group, got sessions, a serverless cache, which ElastiCache fails over",
        ),
        (("pages",), "ID must be a replication group, got pages, a cluster without replicas; give the id of a "),
        (("orders", "--shard", "0002"), "--shard must be one of the valid values, got '0002'; use 0001"),
        (("orders", "--run"), "--instance must be given with --run, because the interruption is measured at a client;"),
        (("orders", "--offline"), "--offline must not be set, because the caches of an account are read; leave"),
        (("orders", "--most", "0"), "--most must be 0.001s to 3600s, got '0'; write it like 500ms, 60s or 15m"),
        (("orders", "--most", "3601"), "--most must be 0.001s to 3600s, got '3601'; write it like 500ms, 60s or 15m"),
        (("orders", "--most", "1h"), "--most must be 0.001s to 3600s, got '1h'; write it like 500ms, 60s or 15m"),
        (("orders", "--most", "nan"), "--most must be 0.001s to 3600s, got 'nan'; write it like 500ms, 60s or 15m"),
        (("orders", "--timeout", "9s"), "--timeout must be 10s to 3600s, got '9s'; write it like 500ms, 60s or 15m"),
        (("orders", "--run", "--watch-command", ""), "--instance must be given with --run"),
        (("orders", "--run", "--watch-command", " "), "--watch-command must be a command, got an empty text; write"),
        (("orders", "--run", "--watch-command", "a 'b"), '--watch-command must be a command, got "a \'b" (No closing'),
        (
            ("orders", "--run", "--watch-command", "/absent/x y"),
            "--watch-command must be a command that can be run, got",
        ),
        (("orders", "--instance", "i", "--watch-command", "x"), "argument --watch-command: not allowed with argument"),
        (("orders", "--run", "--instance", "i-1"), "ssm SendCommand in us-east-1 failed: InvalidInstanceId: Instances"),
    ],
)
def test_bad_input_is_one_line(elasticache: Elasticache, client: Client, words: tuple[str, ...], message: str) -> None:
    recorded = FailingOver(client).recorded()
    result = elasticache("drill", "failover", *words, aws=recorded)
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith(f"elasticache drill failover: {message}")
    assert CALL not in recorded.operations


def test_the_shard_of_several_must_be_given(elasticache: Elasticache, client: Client) -> None:
    result = elasticache("drill", "failover", "orders", aws=FailingOver(client, group=two_shards()).recorded())
    assert (result.status, result.error) == (
        2,
        "elasticache drill failover: --shard must be given, because orders has 2 shards; add --shard 0001",
    )


def test_an_instance_without_the_program(elasticache: Elasticache, client: Client) -> None:
    (client.folder / "bin" / "cache-connection-test").unlink()
    recorded = FailingOver(client).recorded()
    result = run(elasticache, recorded, "--instance", INSTANCE)
    assert result.status == 2
    last = result.err.splitlines()[-1]
    assert last.endswith(f"{INSTANCE} has no cache-connection-test; give the instance of a CacheClient")
    assert CALL not in recorded.operations


@pytest.mark.parametrize(
    ("failure", "status", "result", "message"),
    [
        (refusal("AccessDenied"), 3, "refused", "allow elasticache:TestFailover in the policy of these credentials"),
        (refusal("APICallRateForCustomerExceeded"), 3, "refused", "wait, and run the command again"),
        (refusal("TestFailoverNotAvailableFault"), 3, "refused", "TestFailoverNotAvailableFault"),
        (refusal("InvalidReplicationGroupState"), 3, "refused", "when the change under way is complete"),
        (refusal("NodeGroupNotFoundFault"), 2, "refused", "check the name and the region"),
        (refusal("InternalFailure", status=500), 3, "failed", "TestFailover of shard 0001 was called, and ElastiCache"),
    ],
)
@pytest.mark.parametrize("where", ["command", pytest.param("instance", marks=pytest.mark.slow)])
def test_a_refused_call(
    elasticache: Elasticache,
    client: Client,
    *,
    tmp_path: Path,
    where: str,
    failure: Exception,
    status: int,
    result: str,
    message: str,
) -> None:
    words = watch(client) if where == "command" else ("--instance", INSTANCE)
    recorded = FailingOver(client, failure=failure).recorded()
    ended = run(elasticache, recorded, *words, "--record", str(tmp_path / "record"))
    last = ended.err.splitlines()[-1]
    assert (ended.status, ended.out, message in last) == (status, "", True), ended
    assert ("was called, and ElastiCache completes" in last) is (result == "failed")
    assert [operation for _, operation, _ in recorded.calls].count("TestFailover") == 1
    assert record_of(tmp_path / "record")["result"] == result
    assert not client.is_watching
    assert client.files == []


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
