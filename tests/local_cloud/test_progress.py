"""The order of the lines that the progress of a deploy has."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_cloud.progress import Follower

_STACK = "AWS::CloudFormation::Stack"


def _event(status: str, time: float) -> str:
    event: dict[str, Any] = {
        "region": "us-east-1",
        "stack": "Client",
        "id": "Client",
        "type": _STACK,
        "status": status,
        "reason": "",
        "time": time,
    }
    return json.dumps(event) + "\n"


class _Session(SimpleNamespace):
    """A run whose instance writes its report, and whose stack is complete at once, between two readings."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder=folder, console="")

    def consoles(self) -> dict[str, str]:
        return {"i-1": self.console} if self.console else {}


@pytest.mark.parametrize("attempt", range(3))
def test_a_report_is_printed_before_the_completion_that_followed_it(tmp_path: Path, attempt: int) -> None:
    session = _Session(tmp_path)
    lines: list[str] = []
    (tmp_path / "events").write_text("")
    with Follower(session, lines.append) as follower:  # type: ignore[arg-type]
        session.console = "PASS data\nunfinished"
        (tmp_path / "events").write_text(_event("CREATE_IN_PROGRESS", 1) + _event("CREATE_COMPLETE", 3.5) + '{"half')
    assert lines == [
        "i-1 | PASS data",
        "Client: CREATE_IN_PROGRESS in us-east-1",
        "Client: CREATE_COMPLETE after 2.5 s",
    ]
    assert follower.event_count == 2
