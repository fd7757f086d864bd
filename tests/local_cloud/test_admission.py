"""IAM authentication of the servers: a token is valid for its signer, its user, its cache, and 15 minutes."""

import datetime
import hashlib
import subprocess
import textwrap

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT

pytestmark = pytest.mark.servers

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
_PROGRAM = textwrap.dedent(
    """
    import datetime, sys
    from types import SimpleNamespace
    from local_cloud.cache.admission import tokens
    now = datetime.datetime.fromisoformat(sys.argv[1])
    identity = SimpleNamespace(access_key="ASIAEXAMPLE", secret_key="secret", token="session")
    cache = SimpleNamespace(id="sessions", region="us-east-1", kind=sys.argv[2])
    print("\\n".join(tokens(identity, SimpleNamespace(id="app"), cache, now)))
    """
)


def accepted(kind: str = "replicationgroup") -> list[str]:
    """The hashes that the servers accept, computed in the emulator's environment."""
    done = subprocess.run(
        [str(ROOT / ".tools" / "emulator" / "bin" / "python"), "-c", _PROGRAM, NOW.isoformat(), kind],
        cwd=ROOT,
        env={**isolated_environment(), "PYTHONPATH": str(ROOT / "constructs_lib" / "client" / "connection_test")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def token(monkeypatch: pytest.MonkeyPatch, at: datetime.datetime, *, user: str = "app", key: str = "secret") -> str:
    """A token that botocore signs, with its parameters in the canonical order."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: at.replace(tzinfo=None))
    request = AWSRequest("GET", "http://sessions/", params={"Action": "connect", "User": user})
    SigV4QueryAuth(Credentials("ASIAEXAMPLE", key, "session"), "elasticache", "us-east-1", expires=900).add_auth(
        request
    )
    host, _, query = str(request.url).removeprefix("http://").partition("/?")
    signature = [parameter for parameter in query.split("&") if parameter.startswith("X-Amz-Signature")]
    ordered = sorted(parameter for parameter in query.split("&") if parameter not in signature)
    return f"{host}/?{'&'.join(ordered + signature)}"


def test_a_token_of_botocore_is_accepted_for_15_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    known = set(accepted())
    second = datetime.timedelta(seconds=1)
    for age, valid in ((0, True), (1, True), (899, True), (900, False), (-29, True), (-60, False)):
        assert (hashed(token(monkeypatch, NOW - age * second)) in known) is valid, age


def test_tokens_of_another_user_key_or_cache_are_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    known = set(accepted())
    assert hashed(token(monkeypatch, NOW, user="another")) not in known
    assert hashed(token(monkeypatch, NOW, key="another")) not in known
    assert known.isdisjoint(accepted("serverlesscache"))


def hashed(text: str) -> str:

    return hashlib.sha256(text.encode()).hexdigest()
