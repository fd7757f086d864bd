"""Modules of the CDK that are imported when they are first used."""

import importlib
from typing import Any, final


@final
class LazyModule:
    """Stands for a module until one of its members is used, because the import of a large module takes long.

    :param name: the module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the members of a module
        return getattr(importlib.import_module(self._name), name)
