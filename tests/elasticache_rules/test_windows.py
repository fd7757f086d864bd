"""The two windows: midnight, the week's end, and touching ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_rules.windows import DAY, WEEK, Window, parse_daily, parse_weekly


@pytest.mark.parametrize(
    ("daily", "weekly", "overlap"),
    [
        ("03:00-04:00", "sun:05:00-sun:06:00", False),
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("03:00-04:01", "sun:04:00-sun:05:00", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("23:30-00:30", "mon:00:30-mon:01:30", False),
        ("00:00-01:00", "sun:23:30-mon:00:30", True),
        ("22:00-23:00", "sun:23:30-mon:00:30", False),
        ("12:00-13:00", "sat:23:00-sun:22:00", True),
    ],
)
def test_overlap(daily: str, weekly: str, overlap: bool) -> None:
    first, second = parse_daily(daily), parse_weekly(weekly)
    assert first is not None
    assert second is not None
    assert first.overlaps(second) is overlap
    assert second.overlaps(first) is overlap


@given(st.integers(0, DAY - 1), st.integers(1, DAY), st.integers(0, WEEK - 1), st.integers(1, DAY))
def test_overlap_is_sharing_a_minute(start: int, length: int, week_start: int, week_length: int) -> None:
    daily = {(start + day + minute) % WEEK for day in range(0, WEEK, DAY) for minute in range(length)}
    weekly = {(week_start + minute) % WEEK for minute in range(week_length)}
    result = Window(start, length, DAY).overlaps(Window(week_start, week_length, WEEK))
    assert result == bool(daily & weekly)


@pytest.mark.parametrize("text", ["", "3:00-4:00", "24:00-01:00", "03:00", "03:60-04:00", "03:00-04:00 "])
def test_daily_forms(text: str) -> None:
    assert parse_daily(text) is None


@pytest.mark.parametrize("text", ["", "sun:05:00", "son:05:00-son:06:00", "05:00-06:00", "sun:25:00-sun:26:00"])
def test_weekly_forms(text: str) -> None:
    assert parse_weekly(text) is None


def test_lengths() -> None:
    assert parse_daily("23:30-00:30") == Window(1410, 60, DAY)
    assert parse_weekly("SUN:23:30-mon:00:30") == Window(6 * DAY + 1410, 60, WEEK)
