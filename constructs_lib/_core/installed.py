"""What the installed release of aws-cdk-lib accepts: its L1 classes decide, not its version number."""

import functools
import inspect
from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from .checking import problem

# A release that has the property, by L1 class and property.
_RELEASES: Final = {
    ("CfnServerlessCache", "NetworkType"): "2.262.0",
    ("CfnServerlessCache", "ConnectionType"): "2.275.0",
    ("CfnReplicationGroup", "Durability"): "2.275.0",
}
_RELEASE_OF_OTHERS: Final = "2.275.0"


def parameter_of(construct: Construct, l1: type[cdk.CfnResource], name: str, prop: str) -> str:
    """The parameter of an L1 that takes a CloudFormation property.

    :param name: the CloudFormation name of the property.
    :param prop: the prop that the caller gave it as.
    :raises ValueError: where the installed release lacks it.
    """
    parameter = _parameters_of(l1).get(name.lower())
    if parameter is None:
        release = _RELEASES.get((l1.__name__, name), _RELEASE_OF_OTHERS)
        raise problem(
            construct,
            f"{prop} needs aws-cdk-lib {release} or later, because the installed {l1.__name__} has no {name}",
            f"upgrade aws-cdk-lib, or leave {prop} out",
        )
    return parameter


@functools.cache
def _parameters_of(l1: type[cdk.CfnResource]) -> Mapping[str, str]:
    """The parameters of an L1 by their letters: `az_mode` and `preferred_cache_cluster_a_zs` follow no one rule."""
    return {name.replace("_", ""): name for name in inspect.signature(l1.__init__).parameters}
