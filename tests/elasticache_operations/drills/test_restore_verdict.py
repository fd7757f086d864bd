"""The verdict of `elasticache drill restore` on the data of a copy."""

from typing import Any

import pytest

from elasticache_operations.drills.restore.comparison import Compared
from tests.elasticache_operations.drills.restore_drill import RUN, Drill, drill, summary
from tests.elasticache_operations.drills.restoring import SAME, Region

__all__ = ["drill"]


def compared(**changes: Any) -> Compared:
    return Compared(**{**SAME, **changes})


@pytest.mark.parametrize(
    ("changes", "most", "passed", "words"),
    [
        ({}, 0, True, "1,000 of 1,000 keys are the same, 0.0 % changed since the snapshot; 1,000 keys restored"),
        (
            {"complete": False, "sampled": 500, "same": 500},
            0,
            True,
            "1,000 in the cache; the sample was ended after 480 s",
        ),
        ({"same": 900, "changed": 40, "gone": 30, "new": 30}, 10, True, "10.0 % changed"),
        ({"same": 899, "changed": 41, "gone": 30, "new": 30}, 10, False, "10.1 % of 1,000 keys changed"),
        ({"same": 999, "different": 1}, 100, False, "1 of 1,000 keys was not used since the snapshot"),
        ({"same": 999, "lost": 1}, 100, False, "(0 differ, 1 are absent)"),
        ({"restored": 900}, 10, True, "900 keys restored, 1,000 in the cache"),
        ({"restored": 899}, 10, False, "899 keys and the cache 1,000, 10.1 % apart, at most 10 % are allowed"),
        ({"source": 899}, 10, False, "1,000 keys and the cache 899, 10.1 % apart"),
        ({"unreadable": 1000, "same": 0}, 10, False, "the user of the client may read none of the 1,000 keys"),
        ({"unreadable": 500, "same": 449, "changed": 51}, 10, False, "10.2 % of 500 keys changed"),
        (
            {"sampled": 0, "same": 0, "source": 0, "restored": 0},
            10,
            False,
            "nothing was compared: both caches are empty",
        ),
        ({"source": None}, 10, False, "may not run DBSIZE"),
    ],
)
def test_the_verdict(changes: dict[str, Any], most: float, passed: bool, words: str) -> None:
    verdict = compared(**changes).verdict(most)
    assert verdict[0] is passed
    assert words in verdict[1]


def test_data_that_differ_are_exit_status_1(drill: Drill) -> None:
    region = Region(compared={**SAME, "same": 800, "changed": 200})
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (1, "failed")
    assert summary(result).startswith("20.0 % of 1,000 keys changed since the snapshot, at most 10 % are allowed")
    assert result.data["figures"]["changed_keys"] == 200
    assert region.left == []
    assert drill(region, *RUN, "--most-changed", "20").status == 0
