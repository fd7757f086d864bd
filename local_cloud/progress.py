"""Prints the progress of a deploy: the steps and resources with their times, and the connection test's report."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from local_cloud.session import Session

_STACK: Final = "AWS::CloudFormation::Stack"
_PERIOD: Final = 0.1


class Follower:
    """A context manager that prints the events and the consoles of a run.

    `failures` has the failed resources and the reasons; `event_count` is the number of stack events.

    :param session: the run.
    :param write_line: prints a line.
    """

    def __init__(self, session: Session, write_line: Callable[[str], None]) -> None:
        self._session, self._write_line = session, write_line
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._known, self._read = set(session.consoles()), _size(session.folder / "events")
        self._printed: dict[str, int] = {}
        self._begun: dict[tuple[str, str, str], float] = {}
        self._names: dict[tuple[str, str], str] = {}
        self.failures: list[str] = []
        self.event_count = 0

    def __enter__(self) -> "Follower":
        self._thread.start()
        return self

    def __exit__(self, *more: object) -> None:
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        last = False
        while not last:
            # Read once more after the end, because events can have been written since the last time.
            last = self._ended.wait(_PERIOD)
            # The events are read before the consoles and printed after them: what an instance wrote before an event,
            # such as the report before the stack is complete, is then printed before it.
            events = self._new_events()
            self._consoles()
            for event in events:
                self._event(event)

    def _new_events(self) -> list[dict[str, Any]]:
        path = self._session.folder / "events"
        if _size(path) <= self._read:
            return []
        with path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def _event(self, event: dict[str, Any]) -> None:
        if "warning" in event:
            self._write_line(f"warning: {event['warning']}")
            return
        self.event_count += 1
        key = event["region"], event["stack"], event["id"]
        status, reason = event["status"], event["reason"]
        is_stack = event["type"] == _STACK and event["id"] == event["stack"]
        if status.endswith("_IN_PROGRESS"):
            if key not in self._begun and is_stack and status != "REVIEW_IN_PROGRESS":
                self._write_line(f"{event['stack']}: {status} in {event['region']}")
            if status != "REVIEW_IN_PROGRESS":
                self._begun.setdefault(key, event["time"])
            return
        seconds = event["time"] - self._begun.pop(key, event["time"])
        outcome = f"{status} after {seconds:.1f} s" + (f": {reason}" if reason and "FAILED" in status else "")
        if "FAILED" in status:
            self.failures.append(f"{event['stack']}: {event['id']}: {reason}")
        if is_stack:
            self._write_line(f"{event['stack']}: {outcome}")
        else:
            self._write_line(f"  {self._name(event['stack'], event['id']):<44} {event['type']:<40} {outcome}")

    def _name(self, stack: str, logical_id: str) -> str:
        """The path of the construct, or the logical id when the template has no path."""
        if (stack, logical_id) not in self._names:
            resources = _resources(self._session.folder / "cdk.out" / f"{stack}.template.json")
            for id, resource in resources.items():
                path = str(resource.get("Metadata", {}).get("aws:cdk:path", id))
                self._names[stack, id] = path.removeprefix(f"{stack}/").removesuffix("/Resource")
        return self._names.get((stack, logical_id), logical_id)

    def _consoles(self) -> None:
        for instance, text in self._session.consoles().items():
            if instance in self._known:
                continue
            whole = text[: text.rfind("\n") + 1].splitlines()
            for line in whole[self._printed.get(instance, 0) :]:
                # The signal repeats the verdict as JSON.
                if not line.startswith("signal: "):
                    self._write_line(f"{instance} | {line}")
            self._printed[instance] = len(whole)


class TimedOutput:
    """Prints lines with the minutes and seconds since it was created."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def write_line(self, line: str) -> None:
        """Print a line."""
        seconds = int(time.monotonic() - self._began)
        print(f"{seconds // 60:02d}:{seconds % 60:02d}  {line}", flush=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _resources(template: Path) -> dict[str, Any]:
    try:
        resources: dict[str, Any] = json.loads(template.read_text()).get("Resources", {})
    except (OSError, ValueError):
        return {}
    return resources
