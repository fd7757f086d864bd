"""The CDK CLI in a shell with the virtual environment."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.project.test_readme import run

pytestmark = pytest.mark.cli


def test_the_cli_is_the_pinned_one_on_the_pinned_node() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["aws-cdk"]
    assert run(["cdk", "--version"]).stdout.startswith(f"{pinned} ")
    assert run(["node", "--version"]).stdout.startswith("v24.")


def test_list(tmp_path: Path) -> None:
    done = run(["cdk", "list", "--output", str(tmp_path)])
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        "ClusterModeDisabled-Network",
        "ClusterModeDisabled-Cache",
        "ClusterModeDisabled-Client",
    ]
    assert "end-of-life" not in done.stderr


def test_one_stack_is_printed(tmp_path: Path) -> None:
    done = run(["cdk", "synth", "ClusterModeDisabled-Cache", "--output", str(tmp_path)])
    assert done.returncode == 0, done.stderr
    assert "Type: AWS::ElastiCache::ReplicationGroup" in done.stdout


def test_diff_fails_only_without_an_account(tmp_path: Path) -> None:
    done = run(["cdk", "diff", "--output", str(tmp_path)])
    assert "Unable to resolve AWS account to use" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("shard=5", "error: context: key must be one of access, account,"),
        (
            "deployment=x",
            "error: context: deployment must be one of cluster-mode-disabled, cluster-mode-enabled, memcached, "
            "serverless, global-datastore, rds-behind-cache, got 'x'",
        ),
        ("port=80", "error: ClusterModeDisabled-Cache/Cache: port must be 1150 to 8004 or 8006 to 65535, got 80"),
    ],
)
def test_an_error_is_one_line_without_a_traceback(option: str, message: str, tmp_path: Path) -> None:
    done = run(["cdk", "list", "-c", option, "--output", str(tmp_path)])
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_lock_file_names_no_host() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
