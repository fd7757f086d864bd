"""Bounds of the protocol of the cache, RESP."""

import socket
from collections.abc import Iterator

import pytest
from connection_test import resp


class TestResp:
    @pytest.fixture
    def pair(self) -> Iterator[tuple[socket.socket, resp.Connection]]:
        here, there = socket.socketpair()
        with here, there:
            yield here, resp.Connection(there, 1.0)

    @pytest.mark.parametrize(
        ("answer", "value"),
        [
            (b"+OK\r\n", "OK"),
            (b":0\r\n", 0),
            (b":-7\r\n", -7),
            (b"$3\r\na\r\n\r\n", "a\r\n"[:3]),
            (b"$0\r\n\r\n", ""),
            (b"$-1\r\n", None),
            (b"*-1\r\n", None),
            (b"*0\r\n", []),
            (b"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", [1, ["x"]]),
        ],
    )
    def test_replies(self, answer: bytes, value: object, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(answer + b"+NEXT\r\n")
        assert pair[1].call("GET", "k") == value
        assert pair[0].recv(99) == b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
        assert pair[1].call("PING") == "NEXT"

    def test_an_error_has_its_kind(self, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(b"-MOVED 1 host:1\r\n")
        with pytest.raises(resp.ReplyError) as caught:
            pair[1].call("GET", "k")
        assert (caught.value.kind, str(caught.value)) == ("MOVED", "MOVED 1 host:1")

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (b"HTTP/1.1 400\r\n", "expected a RESP reply, got b'HTTP/1.1 400'"),
            (b"?3\r\n", "expected a RESP reply, got b'?3'"),
            (b"\r\n", "expected a RESP reply, got an empty line"),
            (b"$16777217\r\n", "expected at most 16777216 bytes, got 16777217"),
        ],
    )
    def test_what_is_no_reply(self, answer: bytes, message: str, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(answer)
        with pytest.raises(resp.ProtocolError) as caught:
            pair[1].call("PING")
        assert str(caught.value) == message

    def test_info_and_text(self, pair: tuple[socket.socket, resp.Connection]) -> None:
        text = b"# Server\r\nredis_version:7.1\r\nno pair\r\na:b:c\r\n#x:1\r\n"
        pair[0].sendall(b"$%d\r\n%s\r\n$-1\r\n" % (len(text), text))
        assert pair[1].info("server") == {"redis_version": "7.1", "a": "b:c"}
        assert pair[1].text("GET", "k") == ""
        pair[0].close()
        with pytest.raises(ConnectionError):
            pair[1].call("PING")
