"""Measures `python app.py` in comparison with the baseline app, as processes."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import bytecode
from bench.timing import Pairs, pairs, seconds

_ROOT = Path(__file__).parents[1]


def app_against_floor() -> Pairs:
    """Compare the app with the same resources without the constructs."""
    with tempfile.TemporaryDirectory() as folder:
        assembly = Path(folder, "app")
        settings = json.loads((_ROOT / "cdk.json").read_text())["context"]
        compiled = bytecode.environment(Path(folder, "bytecode"))
        environment = {**compiled, "CDK_OUTDIR": str(assembly), "CDK_CONTEXT_JSON": json.dumps(settings)}

        def own() -> float:
            return seconds(lambda: _run([sys.executable, "app.py"], environment))

        def floor() -> float:
            words = [sys.executable, str(_ROOT / "bench" / "floor_app.py"), str(assembly), str(Path(folder, "floor"))]
            return seconds(lambda: _run(words, compiled))

        return pairs(own, floor)


def _run(words: list[str], environment: dict[str, str]) -> None:
    subprocess.run(words, cwd=_ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
