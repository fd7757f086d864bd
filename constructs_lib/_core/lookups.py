"""Cached results of jsii calls, which are slow and whose results never change."""

from collections.abc import Sequence
from typing import final
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

_REGIONS: "WeakKeyDictionary[cdk.Stack, str]" = WeakKeyDictionary()
_PATHS: "WeakKeyDictionary[Construct, str]" = WeakKeyDictionary()
_SCOPES: "WeakKeyDictionary[Construct, tuple[Construct, str]]" = WeakKeyDictionary()
_TOP_STACKS: "WeakKeyDictionary[Construct, cdk.Stack]" = WeakKeyDictionary()
_STACK_NAMES: "WeakKeyDictionary[cdk.Stack, str]" = WeakKeyDictionary()
_SUBNETS: "WeakKeyDictionary[ec2.IVpc, list[ec2.ISubnet]]" = WeakKeyDictionary()
_SUBNET_IDS: "WeakKeyDictionary[ec2.ISubnet, str]" = WeakKeyDictionary()
_ZONES: "WeakKeyDictionary[ec2.ISubnet, str]" = WeakKeyDictionary()


@final
class ChildPath:
    """The path of a construct that is about to be created; read for an error alone, because reading it is a jsii call.

    :param scope: the scope of the construct.
    :param id: its id.
    """

    __slots__ = ("_id", "_scope")

    def __init__(self, scope: Construct, id: str) -> None:
        self._scope, self._id = scope, id

    def __str__(self) -> str:
        return child_path(self._scope, self._id)


def remember_scope(construct: Construct, scope: Construct, id: str) -> None:
    """Record scope and id of a construct, so that no call is needed to find its stack and its path in the stack."""
    _SCOPES[construct] = (scope, _in_path(id))


def child_path(scope: Construct, id: str) -> str:
    """The path of a construct that is about to be created in a scope."""
    path, own = _path(scope), _in_path(id)
    return f"{path}/{own}" if path else own


def _in_path(id: str) -> str:
    # The constructs library replaces the separator in ids in the same way.
    return id.replace("/", "--")


def _path(construct: Construct) -> str:
    if construct not in _PATHS:
        _PATHS[construct] = construct.node.path
    return _PATHS[construct]


def region_of(scope: Construct) -> str:
    """The region of the stack of a construct; a token in an environment-agnostic stack."""
    stack = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
    if stack not in _REGIONS:
        _REGIONS[stack] = stack.region
    return _REGIONS[stack]


def stack_name_of(scope: Construct) -> str:
    """The name of the top-level stack of a construct, which is known at synth."""
    stack = _top_stack(scope)
    if stack not in _STACK_NAMES:
        _STACK_NAMES[stack] = stack.stack_name
    return _STACK_NAMES[stack]


def path_in_stack(construct: Construct, path: str | None = None) -> str:
    """A construct path relative to the top-level stack.

    :param construct: a construct of that stack.
    :param path: a path below the stack. Default: the path of `construct`.
    """
    stack = _top_stack(construct)
    if path is None:
        ids: list[str] = []
        known = construct
        while known in _SCOPES:
            known, id = _SCOPES[known]
            ids.append(id)
        if known is stack:
            return "/".join(reversed(ids))
        path = construct.node.path
    return path[len(_path(stack)) :].lstrip("/")


def _top_stack(scope: Construct) -> cdk.Stack:
    """The top-level stack of a construct, because the name of a nested stack is a token."""
    known = scope
    while known not in _TOP_STACKS and known in _SCOPES:
        known, _ = _SCOPES[known]
    if known in _TOP_STACKS:
        return _TOP_STACKS[known]
    stack = known if isinstance(known, cdk.Stack) else cdk.Stack.of(known)
    while isinstance(stack, cdk.NestedStack) and stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    if stack is not known:  # an entry whose value is its key would never be removed
        _TOP_STACKS[known] = stack
    return stack


def is_same_stack(first: Construct, second: Construct) -> bool:
    """Whether two constructs belong to the same top-level stack."""
    return _top_stack(first) is _top_stack(second)


def isolated_or_private_subnets(vpc: ec2.IVpc) -> list[ec2.ISubnet]:
    """The isolated subnets of a VPC, or its private subnets if it has none. A VPC creates all subnets at once."""
    if vpc not in _SUBNETS:
        _SUBNETS[vpc] = list(vpc.isolated_subnets) or list(vpc.private_subnets)
    return _SUBNETS[vpc]


def subnet_ids(subnets: Sequence[ec2.ISubnet]) -> list[str]:
    """The ids of subnets; tokens for subnets of this app."""
    for subnet in subnets:
        if subnet not in _SUBNET_IDS:
            _SUBNET_IDS[subnet] = subnet.subnet_id
    return [_SUBNET_IDS[subnet] for subnet in subnets]


def zone_of(subnet: ec2.ISubnet) -> str:
    """The Availability Zone of a subnet, or its path if the zone is not known, so that it counts as its own zone."""
    if subnet not in _ZONES:
        try:
            _ZONES[subnet] = subnet.availability_zone
        except RuntimeError:
            _ZONES[subnet] = subnet.node.path
    return _ZONES[subnet]
