"""The public classes of the library, and their constructors, factories and methods."""

import inspect
from collections.abc import Iterator
from enum import Enum

from constructs_lib import parameters, presets
from tests.constructs_lib.releases import public_members


def public_classes() -> Iterator[type]:
    modules = (public_members(), vars(parameters), vars(presets))
    members = [member for module in modules for name, member in module.items() if not name.startswith("_")]
    for member in dict.fromkeys(member for member in members if isinstance(member, type)):
        if member.__module__.startswith("constructs_lib") and not issubclass(member, Enum | BaseException):
            yield member


def callables() -> Iterator[tuple[type, str]]:
    """Constructors, factories and methods, also those that are inherited from a class that is not public."""
    public = set(public_classes())
    for owner in public_classes():
        bases = [base for base in owner.__mro__ if base.__module__.startswith("constructs_lib")]
        names = dict.fromkeys(name for base in bases if base is owner or base not in public for name in vars(base))
        for name in sorted(names):
            member = inspect.getattr_static(owner, name)
            if any(inspect.getattr_static(base, name, None) is member for base in bases[1:] if base in public):
                continue  # it belongs to the public base
            is_factory = isinstance(member, staticmethod | classmethod)
            if (is_factory or inspect.isfunction(member)) and (name == "__init__" or not name.startswith("_")):
                yield owner, name
