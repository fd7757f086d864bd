"""Times two things in turn, so that a machine whose speed drifts slows both down alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 7


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of two things, pair by pair."""

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(a / b for a, b in zip(self.ours, self.floor, strict=True))

    def __str__(self) -> str:
        ours, floor = statistics.median(self.ours), statistics.median(self.floor)
        return f"{self.ratio:.2f} times (medians of {len(self.ours)} pairs: {ours:.3f} s against {floor:.3f} s)"


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes, by the wall clock."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def pairs(ours: Callable[[], float], floor: Callable[[], float], *, count: int = PAIRS, warm_up: int = 1) -> Pairs:
    """Measure both in turn.

    :param ours: returns what one run cost, in seconds.
    :param warm_up: how many of each come first and do not count.
    """
    for _ in range(warm_up):
        ours()
        floor()
    found = [(ours(), floor()) for _ in range(count)]
    return Pairs(tuple(a for a, _ in found), tuple(b for _, b in found))
