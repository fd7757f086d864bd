"""Slots of keys, and the shards of CLUSTER SLOTS."""

import pytest
from connection_test import slots
from connection_test.slots import Node, Shard
from hypothesis import given
from hypothesis import strategies as st


class TestSlots:
    @pytest.mark.parametrize(
        ("key", "slot"),
        # Examples of the cluster specification, and answers of servers to CLUSTER KEYSLOT.
        [
            ("123456789", 0x31C3),
            ("foo", 12182),
            ("{user1000}.following", 3443),
            ("foo{}{bar}", 8363),
            ("", 0),
        ],
    )
    def test_known_slots(self, key: str, slot: int) -> None:
        assert slots.slot_of(key) == slot

    @given(first=st.integers(0, 16383), length=st.integers(1, 6000))
    def test_a_key_is_found_for_every_shard(self, first: int, length: int) -> None:
        shard = Shard(Node("a", 1), ranges=[(first, min(16383, first + length))])
        assert shard.owns(slots.slot_of(slots.key_for(shard, "prefix:", "salt")))

    def test_a_shard_without_slots_has_no_key(self) -> None:
        with pytest.raises(ValueError, match="shard a:1 owns no slot"):
            slots.key_for(Shard(Node("a", 1)), "p", "s")

    @given(st.lists(st.integers(0, 16383), min_size=1, max_size=8, unique=True))
    def test_gaps_and_ranges_together_are_all_slots(self, cuts: list[int]) -> None:
        ranges = [(cut, cut) for cut in cuts]
        gaps = slots.uncovered([Shard(Node("a", 1), ranges=ranges)])
        missing = {slot for first, last in gaps for slot in range(first, last + 1)}
        assert missing == set(range(16384)) - set(cuts)

    def test_parse_joins_the_ranges_of_a_shard(self) -> None:
        node = Node("asked", 6379)
        reply = [
            [0, 5, ["", 7000, "id"], ["b", 7001, "id"]],
            [10, 16383, ["", 7000, "id"], ["b", 7001, "id"]],
        ]
        (shard,) = slots.parse(reply, node)
        assert shard.primary == Node("asked", 7000)
        assert shard.ranges == [(0, 5), (10, 16383)]
        assert shard.replicas == [Node("b", 7001)]

    @pytest.mark.parametrize("reply", [None, "x", [[1]], [[0, 1, "x"]], [[0, 1, ["a"]]]])
    def test_parse_refuses_invalid_replies(self, reply: object) -> None:
        with pytest.raises(ValueError, match="CLUSTER SLOTS must"):
            slots.parse(reply, Node("a", 1))
