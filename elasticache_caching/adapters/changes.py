"""Detection of changes to a session since it was loaded, including changes inside of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_caching.sessions import Sessions


class Baseline:
    """The values as they were loaded, encoded."""

    def __init__(self, store: Sessions[Any], values: Mapping[str, Any]) -> None:
        self._store = store
        self._encoded = {name: store.encode(name, value) for name, value in values.items()}

    def difference(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The new and changed values, and the names of removed values.

        :raises ValueRefusedError: if JSON cannot restore a value, or it is too large.
        """
        changed = {
            name: value for name, value in values.items() if self._store.encode(name, value) != self._encoded.get(name)
        }
        return changed, [name for name in self._encoded if name not in values]
