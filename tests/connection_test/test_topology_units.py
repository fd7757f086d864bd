"""The texts, bounds and branches of the stages of topology and replicas; no server is needed."""

from typing import Any

import pytest
from connection_test import stage_replicas, stage_topology, transport
from connection_test.config import Endpoint
from connection_test.context import Context
from connection_test.failures import failure_of
from connection_test.permitted import StageSkipped
from connection_test.report import StageFailure
from connection_test.resp import ProtocolError, ReplyError
from connection_test.slots import Node, Shard

from tests.connection_test.stage_fakes import ENDPOINT, Memory, Server, codes, context_of

ALL = [(0, 16383)]
READER = Endpoint("reader", "reader.example", 6379)


class NoInfo(Memory):
    """A server that refuses INFO."""

    def info(self, section: str) -> dict[str, str]:
        raise ReplyError("NOPERM this user has no permissions to run the 'info' command")


def one_shard(replication: dict[str, str], **settings: Any) -> tuple[str, Context]:
    memory = Memory()
    memory.role = replication
    context = context_of(memory, **settings)
    return stage_topology.topology(context), context


class TestOneShard:
    def test_the_shard_is_counted_also_when_its_role_is_not_readable(self) -> None:
        for settings in ({}, {"permissions": ["get", "info"]}):
            context = context_of(NoInfo(), **settings)
            assert stage_topology.topology(context) == "one shard"
            assert context.facts["shards"] == 1
            assert codes(context) == ["missing-permission"]

    def test_a_user_that_may_not_read_the_role_skips_the_stage(self) -> None:
        context = context_of(Memory(), permissions=["get"])
        with pytest.raises(StageSkipped, match="the user may not run INFO, as its access string says"):
            stage_topology.topology(context)
        assert context.facts["shards"] == 1

    @pytest.mark.parametrize(("expected", "words"), [(1, "1 replica expected"), (2, "2 replicas expected")])
    def test_the_number_of_replicas(self, expected: int, words: str) -> None:
        _, context = one_shard({"role": "master", "connected_slaves": str(expected - 1)}, replicas_per_shard=expected)
        assert context.warnings[0][1] == f"{words}, and {expected - 1} connected to the primary"
        detail, context = one_shard({"role": "master", "connected_slaves": str(expected)}, replicas_per_shard=expected)
        assert (detail, codes(context)) == (f"one shard, this node is master, {expected} replicas connected", [])

    @pytest.mark.parametrize(
        ("replication", "settings"),
        [
            ({"role": "slave", "connected_slaves": "0"}, {}),
            ({"role": "master", "connected_slaves": "0"}, {"serverless": True}),
            ({"role": "master", "connected_slaves": "many"}, {}),
        ],
    )
    def test_where_replicas_are_not_counted(self, replication: dict[str, str], settings: dict[str, Any]) -> None:
        assert codes(one_shard(replication, replicas_per_shard=1, **settings)[1]) == []

    def test_a_primary_that_names_no_replicas_has_none(self) -> None:
        detail, context = one_shard({"role": "master"}, replicas_per_shard=1)
        assert detail.endswith("0 replicas connected")
        assert codes(context) == ["missing-replicas"]

    def test_replicas_that_still_copy_are_counted(self) -> None:
        _, context = one_shard(
            {
                "role": "master",
                "connected_slaves": "3",
                "slave0": "ip=a,port=1,state=online,lag=0",
                "slave1": "ip=b,port=1,state=wait_bgsave,lag=0",
                "slave2": "ip=c,port=1,state=send_bulk,lag=0",
                "slave_read_only": "1",
                "other": "state=wait_bgsave",
            }
        )
        assert context.warnings[0][:2] == (
            "replica-synchronizing",
            "2 of 3 replicas still copy the data of the primary",
        )


class TestCoverage:
    def failure(self, *ranges: tuple[int, int]) -> StageFailure:
        with pytest.raises(StageFailure) as caught:
            stage_topology._must_cover([Shard(Node("a", 1), [each]) for each in ranges])
        return caught.value

    def test_one_slot(self) -> None:
        assert self.failure((0, 5), (7, 16383)).cause == "1 of 16384 hash slots belong to no shard (6-6)"

    def test_all_slots(self) -> None:
        stage_topology._must_cover([Shard(Node("a", 1), ALL)])

    def test_five_ranges_are_named(self) -> None:
        cause = self.failure(*((each * 10, each * 10 + 7) for each in range(6)), (60, 16383)).cause
        assert cause == "12 of 16384 hash slots belong to no shard (8-9, 18-19, 28-29, 38-39, 48-49)"


def test_the_shards_of_a_cluster_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [("10.0.0.1", port)])
    monkeypatch.setattr(transport, "connect", lambda host, port, address: Server())
    reply = [[0, 8191, ["a", 1]], [8192, 16383, ["b", 1]]]
    context = context_of(Server(CLUSTER=reply), cluster_mode="enabled", shards=2)
    assert stage_topology.topology(context) == "2 shards, 2 nodes reachable, all 16384 slots covered"
    assert context.facts["shards"] == 2


class TestComparison:
    def compared(self, replicas: list[int], **settings: Any) -> Context:
        context = context_of(cluster_mode="enabled", **{"shards": len(replicas), **settings})
        context.shards = [
            Shard(Node(f"p{number}", 1), ALL, [Node(f"r{number}-{each}", 1) for each in range(count)])
            for number, count in enumerate(replicas)
        ]
        stage_topology._compare(context)
        return context

    @pytest.mark.parametrize(("shards", "warned"), [(0, []), (1, ["other-shards"]), (2, []), (3, ["other-shards"])])
    def test_shards(self, shards: int, warned: list[str]) -> None:
        context = self.compared([0, 0], shards=shards)
        assert codes(context) == warned
        if warned:
            assert context.warnings[0][1] == f"{shards} shards were expected, and there are 2"

    def test_five_shards_are_named(self) -> None:
        context = self.compared([1, 0, 1, 1, 1, 1, 2], replicas_per_shard=2)
        assert context.warnings[0][1] == (
            "2 replicas per shard were expected, and 6 of 7 shards have fewer: shard 1 has 1, shard 2 has 0, shard 3 "
            "has 1, shard 4 has 1, shard 5 has 1, and 1 more"
        )
        assert self.compared([1] * 5 + [2], replicas_per_shard=2).warnings[0][1].endswith("shard 5 has 1")


class Broken(Memory):
    """A replica that answers its role, and breaks afterwards."""

    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self.answers["GET"] = problem


class TestReplicas:
    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stage_replicas, "_REPLICA_SECONDS", 0.1)

    def context(
        self,
        patch: pytest.MonkeyPatch,
        replica: Memory,
        *,
        count: int = 1,
        primary: Memory | None = None,
        **settings: Any,
    ) -> Context:
        memory = primary or Memory()
        replica.held = memory.held
        patch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
        context = context_of(memory, **{"cluster_mode": "enabled", "replicas_per_shard": count, **settings})
        replicas = [Node(f"r{number}", 1) for number in range(count)]
        context.shards = [Shard(Node(ENDPOINT.host, ENDPOINT.port), ALL, replicas)]
        return context

    def test_one_and_several(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for count, words in ((1, "read from 1 replica, the slowest after"), (2, "read from 2 replicas, the slowest")):
            context = self.context(monkeypatch, Memory(), count=count)
            assert str(stage_replicas.replicas(context)).startswith(words)
            assert context.facts["replicas_read"] == count

    def test_the_slowest_replica_is_given_in_milliseconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def read(context: Context, shard: Shard, replica: Node) -> stage_replicas._Read:
            return stage_replicas._Read(replica, 0.25 if replica.host == "r1" else 0.125)

        monkeypatch.setattr(stage_replicas, "_read_from", read)
        context = self.context(monkeypatch, Memory(), count=3)
        assert stage_replicas.replicas(context) == "read from 3 replicas, the slowest after 250 ms"

    @pytest.mark.parametrize("count", [5, 6])
    def test_five_nodes_are_named(self, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        replica = Memory()
        replica.role = {"role": "master"}
        context = self.context(monkeypatch, replica, count=count)
        assert stage_replicas.replicas(context) == "no replica read"
        cause = context.warnings[0][1]
        more = " and 1 more" if count == 6 else ""
        assert cause == f"r0:1, r1:1, r2:1, r3:1, r4:1{more} answer as primaries, so that no replica is read"

    def test_a_replica_whose_role_is_not_readable_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.context(monkeypatch, NoInfo())
        stage_replicas.replicas(context)
        assert (context.facts["replicas_read"], codes(context)) == (1, [])

    @pytest.mark.parametrize("problem", [TimeoutError("timed out"), ProtocolError("closed"), ConnectionResetError()])
    def test_a_replica_that_breaks_fails(self, problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(StageFailure):
            stage_replicas.replicas(self.context(monkeypatch, Broken(problem)))

    @pytest.mark.parametrize("permissions", [None, ["get", "readonly"]])
    @pytest.mark.parametrize(
        ("reply", "code"), [("LOADING loads", "replica-loading"), ("MASTERDOWN link", "replica-detached")]
    )
    def test_a_state_of_a_replica_is_a_warning_of_its_own(
        self, reply: str, code: str, permissions: list[str] | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context = self.context(monkeypatch, Broken(ReplyError(reply)), permissions=permissions)
        assert stage_replicas.replicas(context) == "no replica read"
        assert codes(context) == [code]

    def test_a_replica_that_loads_when_it_is_connected_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.context(monkeypatch, Memory())

        def loads(*_: object) -> None:
            raise failure_of(ReplyError("LOADING Redis is loading the dataset in memory"), "PING")

        monkeypatch.setattr(stage_replicas, "connect", loads)
        assert stage_replicas.replicas(context) == "no replica read"
        assert codes(context) == ["replica-loading"]

    def test_a_primary_that_loads_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        primary = Memory()
        primary.answers["SET"] = ReplyError("LOADING Redis is loading the dataset in memory")
        with pytest.raises(StageFailure) as caught:
            stage_replicas.replicas(self.context(monkeypatch, Memory(), primary=primary))
        assert caught.value.code == "loading"

    def test_a_slot_that_has_moved_is_no_problem_of_the_replica(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.context(monkeypatch, Broken(ReplyError("MOVED 1 a:1")))
        stage_replicas.replicas(context)
        assert (context.facts["replicas_read"], codes(context)) == (1, [])

    def test_a_user_that_only_reads_writes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        primary, replica = Memory(), Memory()
        context = self.context(monkeypatch, replica, primary=primary, permissions=["get", "readonly"])
        stage_replicas.replicas(context)
        assert [words[0] for words in replica.calls] == ["READONLY", "GET"]
        assert primary.calls == []

    @pytest.mark.parametrize(("permissions", "name"), [(["set", "readonly"], "GET"), (["get"], "READONLY")])
    def test_a_user_that_may_not_read_replicas(
        self, permissions: list[str], name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(StageSkipped, match=f"the user may not run {name}, as"):
            stage_replicas.replicas(self.context(monkeypatch, Memory(), permissions=permissions))

    def test_the_key_is_deleted_and_expires(self, monkeypatch: pytest.MonkeyPatch) -> None:
        primary = Memory()
        stage_replicas.replicas(self.context(monkeypatch, Memory(), primary=primary))
        assert [words[0] for words in primary.calls] == ["SET", "DEL"]
        assert primary.calls[0][3:] == ("EX", "60")
        assert primary.held == {}

    def test_a_key_that_may_not_be_deleted_expires_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        primary = Memory()
        primary.answers["DEL"] = ReplyError("NOPERM no")
        context = self.context(monkeypatch, Memory(), primary=primary)
        stage_replicas.replicas(context)
        assert context.facts["replicas_read"] == 1

    @pytest.mark.parametrize(("replicas", "expected"), [(0, None), (1, "read from 1 replica, the slowest after")])
    def test_a_reader_endpoint_is_read_where_replicas_are_expected(
        self, replicas: int, expected: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings: dict[str, Any] = {"cluster_mode": "disabled", "replicas_per_shard": replicas}
        context = self.context(monkeypatch, Memory(), **settings, endpoints=[ENDPOINT, READER])
        context.shards = []
        detail = stage_replicas.replicas(context)
        assert detail is None if expected is None else str(detail).startswith(expected)

    def test_a_serverless_cache_without_a_reader_endpoint_is_read_where_it_announces_a_replica(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context = self.context(monkeypatch, Memory(), serverless=True)
        assert str(stage_replicas.replicas(context)).startswith("read from the reader endpoint after")

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({"cluster_mode": "enabled", "replicas_per_shard": 1}, "none announced"),
            ({"cluster_mode": "enabled", "replicas_per_shard": 0}, None),
            ({"cluster_mode": "disabled", "replicas_per_shard": 1}, None),
        ],
    )
    def test_without_replicas(self, settings: dict[str, Any], expected: str | None) -> None:
        context = context_of(Server(), **settings)
        context.shards = [Shard(Node("a", 1), ALL)]
        assert stage_replicas.replicas(context) == expected
