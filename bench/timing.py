"""Measures two actions alternately, so that changes in the machine's speed affect both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 7


@dataclass(frozen=True, slots=True)
class Pairs:
    """The durations of two actions in seconds, in pairs."""

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
    """The duration of an action in wall-clock time."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def pairs(ours: Callable[[], float], floor: Callable[[], float], *, count: int = PAIRS, warm_up: int = 1) -> Pairs:
    """Measure two actions alternately.

    :param ours: runs the measured action; returns its duration in seconds.
    :param floor: runs the baseline; returns its duration in seconds.
    :param warm_up: the number of pairs that run first and are not counted.
    """
    for _ in range(warm_up):
        ours()
        floor()
    measured = [(ours(), floor()) for _ in range(count)]
    return Pairs(tuple(a for a, _ in measured), tuple(b for _, b in measured))
