"""Calls of AWS by the command: profiles, regions, failures, and calls that are sent once."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from elasticache_operations import deployed_templates
from elasticache_operations.aws import Aws
from elasticache_operations.errors import AwsError, InputError
from tests.elasticache_operations.counted_users import users
from tests.elasticache_operations.recorded import Recorded, refusal
from tests.elasticache_operations.run import Elasticache

__all__ = ["users"]


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize(
    ("answer", "status", "parts"),
    [
        (refusal("AccessDenied"), 3, ("AccessDenied: no; allow elasticache:DescribeUsers in the policy",)),
        (refusal("ExpiredToken"), 3, ("ExpiredToken: no; set valid credentials", "us-east-1")),
        (refusal("RequestTimeTooSkewed"), 3, ("; set valid credentials", "check the clock")),
        (refusal("Throttling"), 3, ("; wait, and run the command again",)),
        (refusal("InternalFailure", status=500), 3, ("; run the command again",)),
        (refusal("UserNotFound"), 2, ("UserNotFound: no; check the name and the region",)),
        (refusal("InvalidParameterValue"), 2, ("InvalidParameterValue: no; check the options",)),
        (NoCredentialsError(), 3, ("NoCredentialsError: ", "set valid credentials")),
    ],
)
def test_failures_of_aws(elasticache: Elasticache, answer: Exception, status: int, parts: tuple[str, ...]) -> None:
    result = elasticache("policy", aws=Recorded({("elasticache", "DescribeUsers"): answer}))
    assert result.status == status
    assert "elasticache DescribeUsers in us-east-1 failed: " in result.error
    for part in parts:
        assert part in result.error


@pytest.mark.usefixtures("users")
def test_calls_without_a_region_or_offline_are_refused(elasticache: Elasticache) -> None:
    result = elasticache("policy", aws=Recorded({}, region=None))
    assert (result.status, result.error) == (
        2,
        "elasticache policy: --region must be set, because the profile has no region; write it like --region eu-west-1",
    )
    result = elasticache("policy", "--offline")
    assert result.status == 2
    assert result.error.endswith("leave --offline out")


def test_a_profile_that_does_not_exist_lists_the_profiles() -> None:
    def create(profile_name: str | None, region_name: str | None) -> Any:
        if profile_name:
            raise ProfileNotFound(profile=profile_name)
        return SimpleNamespace(available_profiles=["default", "ops"])

    with pytest.raises(InputError, match="--profile must be one of the valid values, got 'opps'; use default, ops"):
        Aws("us-east-1", "opps", create=create).call("elasticache", "DescribeUsers")


def test_without_any_profile_the_fix_creates_one() -> None:
    def create(profile_name: str | None, region_name: str | None) -> Any:
        if profile_name:
            raise ProfileNotFound(profile=profile_name)
        return SimpleNamespace(available_profiles=[])

    with pytest.raises(InputError, match="got 'ops', and there is none; create it with: aws configure --profile NAME"):
        Aws("us-east-1", "ops", create=create).call("elasticache", "DescribeUsers")


def test_the_region_of_the_profile() -> None:
    assert Aws(create=Recorded({}, region="eu-west-1").session).default_region() == "eu-west-1"
    assert Aws("us-east-1", create=Recorded({}).session).default_region() == "us-east-1"
    assert Aws(create=Recorded({}, region=None).session).default_region() is None
    assert Aws(offline=True).default_region() is None

    def absent(**_: object) -> None:
        raise AwsError("no boto3")

    assert Aws(create=absent).default_region() is None


def test_a_call_that_changes_something_is_sent_once() -> None:
    configured = []

    def create(**given: Any) -> Any:
        session = Recorded({("elasticache", "DescribeUsers"): {}}).session(**given)
        client = session.client

        def recorded_client(service: str, **options: Any) -> Any:
            configured.append(options["config"].retries["total_max_attempts"])
            return client(service, **options)

        session.client = recorded_client
        return session

    aws = Aws("us-east-1", create=create)
    for call in (aws.call, aws.call_once, aws.call, aws.call_once):
        call("elasticache", "DescribeUsers")
    assert configured == [4, 1]


@pytest.mark.parametrize(("code", "status", "lost"), [("InternalFailure", 500, True), ("Throttling", 400, False)])
def test_a_request_that_may_have_arrived(code: str, status: int, lost: bool) -> None:
    aws = Recorded({("elasticache", "DescribeUsers"): refusal(code, status=status)})
    with pytest.raises(AwsError) as raised:
        Aws(create=aws.session).call_once("elasticache", "DescribeUsers")
    assert raised.value.lost is lost


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("AccessDenied"), (3, "AccessDenied: no; allow cloudformation:GetTemplate in the policy of these")),
        (refusal("ExpiredToken"), (3, "ExpiredToken: no; set valid credentials")),
        (refusal("Throttling"), (3, "Throttling: no; wait, and run the command again")),
        (NoCredentialsError(), (3, "NoCredentialsError: Unable to locate credentials; set valid credentials")),
        (refusal("ValidationError", "Stack with id Shop does not exist"), (2, "Stack with id Shop does not exist; ")),
    ],
    ids=["permission", "token", "throttling", "credentials", "absent"],
)
@pytest.mark.parametrize("name", ["check", "compare", "cost"])
def test_a_stack_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, elasticache: Elasticache, name: str, answer: Exception, expected: tuple[int, str]
) -> None:
    aws = Recorded({("cloudformation", "GetTemplate"): answer})
    monkeypatch.setattr(deployed_templates, "Aws", lambda region: Aws(region, create=aws.session))
    stacks = ["stack:Shop"] * (2 if name == "compare" else 1)
    result = elasticache(name, *stacks, "--region", "eu-west-1", aws=aws)
    assert result.status == expected[0]
    assert result.error.startswith(f"elasticache {name}: cloudformation GetTemplate in eu-west-1 failed: ")
    assert expected[1] in result.error
