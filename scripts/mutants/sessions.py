"""Sessions of Cosmic Ray: a copy of the checkout, the mutants that are chosen, and what became of them."""

import fnmatch
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_HERE: Final = Path(__file__).parent
_SECONDS: Final = 180
"""How long the tests of one mutant may take; one that takes longer hangs, and counts as killed."""
_LINKED: Final = (".venv", "node_modules", ".tools")
# Bounds by one, negations and the like. Left out are mutants that every test kills at import, such as those of the |
# between types, and those that do the same, such as == None for is None.
_OPERATORS: Final = re.compile(
    r"core/(NumberReplacer|AddNot|ExceptionReplacer|ZeroIterationForLoop|ReplaceUnaryOperator_\w+"
    r"|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ReplaceBreakWithContinue|ReplaceContinueWithBreak"
    r"|ReplaceComparisonOperator_(Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_Gt|LtE_GtE|Gt_Lt|GtE_LtE|Eq_NotEq|NotEq_Eq|Is_IsNot"
    r"|IsNot_Is|In_NotIn|NotIn_In)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul))"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Modules with the tests that have to notice a fault in them."""

    target: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault.

    :param line: of the source, without indentation, which tells the mutant apart where line numbers move.
    """

    job: str
    module: str
    operator: str
    occurrence: int
    row: int
    line: str

    @property
    def rank(self) -> str:
        """The order in which mutants are chosen: by chance, and the same for an unchanged line in each run."""
        return hashlib.sha256(f"{self.module} {self.operator} {self.line} {self.occurrence}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.module}:{self.row} {self.operator.removeprefix('core/')}: {self.line}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    diff: str


def groups() -> list[Group]:
    """The groups of targets.toml."""
    stated = tomllib.loads((_HERE / "targets.toml").read_text())["group"]
    return [Group(each["target"], tuple(each["modules"]), tuple(each["tests"])) for each in stated]


def modules_of(all_groups: Sequence[Group], files: Iterable[str]) -> dict[Group, list[str]]:
    """The modules of each group."""
    found: dict[Group, list[str]] = {group: [] for group in all_groups}
    for file in sorted(files):
        for group in all_groups:
            if any(Path(file).match(pattern) and fnmatch.fnmatch(file, pattern) for pattern in group.modules):
                found[group].append(file)
                break
    return found


class Session:
    """One group in a copy of the checkout.

    :param tool: the executable of Cosmic Ray.
    :param copy: a checkout of its own, whose files the tool changes.
    :param folder: where the session is written.
    """

    def __init__(self, tool: Path, copy: Path, folder: Path, group: Group, modules: Sequence[str]) -> None:
        self.group, self._tool, self._copy = group, tool, copy
        self._config, self._database = folder / "config.toml", folder / "session.sqlite"
        folder.mkdir(parents=True, exist_ok=True)
        self._database.unlink(missing_ok=True)
        self._config.write_text(
            "[cosmic-ray]\n"
            f"module-path = {json.dumps(list(modules))}\n"
            f"timeout = {_SECONDS}.0\n"
            "excluded-modules = []\n"
            f"test-command = {json.dumps(' '.join(self._command()))}\n"
            '[cosmic-ray.distributor]\nname = "local"\n'
        )
        self._run("init", str(self._config), str(self._database))

    def _command(self, *words: str) -> list[str]:
        options = ["-x", "-q", "-p", "no:cacheprovider", "-m", '"not cli and not slow"', *words]
        return [sys.executable, "-m", "pytest", *self.group.tests, *options]

    def _run(self, *words: str) -> None:
        done = subprocess.run([str(self._tool), *words], cwd=self._copy, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"cosmic-ray {words[0]} failed:\n{done.stdout}{done.stderr}")

    def check(self, *, whole: bool) -> None:
        """Refuse tests that do not pass without a mutant, because they would kill all of them.

        :param whole: whether the tests are run, and not only collected.
        """
        words = self._command(*(() if whole else ("--collect-only",)))
        plain = [word.strip('"') for word in words]
        done = subprocess.run(plain, cwd=self._copy, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the tests fail without a mutant: {' '.join(words)}\n{done.stdout[-3000:]}")

    def mutants(self) -> list[Mutant]:
        """The mutants of the operators that are used."""
        with sqlite3.connect(self._database) as database:
            rows = database.execute(
                "SELECT job_id, module_path, operator_name, occurrence, start_pos_row FROM mutation_specs"
            ).fetchall()
        lines = {path: (self._copy / path).read_text().splitlines() for path in {row[1] for row in rows}}
        return [
            Mutant(job, path, operator, occurrence, row, lines[path][row - 1].strip())
            for job, path, operator, occurrence, row in rows
            if _OPERATORS.fullmatch(operator)
        ]

    def run(self, chosen: Sequence[Mutant]) -> list[Outcome]:
        """Run the tests for each of these mutants."""
        jobs = {mutant.job: mutant for mutant in chosen}
        with sqlite3.connect(self._database) as database:
            for table in ("mutation_specs", "work_items"):
                listed = [row[0] for row in database.execute(f"SELECT job_id FROM {table}")]  # noqa: S608 - two names
                left_out = [(job,) for job in listed if job not in jobs]
                database.executemany(f"DELETE FROM {table} WHERE job_id = ?", left_out)  # noqa: S608 - two names
        self._run("exec", str(self._config), str(self._database))
        with sqlite3.connect(self._database) as database:
            results = database.execute("SELECT job_id, test_outcome, diff FROM work_results").fetchall()
        if len(results) != len(jobs):
            raise RuntimeError(f"cosmic-ray ran {len(results)} of {len(jobs)} mutants")
        if any(outcome not in ("KILLED", "SURVIVED") for _, outcome, _ in results):
            raise RuntimeError("cosmic-ray could not run the tests of every mutant")
        return [Outcome(jobs[job], outcome == "KILLED", diff or "") for job, outcome, diff in results]


def copy_checkout(target: Path) -> None:
    """Copy the files of the checkout, changed and new ones as well; what is installed is linked."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file() and not source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    for name in _LINKED:
        if (ROOT / name).exists():
            os.symlink((ROOT / name).resolve(), target / name)
