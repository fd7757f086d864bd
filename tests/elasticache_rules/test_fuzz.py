"""Generated and special inputs of the rules' command: findings or one line, within bounds on time and memory."""

import json

import pytest

from tests.bounded import Result, run_cases
from tests.elasticache_rules import fuzzing, special_files

ADDRESS_SPACE_MIB = 512
"""Python with the rules and PyYAML takes about 60 MiB of it; whatever needs more gets a MemoryError, and fails."""
PEAK_MIB = 150
SECONDS = 90
"""For a whole process, which takes 2 to 6 s alone on one core."""


def run(module: str, *words: str) -> Result:
    return run_cases(f"tests.elasticache_rules.{module}", *words, seconds=SECONDS, address_space_mib=ADDRESS_SPACE_MIB)


@pytest.mark.parametrize(
    ("kind", "last", "slowest", "fewest"),
    [
        ("templates", 1000, 1.0, {"clean": 300, "findings": 250, "message": 3}),
        ("pairs", 1000, 1.0, {"clean": 300, "findings": 200, "message": 5}),
        ("files", 1000, 2.0, {"clean": 30, "findings": 70, "message": 500}),
        ("long", 150, 3.0, {"clean": 50, "findings": 50}),
    ],
)
def test_generated_inputs_end_in_findings_or_in_one_line(
    kind: str, last: int, slowest: float, fewest: dict[str, int]
) -> None:
    result = run("fuzzing", kind, "0", str(last))
    assert result.failures == []
    assert sum(result.outcomes.values()) == last
    assert {item: result.outcomes.get(item, 0) >= count for item, count in fewest.items()} == dict.fromkeys(
        fewest, True
    )
    assert result.slowest < slowest, result.slowest_case
    assert result.peak_mib < PEAK_MIB


def test_special_files_end_in_one_line_and_hide_no_template_beside_them() -> None:
    result = run("special_files")
    assert result.failures == []
    assert result.outcomes == {
        "message": 2 * len(special_files.PLACES) + len(special_files.CHANGES),
        "findings in a folder": len(special_files.IN_A_FOLDER),
    }
    assert result.slowest < 1
    assert result.peak_mib < PEAK_MIB


def test_a_case_depends_on_its_number_alone() -> None:
    first, second = (
        fuzzing.mutate(fuzzing.numbered("templates", 7), {"Resources": {"It": {"Type": "x"}}}) for _ in "ab"
    )
    assert json.dumps(first) == json.dumps(second)


def test_a_mutation_leaves_the_original_as_it_is() -> None:
    before = json.dumps(fuzzing._DOCUMENTS)
    for number in range(300):
        rng = fuzzing.numbered("templates", number)
        fuzzing.mutate(rng, rng.choice(fuzzing._DOCUMENTS))
    assert json.dumps(fuzzing._DOCUMENTS) == before
