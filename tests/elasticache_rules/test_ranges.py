"""The numbers that are tried for a parameter with a range."""

import pytest

from elasticache_rules import ranges


@pytest.mark.parametrize(("number", "tried"), [(35, True), (36, True), (65535, True), (65536, True), (65534, False)])
def test_a_bound_of_the_facts_and_the_number_above_it_are_tried(number: int, tried: bool) -> None:
    assert (number in ranges._bounds()) == tried
