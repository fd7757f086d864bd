"""The bounds of the fuzz tests: a case can exceed every one of them."""

import pytest

from tests.bounded import Result, run_cases


def run(*names: str, seconds: float = 30, address_space_mib: int | None = None) -> Result:
    return run_cases("tests.bounded_cases", *names, seconds=seconds, address_space_mib=address_space_mib)


def test_outcomes_are_counted_and_measured() -> None:
    result = run("good", "work", "good")
    assert result.outcomes == {"good": 2, "slow": 1}
    assert result.failures == []
    assert result.slowest_case == "work"
    assert 0.3 <= result.slowest < 3
    assert 5 < result.peak_mib < 200


def test_memory_is_measured_and_limited() -> None:
    assert run("memory").peak_mib > 256
    result = run("memory", "good", address_space_mib=200)
    assert result.outcomes == {"good": 1}
    (failure,) = result.failures
    assert failure.startswith("memory: ")
    assert failure.endswith("MemoryError\n")


def test_a_case_that_does_not_end_fails_with_its_name() -> None:
    with pytest.raises(pytest.fail.Exception, match="did not end within 2 s, in the case wait"):
        run("good", "wait", seconds=2)


def test_an_exit_is_a_failure() -> None:
    assert [failure.split(":")[0] for failure in run("exit", "good").failures] == ["exit"]
    with pytest.raises(pytest.fail.Exception, match="ended with status 3, after: good\nend"):
        run("good", "end")
