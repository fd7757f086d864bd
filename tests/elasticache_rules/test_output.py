"""Texts that the commands print."""

import pytest

from elasticache_rules.output import counted


@pytest.mark.parametrize(
    ("number", "noun", "several", "text"),
    [
        (0, "change", "", "0 changes"),
        (1, "change", "", "1 change"),
        (2, "change", "", "2 changes"),
        (1234, "key", "", "1,234 keys"),
        (1, "policy", "policies", "1 policy"),
        (3, "policy", "policies", "3 policies"),
    ],
)
def test_a_number_with_its_noun(number: int, noun: str, several: str, text: str) -> None:
    assert counted(number, noun, several) == text
