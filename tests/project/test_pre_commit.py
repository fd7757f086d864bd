"""The hook for pre-commit, in a repository that is configured as the guide describes."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cache_servers import isolated_environment, program
from tests.conftest import ROOT
from tests.project import pages

GUIDE = ROOT / "docs" / "guides" / "check-templates.md"
NAMES = (
    "template.yaml",
    "shop.template.json",
    "cdk.out/Shop.template.json",
    "cfn/shop.yml",
    "infra/cloudformation/a.json",
)
OTHERS = ("templates/deployment.yaml", "package.json", "mytemplate.json", "cfn/readme.md", "template.yaml.j2")


def run(folder: Path, *words: str, status: int = 0) -> str:
    """The output of a program, without the settings of this machine, and with an author for commits."""
    variables = {name: value for name, value in isolated_environment().items() if not name.startswith("GIT_")}
    author = {
        f"GIT_{role}_{part}": "tests@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    environment = {
        **variables,
        **author,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"),
    }
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def git(folder: Path, *words: str, status: int = 0) -> str:
    return run(folder, "git", *words, status=status)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the files of this one as they are, tagged as the guide's revision."""
    folder = tmp_path_factory.mktemp("project") / "elasticache-stack"
    for name in git(ROOT, "ls-files", "-z").split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The files as they are")
    git(folder, "tag", revision())
    return folder


def configuration() -> str:
    """The configuration in the guide."""
    (block,) = [block.text for block in pages.blocks(GUIDE) if block.text.startswith("repos:")]
    return block


def revision() -> str:
    return str(yaml.safe_load(configuration())["repos"][0]["rev"])


@pytest.fixture(scope="module")
def repository(project: Path) -> Path:
    """A repository whose commits run the hook."""
    folder = project.parent / "shop"
    folder.mkdir()
    text, number = re.subn(r"repo: https://\S+", f"repo: {project}", configuration())
    assert number == 1
    (folder / ".pre-commit-config.yaml").write_text(text)
    git(folder, "init", "--quiet")
    run(folder, program("pre-commit"), "install")
    return folder


def template(port: int) -> dict[str, object]:
    group = {"ReplicationGroupDescription": "cart", "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 2}
    return {
        "Resources": {"Cache": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {**group, "Port": port}}}
    }


@pytest.mark.cli
@pytest.mark.slow
@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
def test_a_commit_is_refused_until_the_template_is_corrected(repository: Path, write: object) -> None:
    assert callable(write)
    path = repository / ("shop.template.json" if write is json.dumps else "cfn/shop.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(write(template(80)))
    git(repository, "add", "--all")
    output = git(repository, "commit", "--message", "Add a cache", status=1)
    assert "elasticache-rules" in output
    assert re.search(rf"^{path.relative_to(repository)}:\d+:\d+: error network/port$", output, re.MULTILINE)
    assert "Port must be 1150 to 8004 or 8006 to 65535, got 80; use 6379, the default" in output
    path.write_text(write(template(6379)))
    git(repository, "add", "--all")
    output = git(repository, "commit", "--message", "Add a cache")
    assert re.search(r"^elasticache-rules\.+Passed$", output, re.MULTILINE)


@pytest.mark.cli
@pytest.mark.slow
def test_the_environment_of_the_hook_has_the_rules_without_the_cdk(repository: Path) -> None:
    (repository / "template.yaml").write_text("Resources: {}\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--message", "Build the environment")
    (python,) = (repository.parent / "pre-commit").glob("repo*/py_env-*/bin/python")
    code = "import importlib.metadata as m; print(*(each.name.lower() for each in m.distributions()))"
    installed = set(run(repository, str(python), "-c", code).split())
    assert {"elasticache-rules", "pyyaml"} <= installed
    assert installed <= {"elasticache-rules", "elasticache-constructs", "pyyaml", "pip", "setuptools", "wheel"}


@pytest.mark.parametrize(("names", "matches"), [(NAMES, True), (OTHERS, False)])
def test_the_hook_checks_templates_alone(names: tuple[str, ...], matches: bool) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    for name in names:
        assert bool(re.search(hook["files"], name)) is matches, name
