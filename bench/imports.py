"""What `import constructs_lib` costs, against the modules of the CDK that it uses."""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import bytecode
from bench.timing import Pairs, pairs, seconds

_ROOT = Path(__file__).parents[1]
_LIBRARY = _ROOT / "constructs_lib"


def import_against_cdk() -> Pairs:
    """How much longer the import takes than that of `aws_cdk` with the same modules, each in a process of its own."""
    floor = "import " + ", ".join(sorted(_modules()))
    with tempfile.TemporaryDirectory() as folder:
        environment = bytecode.environment(Path(folder))

        def run(line: str) -> float:
            words = [sys.executable, "-c", line]
            return seconds(lambda: subprocess.run(words, cwd=_ROOT, env=environment, check=True))

        return pairs(lambda: run("import constructs_lib"), lambda: run(floor))


def _modules() -> set[str]:
    """The modules of `aws_cdk` and `constructs` that the library imports when it is imported itself."""
    found = set()
    for path in _LIBRARY.rglob("*.py"):
        # These run elsewhere: in Lambda, and on the instance.
        if "connection_test" in path.parts or path.parent.name.endswith("_function"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == "aws_cdk":
                found |= {f"aws_cdk.{alias.name}" for alias in node.names if alias.name.startswith(("aws_", "custom_"))}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return {name for name in found if name.split(".")[0] in ("aws_cdk", "constructs")}
