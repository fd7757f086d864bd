"""Bounds of slots and of the shards that own them."""

import pytest
from connection_test import slots, stage_replicas
from connection_test.config import Config, Endpoint
from connection_test.context import Context


class TestSlots:
    def test_the_slot_of_a_key(self) -> None:
        known = {"foo": 12182, "{foo}bar": 12182, "{}foo": slots.slot_of("{}foo"), "a{foo}{bar}": 12182}
        assert {key: slots.slot_of(key) for key in known} == known
        assert slots.slot_of("{}foo") not in (slots.slot_of("foo"), slots.slot_of(""))
        assert slots.slot_of("foo}") != slots.slot_of("foo")
        assert slots.slot_of("{a}") == slots.slot_of("a")

    @pytest.mark.parametrize(("slot", "owned"), [(9, False), (10, True), (20, True), (21, False), (30, True)])
    def test_a_shard_owns_both_ends_of_a_range(self, slot: int, owned: bool) -> None:
        assert slots.Shard(slots.Node("a", 1), [(10, 20), (30, 30)]).owns(slot) is owned

    def test_a_key_for_a_shard(self) -> None:
        slot = slots.slot_of("test:s:{7}")
        assert slots.key_for(slots.Shard(slots.Node("a", 1), [(slot, slot)]), "test:", "s") == "test:s:{7}"
        first = slots.slot_of("test:s:{0}")
        assert slots.key_for(slots.Shard(slots.Node("a", 1), [(first, first)]), "test:", "s") == "test:s:{0}"
        with pytest.raises(ValueError, match="shard a:1 owns no slot"):
            slots.key_for(slots.Shard(slots.Node("a", 1)), "test:", "s")

    @pytest.mark.parametrize(
        ("ranges", "gaps"),
        [
            ([(0, 16383)], []),
            ([(1, 16383)], [(0, 0)]),
            ([(0, 16382)], [(16383, 16383)]),
            ([(0, 99), (101, 16383)], [(100, 100)]),
            ([(0, 100), (50, 60), (101, 16383)], []),
            ([], [(0, 16383)]),
        ],
    )
    def test_gaps(self, ranges: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
        assert slots.uncovered([slots.Shard(slots.Node("a", 1), ranges)]) == gaps

    def test_the_reply_of_cluster_slots(self) -> None:
        asked = slots.Node("asked", 6379)
        shards = slots.parse(
            [[0, 5, ["", 1], ["r", 2, "id"]], [6, 9, ["", 1], ["r", 2]], [10, 11, ["?", 3]], [12, 13, [None, 4]]], asked
        )
        assert [(str(shard.primary), shard.ranges, [str(each) for each in shard.replicas]) for shard in shards] == [
            ("asked:1", [(0, 5), (6, 9)], ["r:2"]),
            ("asked:3", [(10, 11)], []),
            ("asked:4", [(12, 13)], []),
        ]
        for wrong in ("OK", [[0, 5]], [5], [[0, 5, "node"]], [[0, 5, ["host"]]]):
            with pytest.raises(ValueError, match="CLUSTER SLOTS must"):
                slots.parse(wrong, asked)


class TestReplicasThatAreNotAnnounced:
    @pytest.mark.parametrize(("replicas", "detail"), [(0, None), (1, "none announced"), (2, "none announced")])
    def test_a_cluster_that_announces_none(self, replicas: int, detail: str | None) -> None:
        """The stage of the topology has warned of it."""
        endpoint = Endpoint("configuration", "c.example", 6379)
        context = Context(Config([endpoint], cluster_mode="enabled", replicas_per_shard=replicas))
        context.shards = [slots.Shard(slots.Node("a", 1), [(0, 16383)])]
        assert stage_replicas.replicas(context) == detail
        assert context.warnings == []
