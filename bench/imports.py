"""Measures `import constructs_lib`, compared with importing the CDK modules that it uses."""

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
    """Compare the import with that of the same modules of `aws_cdk`, in separate processes."""
    floor = "import " + ", ".join(sorted(_modules()))
    with tempfile.TemporaryDirectory() as folder:
        environment = bytecode.environment(Path(folder))

        def run(line: str) -> float:
            words = [sys.executable, "-c", line]
            return seconds(lambda: subprocess.run(words, cwd=_ROOT, env=environment, check=True))

        return pairs(lambda: run("import constructs_lib"), lambda: run(floor))


def _modules() -> set[str]:
    """The modules of `aws_cdk` and `constructs` that `import constructs_lib` imports."""
    modules = set()
    for path in _LIBRARY.rglob("*.py"):
        # These are not imported: they run in Lambda and on the instance.
        if "connection_test" in path.parts or path.parent.name.endswith("_function"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == "aws_cdk":
                modules |= {
                    f"aws_cdk.{alias.name}" for alias in node.names if alias.name.startswith(("aws_", "custom_"))
                }
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module)
    return {name for name in modules if name.split(".")[0] in ("aws_cdk", "constructs")}
