"""What the stage of replicas makes of the value that a replica has; no server is needed."""

import time
from typing import Any

import pytest
from connection_test import config, stage_replicas
from connection_test.context import Context
from connection_test.slots import Node, Shard

from tests.connection_test.stage_fakes import ENDPOINT, NODE, Memory, codes, context_of


class TestReplicas:
    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stage_replicas, "_REPLICA_SECONDS", 0.2)

    def read(self, memory: Memory, replica: Memory, monkeypatch: pytest.MonkeyPatch) -> Context:
        """The stage, with a replica that reads what its primary holds."""
        replica.held = memory.held
        reader = config.Endpoint("reader", "reader.example", 6379)
        context = context_of(memory, endpoints=[ENDPOINT, reader], replicas_per_shard=1)
        monkeypatch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
        stage_replicas.replicas(context)
        return context

    def test_one_that_is_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.read(Memory(), Memory(late=0.05), monkeypatch)
        assert codes(context) == []
        assert context.facts["replicas_read"] == 1

    def test_one_that_stays_behind_is_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert codes(self.read(Memory(), Memory(late=9.0), monkeypatch)) == ["replica-behind"]

    @pytest.mark.parametrize(
        ("role", "code"),
        [
            ({"role": "master"}, "reader-is-primary"),
            ({"role": "slave", "master_link_status": "down"}, "replica-detached"),
        ],
    )
    def test_one_that_is_no_replica_is_not_counted(
        self, role: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replica = Memory()
        replica.role = role
        context = self.read(Memory(), replica, monkeypatch)
        assert codes(context) == [code]
        assert context.facts["replicas_read"] == 0

    def test_many_that_are_behind_are_one_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory, replica = Memory(), Memory(late=9.0)
        replica.held = memory.held
        nodes = [Node(f"replica{number}", 6379) for number in range(60)]
        context = context_of(memory, cluster_mode="enabled", replicas_per_shard=60)
        context.shards = [Shard(NODE, ranges=[(0, 16383)], replicas=nodes)]
        monkeypatch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
        assert stage_replicas.replicas(context) == "no replica read"
        ((code, cause, _),) = context.warnings
        assert code == "replica-behind"
        assert cause.endswith("replica4:6379 and 55 more did not show a write within 2 s")

    def test_a_primary_that_answers_late_does_not_make_the_replica_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory = Memory()

        def late(key: str, value: Any, *_: Any) -> str:
            time.sleep(0.3)
            return memory.set(key, value)

        memory.answers["SET"] = late
        assert codes(self.read(memory, Memory(), monkeypatch)) == []

    def test_one_with_an_older_value_is_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert codes(self.read(Memory(), Memory(other="older"), monkeypatch)) == ["replica-behind"]
