"""Python 3.9 and its standard library are enough for the connection test."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.connection_test import probe


def test_python_3_9_is_enough() -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("vermin")),
            "-t=3.9-",
            "--no-tips",
            "--violations",
            str(probe.SOURCE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_standard_library_is_enough() -> None:
    for file in probe.SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                top = name.split(".")[0]
                assert top == "connection_test" or top in sys.stdlib_module_names, f"{file}: {name}"
