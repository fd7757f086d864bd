"""Rows of a database, which a test reads through the cache."""

from typing import Any

import pytest

KEY = "{row:1}"


class Table:
    """A database of rows by id, which counts queries."""

    def __init__(self, **rows: dict[str, Any]) -> None:
        self.rows = rows
        self.loads: list[str] = []
        self.error: Exception | None = None

    def load(self, id: str) -> dict[str, Any] | None:
        self.loads.append(id)
        if self.error is not None:
            raise self.error
        return self.rows.get(id)

    def load_many(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        self.loads.append("+".join(sorted(ids)))
        if self.error is not None:
            raise self.error
        return {id: self.rows[id] for id in ids if id in self.rows}


ROW = {"version": 1, "name": "a"}


@pytest.fixture
def table() -> Table:
    return Table(**{"1": dict(ROW), "2": {"version": 1, "name": "b"}, "3": {"version": 1, "name": "c"}})


def expire(cache: Any, seconds: float) -> None:
    """Advance the clock of the caller."""
    clock = cache.protocol.clock
    cache.protocol.clock = lambda: clock() + seconds
