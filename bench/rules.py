"""Measures the command in comparison with cfn-lint, as processes, and the plugin's share of a synth."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# isort: off
import app as project
import aws_cdk as cdk

# isort: on
from bench import bytecode
from bench.peers import write_templates
from bench.timing import PAIRS, Pairs, pairs, seconds
from constructs_lib import ElastiCacheChecks

_ROOT = Path(__file__).parents[1]
_CFN_LINT = str(Path(sys.executable).with_name("cfn-lint"))


def against_cfn_lint(*, whole: bool, count: int) -> Pairs:
    """The time of cfn-lint in relation to that of the rules, on the corpus or on one template of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_templates(folder)
        files = sorted(map(str, folder.glob("*.json")))
        if not whole:
            files = [file for file in files if file.endswith("good-base-rg-cmd.template.json")]
        ours = [sys.executable, "-m", "elasticache_rules", *files]
        theirs = [_CFN_LINT, "--config-file=/dev/null", "--", *files]
        environment = bytecode.environment(folder / "bytecode")
        return pairs(
            lambda: seconds(lambda: _run(theirs, environment)),
            lambda: seconds(lambda: _run(ours, environment)),
            count=count,
        )


def plugin_share() -> float:
    """The median share of the plugin in the time to build and synthesise the app."""
    context = json.loads((_ROOT / "cdk.json").read_text())["context"]
    spent = 0.0
    original = ElastiCacheChecks.validate

    def timed(self: ElastiCacheChecks, context: cdk.IPolicyValidationContext) -> Any:
        nonlocal spent
        report: list[Any] = []
        spent += seconds(lambda: report.append(original(self, context)))
        return report[0]

    shares = []
    ElastiCacheChecks.validate = timed  # type: ignore[method-assign]  # to measure it
    try:
        for number in range(PAIRS + 1):
            with tempfile.TemporaryDirectory() as folder:
                spent = 0.0
                total = seconds(lambda folder=folder: project.build_app(context, outdir=folder).synth())  # type: ignore[misc]
            if number:
                shares.append(spent / total)
    finally:
        ElastiCacheChecks.validate = original  # type: ignore[method-assign]
    return statistics.median(shares)


def _run(words: list[str], environment: dict[str, str]) -> None:
    subprocess.run(words, cwd=_ROOT, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
