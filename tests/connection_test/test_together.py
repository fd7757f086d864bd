"""Actions that run at the same time: their results, their failures, and their end."""

import subprocess
import sys
import time

import pytest
from connection_test.together import together

from tests.cache_servers import isolated_environment
from tests.connection_test import probe


class TestTogether:
    def test_results_are_in_order_and_the_first_failure_is_raised(self) -> None:
        assert together(lambda number: number * 2, range(200)) == [number * 2 for number in range(200)]
        assert together(str, []) == []

        def fail(number: int) -> None:
            time.sleep(0.05 * (3 - number))
            raise ValueError(number)

        with pytest.raises(ValueError, match="0"):
            together(fail, [0, 1, 2])

    def test_no_action_begins_after_a_failure(self) -> None:
        begun = []

        def act(number: int) -> None:
            begun.append(number)
            if number == 0:
                raise ValueError
            time.sleep(0.1)

        with pytest.raises(ValueError):  # noqa: PT011 - it has no text
            together(act, range(1000))
        time.sleep(0.3)
        assert len(begun) < 300

    def test_an_action_that_does_not_end_does_not_keep_the_program(self) -> None:
        code = (
            "import time\nfrom connection_test.together import together\n"
            "def act(number):\n    if number: time.sleep(60)\n    raise ValueError\n"
            "try: together(act, [0, 1])\nexcept ValueError: print('ended')"
        )
        environment = {**isolated_environment(), "PYTHONPATH": str(probe.SOURCE)}
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=50, check=False
        )
        assert done.stdout == "ended\n", done.stderr
        assert time.monotonic() - started < 30
