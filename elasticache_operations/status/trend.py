"""Values of a metric over time, and the line through them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_LEAST_DAYS: Final = 7
"""A shorter time shows no trend."""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a metric, oldest first."""

    times: tuple[datetime, ...]
    values: tuple[float, ...]

    @property
    def maximum(self) -> float:
        """The largest value."""
        return max(self.values)

    @property
    def minimum(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def average(self) -> float:
        """The mean of the values."""
        return sum(self.values) / len(self.values)

    def percentile(self, percent: float) -> float:
        """The value that this part of the values does not exceed."""
        ordered = sorted(self.values)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through daily maxima.

    :param level: the value of the line at the last day.
    :param weekly: by how much the line rises in a week.
    :param fit: R², the share of the variation that the line explains.
    """

    level: float
    weekly: float
    fit: float

    def days_until(self, limit: float) -> float | None:
        """The days until the line reaches a limit; None if it does not rise to it."""
        if self.weekly <= 0 or self.level >= limit:
            return None
        return (limit - self.level) / self.weekly * 7


def trend(series: Series) -> Trend | None:
    """The line through the daily maxima of a series; None for less than a week."""
    daily: dict[int, float] = {}
    for time, value in zip(series.times, series.values, strict=True):
        day = time.toordinal()
        daily[day] = max(daily.get(day, value), value)
    if len(daily) < _LEAST_DAYS:
        return None
    days, values = list(daily), list(daily.values())
    slope, intercept = _line(days, values)
    mean = sum(values) / len(values)
    total = sum((value - mean) ** 2 for value in values)
    unexplained = sum((value - intercept - slope * day) ** 2 for day, value in zip(days, values, strict=True))
    fit = 1.0 if total == 0 else max(0.0, 1 - unexplained / total)
    return Trend(intercept + slope * days[-1], slope * 7, fit)


def _line(days: Sequence[int], values: Sequence[float]) -> tuple[float, float]:
    center, mean = sum(days) / len(days), sum(values) / len(values)
    spread = sum((day - center) ** 2 for day in days)
    slope = sum((day - center) * (value - mean) for day, value in zip(days, values, strict=True)) / spread
    return slope, mean - slope * center
