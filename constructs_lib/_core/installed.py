"""Features of the installed aws-cdk-lib, detected from its L1 classes instead of its version number."""

import functools
import inspect
from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .checking import release_error

try:
    from aws_cdk.interfaces import ResourceEnvironment
except ModuleNotFoundError:  # the package `interfaces` is newer than the lower bound
    from aws_cdk import ResourceEnvironment  # type: ignore[no-redef]  # only older releases have it here

__all__ = ["ResourceEnvironment", "attribute", "parameter_of", "python_3_14", "require_class", "takes_subnets"]

# The first release that has a property, by L1 class and property; compared with the published wheels of every release.
_RELEASES: Final = {
    ("CfnGlobalReplicationGroup", "Tags"): "2.272.0",
    ("CfnReplicationGroup", "Durability"): "2.260.0",
    ("CfnServerlessCache", "ConnectionType"): "2.273.0",
    ("CfnServerlessCache", "NetworkType"): "2.258.0",
}
# The first release that has a whole L1 class.
_CLASSES: Final = {"CfnServerlessCacheSnapshot": "2.268.0", "CfnSnapshot": "2.273.0"}
_NEWEST_KNOWN: Final = "2.275.0"


def attribute(resource: cdk.CfnResource, name: str) -> str:
    """An attribute as a token, for attributes that are missing in the L1 classes of some supported releases.

    :param name: the CloudFormation name of the attribute.
    """
    return cdk.Token.as_string(resource.get_att(name))


@functools.cache
def python_3_14() -> lambda_.Runtime:
    """The runtime of Lambda functions; `Runtime.PYTHON_3_14` is newer than the lower bound of aws-cdk-lib."""
    return lambda_.Runtime("python3.14", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True)


@functools.cache
def takes_subnets() -> bool:
    """Whether the L1 of a subnet group takes subnets in place of their ids; later releases do."""
    accepted = inspect.signature(elasticache.CfnSubnetGroup.__init__).parameters["subnet_ids"].annotation
    return "ISubnetRef" in str(accepted) and hasattr(ec2.Subnet, "subnet_ref")


def require_class(construct: Construct, name: str) -> None:
    """Refuse a construct whose L1 class is missing in the installed release.

    :raises ValueError: with the first release that has the class.
    """
    if not hasattr(elasticache, name):
        raise release_error(
            construct,
            type(construct).__name__,
            _CLASSES[name],
            f"the installed one has no {name}",
            "upgrade aws-cdk-lib",
        )


def parameter_of(construct: Construct, l1: type[cdk.CfnResource], name: str, prop: str) -> str:
    """The name of the L1 constructor parameter for a CloudFormation property.

    :param name: the CloudFormation name of the property.
    :param prop: the prop of the construct, for the error.
    :raises ValueError: if the installed release does not have the property.
    """
    parameter = _parameters_of(l1).get(name.lower())
    if parameter is None:
        release = _RELEASES.get((l1.__name__, name), _NEWEST_KNOWN)
        raise release_error(
            construct,
            prop,
            release,
            f"the installed {l1.__name__} has no {name}",
            f"upgrade aws-cdk-lib, or leave {prop} out",
        )
    return parameter


@functools.cache
def _parameters_of(l1: type[cdk.CfnResource]) -> Mapping[str, str]:
    """The parameters of an L1 by their names without underscores, because jsii splits words inconsistently (`a_zs`)."""
    return {name.replace("_", ""): name for name in inspect.signature(l1.__init__).parameters}
