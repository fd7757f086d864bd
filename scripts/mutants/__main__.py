"""Put faults into the code and print how many of them the tests notice (`make mutants`)."""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from scripts.mutants.sessions import ROOT, Group, Mutant, Outcome, Session, copy_checkout, groups, modules_of

LEAST_PERCENT: Final = 90
_SURVIVORS: Final = Path(__file__).with_name("survivors.toml")
_AT_ONCE: Final = 2


def reasons() -> dict[tuple[str, str, str], str]:
    """Why a mutant may survive, by its module, operator and line."""
    stated = tomllib.loads(_SURVIVORS.read_text())["survivor"]
    return {(each["module"], each["operator"], each["line"]): each["reason"] for each in stated}


def reason_of(mutant: Mutant) -> str | None:
    """The reason that is listed for a mutant."""
    return reasons().get((mutant.module, mutant.operator.removeprefix("core/"), mutant.line))


def report(target: str, outcomes: Sequence[Outcome]) -> tuple[list[str], bool]:
    """The lines of one target, and whether it is as good as it has to be."""
    survivors = [each for each in outcomes if not each.killed]
    score = 100 * (len(outcomes) - len(survivors)) / len(outcomes) if outcomes else 0
    lines = [f"{target}: {len(outcomes) - len(survivors)} of {len(outcomes)} mutants killed, {score:.1f} %"]
    for each in sorted(survivors, key=lambda outcome: str(outcome.mutant)):
        reason = reason_of(each.mutant)
        lines.append(f"  survives: {each.mutant}\n    {reason or 'no reason is listed'}")
        if reason is None:
            lines += [f"    {line}" for line in each.diff.splitlines() if line[:1] in "+-" and line[1:2] not in "+-"]
    unlisted = any(reason_of(each.mutant) is None for each in survivors)
    return lines, score >= LEAST_PERCENT and not unlisted


def run(target: str, by_group: Mapping[Group, Sequence[str]], options: argparse.Namespace) -> list[Outcome]:
    """The mutants of one target, in a copy of the checkout."""
    folder = options.folder / target
    copy_checkout(folder / "copy")
    sessions = [
        Session(options.tool, folder / "copy", folder / str(number), group, modules)
        for number, (group, modules) in enumerate(by_group.items())
        if group.target == target and modules
    ]
    everything = [(session, mutant) for session in sessions for mutant in session.mutants()]
    everything.sort(key=lambda pair: pair[1].rank)
    chosen = everything if options.sample is None else everything[options.skip : options.skip + options.sample]
    outcomes: list[Outcome] = []
    for session in sessions:
        mine = [mutant for owner, mutant in chosen if owner is session]
        if mine:
            session.check(whole=options.sample is None or options.baseline)
            outcomes += session.run(mine)
    return outcomes


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(prog="mutants", description=__doc__)
    names = list(dict.fromkeys(group.target for group in groups()))
    made.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(names)} (default: all)")
    made.add_argument("--sample", type=int, help="how many mutants of each target; the same in each run (default: all)")
    made.add_argument("--skip", type=int, default=0, help="how many of the sample's order come before it (default: 0)")
    made.add_argument("--baseline", action="store_true", help="run the tests without a mutant first, also for a sample")
    made.add_argument("--tool", type=Path, default=ROOT / ".tools/mutants/bin/cosmic-ray", help="Cosmic Ray's command")
    made.add_argument("--folder", type=Path, default=ROOT / ".tools/mutants/sessions", help="for copies and sessions")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parser().parse_args(words)
    by_group = modules_of(groups(), _sources())
    names = options.targets or list(dict.fromkeys(group.target for group in by_group))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda name: run(name, by_group, options), names))
    good = True
    for name, outcomes in zip(names, found, strict=True):
        lines, enough = report(name, outcomes)
        print(*lines, sep="\n")
        good = good and enough
    return 0 if good else 1


def _sources() -> list[str]:
    """The Python files of the project, without those that a build leaves in the checkout."""
    words = ["git", "ls-files", "*.py"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
