"""The cause that is named for each refusal of a database's certificate."""

import ssl

import pytest
from connection_test.database import Database
from connection_test.database_failures import of_certificate


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (62, "another name", "certificate-wrong-name"),
        (64, "another address", "certificate-wrong-name"),
        (1, "Hostname Mismatch", "certificate-wrong-name"),
        (61, "another", "certificate-untrusted"),
        (63, "another", "certificate-untrusted"),
        (65, "another", "certificate-untrusted"),
        (8, "another", "certificate-untrusted"),
        (9, "another", "certificate-not-yet-valid"),
        (10, "another", "certificate-expired"),
        (11, "another", "certificate-untrusted"),
    ],
)
def test_the_number_of_the_refusal_decides_the_cause(number: int, message: str, code: str) -> None:
    problem = ssl.SSLCertVerificationError()
    problem.verify_code, problem.verify_message = number, message
    database = Database("db.example", 5432, name="shop", user="admin", region="eu-central-1")
    failure = of_certificate(problem, database, "db.example", bundled=True)
    assert failure.code == code
    assert message in failure.cause
