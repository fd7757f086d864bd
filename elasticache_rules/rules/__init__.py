"""The rules, one module per subject."""

import importlib
import pkgutil


def register_all() -> None:
    """Import every module of rules, so that each registers what it holds."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
