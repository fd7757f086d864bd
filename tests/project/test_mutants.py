"""`make mutants`: which mutants are chosen, what the report says, and that the listed survivors exist."""

from pathlib import Path

import pytest

from scripts.mutants import __main__ as command
from scripts.mutants import sessions
from scripts.mutants.sessions import Group, Mutant, Outcome
from tests.conftest import ROOT


def sources() -> list[str]:
    folders = ("elasticache_rules", "constructs_lib", "elasticache_operations", "stacks")
    return [path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py")]


def mutant(operator: str = "NumberReplacer", line: str = "x = 1", occurrence: int = 0, row: int = 1) -> Mutant:
    return Mutant(
        "job", "elasticache_operations/drills/global_failover/plans.py", f"core/{operator}", occurrence, row, line
    )


def test_every_module_of_the_targets_has_a_group_with_tests_that_exist() -> None:
    found = sessions.modules_of(sessions.groups(), sources())
    grouped = {module for modules in found.values() for module in modules}
    wanted = [
        *(ROOT / "elasticache_rules").glob("*.py"),
        *(ROOT / "elasticache_rules").glob("rules/*.py"),
        *(ROOT / "elasticache_rules").glob("compare/*.py"),
        *(ROOT / "constructs_lib/client/connection_test/connection_test").glob("*.py"),
        *(ROOT / "constructs_lib/management/rotation_function").glob("*.py"),
        *(ROOT / "elasticache_operations/drills/global_failover").glob("*.py"),
    ]
    assert {path.relative_to(ROOT).as_posix() for path in wanted} <= grouped
    assert not [module for module in grouped if module.startswith("stacks/")]
    for group, modules in found.items():
        assert modules, group
        assert all((ROOT / test.removeprefix("--ignore=")).exists() for test in group.tests)


def test_the_first_group_that_fits_has_a_module() -> None:
    first, second = Group("a", ("x/one.py",), ()), Group("a", ("x/*.py",), ())
    found = sessions.modules_of([first, second], ["x/two.py", "x/one.py", "y/one.py"])
    assert found == {first: ["x/one.py"], second: ["x/two.py"]}


def test_the_order_of_a_sample_does_not_follow_line_numbers() -> None:
    assert mutant(row=1).rank == mutant(row=99).rank
    assert len({mutant().rank, mutant(line="x = 2").rank, mutant(occurrence=1).rank, mutant("AddNot").rank}) == 4


@pytest.mark.parametrize(
    ("killed", "of", "listed", "good"),
    [(9, 10, True, True), (9, 10, False, False), (10, 10, False, True), (8, 10, True, False), (0, 0, False, False)],
)
def test_a_target_needs_ninety_percent_and_a_reason_for_each_survivor(
    killed: int, of: int, listed: bool, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ("elasticache_operations/drills/global_failover/plans.py", "NumberReplacer", "x = 1")
    monkeypatch.setattr(command, "reasons", lambda: {key: "it is the default"} if listed else {})
    outcomes = [
        Outcome(mutant(occurrence=number), number < killed, "--- a\n+++ b\n-x = 1\n+x = 2") for number in range(of)
    ]
    lines, enough = command.report("operations", outcomes)
    assert enough is good
    assert lines[0] == f"operations: {killed} of {of} mutants killed, {100 * killed / of if of else 0:.1f} %"
    if killed < of:
        assert lines[1] == (
            "  survives: elasticache_operations/drills/global_failover/plans.py:1 NumberReplacer: x = 1\n"
            f"    {'it is the default' if listed else 'no reason is listed'}"
        )
        assert ("    +x = 2" in lines) is not listed


def test_each_listed_survivor_is_of_a_line_that_exists_and_has_a_reason() -> None:
    for (module, operator, line), reason in command.reasons().items():
        assert line in [each.strip() for each in (ROOT / module).read_text().splitlines()], (module, line)
        assert sessions._OPERATORS.fullmatch(f"core/{operator}"), operator
        assert len(reason) > 20


@pytest.mark.parametrize(
    ("operator", "used"),
    [
        ("core/ReplaceComparisonOperator_Lt_LtE", True),
        ("core/ReplaceComparisonOperator_Is_Eq", False),
        ("core/ReplaceBinaryOperator_BitOr_Add", False),
        ("core/ReplaceBinaryOperator_Add_Sub", True),
        ("core/RemoveDecorator", False),
        ("core/AddNot", True),
    ],
)
def test_operators_that_tell_nothing_are_left_out(operator: str, used: bool) -> None:
    assert bool(sessions._OPERATORS.fullmatch(operator)) is used


def test_the_copy_has_the_files_and_links_what_is_installed(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sessions.copy_checkout(copy)
    assert (copy / "elasticache_operations/drills/global_failover/plans.py").read_text() == (
        ROOT / "elasticache_operations/drills/global_failover/plans.py"
    ).read_text()
    assert not (copy / "elasticache_operations").is_symlink()
    assert (copy / ".venv").resolve() == (ROOT / ".venv").resolve()
    sessions.copy_checkout(copy)  # again, over what is there
    assert (copy / "pyproject.toml").is_file()
