"""Progress on standard error, for steps that take longer than a second."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

DELAY: Final = 1.0
"""Seconds after which a step is reported."""


def to_standard_error(line: str) -> None:
    """Print a line to standard error, without buffering."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """Reports the steps that take longer than a second.

    :param write_line: receives the lines.
    :param delay: seconds after which a step is reported.
    """

    write_line: Callable[[str], None] = to_standard_error
    delay: float = DELAY

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Report this step when it takes longer than the delay.

        :param what: such as "reading the prices of us-east-1".
        """
        timer = threading.Timer(self.delay, self.write_line, [f"elasticache: {what} ..."])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
