"""What the checks of a cache answer: a finding, a passed check, or the reason why a check was skipped."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """The severity of a finding; a higher value is more severe."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The name in output and on the command line."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> "Severity":
        """Read a severity.

        :raises ValueError: with the valid ones.
        """
        for severity in cls:
            if severity.word == text:
                return severity
        raise ValueError(f"must be one of {', '.join(each.word for each in cls)}, got {text!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that needs attention.

    :param check: the stable name of the check.
    :param value: what was measured.
    :param limit: the limit that it passes.
    :param advice: what to do.
    """

    check: str
    severity: Severity
    text: str
    advice: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A check without a finding."""

    check: str
    text: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that could not be made, and the reason; it counts neither as passed nor as a finding."""

    check: str
    why: str


Outcome = Finding | Passed | Skipped
