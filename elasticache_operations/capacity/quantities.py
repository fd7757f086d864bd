"""Numbers with units as people write them: 50M, 40k, 400KB, 5%/month."""

import math
import re
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kKMGT]?)")
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kKMGT]?)(i?)([bB]?)")
_GROWTH: Final = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)(%|[kKMGT]?)/(week|month|year)")
_THOUSANDS: Final = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY: Final = {"": 1, "k": 2**10, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_PERIODS: Final = {"week": 12 / 52, "month": 1.0, "year": 12.0}
_LONGEST: Final = 32


def count(text: str, *, least: float = 0, most: float = 1e12) -> int:
    """A number such as `50M` or `40k`, where k is 1,000.

    :raises ValueError: with what is accepted.
    """
    found = _NUMBER.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"must be a number such as 500, 40k or 50M, got {text!r}")
    value = float(found[1]) * _THOUSANDS[found[2]]
    if not least <= value <= most or value != round(value):
        raise ValueError(f"must be a whole number from {least:,.0f} to {most:,.0f}, got {text!r}")
    return round(value)


def size(text: str, *, least: int = 0, most: int = 512 * 2**20) -> int:
    """A number of bytes such as `400`, `4KB` or `1MiB`, where a KB is 1,024 bytes as in the engines' own settings.

    :raises ValueError: with what is accepted.
    """
    found = _SIZE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None or (found[3] and not found[4]):
        raise ValueError(f"must be a size such as 400, 4KB or 1MB, got {text!r}")
    value = round(float(found[1]) * _BINARY[found[2]])
    if not least <= value <= most:
        raise ValueError(f"must be {least:,} to {most:,} bytes, got {text!r}")
    return value


@dataclass(frozen=True, slots=True)
class Growth:
    """How the number of keys grows.

    :param factor: for each month, 1.05 for 5 % a month.
    :param added: keys for each month.
    """

    factor: float = 1.0
    added: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Growth":
        """Read `5%/month`, `30%/year` or `500k/month`.

        :raises ValueError: with what is accepted.
        """
        found = _GROWTH.fullmatch(text.strip()) if len(text) <= _LONGEST else None
        if found is None:
            raise ValueError(f"must be such as 5%/month, 30%/year or 500k/month, got {text!r}")
        value, unit, months = float(found[1]), found[2], _PERIODS[found[3]]
        if unit != "%":
            return cls(added=value * _THOUSANDS[unit] / months)
        if not -100 < value <= 1000:
            raise ValueError(f"must be more than -100 % and at most 1,000 %, got {text!r}")
        return cls(factor=math.pow(1 + value / 100, 1 / months))

    def after(self, items: float, months: int) -> float:
        """The number of keys after some months, at least 0."""
        return max(0.0, items * self.factor**months + self.added * months)
