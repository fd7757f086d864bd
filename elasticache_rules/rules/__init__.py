"""The rules, one module per subject."""

import importlib
import pkgutil


def register_all() -> None:
    """Import every rules module, which registers its rules."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
