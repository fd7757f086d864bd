"""What the installed release of aws-cdk-lib accepts: its L1 classes decide, not its version number."""

import functools
import inspect
from collections.abc import Mapping
from typing import Any, Final

from constructs import Construct

# A release that has the property, by L1 class and argument.
_RELEASES: Final = {
    ("CfnServerlessCache", "network_type"): "2.262.0",
    ("CfnServerlessCache", "connection_type"): "2.275.0",
    ("CfnReplicationGroup", "durability"): "2.275.0",
}


def accepted(construct: Construct, l1: type, arguments: Mapping[str, Any], props: Mapping[str, str]) -> dict[str, Any]:
    """The arguments that are given, all of which the installed L1 class has.

    :param props: what an argument is called as a prop, where it has another name.
    :raises ValueError: for one that needs a later release.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    for name in given:
        if name not in _parameters(l1):
            release = _RELEASES.get((l1.__name__, name), "2.275.0")
            raise ValueError(
                f"{construct.node.path}: {props.get(name, name)} needs aws-cdk-lib {release} or later, because the "
                f"installed {l1.__name__} has no {name}; upgrade aws-cdk-lib, or leave {props.get(name, name)} out"
            )
    return given


@functools.cache
def _parameters(l1: type) -> frozenset[str]:
    return frozenset(inspect.signature(vars(l1)["__init__"]).parameters)
