"""Connections to a database: TLS, a server that starts, and names with several addresses."""

import datetime
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from connection_test import config, database_session, transport
from connection_test import database as databases
from connection_test.context import Context
from connection_test.report import PASS, WARN, StageFailure

from tests.connection_test.database_stages import DATABASE, ENDPOINT, FOUND, after_start, failure, quick, run_at
from tests.connection_test.fake_postgres import HOST, Script, error, fake, row, session

__all__ = ["quick"]


class TestTls:
    def test_expired_and_not_yet_valid(self, tmp_path: Path) -> None:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        past = {"not_before": now - 2 * day, "not_after": now - day}
        later = {"not_before": now + day, "not_after": now + 2 * day}
        assert failure(tmp_path, session(), **past)[:2] == ("db-tls", "certificate-expired")
        assert failure(tmp_path, session(), **later)[:2] == ("db-tls", "certificate-not-yet-valid")

    def test_handshake_that_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        trusting = database_session.trust

        def old(behind: databases.Database) -> ssl.SSLContext:
            context = trusting(behind)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
            return context

        monkeypatch.setattr(database_session, "trust", old)
        ours = trustme.CA(key_type=trustme.KeyType.ECDSA)
        assert failure(tmp_path, session(), authority=ours)[:2] == ("db-tls", "tls-failed")

    def test_nothing_sent_before_the_handshake_is_taken_for_an_answer(self, tmp_path: Path) -> None:
        stuffed = b"S" + error("57P03", "hostile")
        assert failure(tmp_path, session(), answer=stuffed)[:2] == ("db-tls", "tls-failed")


class TestWaiting:
    def scripts(self, *scripts: Script) -> Script:
        waiting = list(scripts)

        def script(sock: ssl.SSLSocket) -> None:
            (waiting.pop(0) if len(waiting) > 1 else waiting[0])(sock)

        return script

    @pytest.mark.parametrize("first", [after_start(error("57P03", "starting up")), after_start(b"")])
    def test_database_that_starts_is_waited_for(self, tmp_path: Path, quick: list[float], first: Script) -> None:
        def tls_only(sock: ssl.SSLSocket) -> None:
            sock.recv(1)

        with fake(tmp_path, self.scripts(tls_only, first, first, session(row(*FOUND)))) as (port, ca_file):
            report = run_at(port, ca_file, wait_network=60.0)
        assert report.verdict == PASS, report.as_json()
        assert quick == [2.0, 3.0]

    def test_without_time_it_is_not(self, tmp_path: Path, quick: list[float]) -> None:
        assert failure(tmp_path, after_start(error("57P03", "")))[1] == "starting-up"
        assert quick == []

    def test_the_wait_leaves_time_to_report_the_cause(self, tmp_path: Path, quick: list[float]) -> None:
        """The cause is the database's, and not that the test took too long."""
        code = failure(tmp_path, after_start(error("57P03", "")), wait_network=60.0, time_limit=14.0)[1]
        assert (code, quick) == ("starting-up", [])

    def test_time_limit_is_not_taken_for_a_failed_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rung = []

        def ring(*_: object) -> None:
            rung.append(1)
            raise StageFailure("time-limit", "c", "a")

        monkeypatch.setattr("connection_test.transport.connect", ring)
        context = Context(config.Config([ENDPOINT], database=DATABASE))
        monkeypatch.setattr("connection_test.transport.resolve", lambda *_: [("127.0.0.1", 1), ("127.0.0.2", 1)])
        with pytest.raises(StageFailure) as caught:
            database_session.secured(context, HOST)
        assert (caught.value.code, len(rung)) == ("time-limit", 1)


class TestAddresses:
    def test_one_address_that_works_is_enough(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name with IPv4 and IPv6 of a client that has one of the two; or one that is down."""
        with fake(tmp_path, session(row(*FOUND))) as (port, ca_file):
            addresses = [("127.0.0.2", port), ("::1", port), ("127.0.0.1", port)]
            monkeypatch.setattr("connection_test.transport.resolve", lambda *_: addresses)
            tried: list[str] = []
            connect = transport.connect

            def noted(host: str, number: int, address: tuple[str, int]) -> socket.socket:
                tried.append(address[0])
                return connect(host, number, address)

            monkeypatch.setattr("connection_test.transport.connect", noted)
            report = run_at(port, ca_file)
        assert report.verdict == WARN, report.as_json()
        # Once each, and then the one that works: for TLS and for the session.
        assert sorted(tried) == ["127.0.0.1"] * 3 + ["127.0.0.2", "::1"]
        assert [item.stage for item in report.stages if item.status == WARN] == ["db-tcp"]
        stage = report.stages[1]
        assert stage.detail == "1 address accepted a connection"
        assert "(127.0.0.2)" in stage.cause
        assert "(::1)" in stage.cause

    def test_none_that_works_is_the_first_ones_failure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connection_test.transport.resolve", lambda *_: [("127.0.0.2", 1), ("127.0.0.3", 1)])
        report = run_at(1, tmp_path)
        assert report.failed is not None
        assert (report.failed.stage, report.failed.code) == ("db-tcp", "connection-refused")
        assert "(127.0.0.2)" in report.failed.cause

    def test_address_whose_tls_fails_is_followed_by_the_next(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "other").mkdir()
        with (
            fake(tmp_path / "other", session(), answer=b"N") as (refusing, _),
            fake(tmp_path, session(row(*FOUND))) as (port, ca_file),
        ):
            addresses = [("127.0.0.1", refusing), ("127.0.0.1", port)]
            monkeypatch.setattr("connection_test.transport.resolve", lambda *_: addresses)
            assert run_at(port, ca_file).verdict == PASS
