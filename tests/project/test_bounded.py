"""The bounds that the fuzz tests rely on: each can fail."""

import pytest

from tests.bounded import Result, run_cases


def run(*names: str, seconds: float = 30, address_space_mib: int | None = None) -> Result:
    return run_cases("tests.bounded_cases", *names, seconds=seconds, address_space_mib=address_space_mib)


def test_outcomes_are_counted_and_measured() -> None:
    found = run("good", "work", "good")
    assert found.outcomes == {"good": 2, "slow": 1}
    assert found.failures == []
    assert found.slowest_case == "work"
    assert 0.3 <= found.slowest < 3
    assert 5 < found.peak_mib < 200


def test_memory_is_measured_and_limited() -> None:
    assert run("memory").peak_mib > 256
    found = run("memory", "good", address_space_mib=200)
    assert found.outcomes == {"good": 1}
    (failure,) = found.failures
    assert failure.startswith("memory: ")
    assert failure.endswith("MemoryError\n")


def test_a_case_that_does_not_end_fails_with_its_name() -> None:
    with pytest.raises(pytest.fail.Exception, match="did not end within 2 s, in the case wait"):
        run("good", "wait", seconds=2)


def test_an_exit_is_a_failure() -> None:
    assert [each.split(":")[0] for each in run("exit", "good").failures] == ["exit"]
    with pytest.raises(pytest.fail.Exception, match="ended with status 3, after: good\nend"):
        run("good", "end")
