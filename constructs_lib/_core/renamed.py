"""Errors for arguments that were renamed."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def renamed(**replacements: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Refuse arguments of earlier versions with an error that names the replacement.

    :param replacements: for each earlier name, the new argument as it is written in a call.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        owner = function.__qualname__.removesuffix(".__init__")

        @wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for old, new in replacements.items():
                if old in kwargs:
                    raise TypeError(f"{owner}: {old} was replaced; write {new}")
            return function(*args, **kwargs)

        return call

    return decorate
