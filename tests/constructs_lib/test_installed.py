"""What an older aws-cdk-lib does not have: an error that names the release, and only where the prop is given."""

import aws_cdk as cdk
import pytest
from constructs import Construct

from constructs_lib._core.installed import accepted


class CfnServerlessCache:
    """As an older release has it."""

    def __init__(self, scope: Construct, id: str, *, engine: str, kms_key_id: str | None = None) -> None:
        pass


def test_what_is_not_given_is_not_passed(stack: cdk.Stack) -> None:
    assert accepted(stack, CfnServerlessCache, {"engine": "valkey", "network_type": None}, {}) == {"engine": "valkey"}


@pytest.mark.parametrize(("argument", "release"), [("network_type", "2.262.0"), ("connection_type", "2.275.0")])
def test_a_prop_that_needs_a_later_release_names_it(stack: cdk.Stack, argument: str, release: str) -> None:
    with pytest.raises(ValueError, match="needs aws-cdk-lib") as caught:
        accepted(stack, CfnServerlessCache, {"engine": "valkey", argument: "ipv4"}, {})
    assert str(caught.value) == (
        f"Stack: {argument} needs aws-cdk-lib {release} or later, because the installed CfnServerlessCache has no "
        f"{argument}; upgrade aws-cdk-lib, or leave {argument} out"
    )


def test_the_name_of_the_prop_is_used(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"^Stack: vpc_subnets needs aws-cdk-lib"):
        accepted(stack, CfnServerlessCache, {"subnet_ids": []}, {"subnet_ids": "vpc_subnets"})
