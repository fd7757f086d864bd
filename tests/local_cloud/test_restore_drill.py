"""`elasticache drill restore` in the local cloud: real servers, restored, compared on the instance, and deleted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_cloud.instance import sandbox
from local_cloud.stacks import Stacks
from tests.cache_servers import wait_for
from tests.conftest import ROOT
from tests.elasticache_operations.closed_schemas import check_schema

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PREFIX = "drill-restore-"
PRICE = 0.016  # of a cache.t4g.micro with Redis OSS in us-east-1


@pytest.fixture(scope="module")
def shop(emulated: Stacks) -> Iterator[Stacks]:
    """A cache with 500 keys, and its client."""
    result = emulated.deploy("Shop", emulated.templates())
    assert result.status == "CREATE_COMPLETE", result.reason
    wait_for(lambda: client(emulated, "cache-cli", "PING").strip() == "PONG", "the command-line client")
    fill(emulated, range(500))
    yield emulated
    emulated.delete_all()


def client(stacks: Stacks, *words: str, data: str = "") -> str:
    """Run a command on the newest instance."""
    command = sandbox.enter(stacks.session.instances()[-1], words)
    return subprocess.run(command, input=data, capture_output=True, text=True, check=False, timeout=60).stdout


def fill(stacks: Stacks, numbers: Sequence[int], value: str = "value") -> None:
    lines = [f"SET key:{number} {value}-{number}" for number in numbers]
    lines += [f"HSET hash:{number} a 1 b {value}" for number in numbers[:20]]
    answers = client(stacks, "cache-cli", data="\n".join(lines))
    assert len(answers.split()) == len(lines), answers


def group(stacks: Stacks) -> str:
    """The newest replication group of a stack."""
    groups = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    ids = [each["ReplicationGroupId"] for each in groups if not each["ReplicationGroupId"].startswith(PREFIX)]
    return str(ids[-1])


def left(stacks: Stacks) -> list[str]:
    """What drills have created and not deleted."""
    elasticache = stacks.client("elasticache")
    groups = [each["ReplicationGroupId"] for each in elasticache.describe_replication_groups()["ReplicationGroups"]]
    snapshots = [each["SnapshotName"] for each in elasticache.describe_snapshots()["Snapshots"]]
    return [name for name in (*groups, *snapshots) if name.startswith(PREFIX)]


def start(stacks: Stacks, *words: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "elasticache_operations", "drill", "restore", group(stacks), *words],
        env={**environment, **stacks.session.environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def drill(stacks: Stacks, *words: str) -> tuple[int, dict[str, Any], str]:
    """The exit status, the JSON document and standard error."""
    process = start(stacks, "--format", "json", *words)
    out, error = process.communicate(timeout=120)
    assert out, error
    document = json.loads(out)
    check_schema("drill", document)
    return process.returncode, document, error


def instance(stacks: Stacks) -> str:
    return stacks.session.instances()[-1].name


def shell(stacks: Stacks) -> str:
    return f"{sys.executable} -m local_cloud --folder {stacks.session.folder} shell sh"


def run_words(stacks: Stacks) -> tuple[str, ...]:
    return ("--run", "--most-usd", "1", "--client-shell", shell(stacks))


def test_a_snapshot_is_taken_restored_compared_and_deleted(shop: Stacks, tmp_path: Path) -> None:
    path = tmp_path / "drills.jsonl"
    words = ("--run", "--most-usd", "1", "--create-snapshot", "--instance", instance(shop), "--record", str(path))
    status, document, error = drill(shop, *words)
    assert (status, document["result"]) == (0, "passed"), (document, error)
    figures = document["figures"]
    assert figures["source_keys"] == figures["restored_keys"] == figures["same_keys"] == figures["sampled_keys"]
    assert figures["sampled_keys"] >= 520
    assert figures["cost_usd"] == PRICE
    assert [json.loads(line) for line in path.read_text().splitlines()] == [document]
    assert left(shop) == []


def test_the_command_of_the_local_cloud_chooses_the_cache_and_the_instance(shop: Stacks) -> None:
    line = "restore --create-snapshot --most-usd 1 --run --sample 10"
    command = [sys.executable, "-m", "local_cloud", "--folder", str(shop.session.folder), "drill", "--line", line]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "passed: " in done.stdout
    assert left(shop) == []


def test_a_dry_run_changes_nothing(shop: Stacks) -> None:
    shop.client("elasticache").create_snapshot(SnapshotName="daily", ReplicationGroupId=group(shop))
    status, document, _ = drill(shop)
    assert (status, document["result"], document["run"]) == (0, "planned", False)
    details = {check["name"]: check["detail"] for check in document["checks"]}
    assert details["snapshot"].startswith("daily, ")
    assert details["cost"] == "1 x cache.t4g.micro, at most 0.0160 USD with --timeout 2700s"
    assert left(shop) == []
    shop.client("elasticache").delete_snapshot(SnapshotName="daily")


def test_data_that_differ_are_found(shop: Stacks) -> None:
    shop.client("elasticache").create_snapshot(SnapshotName="before", ReplicationGroupId=group(shop))
    fill(shop, range(100), "other")
    status, document, _ = drill(shop, *run_words(shop))
    assert (status, document["result"]) == (1, "failed")
    assert "keys changed since the snapshot, at most 10 % are allowed" in document["summary"]
    assert document["figures"]["changed_keys"] == 120
    assert left(shop) == []
    allowed, document, _ = drill(shop, *run_words(shop), "--most-changed", "30")
    assert (allowed, document["result"]) == (0, "passed")
    shop.client("elasticache").delete_snapshot(SnapshotName="before")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_drill_leaves_nothing(shop: Stacks, number: int) -> None:
    process = start(shop, "--run", "--most-usd", "1", "--create-snapshot", "--client-shell", "sleep 60")
    assert process.stderr is not None
    seen = ""
    while "comparing the data" not in seen:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    assert len(left(shop)) == 2
    process.send_signal(number)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted; " in error
    assert error.count(" is deleted") == 2
    assert left(shop) == []


def test_what_a_killed_drill_has_left_is_deleted_by_the_next_one(shop: Stacks) -> None:
    process = start(shop, "--run", "--most-usd", "1", "--create-snapshot", "--client-shell", "sleep 60")
    until = time.monotonic() + 60
    while len(left(shop)) < 2:
        assert time.monotonic() < until, "nothing is created"
        time.sleep(0.1)
    process.kill()
    process.communicate()
    refused, document, _ = drill(shop, "--create-snapshot", "--client-shell", shell(shop))
    assert (refused, document["result"]) == (1, "refused")
    assert "delete what it has left with --delete-left-over" in document["summary"]
    assert len(left(shop)) == 2
    status, document, error = drill(shop, *run_words(shop), "--create-snapshot", "--delete-left-over")
    assert (status, document["result"]) == (0, "passed"), error
    assert sum("which an earlier drill has left" in step["what"] for step in document["steps"]) == 2
    assert left(shop) == []


def test_a_failed_comparison_deletes_too(shop: Stacks) -> None:
    words = ("--run", "--most-usd", "1", "--create-snapshot", "--format", "json")
    process = start(shop, *words, "--client-shell", "sh -c 'echo broken >&2; exit 1'")
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "the data could not be compared on the client of --client-shell: broken; test the client" in error
    assert left(shop) == []


def test_a_cluster_is_restored_with_every_shard(stacks: Stacks) -> None:
    result = stacks.deploy("Many", stacks.templates(deployment="cluster-mode-enabled"))
    assert result.status == "CREATE_COMPLETE", result.reason
    wait_for(lambda: client(stacks, "cache-cli", "PING").strip() == "PONG", "the command-line client")
    for number in range(60):
        assert client(stacks, "cache-cli", "SET", f"key:{number}", f"value {number}").strip() == "OK"
    status, document, error = drill(stacks, *run_words(stacks), "--create-snapshot")
    assert (status, document["result"]) == (0, "passed"), (document, error)
    figures = document["figures"]
    assert figures["restored_keys"] == figures["same_keys"] >= 60
    assert left(stacks) == []
