"""Features that an older aws-cdk-lib lacks: an error with the release, and only if the prop is set."""

from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from constructs_lib._core.installed import parameter_of


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
