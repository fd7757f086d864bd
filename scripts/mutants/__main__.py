"""Put faults into the code and print how many of them the tests notice (`make mutants`)."""

import argparse
import queue
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from scripts.mutants.copies import Copy, Outcome
from scripts.mutants.sessions import ROOT, Change, Group, changes, groups, modules_of, mutants

LEAST_PERCENT: Final = 90
_SURVIVORS: Final = Path(__file__).with_name("survivors.toml")


def reasons() -> dict[tuple[str, str, str], str]:
    """Why a mutant may survive, by its module, line and changed line."""
    stated = tomllib.loads(_SURVIVORS.read_text())["survivor"]
    return {
        (module, each["line"], each["becomes"]): each["reason"]
        for each in stated
        for module in each.get("modules", [each.get("module")])
    }


def reason_of(change: Change) -> str | None:
    """The reason that is listed for a mutant."""
    return reasons().get((change.mutant.module, change.mutant.line, change.becomes))


def report(target: str, outcomes: Sequence[Outcome]) -> tuple[list[str], bool]:
    """The lines of one target, and whether it is as good as it has to be."""
    survivors = [each.change for each in outcomes if not each.killed]
    score = 100 * (len(outcomes) - len(survivors)) / len(outcomes) if outcomes else 0
    lines = [f"{target}: {len(outcomes) - len(survivors)} of {len(outcomes)} mutants killed, {score:.1f} %"]
    for change in sorted(survivors, key=lambda each: str(each.mutant)):
        lines.append(f"  survives: {change.mutant}\n    becomes: {change.becomes}")
        lines.append(f"    {reason_of(change) or 'no reason is listed'}")
    unlisted = any(reason_of(change) is None for change in survivors)
    # One of a small sample says nothing about the score.
    most = max(1.0, len(outcomes) * (100 - LEAST_PERCENT) / 100)
    return lines, bool(outcomes) and len(survivors) <= most and not unlisted


def sampled(found: Sequence[Change], target: str, by_group: Mapping[Group, Sequence[str]]) -> list[Change]:
    """The changes of one target."""
    own = {module for group, modules in by_group.items() if group.target == target for module in modules}
    return [change for change in found if change.mutant.module in own]


def choose(names: Sequence[str], by_group: Mapping[Group, Sequence[str]], options: argparse.Namespace) -> list[Change]:
    """The mutants to test, target by target."""
    chosen = []
    for name in names:
        modules = [module for group, own in by_group.items() if group.target == name for module in own]
        everything = sorted(mutants(options.tool, modules), key=lambda mutant: mutant.rank)
        end = None if options.sample is None else options.skip + options.sample
        chosen += everything[options.skip : end]
    return changes(options.tool, chosen)


def tried(
    found: Sequence[Change], by_group: Mapping[Group, Sequence[str]], folder: Path, processes: int = 2
) -> list[Outcome]:
    """Test each change, in some processes at once, and then each test that failed without a change."""
    tests = {module: group.tests for group, modules in by_group.items() for module in modules}
    copies = [Copy(folder / str(number)) for number in range(processes)]
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    done: list[Change] = []
    for copy in copies:
        free.put(copy)

    def one(change: Change) -> Outcome:
        copy = free.get()
        try:
            outcome = copy.outcome(change, tests[change.mutant.module])
        finally:
            free.put(copy)
        done.append(change)
        word = "killed" if outcome.killed else "survives"
        print(
            f"{len(done)} of {len(found)} {word}: {change.mutant} becomes {change.becomes}", file=sys.stderr, flush=True
        )
        return outcome

    with ThreadPoolExecutor(processes) as pool:
        outcomes = list(pool.map(one, found))
        failed = sorted({outcome.test for outcome in outcomes if "::" in outcome.test})
        list(pool.map(lambda number: copies[number].check(failed[number::processes]), range(processes)))
    return outcomes


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(prog="mutants", description=__doc__)
    names = list(dict.fromkeys(group.target for group in groups()))
    made.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(names)} (default: all)")
    made.add_argument("--sample", type=int, help="how many mutants of each target; the same in each run (default: all)")
    made.add_argument("--skip", type=int, default=0, help="how many of the sample's order come before it (default: 0)")
    made.add_argument("--processes", type=int, default=2, help="how many mutants are tested at once (default: 2)")
    made.add_argument("--tool", type=Path, default=ROOT / ".tools/mutants/bin/python", help="Python with Cosmic Ray")
    made.add_argument("--folder", type=Path, default=ROOT / ".tools/mutants/copies", help="for copies of the checkout")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parser().parse_args(words)
    by_group = modules_of(groups(), _sources())
    names = options.targets or list(dict.fromkeys(group.target for group in by_group))
    found = choose(names, by_group, options)
    outcomes = {outcome.change: outcome for outcome in tried(found, by_group, options.folder, options.processes)}
    good = True
    for name in names:
        lines, enough = report(name, [outcomes[change] for change in sampled(found, name, by_group)])
        print(*lines, sep="\n")
        good = good and enough
    return 0 if good else 1


def _sources() -> list[str]:
    """The Python files of the project, without those that a build leaves in the checkout."""
    words = ["git", "ls-files", "*.py"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
