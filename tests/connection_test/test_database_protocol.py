"""The protocol of PostgreSQL: answers of every kind, and what is no answer."""

import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from connection_test import postgres
from connection_test.report import PASS, WARN
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connection_test.database_stages import FOUND, after_start, failure, quick, run_at, server_pause
from tests.connection_test.fake_postgres import (
    AUTHENTICATED,
    CLEARTEXT,
    READY,
    error,
    fake,
    message,
    received,
    row,
    session,
)

__all__ = ["quick"]


class TestProtocol:
    def test_all_stages(self, tmp_path: Path) -> None:
        notice = message("N", b"SNOTICE\0Mhello\0\0") + message("S", b"TimeZone\0UTC\0") + message("K", b"\0" * 8)
        with fake(tmp_path, session(notice + row(*FOUND))) as (port, ca_file):
            report = run_at(port, ca_file)
        assert report.verdict == PASS, report.as_json()
        assert report.facts["database"]["version"] == "17.4"

    @pytest.mark.parametrize(
        ("sqlstate", "code"),
        [
            ("3D000", "database-missing"),
            ("42501", "missing-privilege"),
            ("53300", "too-many-connections"),
            ("53200", "out-of-memory"),
            ("53100", "disk-full"),
            ("57P01", "starting-up"),
            ("57P02", "starting-up"),
            ("57P03", "starting-up"),
            ("28000", "token-refused"),
            ("28P01", "token-refused"),
            ("XX000", "refused"),
        ],
    )
    def test_states_before_and_after_the_token(self, tmp_path: Path, sqlstate: str, code: str) -> None:
        refusal = error(sqlstate, "hostile text with the request")
        assert failure(tmp_path, after_start(refusal))[:2] == ("db-auth", code)
        assert failure(tmp_path, after_start(CLEARTEXT, refusal))[:2] == ("db-auth", code)
        assert failure(tmp_path, after_start(CLEARTEXT, AUTHENTICATED + refusal))[:2] == ("db-auth", code)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ('role "admin" does not exist', "unknown-user"),
            ('role "admin" is not permitted to log in', "user-may-not-log-in"),
            ('no pg_hba.conf entry for host "10.0.0.1"', "not-admitted"),
            ('PAM authentication failed for user "admin"', "token-refused"),
        ],
    )
    def test_refusals_by_their_text(self, tmp_path: Path, text: str, code: str) -> None:
        assert failure(tmp_path, after_start(CLEARTEXT, error("28000", text)))[1] == code

    def test_echo_of_the_token_is_reported_nowhere(self, tmp_path: Path) -> None:
        def echo(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            sock.sendall(CLEARTEXT)
            sock.sendall(error("XX000", "hostile: " + received(sock)[5:128].decode("latin-1")))

        assert failure(tmp_path, echo)[2].endswith("refused with SQLSTATE XX000")

    @pytest.mark.parametrize(
        ("method", "asked"), [(5, "an MD5 password"), (10, "a SCRAM password"), (99, "authentication method 99")]
    )
    def test_other_methods(self, tmp_path: Path, method: int, asked: str) -> None:
        seen: list[bytes] = []

        def script(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            sock.sendall(message("R", struct.pack("!i", method)))
            seen.append(received(sock))

        stage, code, cause = failure(tmp_path, script)
        assert (stage, code) == ("db-auth", "token-not-accepted")
        assert asked in cause
        assert seen == [b"X"]  # the session's end, and no token

    def test_server_that_asks_for_nothing_is_a_warning(self, tmp_path: Path) -> None:
        def trusting(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            sock.sendall(AUTHENTICATED + READY)
            sock.sendall(row(*FOUND))
            while received(sock)[:1] == b"Q":
                sock.sendall(row("1"))

        with fake(tmp_path, trusting) as (port, ca_file):
            report = run_at(port, ca_file)
        assert report.verdict == WARN, report.as_json()
        assert [stage.code for stage in report.stages if stage.status == WARN] == ["no-authentication"]

    def test_older_protocol_is_negotiated(self, tmp_path: Path) -> None:
        negotiation = message("v", struct.pack("!ii", 3 << 16, 0))
        assert failure(tmp_path, after_start(negotiation + error("53300", "")))[1] == "too-many-connections"

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"R" + struct.pack("!i", 3),
            b"R" + struct.pack("!i", 2**30),
            message("R", b"\0"),
            READY,
            b"",
        ],
    )
    def test_what_is_no_answer(self, tmp_path: Path, answer: bytes) -> None:
        stage, code, cause = failure(tmp_path, after_start(answer))
        assert (stage, code) == ("db-auth", "no-answer")
        assert "did not answer the sign-in as PostgreSQL does" in cause

    def test_silence_has_the_databases_words(self, tmp_path: Path) -> None:
        def silent(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            sock.recv(1)

        stage, code, cause = failure(tmp_path, silent)
        assert (stage, code) == ("db-auth", "no-answer")
        assert cause.endswith("did not answer the sign-in within 1 s")

    def test_answer_that_drips_ends_in_time(self, tmp_path: Path) -> None:
        def drip(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            for _ in range(40):
                sock.sendall(message("S", b"a\0b\0"))
                server_pause(0.1)

        assert failure(tmp_path, drip)[:2] == ("db-auth", "no-answer")

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (error("57P01", "hostile"), "starting-up"),
            (error("42501", "hostile"), "missing-privilege"),
            (row("1", "2"), "no-answer"),
            (message("D", struct.pack("!hi", 1, 99)), "no-answer"),
            (message("D", b"\0"), "no-answer"),
            (READY, "no-answer"),
            (message("G", b""), "no-answer"),
        ],
    )
    def test_query_that_fails(self, tmp_path: Path, answer: bytes, code: str) -> None:
        assert failure(tmp_path, session(answer))[:2] == ("db-query", code)

    def test_writer_that_is_a_replica(self, tmp_path: Path) -> None:
        assert failure(tmp_path, session(row(*FOUND[:4], "t")))[:2] == ("db-query", "writer-is-replica")

    def test_tls_that_ends_before_the_database_is_a_warning(self, tmp_path: Path) -> None:
        with fake(tmp_path, session(row("17.4", "f", None, "admin", "f"))) as (port, ca_file):
            report = run_at(port, ca_file)
        assert report.verdict == WARN
        assert report.stages[-1].code == "tls-ends-before-the-database"

    def test_slow_queries_are_measured_for_a_limited_time(self, tmp_path: Path) -> None:
        def slow(sock: ssl.SSLSocket) -> None:
            received(sock, first=True)
            sock.sendall(CLEARTEXT)
            received(sock)
            sock.sendall(AUTHENTICATED + READY)
            received(sock)
            sock.sendall(row(*FOUND))
            while received(sock)[:1] == b"Q":
                server_pause(0.3)
                sock.sendall(row("1"))

        with fake(tmp_path, slow) as (port, ca_file):
            report = run_at(port, ca_file)
        assert report.verdict == PASS
        assert report.facts["database"]["query_ms"]["p50"] >= 300

    def test_no_token_without_a_verified_name(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        with (
            socket.socket() as plain,
            context.wrap_socket(plain) as sock,
            pytest.raises(postgres.ProtocolError, match="verified host name"),
        ):
            postgres.Connection(sock, 1.0)

    @given(data=st.binary(max_size=64))
    @settings(max_examples=100)
    def test_arbitrary_bytes_raise_nothing_else(self, data: bytes) -> None:
        ours, theirs = socket.socketpair()
        connection = postgres.Connection.__new__(postgres.Connection)
        connection._socket, connection._seconds, connection._until, connection._buffer = ours, 1.0, 0.0, b""  # type: ignore[assignment]
        with ours, theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            for call in (lambda: connection.start({"user": "a"}), lambda: connection.query("SELECT 1")):
                with suppress(postgres.ServerError, postgres.ProtocolError, OSError):
                    call()
