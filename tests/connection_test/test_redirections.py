"""Redirections between the shards of a cluster, and a refused command; no server is needed."""

from typing import Any

import pytest
from connection_test import commands
from connection_test.commands import Following
from connection_test.report import StageFailure
from connection_test.resp import ReplyError

from tests.connection_test.stage_fakes import Server


@pytest.mark.parametrize(
    ("words", "name"), [(("GET", "key"), "GET"), (("CLUSTER", "SLOTS"), "CLUSTER SLOTS"), (("SET", "k", "v"), "SET")]
)
def test_a_refused_command_is_named_without_its_key(words: tuple[str, ...], name: str) -> None:
    server = Server(**{words[0]: ReplyError("NOPERM no permissions")})
    with pytest.raises(StageFailure) as caught:
        commands.command(server, *words)  # type: ignore[arg-type]
    assert caught.value.cause == f"the user may not run {name} (NOPERM no permissions)"


class TestRedirections:
    def follow(self, *replies: Any) -> tuple[object, list[tuple[str, int]], Server]:
        other = Server()
        queue = list(replies)
        opened: list[tuple[str, int]] = []

        def connect(host: str, port: int) -> Any:
            opened.append((host, port))
            return other

        first = Server(SET=lambda *_: queue.pop(0) if queue else "OK")
        following = Following(first, "first.example", connect)  # type: ignore[arg-type]
        return following.command("SET", "key", "value"), opened, other

    def test_a_slot_that_moves(self) -> None:
        answer, opened, other = self.follow(ReplyError("ASK 12 node.example:7000"))
        assert (answer, opened) == ("OK", [("node.example", 7000)])
        assert other.calls == [("ASKING",), ("SET", "key", "value")]

    def test_a_slot_that_has_moved(self) -> None:
        answer, opened, other = self.follow(ReplyError("MOVED 12 2001:db8::1:7000"))
        assert (answer, opened) == ("OK", [("2001:db8::1", 7000)])
        assert other.calls == [("SET", "key", "value")]

    def test_a_redirection_without_a_host_refers_to_the_node_that_answered(self) -> None:
        answer, opened, _ = self.follow(ReplyError("MOVED 12 :7001"))
        assert (answer, opened) == ("OK", [("first.example", 7001)])

    def test_a_second_redirection_without_a_host_refers_to_the_second_node(self) -> None:
        opened: list[tuple[str, int]] = []
        replies = [ReplyError("MOVED 12 second.example:7000"), ReplyError("MOVED 12 ?:7001"), "OK"]
        server = Server(SET=lambda *_: replies.pop(0))

        def connect(host: str, port: int) -> Any:
            opened.append((host, port))
            return server

        assert Following(server, "first.example", connect).command("SET", "key", "value") == "OK"  # type: ignore[arg-type]
        assert opened == [("second.example", 7000), ("second.example", 7001)]

    def test_a_slot_that_moves_with_its_keys(self) -> None:
        answer, opened, _ = self.follow(ReplyError("TRYAGAIN Multiple keys"))
        assert (answer, opened) == ("OK", [])

    def test_redirections_without_an_end(self) -> None:
        first = Server(SET=ReplyError("MOVED 12 a:1"))
        with pytest.raises(StageFailure) as caught:
            Following(first, "first.example", lambda host, port: first).command("SET", "key", "value")  # type: ignore[arg-type,return-value]
        assert caught.value.code == "slots-moving"
        assert len(first.calls) == 5
