"""Cached results of jsii calls, which are slow and whose results never change."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

_REGIONS: "WeakKeyDictionary[cdk.Stack, str]" = WeakKeyDictionary()
_PATHS: "WeakKeyDictionary[Construct, str]" = WeakKeyDictionary()
_SCOPES: "WeakKeyDictionary[Construct, Construct]" = WeakKeyDictionary()
_TOP_STACKS: "WeakKeyDictionary[Construct, tuple[str, str]]" = WeakKeyDictionary()
_SUBNETS: "WeakKeyDictionary[ec2.IVpc, list[ec2.ISubnet]]" = WeakKeyDictionary()
_SUBNET_IDS: "WeakKeyDictionary[ec2.ISubnet, str]" = WeakKeyDictionary()
_ZONES: "WeakKeyDictionary[ec2.ISubnet, str]" = WeakKeyDictionary()


def remember_scope(construct: Construct, scope: Construct) -> None:
    """Record the scope of a construct, so that the construct needs no call to find its stack."""
    _SCOPES[construct] = scope


def child_path(scope: Construct, id: str) -> str:
    """The path of a construct that is about to be created in a scope."""
    path = _path(scope)
    # The constructs library replaces the separator in ids in the same way.
    own = id.replace("/", "--")
    return f"{path}/{own}" if path else own


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
    return _top_stack(scope)[0]


def path_in_stack(scope: Construct, path: str) -> str:
    """A construct path relative to the top-level stack.

    :param scope: a construct of that stack.
    :param path: a path below the stack.
    """
    return path[len(_top_stack(scope)[1]) :].lstrip("/")


def _top_stack(scope: Construct) -> tuple[str, str]:
    """Name and path of the top-level stack, because the name of a nested stack is a token."""
    known = scope
    while known not in _TOP_STACKS and known in _SCOPES:
        known = _SCOPES[known]
    if known not in _TOP_STACKS:
        stack = known if isinstance(known, cdk.Stack) else cdk.Stack.of(known)
        while isinstance(stack, cdk.NestedStack) and stack.nested_stack_parent is not None:
            stack = stack.nested_stack_parent
        if stack not in _TOP_STACKS:
            _TOP_STACKS[stack] = (stack.stack_name, _path(stack))
        _TOP_STACKS[known] = _TOP_STACKS[stack]
    return _TOP_STACKS[known]


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
