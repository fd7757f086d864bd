"""Numbers with units on the command line."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_operations.capacity import quantities
from elasticache_operations.capacity.quantities import Growth


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("500", 500), ("40k", 40_000), ("1.5M", 1_500_000), ("2G", 2_000_000_000)]
)
def test_a_count_has_decimal_units(text: str, value: int) -> None:
    assert quantities.count(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("400", 400), ("4KB", 4096), ("1MiB", 2**20), ("0.5k", 512), ("512MB", 2**29), ("7 B", 7)]
)
def test_a_size_has_binary_units(text: str, value: int) -> None:
    assert quantities.size(text) == value


@pytest.mark.parametrize("text", ["", "-1", "nan", "inf", "1e99", "x", "4Z", "9" * 40, "1,000", "0.0001", "2T"])
def test_a_count_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="got "):
        quantities.count(text)


@pytest.mark.parametrize("text", ["", "-1", "nan", "1e99", "4Ki", "513MB", "9" * 40, "400 bytes"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="got "):
        quantities.size(text)


def test_the_bounds_of_a_size_are_included() -> None:
    assert quantities.size("1", least=1, most=2) == 1
    assert quantities.size("2", least=1, most=2) == 2
    for text in ("0", "3"):
        with pytest.raises(ValueError, match=r"must be 1 to 2 bytes, got"):
            quantities.size(text, least=1, most=2)


@pytest.mark.parametrize(
    ("text", "months", "items"),
    [
        ("5%/month", 12, 1795.86),
        ("30%/year", 12, 1300),
        ("1%/week", 12, 1677.69),
        ("-50%/month", 1, 500),
        ("1k/month", 2, 3000),
        ("12k/year", 3, 4000),
        ("-2k/month", 1, 0),
    ],
)
def test_growth_is_by_percent_or_by_keys(text: str, months: int, items: float) -> None:
    assert Growth.parse(text).after(1000, months) == pytest.approx(items, rel=1e-4)


@pytest.mark.parametrize("text", ["5%", "5%/day", "-100%/month", "1001%/month", "nan%/month", "1e9%/month", ""])
def test_growth_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="got "):
        Growth.parse(text)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_one_line_of_refusal(text: str) -> None:
    for read in (quantities.count, quantities.size, Growth.parse):
        assert "\n" not in refusal(read, text)


def refusal(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except ValueError as problem:
        return str(problem)
    return ""
