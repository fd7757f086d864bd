"""The time axis: from seconds to pixels, and round times on it."""

import math
from dataclasses import dataclass
from typing import Final

from elasticache_operations.picture.canvas import SMALL
from elasticache_operations.picture.text import width_of

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_MINUTE: Final = 60
_APART: Final = 24


@dataclass(frozen=True, slots=True)
class Axis:
    """Where times are drawn.

    :param first: the time at the left, in seconds.
    :param last: the time at the right.
    :param left: in pixels, as `width`.
    """

    first: float
    last: float
    left: int
    width: int

    def x(self, seconds: float) -> int:
        """The place of a time; times outside are at the ends."""
        part = (seconds - self.first) / (self.last - self.first)
        return self.left + round(min(max(part, 0.0), 1.0) * self.width)

    def ticks(self) -> list[tuple[float, str]]:
        """Round times with their labels, as many as fit."""
        step = next((step for step in self._steps() if self._fits(step)), self.last - self.first)
        count = range(math.ceil(self.first / step - 1e-9), math.floor(self.last / step + 1e-9) + 1)
        return [(number * step, label(number * step, step)) for number in count]

    def _steps(self) -> list[float]:
        span = self.last - self.first
        small = [factor * 10.0**power for power in range(-3, 0) for factor in (1, 2, 5)]
        large = [86_400.0 * 2**power for power in range(1, 20)]
        return [step for step in (*small, *map(float, _STEPS), *large) if span / step <= self.width]

    def _fits(self, step: float) -> bool:
        widest = max(width_of(label(at, step), SMALL) for at in (self.first // step * step, self.last // step * step))
        return step / (self.last - self.first) * self.width >= widest + _APART


def label(seconds: float, step: float) -> str:
    """A time on an axis.

    :param step: from one label to the next.
    """
    if step >= _MINUTE and step % _MINUTE == 0:
        return f"{seconds / _MINUTE:,.0f} min"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{seconds:,.{digits}f} s"
