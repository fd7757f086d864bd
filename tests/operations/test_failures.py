"""Each failure of each call at each step: its message and status, and that the same command then comes to the end."""

import re
from collections.abc import Callable
from typing import Any

import botocore
import pytest
from botocore import exceptions as raised
from botocore import parsers

from operations import api
from operations.api import ApiError, Kind
from operations.statuses import Status
from tests.operations.command import FAILOVER, LOST, NAMED, Command, Result
from tests.operations.fake_elasticache import (
    AWAY,
    CODES,
    GROUP_IDS,
    HOME,
    MODEL,
    MUTATIONS,
    Fault,
    Group,
    RefusalError,
    World,
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

# What the failure is, what it means, and the status when nothing has begun.
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


def complete(world: World, words: tuple[str, ...]) -> bool:
    """Whether the change that a command asks for is made."""
    if words is FAILOVER:
        return world.status == "available" and world.members[AWAY].role == "PRIMARY"
    return world.groups[AWAY][GROUP_IDS[AWAY]] == Group("available", "")


def requests(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """The requests of a run without a failure."""
    made = World()
    from operations.global_failover import main

    assert main(words, made.client, clock=made.clock, sleep=made.sleep) == Status.DONE
    return made.requests


def resumed(command: Command, world: World, words: tuple[str, ...], first: Result) -> None:
    """Run the command again, with the option that its message names, to the end."""
    world.faults, world.always = {}, None
    named = re.search(r"--replication-group-id (\S+) to resume", first.out + first.err)
    again = command(world, *words, *(("--replication-group-id", named[1]) if named else ()))
    assert again.status == Status.DONE, again
    assert complete(world, words)
    assert len(world.accepted) == 1, world.accepted


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
    assert {name for names in api.CLASSES.values() for name in names} - known == set()
    assert botocore.__version__


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_failure_at_each_step_and_the_command_again(command: Command, name: str, error: str) -> None:
    words, (problem, kind) = COMMANDS[name], ERRORS[error]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number, (_, operation) in enumerate(calls):
        for applied in (False, True) if number == begins and kind is Kind.LOST else (False,):
            where = f"{operation}, request {number} of {len(calls)}, applied: {applied}"
            made = World(faults={number: Fault(problem, applied)})
            result = command(made, *words)
            if error in PASSING:
                expected = Status.DONE if number >= begins else STATUSES[kind]
            elif kind in (Kind.STATE, Kind.ARGUMENT, Kind.NOT_FOUND) and operation in MUTATIONS:
                expected = Status.DONE  # the state still allows it, so it is called again
            elif kind is Kind.NOT_FOUND and operation == OPERATIONS[0] and words is not FAILOVER:
                expected = Status.DONE  # the replication group is what counts
            elif kind is Kind.NOT_FOUND:
                expected = Status.REFUSED if made.accepted else Status.ARGUMENTS
            else:
                expected = Status.UNDER_WAY if made.accepted else STATUSES[kind]
            assert result.status == expected, f"{where}: {result}"
            if result.status == Status.UNDER_WAY:
                assert " is under way, and its end was not seen: " in result.error, where
                assert "run the same command again" in result.error, where
            elif result.status != Status.DONE:
                assert "under way" not in result.error, where
                assert ("was begun, and cannot come to its end" in result.error) == bool(made.accepted), where
            resumed(command, made, words, result)


@pytest.mark.parametrize("error", PASSING)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_failure_that_stays_ends_with_what_is_left_to_do(command: Command, name: str, error: str) -> None:
    words, (problem, kind) = COMMANDS[name], PASSING[error]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number in range(begins, begins + 3):
        made = World(always=(number, Fault(problem)))
        result = command(made, *words)
        if number > begins:
            assert result.status == Status.UNDER_WAY, result
            assert " is under way, and its end was not seen: " in result.error
        elif kind is Kind.LOST:
            assert result.status == Status.UNDER_WAY, result
            assert " may be under way, and its end was not seen: " in result.error
        else:
            assert result.status == Status.UNAVAILABLE, result
            assert "under way" not in result.error
        assert 1700 <= made.now <= 1800, "it retries within its patience"
        assert made.sleeps[:3] == sorted(made.sleeps[:3]), "with longer and longer pauses"
        assert max(made.sleeps) == 60
        resumed(command, made, words, result)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("applied", [False, True])
def test_a_request_that_botocore_repeats_after_the_answer_was_lost(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, applied: bool
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    words = COMMANDS[name]
    begins = next(number for number, (_, operation) in enumerate(requests(words)) if operation in MUTATIONS)
    made = World(faults={begins: Fault(raised.ReadTimeoutError(endpoint_url=URL), applied)})
    result = command(made, *words, create=retrying(made, attempts=3))
    assert result.status == Status.DONE, result
    assert complete(made, words)
    assert [operation for _, operation in made.requests].count(MUTATIONS[0 if words is FAILOVER else 1]) == 2
    assert len(made.accepted) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_at_each_step(command: Command, name: str) -> None:
    words = COMMANDS[name]
    calls = requests(words)
    begins = next(number for number, (_, operation) in enumerate(calls) if operation in MUTATIONS)
    for number in range(len(calls)):
        for applied in (False, True) if number == begins else (False,):
            made = World(faults={number: Fault(KeyboardInterrupt(), applied)})
            result = command(made, *words)
            assert result.status == Status.INTERRUPTED
            if number < begins:
                assert result.error == "interrupted; nothing was changed"
            elif number == begins:
                assert " may be under way, and its end was not seen: interrupted; run the same" in result.error
            else:
                assert " is under way, and its end was not seen: interrupted; run the same" in result.error
            resumed(command, made, words, result)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_of_each_pause(command: Command, name: str) -> None:
    words = COMMANDS[name]
    for number in range(3):
        made = World(interrupt_sleep=number)
        result = command(made, *words)
        assert result.status == Status.INTERRUPTED
        assert " is under way, and its end was not seen: interrupted; run the same" in result.error
        resumed(command, made, words, result)


def test_an_interruption_while_the_change_of_an_earlier_run_is_awaited(command: Command) -> None:
    made = World()
    made.interrupt_sleep = 0
    command(made, *FAILOVER)
    made.interrupt_sleep = 0
    result = command(made, *FAILOVER)
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
    made = World(faults={0: Fault(ERRORS[error][0])})
    assert command(made, *FAILOVER).error == message


@pytest.mark.parametrize(
    ("code", "status"),
    [("InvalidGlobalReplicationGroupState", Status.REFUSED), ("InvalidParameterValue", Status.ARGUMENTS)],
)
@pytest.mark.parametrize("operation", ["failover", "promote"])
def test_a_refusal_in_a_state_that_allows_the_call(
    command: Command, operation: str, code: str, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "_fail_over", refusing(code))
    monkeypatch.setattr(World, "_disassociate", refusing(code))
    made = World()
    result = command(made, *COMMANDS[operation])
    assert result.status == status
    assert f"failed: {code}: not now; " in result.error
    assert len([each for _, each in made.requests if each in MUTATIONS]) == 2, "it is called once more after a look"
    assert made.now < 60


def test_a_promotion_is_tried_again_while_the_datastore_is_modifying(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "_disassociate", refusing("InvalidGlobalReplicationGroupState"))
    made = World(status="modifying")
    result = command(made, *LOST)
    assert result.status == Status.REFUSED
    assert made.now > 1700
    assert len([each for _, each in made.requests if each in MUTATIONS]) > 100
    assert result.error.endswith("; look at the status and run the same command again")


def refusing(code: str) -> Callable[..., Any]:
    """A handler of the fake that refuses."""

    def refuse(world: World, region: str, parameters: Any) -> Any:
        raise RefusalError(code, "not now")

    return refuse
