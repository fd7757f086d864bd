"""Reset of locks, flights and connections in a forked process, because they belong to one process."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Resettable(Protocol):
    """An object with state that belongs to a process."""

    def reset(self) -> None:
        """Reset the state in the child process."""


_known: weakref.WeakSet[Resettable] = weakref.WeakSet()


def register(thing: Resettable) -> None:
    """Reset an object in the child process of a fork."""
    _known.add(thing)


def _in_child() -> None:
    for thing in list(_known):
        thing.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
