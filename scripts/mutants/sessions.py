"""The targets of the mutation tests: their modules, the tests of each module, and its mutants."""

import difflib
import fnmatch
import hashlib
import json
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_HERE: Final = Path(__file__).parent
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

    :param occurrence: how often the operator applies to the module before this place.
    :param row: the number of the line.
    :param line: of the source, without indentation, which tells the mutant apart where line numbers move.
    :param nth: how often the operator applies to lines with this text before this place.
    """

    module: str
    operator: str
    occurrence: int
    row: int
    line: str
    nth: int

    @property
    def rank(self) -> str:
        """The order in which mutants are chosen: by chance, and the same for an unchanged line in each run."""
        return hashlib.sha256(f"{self.module} {self.operator} {self.line} {self.nth}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.module}:{self.row} {self.operator.removeprefix('core/')}: {self.line}"


@dataclass(frozen=True, slots=True)
class Change:
    """A mutant with the source that it makes of its module."""

    mutant: Mutant
    source: str
    becomes: str
    """The changed lines, without indentation."""

    @classmethod
    def of(cls, mutant: Mutant, before: str, after: str) -> "Change":
        """The change from one source to another."""
        lines = difflib.ndiff(before.splitlines(), after.splitlines())
        return cls(mutant, after, " ".join(line[2:].strip() for line in lines if line.startswith("+ ")))


def groups() -> list[Group]:
    """The groups of targets.toml."""
    stated = tomllib.loads((_HERE / "targets.toml").read_text())["group"]
    return [Group(each["target"], tuple(each["modules"]), tuple(each["tests"])) for each in stated]


def excluded(operator: str, line: str) -> bool:
    """Whether an operator is not used on a line, for a reason in targets.toml."""
    return any(operators.fullmatch(operator) and lines.search(line) for operators, lines in _exclusions())


@cache
def _exclusions() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    stated = tomllib.loads((_HERE / "targets.toml").read_text())["exclusion"]
    return [(re.compile(f"core/({each['operators']})"), re.compile(each["lines"])) for each in stated]


def modules_of(all_groups: Sequence[Group], files: Iterable[str]) -> dict[Group, list[str]]:
    """The modules of each group."""
    found: dict[Group, list[str]] = {group: [] for group in all_groups}
    for file in sorted(files):
        for group in all_groups:
            if any(Path(file).match(pattern) and fnmatch.fnmatch(file, pattern) for pattern in group.modules):
                found[group].append(file)
                break
    return found


def mutants(tool: Path, modules: Sequence[str]) -> list[Mutant]:
    """The mutants of the operators that are used, without those that targets.toml excludes.

    :param tool: the interpreter of the environment that holds Cosmic Ray.
    """
    found: list[Mutant] = []
    lines = {module: (ROOT / module).read_text().splitlines() for module in modules}
    before: Counter[tuple[str, str, str]] = Counter()
    for each in _cosmic(tool, "list", _OPERATORS.pattern, *modules):
        line = lines[each["module"]][each["row"] - 1].strip()
        key = (each["module"], each["operator"], line)
        if not excluded(each["operator"], line):
            found.append(Mutant(each["module"], each["operator"], each["occurrence"], each["row"], line, before[key]))
        before[key] += 1
    return found


def changes(tool: Path, chosen: Sequence[Mutant]) -> list[Change]:
    """The sources with these mutants, without those that Cosmic Ray cannot make and those that change nothing."""
    sources = _cosmic(tool, "change", given=json.dumps([asdict(mutant) for mutant in chosen]))
    found = []
    for mutant, source in zip(chosen, sources, strict=True):
        before = (ROOT / mutant.module).read_text()
        if source is not None and source != before:
            found.append(Change.of(mutant, before, source))
    return found


def _cosmic(tool: Path, *words: str, given: str | None = None) -> Any:  # noqa: ANN401 - values of JSON
    command = [str(tool), str(_HERE / "cosmic.py"), *words]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"cosmic-ray failed:\n{done.stdout[-1000:]}{done.stderr}")
    return json.loads(done.stdout)
