"""The README: its commands and code blocks run, and the targets of its links exist."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from stacks.deployments import DEPLOYMENTS
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.project import pages

pytestmark = pytest.mark.cli

README = (ROOT / "README.md").read_text()
NO_ACCOUNT = "Unable to resolve AWS account to use"


def fences(language: str) -> list[Token]:
    return [token for token in MarkdownIt().parse(README) if token.type == "fence" and token.info == language]


def commands() -> list[str]:
    return [line for fence in fences("bash") for line in fence.content.splitlines() if line.strip()]


def run(words: list[str], *, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command in the virtual environment, without credentials."""
    environment = isolated_environment()
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["AWS_EC2_METADATA_DISABLED"] = "true"
    environment["CDK_DISABLE_CLI_TELEMETRY"] = "true"
    return subprocess.run(
        words,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_there_are_blocks_of_every_kind() -> None:
    assert len(fences("python")) >= 1
    assert len(commands()) >= 10
    assert {token.info for token in MarkdownIt().parse(README) if token.type == "fence"} == {
        "bash",
        "python",
        "text",
    }


@pytest.mark.parametrize("number", range(len(fences("python"))))
def test_python_blocks_run(number: int, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(pages.with_library(tmp_path) + fences("python")[number].content)
    done = run([sys.executable, str(script)], folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("cdk synth")])
def test_synth_commands_run(command: str, tmp_path: Path) -> None:
    done = run([*shlex.split(command), "--output", str(tmp_path)])
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.glob("*.template.json"))


@pytest.mark.parametrize("command", ["cdk bootstrap", "cdk deploy --all", "cdk destroy --all"])
def test_commands_that_need_an_account_fail_only_because_of_it(command: str, tmp_path: Path) -> None:
    """Without an account, the CLI parses the command and synthesises, and then fails."""
    assert command in commands()
    words = [*shlex.split(command), "--output", str(tmp_path)]
    done = run([*words, "--force"] if "destroy" in command else words)
    assert done.returncode != 0
    assert NO_ACCOUNT in done.stderr or "Unable to resolve AWS account" in done.stdout + done.stderr, done.stderr


def test_make_synth_prints_a_summary() -> None:
    assert "make synth" in commands()
    done = run(["make", "synth"])
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (
        "ClusterModeDisabled-Network",
        "  1 VPC\n  2 subnets\n",
        "redis 7.1, cluster mode disabled: 1 shard of a primary and 1 replica on cache.t4g.micro",
        "  1 instance\n  1 wait condition\n",
        "templates   cdk.out/*.template.json",
        "picture     cdk.out/picture.html",
        "deploy      source .venv/bin/activate && cdk deploy --all",
    ):
        assert text in done.stdout
    page = (ROOT / "cdk.out" / "picture.html").read_text(encoding="utf-8")
    assert "Redis OSS 7.1: 1 shard of a primary and 1 replica on cache.t4g.micro" in page


def test_make_synth_accepts_a_deployment_and_context() -> None:
    command = 'make synth DEPLOYMENT=cluster-mode-enabled CONTEXT="-c shards=5"'
    assert command in (ROOT / "docs" / "deployments.md").read_text()
    done = run(shlex.split(command))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "redis 7.1, cluster mode enabled: 5 shards of a primary and 1 replica" in done.stdout


def test_make_test_and_make_test_slow_run_these_tests() -> None:
    """Together they run every test, and CI runs both."""
    assert "make test" in commands()
    assert "`make test-slow`" in README
    for target, marker in (("test", "'not slow and not browser'"), ("test-slow", "slow")):
        done = run(["make", "--dry-run", target])
        assert done.returncode == 0, done.stderr
        assert f"python -m pytest -n 2 --dist loadfile -m {marker}\n" in done.stdout
        assert f"make {target}\n" in (ROOT / ".ci" / "run").read_text()


def test_make_test_browser_runs_the_tests_in_chromium() -> None:
    done = run(["make", "--dry-run", "test-browser"])
    assert done.returncode == 0, done.stderr
    assert "python -m pytest -m browser\n" in done.stdout
    assert "make test-browser\n" in (ROOT / ".ci" / "run").read_text()


def test_make_test_lower_bound_runs_the_tests_of_the_constructs() -> None:
    done = run(["make", "--dry-run", "test-lower-bound"])
    assert done.returncode == 0, done.stderr
    assert f"{ROOT}/.tools/lower-bound/bin/python -m pytest -n 2 --dist loadfile tests/constructs_lib\n" in done.stdout
    assert "make test-lower-bound\n" in (ROOT / ".ci" / "run").read_text()


def test_the_rules_check_the_assembly() -> None:
    assert run(["make", "synth"]).returncode == 0
    done = run(shlex.split("python3 -m elasticache_rules cdk.out"))
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"0 errors, 0 warnings, [0-9]+ values? could not be judged\n", done.stdout), done.stdout


def test_an_assembly_is_equal_to_itself() -> None:
    command = "python3 -m elasticache_rules compare cdk.out cdk.out"
    assert command in commands()
    assert run(["make", "synth"]).returncode == 0
    done = run(shlex.split(command))
    assert (done.returncode, done.stdout) == (0, "0 changes need a decision, 0 acknowledged, 0 without a decision\n"), (
        done.stderr
    )


def test_make_local_faults_runs_the_matrix_of_the_tests() -> None:
    done = run(["make", "--dry-run", "local-faults"])
    assert done.returncode == 0, done.stderr
    called = [line.split() for line in done.stdout.splitlines() if "local_cloud" in line]
    # Without names, so that all faults are deployed.
    assert called[-1] == ["python", "-m", "local_cloud", "--folder", ".tools/local", "faults"]


def test_the_table_of_deployments_is_complete() -> None:
    table = (ROOT / "docs" / "deployments.md").read_text()
    assert re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE) == list(DEPLOYMENTS)
    assert set(DEPLOYMENTS) <= set(re.findall(r"`([a-z-]+)`", README.split("## Choose a deployment")[1]))


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_paths_and_names_in_the_recipes_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"`([a-z_]+/[a-zA-Z0-9_./-]+)`|\]\(([a-z][^)]+)\)", text)
    assert len(paths) > 15
    for path in {first or second for first, second in paths}:
        if path.startswith("https://"):
            continue
        assert (ROOT / path).exists(), path
    folders = [ROOT / name for name in ("tests", "stacks", "constructs_lib", "scripts")]
    sources = "".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    for name in re.findall(r"`([A-Z][A-Za-z_]+)`", text):
        assert re.search(rf"\b{name}\b", sources), name
    targets = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", text):
        assert re.search(rf"^{target}:", targets, re.MULTILINE), target


def test_every_command_is_tested() -> None:
    tested = ("cdk synth ", "cdk bootstrap", "cdk deploy --all", "cdk destroy --all", "make synth", "make test")
    others = (
        "pip install ",
        "python3 -m elasticache_rules cdk.out",
        "python3 -m elasticache_rules compare cdk.out cdk.out",
        "source .venv/bin/activate",
        # tests/local_cloud
        "make local",
    )
    assert [line for line in commands() if not line.startswith(tested + others)] == []
    assert (Path(sys.executable).parent / "activate").exists()


def test_the_security_defaults_name_real_props() -> None:
    for name in re.findall(r"`(?:Access\.iam\()?([a-z_]+)=", (ROOT / "docs" / "concepts" / "security.md").read_text()):
        sources = "".join(path.read_text() for path in (ROOT / "constructs_lib").rglob("*.py"))
        assert re.search(rf"\b{name}: ", sources), name


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "CHANGELOG.md", "SECURITY.md"])
def test_the_targets_of_links_exist(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
