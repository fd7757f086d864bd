"""A file with the stack events and the warnings of a run, from which `make local` prints."""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_cloud.internals import Emulator


@dataclass(frozen=True, slots=True)
class Journal:
    """A file of JSON lines.

    :param path: the path of the file.
    """

    path: Path

    def warn(self, text: str) -> None:
        """Write a warning."""
        self._write({"warning": text})

    def recording(self, emulator: Emulator, add: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the emulator's function that adds an event to a stack: write the event to this file as well."""

        def added(stack_id: str, stack: str, logical_id: str, kind: str, status: str, *more: Any, **named: Any) -> Any:
            self._write(
                {
                    "region": emulator.region,
                    "stack": stack,
                    "id": logical_id,
                    "type": kind,
                    "status": status,
                    "reason": str(more[0] if more else named.get("reason", "")),
                }
            )
            return add(stack_id, stack, logical_id, kind, status, *more, **named)

        return added

    def _write(self, line: dict[str, Any]) -> None:
        # A full disk must not fail a deploy.
        with contextlib.suppress(OSError), self.path.open("a") as file:
            file.write(json.dumps({"time": time.time(), **line}) + "\n")
