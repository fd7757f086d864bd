"""Locks, flights and connections belong to one process: a fork gets new ones."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Resettable(Protocol):
    """What holds something of the process."""

    def reset(self) -> None:
        """Start again in the child process."""


_known: weakref.WeakSet[Resettable] = weakref.WeakSet()


def register(thing: Resettable) -> None:
    """Have it reset in the child of a fork."""
    _known.add(thing)


def _in_child() -> None:
    for thing in list(_known):
        thing.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
