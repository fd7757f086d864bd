"""Signals during a drill: the first one ends it, and the deletion that follows is not interrupted by the next one."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Interruptions:
    """What the signals SIGINT, SIGTERM and SIGHUP do.

    :param note: receives a line when a signal does not end the deletion.
    """

    note: Callable[[str], None]
    _cleaning: bool = field(default=False, init=False)
    _ignored: int = field(default=0, init=False)

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Let the first signal raise KeyboardInterrupt."""
        before = {number: signal.signal(number, self._receive) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def clean(self) -> None:
        """Begin the deletion: one signal is reported, and the next one raises KeyboardInterrupt."""
        self._cleaning = True

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._cleaning and not self._ignored:
            self._ignored += 1
            self.note("the deletion continues; interrupt once more to end it, which leaves the temporary cache")
            return
        # From here on the deletion runs.
        self._cleaning = True
        raise KeyboardInterrupt
