"""Features that an older aws-cdk-lib lacks: an error with the release, and only if the prop is set."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct
from packaging.version import Version

from constructs_lib._core.checking import ReleaseError, ReleaseImportError
from constructs_lib._core.installed import parameter_of, require_class
from tests.constructs_lib.releases import WEAK_REFERENCES, missing_release


class CfnServerlessCache:
    """As an older release has it."""

    def __init__(self, scope: Construct, id: str, *, engine: str, kms_key_id: str | None = None) -> None:
        pass


OLDER: Any = CfnServerlessCache


def test_the_parameter_of_a_property(stack: cdk.Stack) -> None:
    assert parameter_of(stack, OLDER, "KmsKeyId", "kms_key") == "kms_key_id"


@pytest.mark.parametrize(
    ("name", "prop", "release"),
    [
        ("NetworkType", "network_type", "2.258.0"),
        ("ConnectionType", "connection_type", "2.273.0"),
        ("SubnetIds", "vpc_subnets", "2.275.0"),
    ],
)
def test_a_prop_that_needs_a_later_release_names_it(stack: cdk.Stack, name: str, prop: str, release: str) -> None:
    with pytest.raises(ValueError, match="needs aws-cdk-lib") as caught:
        parameter_of(stack, OLDER, name, prop)
    assert str(caught.value) == (
        f"Stack: {prop} needs aws-cdk-lib {release} or later, because the installed CfnServerlessCache has no "
        f"{name}; upgrade aws-cdk-lib, or leave {prop} out"
    )


def test_a_class_that_needs_a_later_release_names_it(stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(elasticache, "CfnSnapshot", raising=False)
    with pytest.raises(ReleaseError) as caught:
        require_class(stack, "CfnSnapshot")
    assert caught.value.release == "2.273.0"
    assert str(caught.value) == (
        "Stack: Stack needs aws-cdk-lib 2.273.0 or later, because the installed one has no CfnSnapshot; upgrade "
        "aws-cdk-lib"
    )


INSTALLED = Version("2.220.0")
REFUSED = "Cross stack references are only supported for stacks deployed to the same environment"
OLD_TEXT = "Stack: durability needs aws-cdk-lib 2.260.0 or later, because the installed CfnReplicationGroup has none"


@pytest.mark.parametrize(
    ("problem", "release"),
    [
        (ReleaseError(OLD_TEXT, "2.260.0"), "2.260.0"),
        (ReleaseImportError(OLD_TEXT, "2.220.1"), "2.220.1"),
        (RuntimeError(REFUSED), WEAK_REFERENCES),
        # Supported by the installed release.
        (ReleaseError(OLD_TEXT, "2.220.0"), None),
        # Errors of other types, although their text names a release.
        (ValueError(OLD_TEXT), None),
        (ImportError(OLD_TEXT), None),
        (RuntimeError(OLD_TEXT), None),
        (AssertionError(OLD_TEXT), None),
        (AssertionError(REFUSED), None),
    ],
)
def test_only_an_error_of_the_library_or_of_cdk_skips_a_test_on_an_older_release(
    problem: Exception, release: str | None
) -> None:
    assert missing_release(problem, INSTALLED) == release


def test_an_assertion_about_an_error_of_the_library_skips_a_test_on_an_older_release() -> None:
    with pytest.raises(AssertionError) as caught, pytest.raises(ValueError, match="another text"):
        raise ReleaseError(OLD_TEXT, "2.260.0")
    assert missing_release(caught.value, INSTALLED) == "2.260.0"
    assert missing_release(caught.value, Version("2.260.0")) is None
