"""The files for GitHub: valid by the schemas that GitHub publishes, and they run commands that exist."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.project import pages

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def steps() -> list[dict[str, Any]]:
    jobs = [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.cli
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", "workflows/*.yml"),
        ("custom.github-workflows-require-timeout", "workflows/*.yml"),
        ("vendor.dependabot", "dependabot.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
    ],
)
def test_the_files_are_valid(schema: str, files: str) -> None:
    paths = [str(path) for path in FOLDER.glob(files)]
    assert paths
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    done = subprocess.run([program, "--builtin-schema", schema, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.cli
def test_the_action_is_valid() -> None:
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    words = [program, "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def pull_request(folder: Path, port: int, **variables: str) -> tuple[subprocess.CompletedProcess[str], str, str]:
    """The script of the action, with a `gh` that stores its arguments: the process, the report, the comment."""
    (folder / "bin").mkdir(exist_ok=True)
    gh = folder / "bin" / "gh"
    gh.write_text('#!/bin/sh\necho "$@" > gh.txt\ncp "$5" comment.md\n')
    gh.chmod(0o755)
    group = {"ReplicationGroupDescription": "cart", "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 2}
    encryption = {"AtRestEncryptionEnabled": True, "TransitEncryptionEnabled": True}
    properties = {**group, **encryption, "Engine": "valkey", "EngineVersion": "8.0", "Port": port}
    resource = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}
    (folder / "template.json").write_text(json.dumps({"Resources": {"Cache": resource}}))
    environment = {
        **isolated_environment(),
        "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin",
        "TEMPLATES": "template.json",
        "TEMPLATES_REGION": "us-east-1",
        "RUNNER_TEMP": str(folder),
        **variables,
    }
    script = str(FOLDER / "pull_request.sh")
    done = subprocess.run(["bash", script], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    comment = folder / "comment.md"
    report = (folder / "elasticache-report.md").read_text()
    return done, report, comment.read_text() if comment.exists() else ""


@pytest.mark.cli
class TestPullRequests:
    def test_a_pull_request_gets_a_comment(self, tmp_path: Path) -> None:
        done, report, comment = pull_request(tmp_path, 6379, NUMBER="7")
        assert done.returncode == 0, done.stdout + done.stderr
        assert comment == report
        assert "No errors were found." in report
        assert "### Picture" in report
        assert "not available" not in report
        assert "18.69" in report.split("### Cost")[1]
        assert (tmp_path / "gh.txt").read_text().startswith("pr comment 7 --body-file ")

    def test_a_change_is_described(self, tmp_path: Path) -> None:
        pull_request(tmp_path, 6379)
        (tmp_path / "template.json").rename(tmp_path / "base.json")
        done, report, comment = pull_request(tmp_path, 6380, NUMBER="7", BASE="base.json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "not available" not in report
        assert "replace" in report.split("### Change")[1].split("### Cost")[0]
        assert comment == report

    def test_a_template_that_would_be_refused_is_annotated(self, tmp_path: Path) -> None:
        done, report, _ = pull_request(tmp_path, 80)
        assert done.returncode == 1
        assert "::error file=template.json" in done.stdout
        assert "ElastiCache would refuse these templates" in report

    def test_a_file_that_does_not_exist(self, tmp_path: Path) -> None:
        done, report, _ = pull_request(tmp_path, 6379, TEMPLATES="none.json")
        assert done.returncode == 2
        assert "could not be read" in report

    def test_a_report_that_is_too_long_for_a_comment_is_cut(self, tmp_path: Path) -> None:
        pull_request(tmp_path, 6379)
        one = json.loads((tmp_path / "template.json").read_text())["Resources"]["Cache"]
        many = {"Resources": {f"Cache{number}": one for number in range(400)}}
        (tmp_path / "many.json").write_text(json.dumps(many))
        _, report, comment = pull_request(tmp_path, 6379, NUMBER="7", TEMPLATES="many.json")
        assert len(report) > 65_536
        assert len(comment) <= 65_536
        cut, _, note = comment.rstrip().rpartition("\n\n")
        assert note == "*The rest is too long for a comment; the summary of the run has it.*"
        assert report.startswith(cut)
        assert "### Cost" in cut
        assert cut.count("<details>") == cut.count("</details>")

    def test_without_a_comment(self, tmp_path: Path) -> None:
        _, _, comment = pull_request(tmp_path, 6379, NUMBER="7", COMMENT="false")
        assert comment == ""


def test_each_command_exists() -> None:
    lines = [line for step in steps() for line in step.get("run", "").splitlines()]
    assert "bash .ci/run" in lines
    targets = [line.split()[1] for line in lines if line.startswith("make ")]
    assert {"test-fast", "test-newest", "dist"} <= set(targets)
    assert set(targets) <= _TARGETS


def test_each_action_is_pinned_to_a_commit() -> None:
    """A tag can be moved to other code; dependabot updates the commit and the version in the comment."""
    pins: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, ROOT / "action.yml"):
        for used in re.findall(r"^ *(?:- )?uses: *(.+)$", path.read_text(), re.MULTILINE):
            found = re.fullmatch(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", used)
            assert found, f"{path.name}: {used}"
            pins.setdefault(found[1], set()).add(found[2])
    assert {"actions/checkout", "actions/setup-python", "pypa/gh-action-pypi-publish"} <= set(pins)
    assert {name: len(found) for name, found in pins.items()} == dict.fromkeys(pins, 1)
    updated = [
        entry["package-ecosystem"] for entry in yaml.safe_load((FOLDER / "dependabot.yml").read_text())["updates"]
    ]
    assert "github-actions" in updated


def test_workflows_have_the_permissions_that_they_need_alone() -> None:
    granted: dict[str, dict[str, str]] = {}
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}, path.name
        assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads the key `on` as true.
        granted |= {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert granted == {"publish": {"id-token": "write"}}
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    for step in checkouts:
        assert step["with"]["persist-credentials"] is False


def test_no_script_contains_an_expression() -> None:
    """The text of an expression, such as the title of a pull request, would be run; environment variables are not."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    scripts = [step["run"] for step in (*steps(), *action) if "run" in step]
    assert len(scripts) >= 6
    for script in scripts:
        assert "${{" not in script


def test_the_guide_uses_the_inputs_of_the_action_and_the_tag_of_this_version() -> None:
    guide = ROOT / "docs" / "guides" / "check-templates.md"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    configuration, workflow = [yaml.safe_load(block.text) for block in pages.blocks(guide) if block.info == "yaml"]
    assert [repository["rev"] for repository in configuration["repos"]] == [f"v{version}"]
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    step = workflow["jobs"]["elasticache"]["steps"][-1]
    assert step["uses"] == f"YOUR-ORGANISATION/elasticache-stack@v{version}"
    assert set(step["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])


def test_every_supported_python_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = {name.split(" :: ")[-1] for name in project["classifiers"] if ":: Python :: 3." in name}
    jobs = yaml.safe_load((FOLDER / "workflows" / "test.yml").read_text())["jobs"]
    (setup,) = [step["with"]["python-version"] for step in jobs["everything"]["steps"] if "setup-python" in str(step)]
    installed = setup.split()
    assert {installed[-1], *jobs["python"]["strategy"]["matrix"]["python"]} == supported
    caching = tomllib.loads((ROOT / "elasticache_caching" / "pyproject.toml").read_text())["project"]
    assert sorted(installed) == sorted(
        name.split(" :: ")[-1] for name in caching["classifiers"] if ":: Python :: 3." in name
    )


def test_the_newest_cdk_is_tested_each_week_within_the_bounds_of_the_distribution() -> None:
    workflow = yaml.safe_load((FOLDER / "workflows" / "test.yml").read_text())
    assert workflow[True]["schedule"]  # YAML 1.1 reads the key `on` as true.
    assert workflow["jobs"]["newest"]["steps"][-1]["run"] == "make test-newest"
    done = subprocess.run(
        ["make", "--dry-run", "test-newest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=isolated_environment(),
    )
    (install,) = [line for line in done.stdout.splitlines() if "/newest/bin/python --group" in line]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    upper = [re.sub(r">=[0-9.]+,", "", name) for name in project["dependencies"] if not name.startswith("elasticache")]
    assert re.findall(r"'([^']+)'", install) == upper
    assert f"{ROOT}/.tools/newest/bin/python -m pytest -n 2 --dist loadfile tests/constructs_lib\n" in done.stdout


def test_a_release_needs_no_token() -> None:
    jobs = yaml.safe_load((FOLDER / "workflows" / "release.yml").read_text())["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert f"the environment `{jobs['publish']['environment']}`" in (ROOT / "CONTRIBUTING.md").read_text()
    assert "secrets." not in (FOLDER / "workflows" / "release.yml").read_text()


def test_the_development_container_sets_up_the_project() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].removeprefix("make ") in _TARGETS
    assert container["image"].rpartition(":")[2].startswith("3.11-")
    editor = container["customizations"]["vscode"]
    # The versions that the project pins, not those of the extensions.
    assert editor["settings"]["ruff.importStrategy"] == "fromEnvironment"
    assert editor["settings"]["mypy-type-checker.importStrategy"] == "fromEnvironment"
    assert {"charliermarsh.ruff", "ms-python.mypy-type-checker", "ms-python.python"} == set(editor["extensions"])


def test_the_recipes_name_the_targets_that_ci_runs() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text().split("| target |")[1].split("\n\n")[0]
    in_ci = {row[0] for row in re.findall(r"^\| `make ([a-z-]+)` \|.*\| (yes) \|$", table, re.MULTILINE)}
    assert in_ci == set(re.findall(r"^make ([a-z-]+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE))


def test_the_issue_forms_ask_for_the_file_that_the_client_writes() -> None:
    text = (FOLDER / "ISSUE_TEMPLATE" / "bug.yml").read_text()
    (path,) = re.findall(r"The file (/\S+)\.", text)
    assert f"{Path(path).parent}" in (ROOT / "tests" / "constructs_lib" / "test_user_data.py").read_text()
    assert path in (ROOT / "docs" / "connection-test.md").read_text()
