"""The code, the cause and the action of a failure."""

import socket
import ssl
from pathlib import Path

import pytest
from connection_test import config, resp, transport
from connection_test.context import Context
from connection_test.failures import failure_of
from connection_test.report import StageFailure

from tests.connection_test.stage_fakes import ENDPOINT


class TestFailures:
    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            ("NOAUTH Authentication required.", "no-credentials"),
            ("NOPERM this user", "missing-permission"),
            ("MOVED 1 a:1", "cluster-mode-on"),
            ("ASK 1 a:1", "slots-moving"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "slots-moving"),
            ("ERR This instance has cluster support disabled", "cluster-mode-off"),
            ("READONLY You can't write against a read only replica.", "read-only-primary"),
            ("CLUSTERDOWN Hash slot not served", "slots-not-covered"),
            ("LOADING Redis is loading the dataset in memory", "loading"),
            ("BUSY Redis is busy running a script.", "busy"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "out-of-memory"),
            ("NOREPLICAS Not enough good replicas to write.", "too-few-replicas"),
            ("MASTERDOWN Link with MASTER is down", "failover"),
            ("MISCONF Redis is configured to save RDB snapshots", "snapshot-failed"),
            ("ERR max number of clients reached", "too-many-connections"),
            ("ERR unknown command 'SET'", "unknown-command"),
            ("ERR something else", "refused-command"),
        ],
    )
    def test_replies(self, reply: str, code: str) -> None:
        assert failure_of(resp.ReplyError(reply), "SET").code == code

    @pytest.mark.parametrize(
        ("number", "message", "code"),
        [
            (62, "Hostname mismatch, certificate is not valid for 'a'.", "certificate-wrong-name"),
            (10, "certificate has expired", "certificate-expired"),
            (20, "unable to get local issuer certificate", "certificate-untrusted"),
            (19, "self-signed certificate in certificate chain", "certificate-untrusted"),
        ],
    )
    def test_certificates(self, number: int, message: str, code: str) -> None:
        problem = ssl.SSLCertVerificationError()
        problem.verify_code, problem.verify_message = number, message
        assert transport._certificate_failure("a:1", problem).code == code

    def test_silent_resolver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(StageFailure) as caught:
            transport.resolve(config.Config([ENDPOINT]), "cache.example", 6379)
        assert caught.value.code == "resolver-silent"

    def test_no_route(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(113, "No route to host")

        monkeypatch.setattr(socket, "create_connection", fail)
        with pytest.raises(StageFailure) as caught:
            transport.connect("a", 1, ("10.0.0.1", 1))
        assert caught.value.code == "no-route"
        assert "EHOSTUNREACH" in caught.value.cause

    def test_unreadable_authorities(self, tmp_path: Path) -> None:
        with pytest.raises(StageFailure) as caught:
            transport.tls_context(config.Config([ENDPOINT], ca_file=str(tmp_path / "none.pem")))
        assert caught.value.code == "ca-file"

    def test_retry_stops_at_other_failures(self) -> None:
        calls = []

        def attempt() -> None:
            calls.append(1)
            raise StageFailure("wrong-credentials", "c", "a")

        with pytest.raises(StageFailure):
            Context(config.Config([ENDPOINT])).retry(attempt, seconds=60, codes=("connection-refused",))
        assert len(calls) == 1
