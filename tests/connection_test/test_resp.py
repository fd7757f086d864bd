"""The protocol of the cache, RESP: replies, errors, and what is no reply."""

import socket

import pytest
from connection_test import resp
from hypothesis import given
from hypothesis import strategies as st


class TestResp:
    def _answer(self, data: bytes) -> resp.Connection:
        ours, theirs = socket.socketpair()
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        self._theirs = theirs
        return resp.Connection(ours)

    @pytest.mark.parametrize(
        ("data", "value"),
        [
            (b"+OK\r\n", "OK"),
            (b":-7\r\n", -7),
            (b"$3\r\na\r\n\r\n", "a\r\n"),
            (b"$-1\r\n", None),
            (b"*-1\r\n", None),
            (b"*2\r\n:1\r\n*1\r\n+x\r\n", [1, ["x"]]),
        ],
    )
    def test_replies(self, data: bytes, value: object) -> None:
        connection = self._answer(data)
        # "$3\r\na\r\n\r\n" holds three bytes: a, CR, LF.
        assert connection.call("X") == value
        connection.close()
        self._theirs.close()

    def test_error_replies_raise(self) -> None:
        connection = self._answer(b"-NOPERM no\r\n")
        with pytest.raises(resp.ReplyError) as caught:
            connection.call("X")
        assert caught.value.kind == "NOPERM"
        connection.close()
        self._theirs.close()

    @pytest.mark.parametrize("data", [b"HTTP/1.1 400\r\n", b"\r\n", b"$x\r\n", b"$99999999999\r\n"])
    def test_invalid_resp_raises(self, data: bytes) -> None:
        connection = self._answer(data)
        with pytest.raises(resp.ProtocolError, match="expected"):
            connection.call("X")
        connection.close()
        self._theirs.close()

    @given(st.binary(max_size=64))
    def test_arbitrary_bytes_raise_nothing_else(self, data: bytes) -> None:
        connection = self._answer(data)
        try:
            connection.call("X")
        except (resp.ReplyError, resp.ProtocolError, OSError, RecursionError):
            pass
        finally:
            connection.close()
            self._theirs.close()
