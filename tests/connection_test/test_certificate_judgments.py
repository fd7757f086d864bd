"""What the stage of TLS makes of a certificate; no server is needed."""

import datetime
import ssl
from typing import Any, cast

import pytest
from connection_test import stage_network, transport

from tests.connection_test.stage_fakes import codes, context_of


class Certificate:
    """A TLS socket whose certificate expires in some days."""

    def __init__(self, days: float) -> None:
        now = datetime.datetime.now(datetime.UTC)
        self.until = f"{now + datetime.timedelta(days=days):%b %d %H:%M:%S %Y} GMT"

    def getpeercert(self) -> dict[str, Any]:
        issuer = ((("organizationName", "Authority"),), (("commonName", "Other"),))
        return {"notAfter": self.until, "issuer": issuer, "subjectAltName": (("DNS", "*.example"),)}

    def version(self) -> str:
        return "TLSv1.3"


@pytest.mark.parametrize(("days", "expected"), [(13.9, ["certificate-expires"]), (14.1, []), (90, [])])
def test_a_certificate_that_expires_soon_is_a_warning(days: float, expected: list[str]) -> None:
    context = context_of()
    secured = cast("ssl.SSLSocket", Certificate(days))
    shown = stage_network.describe_certificate(context, "cache.example", secured)
    assert shown.startswith("TLSv1.3, certificate for *.example by Authority until 20")
    assert codes(context) == expected


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (9, "certificate is not yet valid", "certificate-expired"),
        (10, "certificate has expired", "certificate-expired"),
        (11, "another", "certificate-untrusted"),
        (8, "another", "certificate-untrusted"),
        (62, "hostname", "certificate-wrong-name"),
        (64, "IP address", "certificate-wrong-name"),
        (1, "Hostname mismatch", "certificate-wrong-name"),
        (20, "unable to get local issuer certificate", "certificate-untrusted"),
    ],
)
def test_why_a_certificate_is_refused(number: int, message: str, code: str) -> None:
    problem = ssl.SSLCertVerificationError()
    problem.verify_code, problem.verify_message = number, message
    assert transport._certificate_failure("cache.example:6379", problem).code == code
