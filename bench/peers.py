"""Compares the findings of several checks on the corpus: `python -m bench.peers` writes docs/peers.md."""

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
_PAGE = """# Comparison of the rules with other checks

The number of configurations of the corpus that each check reports. The corpus has {high} configurations that AWS
refuses according to its documentation or an observed error, {medium} that it refuses according to secondary sources and
{good} valid ones that look wrong. Written by `python -m bench.peers`, with the versions in `requirements-dev.txt`.

| check | refused, certain | reported, secondary source | valid, but refused |
| --- | --- | --- | --- |
{rows}
Errors count in the first and the last column, errors and warnings in the second. The corpus is in
`tests/elasticache_rules/corpus/`. The rules of this project were developed with this corpus, and the other checks were
not: the first row shows that the rules cover the corpus, not how they perform on other configurations.
"""

Reports = dict[str, set[str]]


def cases() -> dict[str, dict[str, Any]]:
    """The cases of the corpus by id; `kind` is bad or good."""
    cases = {}
    for kind in ("bad", "good"):
        for line in (CORPUS / f"{kind}.jsonl").read_text().splitlines():
            case = json.loads(line)
            cases[f"{kind}-{case['id']}"] = {**case, "kind": kind}
    return cases


def write_templates(folder: Path) -> None:
    """Write a template for each case."""
    for name, case in cases().items():
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": case["resources"]}))


def own() -> Reports:
    """The findings of this project's rules, by case."""
    return {
        name: {
            str(finding.severity)
            for finding in check_template(Template.of({"Resources": case["resources"]}, region=case.get("region")))
        }
        for name, case in cases().items()
    }


def cfn_lint() -> Reports:
    """The findings of cfn-lint, by case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_templates(folder)
        words = [str(Path(sys.executable).with_name("cfn-lint")), "--format=json", "--config-file=/dev/null", "--"]
        done = subprocess.run(
            [*words, *map(str, sorted(folder.glob("*.json")))], capture_output=True, text=True, check=False, cwd=folder
        )
        reports: Reports = defaultdict(set)
        for finding in json.loads(done.stdout):
            case = Path(finding["Filename"]).name.removesuffix(".template.json")
            reports[case].add(finding["Level"].lower())
        return reports


def built_in(*, preflight: bool) -> Reports:
    """The findings of the validation in aws-cdk-lib, with cdk-preflight or without, by case."""
    context = json.loads((_ROOT / "cdk.json").read_text())["context"]
    reports: Reports = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(context=context, outdir=folder)
        if preflight:
            cdk_preflight.Preflight.apply(app)
        stacks = {}
        for number, (name, case) in enumerate(cases().items()):
            stacks[f"S{number}"] = name
            add_resources(cdk.Stack(app, f"S{number}"), {"Resources": case["resources"]})
        with contextlib.suppress(RuntimeError):  # the findings are in the report
            app.synth()
        report = json.loads(Path(folder, "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for violation in plugin.get("violations", []):
            for construct in violation["violatingConstructs"]:
                reports[stacks[construct["constructPath"].split("/")[0]]].add(violation["severity"])
    return reports


def row(name: str, reports: Reports) -> str:
    """A row of the table."""
    counts = {"high": [0, 0], "medium": [0, 0], "good": [0, 0]}
    for id, case in cases().items():
        kind = "good" if case["kind"] == "good" else case["confidence"]
        levels = reports.get(id, set())
        counts[kind][0] += bool(levels & {"error", "warning"}) if kind == "medium" else "error" in levels
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
