"""Failures of every API call at every step: message, exit status, and success when the command is run again."""

import re
from collections.abc import Callable
from typing import Any

import botocore
import pytest
from botocore import exceptions as raised
from botocore import parsers

from elasticache_operations import aws_failures
from elasticache_operations.aws_failures import Kind
from elasticache_operations.drills.global_failover import api
from elasticache_operations.drills.global_failover.api import ApiError
from elasticache_operations.drills.global_failover.statuses import Status
from tests.elasticache_operations.global_failover.answers import MODEL, RefusalError
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST, NAMED, Command, Result
from tests.elasticache_operations.global_failover.fake_elasticache import (
    AWAY,
    CODES,
    GROUP_IDS,
    HOME,
    MUTATIONS,
    FakeElastiCache,
    Fault,
    Group,
    retrying,
)

URL = "https://elasticache.us-east-1.amazonaws.com/"
OPERATIONS = ("DescribeGlobalReplicationGroups", "DescribeReplicationGroups", *MUTATIONS)
MODELED = sorted(
    {
        shape.metadata["error"]["code"]
        for operation in OPERATIONS
        for shape in MODEL.operation_model(operation).error_shapes
    }
)

# The error, its kind, and the exit status before a change has begun.
PASSING: dict[str, tuple[BaseException | bytes, Kind]] = {
    "Throttling": (RefusalError("Throttling"), Kind.THROTTLED),
    "RequestLimitExceeded": (RefusalError("RequestLimitExceeded", http_status=503), Kind.THROTTLED),
    "InternalFailure": (RefusalError("InternalFailure", http_status=500), Kind.LOST),
    "a server error without a known code": (RefusalError("Strange", http_status=502), Kind.LOST),
    "EndpointConnectionError": (raised.EndpointConnectionError(endpoint_url=URL, error="no address"), Kind.UNREACHABLE),
    "ConnectTimeoutError": (raised.ConnectTimeoutError(endpoint_url=URL), Kind.UNREACHABLE),
    "ProxyConnectionError": (raised.ProxyConnectionError(proxy_url="http://127.0.0.1:9"), Kind.UNREACHABLE),
    "SSLError": (raised.SSLError(endpoint_url=URL, error="self-signed"), Kind.UNREACHABLE),
    "ReadTimeoutError": (raised.ReadTimeoutError(endpoint_url=URL), Kind.LOST),
    "ConnectionClosedError": (raised.ConnectionClosedError(endpoint_url=URL), Kind.LOST),
    "HTTPClientError": (raised.HTTPClientError(error="reset"), Kind.LOST),
    "a page that is no answer": (b"<html>sign in", Kind.LOST),
}
ENDING: dict[str, tuple[BaseException | bytes, Kind]] = {
    "NoCredentialsError": (raised.NoCredentialsError(), Kind.CREDENTIALS),
    "PartialCredentialsError": (raised.PartialCredentialsError(provider="env", cred_var="b"), Kind.CREDENTIALS),
    "CredentialRetrievalError": (
        raised.CredentialRetrievalError(provider="sso", error_msg="line one\nline two"),
        Kind.CREDENTIALS,
    ),
    "UnauthorizedSSOTokenError": (raised.UnauthorizedSSOTokenError(), Kind.CREDENTIALS),
    "ExpiredToken": (RefusalError("ExpiredToken", http_status=403), Kind.CREDENTIALS),
    "ExpiredTokenException": (RefusalError("ExpiredTokenException", http_status=403), Kind.CREDENTIALS),
    "InvalidClientTokenId": (RefusalError("InvalidClientTokenId", http_status=403), Kind.CREDENTIALS),
    "SignatureDoesNotMatch": (RefusalError("SignatureDoesNotMatch", http_status=403), Kind.CREDENTIALS),
    "AccessDenied": (RefusalError("AccessDenied", http_status=403), Kind.PERMISSION),
    "AccessDeniedException": (RefusalError("AccessDeniedException", http_status=403), Kind.PERMISSION),
    "ParamValidationError": (raised.ParamValidationError(report="no"), Kind.ARGUMENT),
    "an error of another kind": (RefusalError("Strange"), Kind.OTHER),
}
REFUSED: dict[str, tuple[BaseException | bytes, Kind]] = {
    code: (RefusalError(code), kind)
    for code, kind in {
        "GlobalReplicationGroupNotFoundFault": Kind.NOT_FOUND,
        "ReplicationGroupNotFoundFault": Kind.NOT_FOUND,
        "InvalidGlobalReplicationGroupState": Kind.STATE,
        "InvalidParameterValue": Kind.ARGUMENT,
        "InvalidParameterCombination": Kind.ARGUMENT,
    }.items()
}
ERRORS = {**PASSING, **ENDING, **REFUSED}
STATUSES = {
    Kind.NOT_FOUND: Status.ARGUMENTS,
    Kind.STATE: Status.REFUSED,
    Kind.ARGUMENT: Status.ARGUMENTS,
    Kind.CREDENTIALS: Status.CREDENTIALS,
    Kind.PERMISSION: Status.CREDENTIALS,
    Kind.THROTTLED: Status.UNAVAILABLE,
    Kind.UNREACHABLE: Status.UNAVAILABLE,
    Kind.LOST: Status.UNAVAILABLE,
    Kind.OTHER: Status.UNAVAILABLE,
}
COMMANDS = {"failover": FAILOVER, "promote": LOST, "promote, with the group": NAMED}


def complete(fake: FakeElastiCache, words: tuple[str, ...]) -> bool:
    """Whether the change of a command is complete."""
    if words is FAILOVER:
        return fake.status == "available" and fake.members[AWAY].role == "PRIMARY"
    return fake.groups[AWAY][GROUP_IDS[AWAY]] == Group("available", "")


def requests(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """The requests of a run without a failure."""
    fake = FakeElastiCache()
    from elasticache_operations.drills.global_failover.command import run

    assert run(words, fake.client, clock=fake.clock, sleep=fake.sleep) == Status.DONE
    return fake.requests


def resumed(command: Command, fake: FakeElastiCache, words: tuple[str, ...], first: Result) -> None:
    """Run the command again, with the option that its message names, until the change is complete."""
    fake.faults, fake.always = {}, None
    named = re.search(r"--replication-group-id (\S+) to resume", first.out + first.err)
    again = command(fake, *words, *(("--replication-group-id", named[1]) if named else ()))
    assert again.status == Status.DONE, again
    assert complete(fake, words)
    assert len(fake.accepted) == 1, fake.accepted


def test_every_modeled_error_is_classified() -> None:
    assert set(MODELED) == set(REFUSED)
    assert set(MODELED) <= CODES
    for code, (_, kind) in REFUSED.items():
        error = raised.ClientError({"Error": {"Code": code, "Message": "no"}}, "Any")
        with pytest.raises(ApiError) as caught, api._translated("Any", HOME):
            raise error
        assert caught.value.kind is kind
        assert caught.value.status is STATUSES[kind]


def test_the_names_of_exceptions_are_those_of_botocore() -> None:
    known = {*vars(raised), *vars(parsers), "Boto3Error", "ValueError", "OSError"}
    assert {name for names in aws_failures.CLASSES.values() for name in names} - known == set()
    assert botocore.__version__


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_succeeds_again_after_a_failure_at_each_step(command: Command, name: str, error: str) -> None:
    words, (problem, kind) = COMMANDS[name], ERRORS[error]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number, (_, operation) in enumerate(calls):
        for applied in (False, True) if number == begins and kind is Kind.LOST else (False,):
            where = f"{operation}, request {number} of {len(calls)}, applied: {applied}"
            fake = FakeElastiCache(faults={number: Fault(problem, applied)})
            result = command(fake, *words)
            if error in PASSING:
                expected = Status.DONE if number >= begins else STATUSES[kind]
            elif kind in (Kind.STATE, Kind.ARGUMENT, Kind.NOT_FOUND) and operation in MUTATIONS:
                expected = Status.DONE  # the state still allows the call, so it is repeated
            elif kind is Kind.NOT_FOUND and operation == OPERATIONS[0] and words is not FAILOVER:
                expected = Status.DONE  # the status of the replication group decides
            elif kind is Kind.NOT_FOUND:
                expected = Status.REFUSED if fake.accepted else Status.ARGUMENTS
            else:
                expected = Status.UNDER_WAY if fake.accepted else STATUSES[kind]
            assert result.status == expected, f"{where}: {result}"
            if result.status == Status.UNDER_WAY:
                assert " is under way, and its end was not seen: " in result.error, where
                assert "run the same command again" in result.error, where
            elif result.status != Status.DONE:
                assert "under way" not in result.error, where
                assert ("was begun, and cannot be completed" in result.error) == bool(fake.accepted), where
            resumed(command, fake, words, result)


@pytest.mark.parametrize("error", PASSING)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_persistent_failure_ends_with_the_next_action(command: Command, name: str, error: str) -> None:
    words, (problem, kind) = COMMANDS[name], PASSING[error]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number in range(begins, begins + 3):
        fake = FakeElastiCache(always=(number, Fault(problem)))
        result = command(fake, *words)
        if number > begins:
            assert result.status == Status.UNDER_WAY, result
            assert " is under way, and its end was not seen: " in result.error
        elif kind is Kind.LOST:
            assert result.status == Status.UNDER_WAY, result
            assert " may be under way, and its end was not seen: " in result.error
        else:
            assert result.status == Status.UNAVAILABLE, result
            assert "under way" not in result.error
        assert 1700 <= fake.now <= 1800, "it retries within its timeout"
        assert fake.sleeps[:3] == sorted(fake.sleeps[:3]), "with longer and longer pauses"
        assert max(fake.sleeps) == 60
        resumed(command, fake, words, result)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("applied", [False, True])
def test_a_request_that_botocore_repeats_after_the_answer_was_lost(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, applied: bool
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    words = COMMANDS[name]
    begins = next(number for number, (_, operation) in enumerate(requests(words)) if operation in MUTATIONS)
    fake = FakeElastiCache(faults={begins: Fault(raised.ReadTimeoutError(endpoint_url=URL), applied)})
    result = command(fake, *words, create=retrying(fake, attempts=3))
    assert result.status == Status.DONE, result
    assert complete(fake, words)
    assert [operation for _, operation in fake.requests].count(MUTATIONS[0 if words is FAILOVER else 1]) == 2
    assert len(fake.accepted) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_at_each_step(command: Command, name: str) -> None:
    words = COMMANDS[name]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number in range(len(calls)):
        for applied in (False, True) if number == begins else (False,):
            fake = FakeElastiCache(faults={number: Fault(KeyboardInterrupt(), applied)})
            result = command(fake, *words)
            assert result.status == Status.INTERRUPTED
            if number < begins:
                assert result.error == "interrupted; nothing was changed"
            elif number == begins:
                assert " may be under way, and its end was not seen: interrupted; run the same" in result.error
            else:
                assert " is under way, and its end was not seen: interrupted; run the same" in result.error
            resumed(command, fake, words, result)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_of_each_pause(command: Command, name: str) -> None:
    words = COMMANDS[name]
    for number in range(3):
        fake = FakeElastiCache(interrupt_sleep=number)
        result = command(fake, *words)
        assert result.status == Status.INTERRUPTED
        assert " is under way, and its end was not seen: interrupted; run the same" in result.error
        resumed(command, fake, words, result)


def test_an_interruption_while_the_change_of_an_earlier_run_is_awaited(command: Command) -> None:
    fake = FakeElastiCache()
    fake.interrupt_sleep = 0
    command(fake, *FAILOVER)
    fake.interrupt_sleep = 0
    result = command(fake, *FAILOVER)
    assert result.status == Status.INTERRUPTED
    assert result.error == (
        "a change was under way before, and its end was not seen: interrupted; run the same command again to resume"
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "AccessDenied",
            "DescribeGlobalReplicationGroups in us-east-1 failed: AccessDenied: refused by the fake; allow "
            "elasticache:DescribeGlobalReplicationGroups in the policy of these credentials",
        ),
        (
            "NoCredentialsError",
            "DescribeGlobalReplicationGroups in us-east-1 failed: NoCredentialsError: Unable to locate credentials; "
            "set valid credentials of an account that has us-east-1 enabled, and run the same command again",
        ),
        (
            "CredentialRetrievalError",
            "DescribeGlobalReplicationGroups in us-east-1 failed: CredentialRetrievalError: Error when retrieving "
            "credentials from sso: line one line two; set valid credentials of an account that has us-east-1 enabled, "
            "and run the same command again",
        ),
        (
            "Throttling",
            "DescribeGlobalReplicationGroups in us-east-1 failed: Throttling: refused by the fake; wait, and run the "
            "same command again",
        ),
    ],
)
def test_the_message_of_a_failure(command: Command, error: str, message: str) -> None:
    fake = FakeElastiCache(faults={0: Fault(ERRORS[error][0])})
    assert command(fake, *FAILOVER).error == message


@pytest.mark.parametrize(
    ("code", "status"),
    [("InvalidGlobalReplicationGroupState", Status.REFUSED), ("InvalidParameterValue", Status.ARGUMENTS)],
)
@pytest.mark.parametrize("operation", ["failover", "promote"])
def test_a_refusal_in_a_state_that_allows_the_call(
    command: Command, operation: str, code: str, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeElastiCache, "_fail_over", refusing(code))
    monkeypatch.setattr(FakeElastiCache, "_disassociate", refusing(code))
    fake = FakeElastiCache()
    result = command(fake, *COMMANDS[operation])
    assert result.status == status
    assert f"failed: {code}: not now; " in result.error
    assert len([operation for _, operation in fake.requests if operation in MUTATIONS]) == 2, (
        "the call is repeated once after a read"
    )
    assert fake.now < 60


def test_a_promotion_is_tried_again_while_the_datastore_is_modifying(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeElastiCache, "_disassociate", refusing("InvalidGlobalReplicationGroupState"))
    fake = FakeElastiCache(status="modifying")
    result = command(fake, *LOST)
    assert result.status == Status.REFUSED
    assert fake.now > 1700
    assert len([operation for _, operation in fake.requests if operation in MUTATIONS]) > 100
    assert result.error.endswith("; look at the status and run the same command again")


def refusing(code: str) -> Callable[..., Any]:
    """A handler of the fake that refuses every request."""

    def refuse(fake: FakeElastiCache, region: str, parameters: Any) -> Any:
        raise RefusalError(code, "not now")

    return refuse
