"""Which node the watch asks: routes, the discovery of shards, and the operations that it tries."""

from typing import Any, cast

import pytest
from connection_test import commands, slots, watch, watch_routes
from connection_test.config import Endpoint
from connection_test.report import StageFailure
from connection_test.resp import Connection, ReplyError
from connection_test.slots import Node, Shard
from connection_test.watch_records import Output
from connection_test.watch_routes import READ, REPLICA_READ, WRITE

from tests.connection_test.watch_fakes import ALL, A, B, C, Server, config_of, routes_of


class TestRoutes:
    OLD, NEW = [Shard(A, ALL, [B])], [Shard(B, ALL)]

    def test_a_node_that_has_not_learned_of_the_failover_does_not_bring_the_old_primary_back(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes._compare(B, self.NEW)
        assert routes.node_for(WRITE, 1) == B
        routes._compare(C, self.OLD)
        assert routes.node_for(WRITE, 1) == B
        routes._compare(C, self.NEW)
        routes._compare(B, self.NEW)
        assert routes.node_for(READ, 1) == B

    def test_a_second_failover_goes_back(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes._compare(B, self.NEW)
        routes._compare(B, self.OLD)
        assert routes.node_for(WRITE, 1) == A

    def test_a_later_search_compares_with_what_is_known_then(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes.search(True)
        routes._compare(B, self.NEW)
        routes.search(False)
        routes.search(True)
        routes._compare(A, self.OLD)
        assert routes.node_for(WRITE, 1) == A

    def test_moved_counts_until_the_view_changes(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes.moved(1, C)
        assert (routes.node_for(WRITE, 1), routes.node_for(WRITE, 2)) == (C, A)
        routes._compare(A, self.NEW)
        assert routes.node_for(WRITE, 1) == B

    def test_replicas_take_turns(self) -> None:
        routes = routes_of([Shard(A, ALL, [B, C])], cluster_mode="enabled")
        assert [routes.node_for(REPLICA_READ, 1, attempt) for attempt in range(3)] == [B, C, B]

    def test_without_replicas_the_primary_is_read(self) -> None:
        assert routes_of(self.NEW, cluster_mode="enabled").node_for(REPLICA_READ, 1) == B

    def test_a_slot_of_no_shard(self) -> None:
        with pytest.raises(StageFailure, match="no shard owns slot 7"):
            routes_of([Shard(A, [(0, 6)])], cluster_mode="enabled").node_for(WRITE, 7)

    def test_each_thread_asks_another_node_and_then_the_one_that_was_asked_longest_ago(self) -> None:
        routes = routes_of([Shard(A, ALL, [B, C])], cluster_mode="enabled")
        assert [routes._next().node for _ in range(3)] == [B, C, A]
        routes._asked.clear()
        assert routes._next().node == B

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("MOVED 7 c:3", (7, C)),
            ("ASK 7 c:3", (7, C)),
            ("MOVED 7 :3", (7, Node("a", 3))),
            ("MOVED 7 ?:3", (7, Node("a", 3))),
            ("MOVED 7 2001:db8::1:3", (7, Node("2001:db8::1", 3))),
            ("MOVED x c:3", None),
            ("MOVED 7", None),
            ("MOVED 7 c", None),
            ("ERR 7 c:3", None),
        ],
    )
    def test_the_node_in_a_redirection(self, text: str, expected: object) -> None:
        assert commands.redirection(ReplyError(text), A.host) == expected

    @pytest.mark.parametrize("prefix", ["x:", "{x", "x{}:", "x}{", ""])
    def test_a_key_of_each_shard(self, prefix: str) -> None:
        shards = [Shard(A, [(0, 8000)]), Shard(B, [(8001, 16383)])]
        keys = watch_routes.keys_of(shards, prefix, "salt")
        assert [number for number, _ in keys] == [1, 2]
        assert all(shards[number - 1].owns(slots.slot_of(key)) for number, key in keys)

    @pytest.mark.parametrize("prefix", ["{x}:", "a{x}{y}", "{x}"])
    def test_a_hash_tag_leaves_one_key(self, prefix: str) -> None:
        shards = [Shard(A, [(0, 8000)]), Shard(B, [(8001, 16383)])]
        ((number, key),) = watch_routes.keys_of(shards, prefix, "salt")
        assert key.startswith(prefix)
        assert shards[number - 1].owns(slots.slot_of(key))


class TestDiscovery:
    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (ReplyError("ERR This instance has cluster support disabled"), "cluster-mode-off"),
            (TimeoutError("timed out"), "no-answer"),
            ("text", "no-answer"),
            ([], "slots-not-covered"),
        ],
    )
    def test_a_cluster_that_does_not_tell(self, answer: object, code: str) -> None:
        server = cast("Connection", Server(CLUSTER=[answer]))
        with pytest.raises(StageFailure) as failure:
            watch_routes.discovered(config_of(cluster_mode="enabled"), server)
        assert failure.value.code == code

    def test_shards_are_numbered_by_their_slots(self) -> None:
        answer = [[8001, 16383, ["b", 2]], [0, 8000, ["a", 1]]]
        server = cast("Connection", Server(CLUSTER=[answer]))
        shards = watch_routes.discovered(config_of(cluster_mode="enabled"), server)
        assert [shard.primary for shard in shards] == [A, B]

    @pytest.mark.parametrize(
        ("settings", "replicas"),
        [({"replicas_per_shard": 1}, [B]), ({"serverless": True}, [B]), ({}, [])],
    )
    def test_a_reader_endpoint(self, settings: dict[str, Any], replicas: list[Node]) -> None:
        endpoints = [Endpoint("primary", "a", 1), Endpoint("reader", "b", 2)]
        (shard,) = watch_routes.discovered(config_of(endpoints=endpoints, **settings), cast("Connection", Server()))
        assert (shard.primary, shard.ranges, shard.replicas) == (A, ALL, replicas)


class TestOperations:
    def operations(self, **settings: Any) -> list[tuple[int, str]]:
        shards = [Shard(A, [(0, 8000)], [C]), Shard(B, [(8001, 16383)])]
        watched = watch.Watch(routes_of(shards, cluster_mode="enabled", **settings), Output("json"))
        return [(probe.shard, probe.operation) for probe in watched.probes]

    def test_replicas_are_read_where_there_are_any(self) -> None:
        assert self.operations() == [(1, WRITE), (1, READ), (1, REPLICA_READ), (2, WRITE), (2, READ)]

    def test_a_secondary_takes_no_writes(self) -> None:
        assert self.operations(global_role="secondary") == [(1, READ), (1, REPLICA_READ), (2, READ)]

    def test_a_serverless_reader_serves_every_key(self) -> None:
        endpoints = [Endpoint("configuration", "a", 1), Endpoint("reader", "a", 2)]
        found = self.operations(serverless=True, endpoints=endpoints)
        assert found == [(1, WRITE), (1, READ), (1, REPLICA_READ), (2, WRITE), (2, READ)]

    def test_many_operations_have_a_longer_period(self) -> None:
        shards = [Shard(Node("a", number), [(number, number)]) for number in range(40)]
        routes = routes_of(shards, cluster_mode="enabled", key_prefix="{x}")
        assert watch.Watch(routes, Output("json")).period == watch.PERIOD
        routes = routes_of([Shard(Node("a", n), [(n * 400, n * 400 + 399)]) for n in range(40)], cluster_mode="enabled")
        assert watch.Watch(routes, Output("json")).period == pytest.approx(0.04)
