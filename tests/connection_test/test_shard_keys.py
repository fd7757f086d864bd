"""Shards without replicas or without a key, and topologies of another form; no server is needed."""

from typing import Any

import pytest
from connection_test import slots, stage_data, stage_topology, transport
from connection_test.report import StageFailure
from connection_test.slots import Node, Shard

from tests.connection_test.stage_fakes import ALIVE, Memory, Open, Server, codes, context_of, slots_reply


class TestMissingReplicas:
    @pytest.mark.parametrize(("expected", "warned"), [(0, []), (1, ["missing-replicas"])])
    def test_in_a_cluster(self, expected: int, warned: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(ALIVE, port)])
        monkeypatch.setattr(transport, "connect", lambda host, port, address: Open())
        reply = slots_reply((0, 8191), (8192, 16383))
        reply[0].append(["replica", 6379])
        context = context_of(Server(CLUSTER=reply), cluster_mode="enabled", shards=2, replicas_per_shard=expected)
        stage_topology.topology(context)
        assert codes(context) == warned
        if warned:
            assert "1 of 2 shards have fewer: shard 2 has 0" in context.warnings[0][1]

    @pytest.mark.parametrize(
        ("replication", "warned"),
        [
            ({"role": "master", "connected_slaves": "1", "slave0": "ip=a,port=1,state=online,lag=0"}, []),
            ({"role": "master", "connected_slaves": "0"}, ["missing-replicas"]),
            (
                {"role": "master", "connected_slaves": "1", "slave0": "ip=a,port=1,state=wait_bgsave,lag=0"},
                ["replica-synchronizing"],
            ),
        ],
    )
    def test_without_cluster_mode(self, replication: dict[str, str], warned: list[str]) -> None:
        memory = Memory()
        memory.role = replication
        context = context_of(memory, replicas_per_shard=1)
        stage_topology.topology(context)
        assert codes(context) == warned


@pytest.mark.parametrize("reply", ["text", [["a"]], [[0, 1]], [[0, 16383, "node"]], [[[], 1, ["a", 1]]]])
def test_a_topology_of_another_form_is_no_fault_of_the_test(reply: Any) -> None:
    with pytest.raises(StageFailure) as caught:
        stage_topology.topology(context_of(Server(CLUSTER=reply), cluster_mode="enabled"))
    assert caught.value.code == "malformed-reply"


class TestKeyPrefixes:
    SHARDS = (Shard(Node("a", 1), [(0, 8191)]), Shard(Node("b", 1), [(8192, 16383)]))

    @pytest.mark.parametrize("prefix", ["", "orders:", "{", "a{b", "{}", "{}{x}", "}", "{orders}:", "x{y}z"])
    def test_any_prefix_has_keys(self, prefix: str) -> None:
        shards = slots.reachable(list(self.SHARDS), prefix)
        assert len(shards) == (1 if slots.slot_of_prefix(prefix) is not None else 2)
        for shard in shards:
            key = slots.key_for(shard, prefix, "salt")
            assert key.startswith(prefix)
            assert shard.owns(slots.slot_of(key))

    def test_a_shard_that_owns_no_key_of_the_prefix(self) -> None:
        other = next(shard for shard in self.SHARDS if not shard.owns(slots.slot_of("{orders}:")))
        with pytest.raises(ValueError, match=r"owns no key that begins with \{orders\}:"):
            slots.key_for(other, "{orders}:", "salt")

    def test_the_stage_says_which_shards_were_tested(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory = Memory()
        context = context_of(memory, cluster_mode="enabled", key_prefix="{orders}:")
        context.shards = list(self.SHARDS)
        monkeypatch.setattr(stage_data, "connect", lambda context, host, port: memory)
        assert stage_data.data(context) == "SET, GET and DEL on 1 of 2 shards, which owns all keys of the key prefix"
