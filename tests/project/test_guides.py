"""The guides for a reader who follows them in a new shell, and the commands of the runbooks, which need an account."""

import contextlib
import itertools
import re
import shlex
from pathlib import Path

import botocore.session
import jmespath  # type: ignore[import-untyped]  # it has no types
import pytest

from elasticache_operations import command_line
from tests.conftest import ROOT
from tests.project import pages

# In the virtual environment alone; `make` uses it by itself, and `python3 -m elasticache_rules` needs none.
_PROGRAMS = ("cdk ", "elasticache ", "cfn-lint ")
_ACTIVATE = "source .venv/bin/activate"
_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
RUNBOOKS = sorted((pages.DOCS / "runbooks").glob("*.md"))
COMMANDS = [
    (block.page, line)
    for page in RUNBOOKS
    for block in pages.blocks(page)
    for line in block.text.replace("\\\n", " ").splitlines()
    if line.strip()
]


def lines(page: Path) -> list[str]:
    """The commands of a page that run in the folder of the clone, in order."""
    return [line for block in pages.blocks(page) if block.info == "bash" for line in block.lines]


def with_programs() -> list[Path]:
    return [page for page in pages.guides() if any(line.startswith(_PROGRAMS) for line in lines(page))]


def test_there_are_pages_with_programs_of_the_virtual_environment() -> None:
    assert len(with_programs()) >= 9


@pytest.mark.parametrize("page", with_programs(), ids=lambda page: str(page.relative_to(pages.DOCS)))
def test_a_page_activates_the_virtual_environment_before_its_programs(page: Path) -> None:
    commands = lines(page)
    first = next(number for number, line in enumerate(commands) if line.startswith(_PROGRAMS))
    assert _ACTIVATE in commands[:first]


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def fault_of_aws(words: list[str]) -> str:
    """What is wrong with a command of the AWS CLI: its operation, an option, or the query; empty if nothing is."""
    model = botocore.session.get_session().get_service_model(words[1])
    found = [name for name in model.operation_names if _kebab(name) == words[2]]
    if not found:
        return f"no operation {words[2]}"
    shape = model.operation_model(found[0]).input_shape
    known = {f"--{_kebab(name)}" for name in shape.members} | {"--query", "--output", "--region"}
    needed = {f"--{_kebab(name)}" for name in shape.required_members}
    given = {word for word in words if word.startswith("--")}
    if "--query" in words:
        jmespath.compile(words[words.index("--query") + 1])
    return ", ".join(sorted((given - known) | (needed - given)))


def fault(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong with a command of a runbook."""
    words = shlex.split(line)
    if line == _ACTIVATE or words[:2] == ["eval", "$(make local-env)"]:
        return ""
    if words[0] == "make":
        return "" if words[1] in _TARGETS else words[1]
    if words[0] == "aws":
        return fault_of_aws(words)
    if words[0] == "jq":
        schema = (pages.DOCS / "schemas" / "drill.json").read_text()
        return ", ".join(name for name in re.findall(r"\.([a-z_]+)", words[2]) if f'"{name}"' not in schema)
    if words[0] != "elasticache":
        return words[0]
    names = list(itertools.takewhile(lambda word: not word.startswith("--") and word.islower(), words[1:]))
    with contextlib.suppress(SystemExit):
        assert command_line.main([*names, "--help"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("usage: elasticache "), listed
    return ", ".join(sorted({word for word in words if word.startswith("--")} - set(re.findall(r"--[a-z-]+", listed))))


def test_every_runbook_has_commands() -> None:
    assert {page for page, _ in COMMANDS} == {f"docs/runbooks/{page.name}" for page in RUNBOOKS}
    assert len(COMMANDS) > 20


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_of_a_runbook_is_valid(page: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fault(line, capsys) == "", page


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("aws secretsmanager rotate-secrets --secret-id S", "no operation rotate-secrets"),
        ("aws secretsmanager rotate-secret --secret S", "--secret, --secret-id"),
        ("elasticache drill failover ID --shards 0001", "--shards"),
        ("make local-drills", "local-drills"),
        ("jq -r '.begun' drills.jsonl", "begun"),
    ],
)
def test_a_wrong_command_is_noticed(line: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fault(line, capsys) == wrong
