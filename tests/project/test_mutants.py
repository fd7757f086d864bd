"""`make mutants`: which mutants are chosen, what the report says, and that the listed survivors exist."""

import tomllib
from pathlib import Path

import pytest

from scripts.mutants import __main__ as command
from scripts.mutants import copies, sessions
from scripts.mutants.copies import Copy, Outcome
from scripts.mutants.sessions import Change, Group, Mutant
from tests.conftest import ROOT

PLANS = "elasticache_operations/drills/global_failover/plans.py"


def sources() -> list[str]:
    folders = ("elasticache_rules", "constructs_lib", "elasticache_operations", "stacks")
    return [path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py")]


def mutant(operator: str = "NumberReplacer", line: str = "x = 1", nth: int = 0, row: int = 1) -> Mutant:
    return Mutant(PLANS, f"core/{operator}", row, row, line, nth)


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
    assert len({mutant().rank, mutant(line="x = 2").rank, mutant(nth=1).rank, mutant("AddNot").rank}) == 4


@pytest.mark.parametrize(
    ("killed", "of", "listed", "good"),
    [
        (9, 10, True, True),
        (9, 10, False, False),
        (10, 10, False, True),
        (8, 10, True, False),
        (0, 0, False, False),
        (5, 6, True, True),
        (4, 6, True, False),
        (18, 20, True, True),
        (17, 20, True, False),
    ],
)
def test_a_target_needs_ninety_percent_and_a_reason_for_each_survivor(
    killed: int, of: int, listed: bool, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (PLANS, "x = 1", "x = 2")
    monkeypatch.setattr(command, "reasons", lambda: {key: "it is the default"} if listed else {})
    outcomes = [Outcome(Change.of(mutant(nth=number), "x = 1\n", "x = 2\n"), number < killed) for number in range(of)]
    lines, enough = command.report("operations", outcomes)
    assert enough is good
    assert lines[0] == f"operations: {killed} of {of} mutants killed, {100 * killed / of if of else 0:.1f} %"
    if killed < of:
        assert lines[1:3] == [
            f"  survives: {PLANS}:1 NumberReplacer: x = 1\n    becomes: x = 2",
            f"    {'it is the default' if listed else 'no reason is listed'}",
        ]


def test_each_listed_survivor_is_of_a_line_that_exists_and_has_a_reason() -> None:
    for (module, line, becomes), reason in command.reasons().items():
        assert line in [each.strip() for each in (ROOT / module).read_text().splitlines()], (module, line)
        assert becomes != line
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
    copies.copy_checkout(copy)
    assert (copy / PLANS).read_text() == (ROOT / PLANS).read_text()
    assert not (copy / "elasticache_operations").is_symlink()
    assert (copy / ".venv").resolve() == (ROOT / ".venv").resolve()
    copies.copy_checkout(copy)  # again, over what is there
    assert (copy / "pyproject.toml").is_file()


def a_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A copy of a checkout with one module, a test that reads it, and one that fails always."""

    def copied(target: Path) -> None:
        (target / "tests").mkdir(parents=True)
        (target / "limits.py").write_text("def least():\n    return 1\n")
        (target / "tests/test_limits.py").write_text("import limits\ndef test_it(): 1 / (limits.least() == 1)\n")
        (target / "tests/test_other.py").write_text("def test_other(): 1 / 0\n")
        (target / "pytest.ini").write_text("[pytest]\nmarkers =\n    cli\n    slow\n")
        (target / "scripts").symlink_to(ROOT / "scripts")

    monkeypatch.setattr(copies, "copy_checkout", copied)
    return Copy(folder / "copy")


def change_of(source: str) -> Change:
    return Change(Mutant("limits.py", "core/NumberReplacer", 0, 2, "return 1", 0), source, "return 2")


@pytest.mark.cli
@pytest.mark.parametrize(
    ("source", "killed", "test"),
    [
        ("def least():\n    return 2\n", True, "tests/test_limits.py::test_it"),
        ("def least():\n    return 1 + 0\n", False, ""),
        ("1 / 0\n", True, "tests/test_limits.py"),
    ],
    ids=["a test fails", "no test fails", "the import fails"],
)
def test_a_mutant_is_killed_where_a_test_or_an_import_fails(
    source: str, killed: bool, test: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = a_copy(tmp_path, monkeypatch)
    before = (copy.folder / "limits.py").read_text()
    outcome = copy.outcome(change_of(source), ["tests/test_limits.py"])
    assert (outcome.killed, outcome.test) == (killed, test)
    assert (copy.folder / "limits.py").read_text() == before


@pytest.mark.cli
def test_tests_that_do_not_run_or_fail_without_a_mutant_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = a_copy(tmp_path, monkeypatch)
    with pytest.raises(RuntimeError, match="pytest ended with the status 4"):
        copy.outcome(change_of("def least():\n    return 2\n"), ["tests/absent.py"])
    copy.check([])
    copy.check(["tests/test_limits.py"])
    with pytest.raises(RuntimeError, match=r"fail without a mutant:\ntests/test_other.py::test_other"):
        copy.check(["tests/test_other.py::test_other"])


@pytest.mark.cli
def test_tests_that_hang_count_as_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = a_copy(tmp_path, monkeypatch)
    monkeypatch.setattr(copies, "_SECONDS", 3)
    outcome = copy.outcome(change_of("while True:\n    pass\n"), ["tests/test_limits.py"])
    assert (outcome.killed, outcome.test) == (True, "")


def test_a_mutant_that_the_tool_cannot_make_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (ROOT / PLANS).read_text()
    monkeypatch.setattr(sessions, "_cosmic", lambda *_, **__: [None, source, f"{source}x = 2\n"])
    found = sessions.changes(Path("python"), [mutant(), mutant(nth=1), mutant(nth=2)])
    assert [(change.mutant.nth, change.becomes) for change in found] == [(2, "x = 2")]


@pytest.mark.parametrize(
    ("operator", "line", "left_out"),
    [
        ("ReplaceComparisonOperator_Gt_GtE", "if time.monotonic() > until:", True),
        ("ReplaceComparisonOperator_Gt_Lt", "if time.monotonic() > until:", False),
        ("ReplaceComparisonOperator_Gt_GtE", "if shards > most:", False),
        ("AddNot", "if time.monotonic() > until:", False),
        ("NumberReplacer", "socket.create_connection(address, timeout=5) as plain,", True),
        ("NumberReplacer", "time.sleep(2)", True),
        ("NumberReplacer", "key = prefix + os.urandom(6).hex()", True),
        ("NumberReplacer", 'raise ProtocolError(f"expected a size, got {line[:40]!r}")', True),
        ("NumberReplacer", "return text[:40]", False),
    ],
)
def test_mutants_that_say_nothing_are_excluded(operator: str, line: str, left_out: bool) -> None:
    assert sessions.excluded(f"core/{operator}", line) is left_out


def test_each_exclusion_has_a_reason_and_excludes_a_line() -> None:
    lines = {line for source in sources() for line in (ROOT / source).read_text().splitlines()}
    stated = tomllib.loads((ROOT / "scripts/mutants/targets.toml").read_text())["exclusion"]
    assert len(stated) == len(sessions._exclusions())
    for each, (_, pattern) in zip(stated, sessions._exclusions(), strict=True):
        assert len(each["reason"]) > 20
        assert any(pattern.search(line) for line in lines), each
