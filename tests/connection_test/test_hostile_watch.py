"""The watch of servers that stall, and its end by a signal or a closed output."""

import json
import signal
import subprocess
import sys
import threading
import time

import pytest
from connection_test import watch

from tests.cache_servers import isolated_environment
from tests.connection_test import probe
from tests.connection_test.hostile import ONE, SILENCE, TO_CLUSTER, Hostile
from tests.connection_test.stage_fakes import context_of


class TestWatch:
    def started(self, server: Hostile, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", str(probe.SOURCE), *server.words, "--watch=3", *words]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=isolated_environment()
        )

    @pytest.mark.parametrize("form", ["text", "json"])
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_before_the_cache_answers(self, form: str, number: int) -> None:
        reached = threading.Event()

        def wait(words: list[bytes]) -> bytes:
            reached.set()
            return SILENCE

        with Hostile(wait) as server:
            process = self.started(server, f"--format={form}")
            assert reached.wait(20)
            process.send_signal(number)
            output, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (1, "")
        if form == "json":
            record = json.loads(output)
            assert (record["event"], record["interrupted"], record["each_shard"]) == ("summary", True, [])
        else:
            assert output == "watched 0 shards: interrupted before the cache had named its nodes\n"

    def test_a_shard_that_never_answers_and_a_signal(self) -> None:
        asked = threading.Event()

        def silent(words: list[bytes]) -> bytes | None:
            if words[0] not in (b"GET", b"SET"):
                return None
            asked.set()
            return SILENCE

        with Hostile(silent) as other, Hostile() as server:
            server._slots = b"*2\r\n" + ONE % (8000, server.port) + (ONE % (16383, other.port)).replace(b":0", b":8001")
            process = self.started(server, *TO_CLUSTER, "--format=json")
            assert asked.wait(20)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (1, "")
        summary = json.loads(output.splitlines()[-1])
        figures = {(each["shard"], each["operation"]): each for each in summary["each_shard"]}
        assert figures[2, "write"]["unconfirmed"] == 1
        assert (figures[2, "write"]["open"], figures[2, "read"]["open"]) == (1, 1)
        assert figures[1, "write"]["open"] == figures[1, "write"]["unconfirmed"] == 0
        assert figures[1, "write"]["answered"] > 0

    def test_a_closed_output_is_no_gap_and_no_crash(self) -> None:
        with Hostile() as server:
            process = self.started(server)
            with process:
                assert process.stdout is not None
                assert process.stdout.readline() == "watching 1 shard for 3 s\n"
                process.stdout.close()
                assert process.stderr is not None
                assert process.stderr.read() == ""
                assert process.wait(20) == 0

    def test_an_error_of_the_discovery_is_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise ValueError("another error")

        monkeypatch.setattr(watch, "_first_shards", fail)
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            with pytest.raises(ValueError, match="another error"):
                watch.watch(context_of().config, 1)
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
                signal.signal(number, handler)
