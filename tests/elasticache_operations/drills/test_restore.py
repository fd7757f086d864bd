"""`elasticache drill restore`: its conditions, its requests, its verdict, and that it deletes what it has created."""

import json
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills.restore import command
from elasticache_operations.drills.restore.comparison import Compared
from elasticache_operations.drills.restore.copy import Original
from elasticache_operations.drills.restore.snapshots import age
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.restoring import GROUP_ARN, PREFIX, SAME, Region, snapshot
from tests.elasticache_operations.recorded import refusal
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


def test_a_dry_run_reads_only(drill: Drill) -> None:
    region = Region()
    result = drill(region)
    assert (result.status, result.data["result"]) == (0, "planned")
    assert {operation for _, operation in region.recorded.operations} <= READS
    assert checks(result) == {
        "snapshot": (True, "daily, 3 hours old, 1 shard"),
        "cost": (True, "1 x cache.t4g.micro, at most 0.0128 USD with --timeout 2700s"),
        "no other drill": (True, "nothing is left over"),
    }
    assert summary(result) == (
        "nothing was changed; a run restores snapshot daily, compares up to 1,000 keys of each cache on the client, "
        "and deletes what it has created"
    )


def test_the_request_has_one_node_in_the_network_of_the_cache(drill: Drill) -> None:
    region = Region()
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (0, "passed"), result.err
    request = region.requests["CreateReplicationGroup"]
    id, token, (drill_tag, until_tag) = (request.pop(name) for name in ("ReplicationGroupId", "AuthToken", "Tags"))
    assert re.fullmatch(f"{PREFIX}[0-9a-f]{{12}}", id)
    assert re.fullmatch("[A-Za-z0-9_-]{64}", token)
    assert drill_tag == {"Key": "operations:drill", "Value": "restore:orders"}
    # The time-outs of the restore, the comparison and the deletion.
    longest = timedelta(minutes=45, seconds=540, hours=2)
    until = datetime.fromisoformat(until_tag["Value"]) - datetime.now(UTC)
    assert longest - timedelta(minutes=1) < until <= longest
    assert request == {
        "ReplicationGroupDescription": "temporary, of elasticache drill restore orders",
        "SnapshotName": "daily",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.t4g.micro",
        "CacheSubnetGroupName": "orders-subnets",
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "CacheParameterGroupName": "orders-parameters",
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
        "NumCacheClusters": 1,
        "AutomaticFailoverEnabled": False,
        "MultiAZEnabled": False,
        "AutoMinorVersionUpgrade": False,
        "SnapshotRetentionLimit": 0,
    }
    assert region.requests["DeleteReplicationGroup"] == {"ReplicationGroupId": id, "RetainPrimaryCluster": False}
    assert region.left == []
    assert list(region.snapshots) == ["daily"]
    # The client logs in to the temporary cache with this token, and to the other one by itself.
    (script,) = region.scripts
    settings = json.loads(re.search(r"DRILL_SETTINGS='(.*)'", script)[1])  # type: ignore[index]
    assert settings["password"] == token
    assert settings["host"] == f"master.{id}.abc123.use1.cache.amazonaws.com"
    assert (settings["port"], settings["sample"]) == (6379, 1000)
    assert settings["age"] == pytest.approx(3 * 3600, abs=60)
    assert token not in result.out + result.err


def test_a_cluster_has_one_node_for_each_shard(drill: Drill) -> None:
    region = Region(clustered=True)
    region.groups["orders"]["ClusterMode"] = "enabled"
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 0, result.err
    request = region.requests["CreateReplicationGroup"]
    layout = ("NumNodeGroups", "ReplicasPerNodeGroup", "AutomaticFailoverEnabled", "ClusterMode", "NumCacheClusters")
    assert [request.get(name) for name in layout] == [3, 0, True, "enabled", None]
    assert region.requests["CreateSnapshot"]["ReplicationGroupId"] == "orders"
    assert '"host": "clustercfg.drill-restore-' in region.scripts[0]
    assert result.data["figures"]["cost_usd"] == 0.0384


def test_a_snapshot_for_the_drill_is_of_a_replica_and_deleted(drill: Drill) -> None:
    region = Region()
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 0, result.err
    request = region.requests["CreateSnapshot"]
    assert (request["CacheClusterId"], "ReplicationGroupId" in request) == ("orders-002", False)
    assert request["Tags"][0] == {"Key": "operations:drill", "Value": "restore:orders"}
    assert region.requests["CreateReplicationGroup"]["SnapshotName"] == request["SnapshotName"]
    assert region.requests["DeleteSnapshot"] == {"SnapshotName": request["SnapshotName"]}
    assert region.left == []


def test_without_encryption_in_transit_there_is_no_token(drill: Drill) -> None:
    region = Region()
    region.groups["orders"] |= {"TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": False}
    assert drill(region, *RUN).status == 0
    request = region.requests["CreateReplicationGroup"]
    assert not {"AuthToken", "KmsKeyId"} & request.keys()
    assert (request["TransitEncryptionEnabled"], request["AtRestEncryptionEnabled"]) == (False, False)


@pytest.mark.parametrize(("version", "expected"), [("5.0.6", "5.0.6"), ("6.2.6", "6.2"), ("8.1", "8.1")])
def test_the_version_is_that_of_the_snapshot(drill: Drill, version: str, expected: str) -> None:
    region = Region(snapshots={"daily": snapshot("daily", EngineVersion=version, Engine="redis")})
    assert drill(region, *RUN).status == 0
    assert region.requests["CreateReplicationGroup"]["EngineVersion"] == expected


@pytest.mark.parametrize("tiering", ["enabled", "disabled"])
def test_data_tiering_is_that_of_the_snapshot(drill: Drill, tiering: str) -> None:
    region = Region(snapshots={"daily": snapshot("daily", DataTiering=tiering)})
    assert drill(region, *RUN).status == 0
    assert region.requests["CreateReplicationGroup"].get("DataTieringEnabled") == (
        True if tiering == "enabled" else None
    )


def test_the_snapshot_of_a_group_without_roles_is_of_its_first_node() -> None:
    group = {"ReplicationGroupId": "a", "NodeGroups": [], "MemberClusters": ["a-001", "a-002"]}
    assert Original(group, {}).snapshot_source == {"CacheClusterId": "a-001"}


# Which snapshot.


def test_the_newest_complete_snapshot_is_restored(drill: Drill) -> None:
    region = Region()
    region.add(snapshot("older", hours=30))
    region.add(snapshot("new", hours=1))
    region.add(snapshot("creating", hours=0, SnapshotStatus="creating"))
    region.add(snapshot("other", hours=0.5, CacheClusterId="another-001"))
    region.add({**snapshot("group", hours=2), "ReplicationGroupId": "orders", "CacheClusterId": "gone-001"})
    assert checks(drill(region))["snapshot"][1].startswith("new, ")
    assert checks(drill(region, "--snapshot", "group"))["snapshot"][1] == "group, 2 hours old, 1 shard"
    unknown = drill(region, "--snapshot", "oldest")
    assert (unknown.status, unknown.error) == (
        2,
        "elasticache drill restore: --snapshot must be one of the valid values, got 'oldest'; use older, daily, group, "
        "new",
    )
    partial = drill(region, "--snapshot", "creating")
    assert "must be complete, got creating, which is creating; wait, or choose another" in partial.error


def test_a_snapshot_is_as_old_as_its_oldest_shard(drill: Drill) -> None:
    times = [snapshot("a", hours)["NodeSnapshots"][0] for hours in (3, 5, 4)]
    region = Region(snapshots={"daily": snapshot("daily", NodeSnapshots=times)})
    assert checks(drill(region))["snapshot"][1] == "daily, 5 hours old, 3 shards"


def test_without_a_snapshot_the_drill_is_refused(drill: Drill) -> None:
    region = Region()
    region.snapshots.clear()
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (1, "refused")
    assert summary(result) == "nothing was changed; snapshot: none is complete; take one with --create-snapshot"
    assert drill(region, *RUN, "--create-snapshot").status == 0
    named = drill(region, "--snapshot", "daily")
    assert "use none: this cache has no snapshot" in named.error


def test_a_snapshot_is_not_taken_while_a_change_is_under_way(drill: Drill) -> None:
    region = Region()
    region.groups["orders"]["Status"] = "modifying"
    result = drill(region, *RUN, "--create-snapshot")
    assert (result.status, summary(result)) == (
        1,
        "nothing was changed; state: orders is modifying; wait until it is available",
    )
    assert drill(region, *RUN).status == 0


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "0 seconds"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_the_age_in_words(passed: timedelta, words: str) -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert age(now - passed, now) == words


# What it costs.


@pytest.mark.parametrize(
    ("timeout", "most", "met"),
    [("45m", "0.0128", True), ("45m", "0.0127", False), ("2701s", "0.0128", False), ("2701s", "0.0256", True)],
)
def test_a_drill_that_may_cost_more_is_refused(drill: Drill, timeout: str, most: str, met: bool) -> None:
    region = Region()
    result = drill(region, *RUN, "--most-usd", most, "--timeout", timeout)
    assert result.data["result"] == ("passed" if met else "refused")
    if not met:
        assert "CreateReplicationGroup" not in region.requests
        fix = re.search(r"--most-usd ([0-9.]+)$", summary(result))
        assert fix is not None
        assert drill(region, *RUN, "--most-usd", fix[1], "--timeout", timeout).status == 0


def test_each_hour_that_was_begun_is_paid(drill: Drill) -> None:
    region = Region(creating=1790)
    result = drill(region, *RUN, "--timeout", "120m")
    assert result.status == 0, result.err
    assert result.data["figures"]["cost_usd"] == 0.0256


def test_the_time_after_the_deletion_was_accepted_is_not_paid(drill: Drill) -> None:
    region = Region(deleting=1790)
    result = drill(region, *RUN)
    assert result.status == 0, result.err
    assert result.data["figures"]["cost_usd"] == 0.0128
    assert result.data["figures"]["deletion_s"] < 60


def test_an_unknown_price_is_refused(elasticache: Elasticache) -> None:
    region = Region()
    result = elasticache("drill", "restore", "orders", "--region", "eu-west-1", *AS_OF, aws=region.recorded)
    assert result.status == 1
    assert "cost: the price of 1 x cache.t4g.micro is not known: the snapshot has no prices of eu-west-1" in result.out


# The verdict.


def compared(**changes: Any) -> Compared:
    return Compared(**{**SAME, **changes})


@pytest.mark.parametrize(
    ("changes", "most", "passed", "words"),
    [
        ({}, 0, True, "1,000 of 1,000 keys are the same, 0.0 % changed since the snapshot; 1,000 keys restored"),
        (
            {"complete": False, "sampled": 500, "same": 500},
            0,
            True,
            "1,000 in the cache; the sample was ended after 480 s",
        ),
        ({"same": 900, "changed": 40, "gone": 30, "new": 30}, 10, True, "10.0 % changed"),
        ({"same": 899, "changed": 41, "gone": 30, "new": 30}, 10, False, "10.1 % of 1,000 keys changed"),
        ({"same": 999, "different": 1}, 100, False, "1 of 1,000 keys was not used since the snapshot"),
        ({"same": 999, "lost": 1}, 100, False, "(0 differ, 1 are absent)"),
        ({"restored": 900}, 10, True, "900 keys restored, 1,000 in the cache"),
        ({"restored": 899}, 10, False, "899 keys and the cache 1,000, 10.1 % apart, at most 10 % are allowed"),
        ({"source": 899}, 10, False, "1,000 keys and the cache 899, 10.1 % apart"),
        ({"unreadable": 1000, "same": 0}, 10, False, "the user of the client may read none of the 1,000 keys"),
        ({"unreadable": 500, "same": 449, "changed": 51}, 10, False, "10.2 % of 500 keys changed"),
        (
            {"sampled": 0, "same": 0, "source": 0, "restored": 0},
            10,
            False,
            "nothing was compared: both caches are empty",
        ),
        ({"source": None}, 10, False, "may not run DBSIZE"),
    ],
)
def test_the_verdict(changes: dict[str, Any], most: float, passed: bool, words: str) -> None:
    verdict = compared(**changes).verdict(most)
    assert verdict[0] is passed
    assert words in verdict[1]


def test_data_that_differ_are_exit_status_1(drill: Drill) -> None:
    region = Region(compared={**SAME, "same": 800, "changed": 200})
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (1, "failed")
    assert summary(result).startswith("20.0 % of 1,000 keys changed since the snapshot, at most 10 % are allowed")
    assert result.data["figures"]["changed_keys"] == 200
    assert region.left == []
    assert drill(region, *RUN, "--most-changed", "20").status == 0


# It deletes what it has created.


def failing(operation: str, *problems: Exception) -> Region:
    return Region(failing={operation: list(problems)})


DENIED = refusal("AccessDenied")
LATE = refusal("ServiceUnavailable", status=503)


def number_of(operation: str, region: Region) -> int:
    """The number of the first call of an operation."""
    return [called for _, called, _ in region.recorded.calls].index(operation) + 1


def test_a_signal_at_any_call_leaves_nothing(drill: Drill) -> None:
    planned, whole = Region(), Region()
    assert drill(planned).status == drill(whole, *RUN, "--create-snapshot").status == 0
    for at in range(planned.count + 1, whole.count + 1):
        region = Region(signals=(at, 1))
        result = drill(region, *RUN, "--create-snapshot")
        assert region.left == [], at
        # A signal during the deletion does not interrupt it.
        assert result.status == (130 if at < number_of("DeleteReplicationGroup", whole) - 1 else 0), at
        assert ("interrupted; " in result.err) == (result.status == 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_message_of_an_interruption_names_what_is_deleted(drill: Drill, tmp_path: Path, number: int) -> None:
    whole, path, before = Region(), tmp_path / "drills.jsonl", signal.getsignal(number)
    drill(whole, *RUN)
    result = drill(Region(signals=(number_of("SendCommand", whole), 1), number=number), *RUN, "--record", str(path))
    assert result.status == 130
    assert re.search(r"interrupted; replication group drill-restore-[0-9a-f]{12} is deleted$", error(result))
    (document,) = [json.loads(line) for line in path.read_text().splitlines()]
    check_schema("drill", document)
    assert document["result"] == "interrupted"
    assert document["figures"]["cost_usd"] == 0.0128
    assert signal.getsignal(number) is before


def test_a_third_signal_ends_the_deletion_and_says_what_remains(drill: Drill) -> None:
    whole = Region()
    drill(whole, *RUN)
    region = Region(signals=(number_of("SendCommand", whole), 3), deleting=50)
    result = drill(region, *RUN)
    assert result.status == 130
    assert "the deletion continues; interrupt once more to end it" in result.err
    (id,) = region.left
    assert error(result).endswith(
        f"the temporary replication group {id} may remain; run the drill again with --delete-left-over, or: aws "
        f"elasticache delete-replication-group --no-retain-primary-cluster --replication-group-id {id}"
    )


@pytest.mark.parametrize(
    "operation", ["DescribeReplicationGroups", "DescribeSnapshots", "CreateReplicationGroup", "SendCommand"]
)
def test_a_failure_at_any_call_leaves_nothing(drill: Drill, operation: str) -> None:
    whole, words = Region(), (*RUN, "--create-snapshot")
    drill(whole, *words)
    called = [each for _, each, _ in whole.recorded.calls]
    # The calls before the deletion.
    before = called[: called.index("GetCommandInvocation")].count(operation)
    for at in range(called.count(operation)):
        region = Region()
        handler = region.recorded.answers["elasticache" if operation != "SendCommand" else "ssm", operation]
        seen = iter(range(1000))

        def answer(params: Any, at: int = at, handler: Any = handler, seen: Any = seen) -> Any:
            return DENIED if next(seen) == at else handler(params)

        key = ("elasticache" if operation != "SendCommand" else "ssm", operation)
        region.recorded.answers = {**region.recorded.answers, key: answer}
        result = drill(region, *words)
        assert result.status == 3, (at, result.err)
        # Where the deletion itself is denied, the message says what remains.
        assert all(f"{name} may remain" in error(result) for name in region.left), (at, result.err)
        assert bool(region.left) is (at >= before), (at, result.err)


def test_what_was_created_may_be_seen_late(drill: Drill) -> None:
    region = Region(hidden=3)
    assert drill(region, *RUN, "--create-snapshot").status == 0
    assert region.hidden == 0
    region = Region(hidden=3)
    assert drill(region, *RUN).status == 0


def test_a_creation_is_requested_once(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", LATE)
    assert drill(region, *RUN).status == 3
    assert [called for _, called, _ in region.recorded.calls].count("CreateReplicationGroup") == 1


@pytest.mark.parametrize("lost", [True, False])
def test_a_creation_without_an_answer_is_looked_for(drill: Drill, lost: bool) -> None:
    region = failing("CreateReplicationGroup", LATE)
    region.lost = {"CreateReplicationGroup"} if lost else set()
    result = drill(region, *RUN)
    assert (result.status, region.left) == (3, [])
    assert ("DeleteReplicationGroup" in region.requests) is lost


def test_a_creation_without_an_answer_may_be_seen_late(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", LATE)
    region.lost, region.hidden = {"CreateReplicationGroup"}, 2
    result = drill(region, *RUN)
    assert (result.status, region.left) == (3, [])


def test_a_creation_that_is_refused_deletes_nothing(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", DENIED)
    result = drill(region, *RUN)
    assert result.status == 3
    assert "allow elasticache:CreateReplicationGroup in the policy" in error(result)
    assert not {"DeleteReplicationGroup"} & region.requests.keys()


@pytest.mark.parametrize(
    "problem", [LATE, refusal("Throttling"), refusal("InvalidReplicationGroupState"), refusal("InternalFailure")]
)
def test_a_deletion_that_fails_for_a_time_is_repeated(drill: Drill, problem: Exception) -> None:
    region = failing("DeleteReplicationGroup", *[problem] * 8)
    result = drill(region, *RUN)
    assert (result.status, region.left) == (0, [])
    assert "cannot be deleted yet; trying again" in result.err


def test_a_deletion_that_is_denied_says_what_remains(drill: Drill) -> None:
    region = failing("DeleteReplicationGroup", DENIED)
    result = drill(region, *RUN)
    assert result.status == 3
    (id,) = region.left
    assert f"the temporary replication group {id} may remain; run the drill again with --delete-left-over" in error(
        result
    )
    assert "allow elasticache:DeleteReplicationGroup in the policy" in error(result)


def test_a_deletion_that_is_denied_does_not_keep_the_snapshot(drill: Drill) -> None:
    region = failing("DeleteReplicationGroup", DENIED)
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 3
    assert [name in region.groups for name in region.left] == [True]


def test_a_deletion_without_an_end_is_an_error(drill: Drill) -> None:
    region = Region(deleting=10**6)
    result = drill(region, *RUN)
    assert result.status == 1
    assert "was not deleted in 7200 s" in error(result)


def test_a_restore_that_fails_or_takes_too_long_is_deleted(drill: Drill) -> None:
    slow = Region(creating=300)
    result = drill(slow, *RUN, "--timeout", "10m")
    assert (result.status, slow.left) == (1, [])
    assert re.search(r"is creating after 600 s; give a longer --timeout", error(result))
    broken = Region()
    create = broken._create

    def fail(params: Any) -> Any:
        answer = create(params)
        broken.groups[params["ReplicationGroupId"]]["Status"] = "create-failed"
        return answer

    broken.recorded.answers = {
        **broken.recorded.answers,
        ("elasticache", "CreateReplicationGroup"): broken._counted("CreateReplicationGroup", fail),
    }
    result = drill(broken, *RUN)
    assert (result.status, broken.left) == (1, [])
    assert "the snapshot was not restored: drill-restore-" in error(result)


def test_a_snapshot_that_fails_or_takes_too_long_is_deleted(drill: Drill) -> None:
    slow = Region(creating=300)
    result = drill(slow, *RUN, "--create-snapshot", "--timeout", "10m")
    assert (result.status, slow.left) == (1, [])
    assert re.search(
        r"snapshot drill-restore-\w+ is creating after \d+(\.\d)? s; give a longer --timeout", error(result)
    )


def test_a_snapshot_that_fails_is_an_error(drill: Drill) -> None:
    region = Region()
    take = region._take

    def fail(params: Any) -> Any:
        answer = take(params)
        region.snapshots[params["SnapshotName"]]["SnapshotStatus"] = "failed"
        return answer

    region.recorded.answers = {**region.recorded.answers, ("elasticache", "CreateSnapshot"): fail}
    result = drill(region, *RUN, "--create-snapshot")
    assert (result.status, region.left) == (1, [])
    assert re.search(r"snapshot drill-restore-\w+ has failed; look at the events", error(result))
    assert region.now < 60


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "the data could not be compared on i-0123456789abcdef0: it broke; test the client"),
        (3, "i-0123456789abcdef0 has no cache-cli; name a client of CacheClient"),
    ],
)
def test_a_comparison_that_fails_is_an_error(drill: Drill, status: int, words: str) -> None:
    region = Region(status_of_comparison=status)
    result = drill(region, *RUN)
    assert (result.status, region.left) == (1, [])
    assert words in error(result)


# What an earlier drill has left.


def test_what_has_been_left_is_deleted_first(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags())
    region.add(snapshot(f"{PREFIX}2", hours=1), tags())
    dry = drill(region)
    assert checks(dry)["no other drill"] == (
        True,
        f"replication group {PREFIX}1, snapshot {PREFIX}2 of an earlier drill are deleted first",
    )
    assert len(region.left) == 2
    result = drill(region, *RUN)
    assert (result.status, region.left) == (0, [])
    steps = [step["what"] for step in result.data["steps"]]
    assert steps[0] == f"deleting replication group {PREFIX}1, which an earlier drill has left"
    # Each is deleted once, and the end of the drill deletes its own alone.
    assert sum(f"{PREFIX}1" in step for step in steps) == 1


def test_a_drill_that_may_still_run_is_left_alone(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags(until=timedelta(minutes=5)))
    result = drill(region, *RUN)
    assert (result.status, result.data["result"], region.left) == (1, "refused", [f"{PREFIX}1"])
    assert re.search(
        r"of a drill that may run until .* UTC; wait for it, or delete .* --delete-left-over", summary(result)
    )
    assert drill(region, *RUN, "--delete-left-over").status == 0
    assert region.left == []


@pytest.mark.parametrize("time", ["", "tomorrow"])
def test_a_time_that_cannot_be_read_has_passed(drill: Drill, time: str) -> None:
    region = Region()
    region.add_group(
        f"{PREFIX}1",
        [{"Key": "operations:drill", "Value": "restore:orders"}, {"Key": "operations:drill-until", "Value": time}],
    )
    assert drill(region, *RUN).status == 0
    assert region.left == []


def test_what_is_of_another_cache_or_has_no_tag_is_kept(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}other", tags("catalog"))
    region.add_group(f"{PREFIX}untagged", [])
    region.add_group("named-otherwise", tags())
    assert drill(region, *RUN, "--delete-left-over").status == 0
    assert {f"{PREFIX}other", f"{PREFIX}untagged", "named-otherwise", "orders"} == region.groups.keys()


# Bad input.


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--run", *INSTANCE), "--most-usd must be given with --run, because the temporary cache costs; write it like"),
        (
            ("--run", "--most-usd", "1"),
            "--instance must be given with --run, because the client tests the cache; give the id",
        ),
        (("--most-usd", "0"), "--most-usd must be more than 0 and at most 1e6, got '0'; write it like --most-usd 2"),
        (("--most-usd", "nan"), "--most-usd must be more than 0 and at most 1e6, got 'nan'"),
        (("--most-usd", "1e7"), "--most-usd must be more than 0 and at most 1e6, got '1e7'"),
        (("--sample", "0"), "--sample must be a whole number from 1 to 100,000, got '0'; write it like --sample 500"),
        (("--sample", "100001"), "--sample must be a whole number from 1 to 100,000, got '100001'"),
        (("--sample", "1e3"), "--sample must be a whole number from 1 to 100,000, got '1e3'"),
        (("--most-changed", "101"), "--most-changed must be 0 to 100, got '101'; write it like --most-changed 5"),
        (("--most-changed", "-1"), "--most-changed must be 0 to 100, got '-1'"),
        (("--most-changed", "ten"), "--most-changed must be 0 to 100, got 'ten'"),
        (("--timeout", "59s"), "--timeout must be 60s to 86400s, got '59s'"),
        ((*RUN[:3], "--client-shell", "sh '"), '--client-shell must be a command, got "sh \'" (No closing quotation)'),
        (
            (*RUN[:3], "--client-shell", ""),
            "--client-shell must be a command, got an empty text; write it like 'ssh -T",
        ),
        (
            (*RUN[:3], "--client-shell", "no-such-program sh"),
            "--client-shell must be a command that can be run, got 'no-such-program' (no such program); correct it",
        ),
        (("--snapshot", "a", "--create-snapshot"), "argument --create-snapshot: not allowed with argument --snapshot"),
        (("--instance", "i-1", "--client-shell", "sh"), "not allowed with argument --instance"),
        (("--offline",), "--offline must not be set, because the caches of an account are read"),
    ],
)
def test_bad_input(drill: Drill, words: tuple[str, ...], message: str) -> None:
    result = drill(Region(), *words)
    assert result.status == 2
    assert message in result.error


@pytest.mark.parametrize("words", [("--most-usd", "1000000"), ("--sample", "100000"), ("--most-changed", "5%")])
def test_the_bounds_are_allowed(drill: Drill, words: tuple[str, ...]) -> None:
    assert drill(Region(), *words).status == 0


def test_another_kind_of_cache_is_refused(drill: Drill) -> None:
    region = Region()
    listed = {"ServerlessCaches": [{"ServerlessCacheName": "sessions", "Engine": "valkey", "Status": "available"}]}
    region.recorded.answers = {**region.recorded.answers, ("elasticache", "DescribeServerlessCaches"): listed}
    result = drill(region, id="sessions")
    assert (result.status, result.error) == (
        2,
        "elasticache drill restore: ID must be a replication group, got sessions, a serverless cache, whose snapshots "
        "are restored into serverless caches; give the id of a replication group",
    )
    assert "ID must be one of the valid values, got 'order'; use orders, sessions" in drill(region, id="order").error


def test_the_arn_of_the_group_is_asked_for_its_tags(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags())
    drill(region)
    assert region.requests["ListTagsForResource"] == {"ResourceName": f"{GROUP_ARN}{PREFIX}1"}
