"""Arithmetic on the two windows: daily for snapshots, weekly for maintenance, both in UTC."""

import re
from dataclasses import dataclass

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY = re.compile(rf"{_TIME}-{_TIME}\Z")
_WEEKLY = re.compile(rf"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """A time window that repeats every `period` minutes; it may extend past the end of the period.

    :param start: minutes after the period's start.
    :param length: minutes.
    :param period: 1440 for a daily window, 10080 for a weekly one.
    """

    start: int
    length: int
    period: int

    def minutes_of_week(self) -> list[tuple[int, int]]:
        """The intervals (start, end) of one week; an end past the week means that the interval wraps."""
        return [(start, start + self.length) for start in range(self.start, WEEK, self.period)]

    def overlaps(self, other: "Window") -> bool:
        """Whether the two windows share a minute; adjacent windows do not overlap."""
        return any(
            a_start < b_end + shift and b_start + shift < a_end
            for a_start, a_end in self.minutes_of_week()
            for b_start, b_end in other.minutes_of_week()
            for shift in (-WEEK, 0, WEEK)
        )


def parse_daily(text: str) -> Window | None:
    """`hh24:mi-hh24:mi`; None when it has another form. Equal ends are a whole day."""
    match = _DAILY.match(text)
    if not match:
        return None
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    return Window(start, (end - start) % DAY, DAY)


def parse_weekly(text: str) -> Window | None:
    """`ddd:hh24:mi-ddd:hh24:mi`; None when it has another form."""
    match = _WEEKLY.match(text)
    if not match:
        return None
    start = DAYS.index(match[1].lower()) * DAY + _minutes(match[2], match[3])
    end = DAYS.index(match[4].lower()) * DAY + _minutes(match[5], match[6])
    return Window(start, (end - start) % WEEK, WEEK)


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)
