"""The report as JSON: what was measured, the figures with their bounds, the verdict and its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from caching_demo import figures
from caching_demo.failures import CannotRunError
from caching_demo.figures import Figure

SCHEMA = 1
PASS, MISSED, COULD_NOT_RUN = 0, 1, 2
# With the verdict of the connection test it has to fit into one signal.
_LONGEST = 440


@dataclass
class Document:
    """One report; see `docs/caching-demo.md` for its schema.

    :param facts: the cache, the database, and how much was measured.
    :param sections: of the measurements, by name.
    :param warnings: what limits the meaning of the figures.
    :param failure: why the run ended early.
    """

    facts: dict[str, Any]
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    failure: CannotRunError | None = None

    @property
    def figures(self) -> list[Figure]:
        """All figures that were measured; none where the cache could not be used, which is a warning."""
        return figures.figures(self.sections) if self.facts.get("cache", {}).get("usable", True) else []

    @property
    def missed(self) -> list[Figure]:
        """Those outside their bounds."""
        return [figure for figure in self.figures if not figure.ok]

    @property
    def status(self) -> int:
        """The exit status."""
        if self.failure is not None:
            return COULD_NOT_RUN
        return MISSED if self.missed else PASS

    @property
    def verdict(self) -> str:
        """In one word."""
        if self.status == PASS:
            return "warning" if self.warnings else "pass"
        return "fail" if self.status == MISSED else "error"

    @property
    def summary(self) -> str:
        """One line of plain ASCII without double quotes and backslashes."""
        return plain_line(self._summary())

    def _summary(self) -> str:
        if self.failure is not None:
            return f"{self.failure.where}: {self.failure.cause}; next: {self.failure.action}"
        line, missed = figures.headline(self.sections), self.missed
        if missed:
            more = f" (and {len(missed) - 1} more)" if len(missed) > 1 else ""
            return f"{missed[0].message}{more}; measured: {line}"
        return f"warning: {self.warnings[0]}; {line}" if self.warnings else line

    def as_dict(self) -> Mapping[str, Any]:
        """For JSON."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "summary": self.summary,
            **self.facts,
            "warnings": self.warnings,
            "figures": [figure.as_dict() for figure in self.figures],
            **self.sections,
        }


def plain_line(text: str) -> str:
    """A text that fits into a wait condition's signal and a shell's double quotes."""
    ascii_only = text.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")
    words = "".join(character if character.isprintable() else " " for character in ascii_only).split()
    return " ".join(words)[:_LONGEST]
