"""Input that `elasticache drill restore` refuses."""

import pytest

from tests.elasticache_operations.drills.restore_drill import INSTANCE, RUN, Drill, drill
from tests.elasticache_operations.drills.restoring import Region

__all__ = ["drill"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--run", *INSTANCE), "--most-usd must be given with --run, because the temporary cache costs; write it like"),
        (
            ("--run", "--most-usd", "1"),
            "--instance must be given with --run, because the client tests the cache; give the id",
        ),
        (("--most-usd", "0"), "--most-usd must be more than 0 and at most 1e6, got '0'; write it like --most-usd 2"),
        (("--most-usd", "nan"), "--most-usd must be more than 0 and at most 1e6, got 'nan'"),
        (("--most-usd", "1e7"), "--most-usd must be more than 0 and at most 1e6, got '1e7'"),
        (("--sample", "0"), "--sample must be a whole number from 1 to 100,000, got '0'; write it like --sample 500"),
        (("--sample", "100001"), "--sample must be a whole number from 1 to 100,000, got '100001'"),
        (("--sample", "1e3"), "--sample must be a whole number from 1 to 100,000, got '1e3'"),
        (("--most-changed", "101"), "--most-changed must be 0 to 100, got '101'; write it like --most-changed 5"),
        (("--most-changed", "-1"), "--most-changed must be 0 to 100, got '-1'"),
        (("--most-changed", "ten"), "--most-changed must be 0 to 100, got 'ten'"),
        (("--timeout", "59s"), "--timeout must be 60s to 86400s, got '59s'"),
        ((*RUN[:3], "--client-shell", "sh '"), '--client-shell must be a command, got "sh \'" (No closing quotation)'),
        (
            (*RUN[:3], "--client-shell", ""),
            "--client-shell must be a command, got an empty text; write it like 'ssh -T",
        ),
        (
            (*RUN[:3], "--client-shell", "no-such-program sh"),
            "--client-shell must be a command that can be run, got 'no-such-program' (no such program); correct it",
        ),
        (("--snapshot", "a", "--create-snapshot"), "argument --create-snapshot: not allowed with argument --snapshot"),
        (("--instance", "i-1", "--client-shell", "sh"), "not allowed with argument --instance"),
        (("--offline",), "--offline must not be set, because the caches of an account are read"),
    ],
)
def test_bad_input(drill: Drill, words: tuple[str, ...], message: str) -> None:
    result = drill(Region(), *words)
    assert result.status == 2
    assert message in result.error


@pytest.mark.parametrize("words", [("--most-usd", "1000000"), ("--sample", "100000"), ("--most-changed", "5%")])
def test_the_bounds_are_allowed(drill: Drill, words: tuple[str, ...]) -> None:
    assert drill(Region(), *words).status == 0


def test_another_kind_of_cache_is_refused(drill: Drill) -> None:
    region = Region()
    listed = {"ServerlessCaches": [{"ServerlessCacheName": "sessions", "Engine": "valkey", "Status": "available"}]}
    region.recorded.answers = {**region.recorded.answers, ("elasticache", "DescribeServerlessCaches"): listed}
    result = drill(region, id="sessions")
    assert (result.status, result.error) == (
        2,
        "elasticache drill restore: ID must be a replication group, got sessions, a serverless cache, whose snapshots "
        "are restored into serverless caches; give the id of a replication group",
    )
    assert "ID must be one of the valid values, got 'order'; use orders, sessions" in drill(region, id="order").error
