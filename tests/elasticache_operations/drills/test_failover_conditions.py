"""Conditions, input and calls of `elasticache drill failover` that end it before the failover."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.drills.failing_over import FailingOver, available, called, event, two_shards
from tests.elasticache_operations.drills.failover_drill import CALL, client, quick, record_of, run, watch
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client
from tests.elasticache_operations.recorded import refusal
from tests.elasticache_operations.run import Elasticache
from tests.elasticache_operations.status import account

__all__ = ["client", "quick"]


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
