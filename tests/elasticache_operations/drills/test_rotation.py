"""`elasticache drill rotation` with recorded answers."""

import json
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills import run_command
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.rotation import drill
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.rotated import ACCEPTED, ARN, FIRST, FUNCTION, Rotated
from tests.elasticache_operations.drills.watching_client import INSTANCE
from tests.elasticache_operations.recorded import refusal
from tests.elasticache_operations.run import Elasticache, Result

ROTATE = ("secretsmanager", "RotateSecret")
CLIENT = ("--instance", INSTANCE)
SEE = "Secrets Manager completes it without this command; if it does not, see docs/runbooks/rotation.md"
DONE = "rotation 1 is complete, and the cache accepts the current and the previous password; applications that keep"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "_POLL", 0.001)
    monkeypatch.setattr(run_command, "_POLL", 0.001)


def run(elasticache: Elasticache, account: Rotated, *words: str) -> Result:
    return elasticache("drill", "rotation", "orders", "--secret", ARN, *CLIENT, "--run", *words, aws=account.recorded())


def record_of(path: Path) -> Any:
    (line,) = path.read_text().splitlines()
    document = json.loads(line)
    check_schema("drill", document)
    return document


def test_without_run_nothing_is_changed(elasticache: Elasticache) -> None:
    aws = Rotated().recorded()
    result = elasticache("drill", "rotation", "orders", "--secret", ARN, aws=aws)
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == [
        "drill rotation of orders (dry run)",
        "check                   result  detail",
        "state                   ok      orders is available",
        "TLS                     ok      on",
        "authentication          ok      a token or users",
        f"rotation of the secret  ok      by {FUNCTION}",
        f"secret                  ok      version {FIRST} is current",
        "no rotation under way   ok      none is pending",
        f"planned: nothing was changed; a run calls RotateSecret of {ARN} twice, and logs in from the client; the "
        "password that is current now is no longer accepted afterwards",
    ]
    assert {service for service, _ in aws.operations} == {"elasticache", "secretsmanager"}
    assert ROTATE not in aws.operations


def test_the_order_of_the_logins(elasticache: Elasticache) -> None:
    account = Rotated(reads=3)
    result = run(elasticache, account, "--format", "json")
    assert result.status == 0, result
    _, first, second = account.versions
    current = ["AWSCURRENT"] * 3
    assert account.logins == [FIRST, *current, first, FIRST, *current, second, first, FIRST, "AWSCURRENT"]
    assert result.data["figures"]["logins"] == 6
    assert result.data["summary"].startswith("6 logins with the current password, none was refused; applications")


@pytest.mark.parametrize("id", ["orders", "sessions"])
def test_a_cache_of_either_kind(elasticache: Elasticache, id: str) -> None:
    result = elasticache("drill", "rotation", id, "--secret", ARN, aws=Rotated().recorded())
    assert result.status == 0, result


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (Rotated(group={"Status": "modifying"}), "state: orders is modifying; wait until it is available and no"),
        (
            Rotated(group={"PendingModifiedValues": {"AuthTokenStatus": "ROTATING"}}),
            "state: orders is available, pending: AuthTokenStatus; wait until it is available",
        ),
        (Rotated(group={"TransitEncryptionEnabled": False}), "TLS: off; turn it on, passwords need it"),
        (Rotated(group={"UserGroupIds": []}), "authentication: none; give the cache an AUTH token or a user group"),
        (Rotated(described={"RotationEnabled": False}), "rotation of the secret: off; create a CredentialRotation, or"),
        (Rotated(described={"RotationLambdaARN": ""}), "rotation of the secret: off; create a CredentialRotation, or"),
        (Rotated(described={"DeletedDate": datetime(2026, 1, 1, tzinfo=UTC)}), "secret: scheduled for deletion; rest"),
        (Rotated(described={"VersionIdsToStages": {}}), "secret: no version with AWSCURRENT; store a password"),
        (
            Rotated(pending="2" * 32, reads=None),
            f"no rotation under way: AWSPENDING is on version {'2' * 32}; wait, or",
        ),
    ],
)
def test_a_condition_that_is_not_met(elasticache: Elasticache, tmp_path: Path, account: Rotated, message: str) -> None:
    recorded, path = account.recorded(), tmp_path / "record"
    words = ("--secret", ARN, *CLIENT, "--run", "--record", str(path))
    result = elasticache("drill", "rotation", "orders", *words, aws=recorded)
    assert (result.status, result.err) == (1, "")
    assert result.out.splitlines()[-1].startswith(f"refused: nothing was changed; {message}")
    assert ROTATE not in recorded.operations
    assert record_of(path)["result"] == "refused"


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (Rotated(kept=0), f"the cache refuses the current password, that of version {FIRST}; nothing was changed"),
        (Rotated(kept=1), f"the cache refuses the previous password, that of version {FIRST}; {DONE}"),
        (
            Rotated(kept=3),
            "the cache still accepts the password from before both rotations, and must accept the",
        ),
        (Rotated(refused=1), "1 of 4 logins with the current password was refused; look at the log of"),
        (Rotated(refused=4), "1 of 4 logins with the current password was refused; look at the log of"),
        (
            Rotated(deleted=FIRST),
            f"both rotations are complete, and the last check is missing: version {FIRST} of the secret",
        ),
        (Rotated(refused=5), "the cache refuses the current password, that of version AWSCURRENT; rotation 2 is "),
    ],
)
def test_a_login_that_shows_a_fault(elasticache: Elasticache, tmp_path: Path, account: Rotated, message: str) -> None:
    result = run(elasticache, account, "--record", str(tmp_path / "record"))
    last = result.out.splitlines()[-1]
    assert (result.status, last.startswith(f"failed: {message}")) == (1, True), result
    data = record_of(tmp_path / "record")
    assert data["figures"]["refused_logins"] == (account.refused in (1, 4))
    refused = None if account.deleted else {0: None, 1: None, 2: True, 3: False}[account.kept]
    assert data["figures"].get("oldest_password_refused") is refused


def test_a_rotation_that_does_not_complete(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "until", lambda self, timeout, poll: iter([0.0, timeout - 0.001, timeout]))
    account = Rotated(reads=None)
    result = run(elasticache, account, "--timeout", "10s")
    assert (result.status, result.out.splitlines()[-1]) == (
        1,
        f"failed: rotation 1 to version {account.pending} is not complete after 10 s; look at the log of the rotation "
        "function, and at docs/runbooks/rotation.md",
    )
    assert account.logins == [FIRST, "AWSCURRENT", "AWSCURRENT", "AWSCURRENT"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("orders",), "the following arguments are required: --secret; see elasticache drill rotation --help"),
        (("order", "--secret", ARN), "ID must be one of the valid values, got 'order'; use orders, "),
        (("pages", "--secret", ARN), "ID must be a cache with passwords, got pages, a cluster of Memcached; give"),
        (("orders", "--secret", "x"), "secretsmanager DescribeSecret in us-east-1 failed: ResourceNotFoundException: "),
        (
            ("orders", "--secret", ARN, "--run"),
            "--instance must be given with --run, because the client tests the cache",
        ),
        (("orders", "--secret", ARN, "--offline"), "--offline must not be set, because the caches of an account are"),
        (("orders", "--secret", ARN, "--timeout", "5"), "--timeout must be 10s to 3600s, got '5'; write it like"),
        (
            ("orders", "--secret", ARN, "--run", "--client-shell", "/absent/x"),
            "--client-shell must be a command that can be run, got '/absent/x' (no such program); correct it",
        ),
        (
            ("orders", "--secret", ARN, "--run", "--client-shell", " "),
            "--client-shell must be a command, got an empty text; write it like 'ssh -T HOST sudo sh -s'",
        ),
        (("orders", "--secret", ARN, "--run", "--client-shell", "'"), "--client-shell must be a command, got"),
    ],
)
def test_bad_input_is_one_line(elasticache: Elasticache, words: tuple[str, ...], message: str) -> None:
    recorded = Rotated().recorded()
    result = elasticache("drill", "rotation", *words, aws=recorded)
    assert result.status == 2
    assert result.error.startswith(f"elasticache drill rotation: {message}")
    assert ROTATE not in recorded.operations


@pytest.mark.parametrize(
    ("report", "status", "message"),
    [
        (
            None,
            40,
            f"{INSTANCE} cannot read version {FIRST} of the secret: AccessDeniedException for the role; give its",
        ),
        (None, 41, f"version {FIRST} of the secret has no password; store the AUTH token as text, or the password"),
        (
            "no report",
            127,
            f"cache-connection-test on {INSTANCE} printed no report: AccessDeniedException for the role;",
        ),
        ({"stages": []}, 1, f"cache-connection-test on {INSTANCE} printed no report: "),
        (
            {"stages": [{"stage": "tcp", "status": "FAIL", "cause": "no answer"}, {"stage": "auth", "status": "SKIP"}]},
            12,
            f"the login on {INSTANCE} cannot be tried: tcp: no answer; correct it",
        ),
        (
            {"stages": [{"stage": "auth", "status": "FAIL", "code": "refused-command", "cause": "an error"}]},
            14,
            f"the login on {INSTANCE} cannot be tried: auth: an error; correct it",
        ),
    ],
)
def test_a_login_that_cannot_be_tried(elasticache: Elasticache, report: Any, status: int, message: str) -> None:
    recorded = Rotated(report=report, status=status).recorded()
    words = ("--secret", ARN, *CLIENT, "--run")
    result = elasticache("drill", "rotation", "orders", *words, aws=recorded)
    assert (result.status, result.error.startswith(f"elasticache drill rotation: {message}")) == (1, True), result
    assert ROTATE not in recorded.operations


def test_a_later_stage_does_not_decide_about_the_login(elasticache: Elasticache) -> None:
    """A user without other permissions can log in; a warning is a login too."""
    failed = {"stage": "write", "status": "FAIL", "code": "missing-permission", "cause": "no", "action": "grant"}
    account = Rotated(report={"stages": [{**ACCEPTED, "status": "WARN"}, failed]}, status=17)
    result = run(elasticache, account)
    # The old password is accepted as well by this client.
    assert "still accepts the password from before both rotations" in result.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("failures", "status", "result", "message"),
    [
        ([refusal("AccessDeniedException")], 3, "refused", "allow secretsmanager:RotateSecret in the policy of these"),
        (
            [refusal("InvalidRequestException")],
            3,
            "refused",
            "correct what the message names, and run the command again",
        ),
        ([None, refusal("ThrottlingException")], 3, "failed", f"wait, and run the command again; {DONE}"),
        ([refusal("InternalFailure", status=500)], 3, "failed", "run the command again; rotation 1 to version "),
    ],
)
def test_a_refused_call(
    elasticache: Elasticache,
    tmp_path: Path,
    *,
    failures: list[Exception | None],
    status: int,
    result: str,
    message: str,
) -> None:
    ended = run(elasticache, Rotated(failures=failures), "--record", str(tmp_path / "record"))
    last = ended.err.splitlines()[-1]
    assert (ended.status, ended.out, message in last) == (status, "", True), ended
    data = record_of(tmp_path / "record")
    assert (data["result"], data["summary"] in last) == (result, True)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (1, "nothing was changed"),
        (2, f"rotation 1 to version {{pending}} was started, and {SEE}"),
        (4, DONE),
        (6, f"rotation 2 to version {{pending}} was started, and {SEE}"),
    ],
)
def test_an_interruption_says_what_is_under_way(
    elasticache: Elasticache, tmp_path: Path, at: int, message: str
) -> None:
    account, count = Rotated(), iter(range(1, 20))
    sent: Any = account._send

    def send(params: Mapping[str, Any]) -> Any:
        if next(count) == at:
            signal.raise_signal(signal.SIGTERM)
        return sent(params)

    account.more[("ssm", "SendCommand")] = send
    result = run(elasticache, account, "--record", str(tmp_path / "record"))
    expected = f"elasticache drill rotation: interrupted; {message.format(pending=account.pending)}"
    assert (result.status, result.out) == (130, "")
    assert result.err.splitlines()[-1].startswith(expected), result.err
    assert record_of(tmp_path / "record")["result"] == "interrupted"
