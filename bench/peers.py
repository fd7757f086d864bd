"""What each check finds on the corpus: `python -m bench.peers` writes docs/peers.md."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib import metadata
from pathlib import Path
from typing import Any

# isort: off
import pinned_node  # noqa: F401 - chooses the pinned Node before CDK starts it
import aws_cdk as cdk
import cdk_preflight

# isort: on
from bench.floor_app import add_resources
from elasticache_rules import Template, check_template

_ROOT = Path(__file__).parents[1]
CORPUS = _ROOT / "tests" / "elasticache_rules" / "corpus"
_PAGE = """# The rules beside their peers

How many configurations of the corpus ({high} that AWS refuses for certain, {medium} by second-hand sources, {good} that
look wrong and are valid) each check reports. Written by `python -m bench.peers`, from the versions that
`requirements-dev.txt` pins.

| check | refused, certain | reported, second-hand | valid, and refused all the same |
| --- | --- | --- | --- |
{rows}
An error counts for the first column and the last, an error or a warning for the second. The corpus is in
`tests/elasticache_rules/corpus/`. The rules of this project were written with it at hand and the others were not: the
first row shows that nothing in it is missed, not how the rules do on configurations that nobody here has seen.
"""

Reports = dict[str, set[str]]


def cases() -> dict[str, dict[str, Any]]:
    """The corpus by id; `kind` says which half a case is of."""
    found = {}
    for kind in ("bad", "good"):
        for line in (CORPUS / f"{kind}.jsonl").read_text().splitlines():
            case = json.loads(line)
            found[f"{kind}-{case['id']}"] = {**case, "kind": kind}
    return found


def write_templates(folder: Path) -> None:
    """Each case as a template of its own."""
    for name, case in cases().items():
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": case["resources"]}))


def own() -> Reports:
    """What the rules of this project report, by case."""
    return {
        name: {
            str(each.severity)
            for each in check_template(Template.of({"Resources": case["resources"]}, region=case.get("region")))
        }
        for name, case in cases().items()
    }


def cfn_lint() -> Reports:
    """What cfn-lint reports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_templates(folder)
        words = [str(Path(sys.executable).with_name("cfn-lint")), "--format=json", "--config-file=/dev/null", "--"]
        done = subprocess.run(
            [*words, *map(str, sorted(folder.glob("*.json")))], capture_output=True, text=True, check=False, cwd=folder
        )
        found: Reports = defaultdict(set)
        for each in json.loads(done.stdout):
            case = Path(each["Filename"]).name.removesuffix(".template.json")
            found[case].add(each["Level"].lower())
        return found


def built_in(*, preflight: bool) -> Reports:
    """What the validation in aws-cdk-lib reports, with cdk-preflight or without."""
    context = json.loads((_ROOT / "cdk.json").read_text())["context"]
    found: Reports = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        made = cdk.App(context=context, outdir=folder)
        if preflight:
            cdk_preflight.Preflight.apply(made)
        stacks = {}
        for number, (name, case) in enumerate(cases().items()):
            stacks[f"S{number}"] = name
            add_resources(cdk.Stack(made, f"S{number}"), {"Resources": case["resources"]})
        with contextlib.suppress(RuntimeError):  # the findings are in the report
            made.synth()
        report = json.loads(Path(folder, "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for violation in plugin.get("violations", []):
            for construct in violation["violatingConstructs"]:
                found[stacks[construct["constructPath"].split("/")[0]]].add(violation["severity"])
    return found


def row(name: str, reports: Reports) -> str:
    """A line of the table."""
    counts = {"high": [0, 0], "medium": [0, 0], "good": [0, 0]}
    for id, case in cases().items():
        kind = "good" if case["kind"] == "good" else case["confidence"]
        said = reports.get(id, set())
        counts[kind][0] += bool(said & {"error", "warning"}) if kind == "medium" else "error" in said
        counts[kind][1] += 1
    cells = [f"{hit} of {all_} ({100 * hit / all_:.1f} %)" for hit, all_ in counts.values()]
    return f"| {name} | {' | '.join(cells)} |\n"


def main() -> None:
    """Write the page, and print its table."""
    peers = {
        "elasticache_rules": own(),
        f"cfn-lint {metadata.version('cfn-lint')}": cfn_lint(),
        f"aws-cdk-lib {metadata.version('aws-cdk-lib')}, built-in validation": built_in(preflight=False),
        f"the same with cdk-preflight {metadata.version('cdk-preflight')}": built_in(preflight=True),
    }
    everything = cases().values()
    rows = "".join(row(name, reports) for name, reports in peers.items())
    page = _PAGE.format(
        high=sum(case["kind"] == "bad" and case["confidence"] == "high" for case in everything),
        medium=sum(case["kind"] == "bad" and case["confidence"] == "medium" for case in everything),
        good=sum(case["kind"] == "good" for case in everything),
        rows=rows,
    )
    (_ROOT / "docs" / "peers.md").write_text(page)
    print(rows, end="")


if __name__ == "__main__":
    main()
