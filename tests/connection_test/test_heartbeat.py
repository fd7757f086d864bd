"""How often the heartbeat is written."""

import argparse
from typing import Any

import pytest
from connection_test import heartbeat
from connection_test.config import Config

from tests.connection_test.stage_fakes import ENDPOINT


class TestHeartbeat:
    @pytest.mark.parametrize("beats", [1, 2, 3])
    def test_it_writes_as_often_as_it_is_told(self, beats: int, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[tuple[Any, ...]] = []

        class Recorder:
            def call(self, *words: Any) -> None:
                calls.append(words)

            def close(self) -> None:
                calls.append(("closed",))

        monkeypatch.setattr(heartbeat, "_connect", lambda context: Recorder())
        clock = argparse.Namespace(time=lambda: 1.5, sleep=lambda seconds: None)
        monkeypatch.setattr(heartbeat, "time", clock)
        assert heartbeat.write(Config([ENDPOINT]), beats) == 0
        written = ("SET", f"connection-test:{heartbeat.NAME}", "1500", "EX", heartbeat._EXPIRES)
        assert calls == [written] * beats + [("closed",)]
