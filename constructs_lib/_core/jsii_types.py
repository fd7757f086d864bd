"""Type checks for jsii interfaces and structs, which `isinstance` does not support."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from jsii._reference_map import InterfaceDynamicProxy

_DECLARES: dict[tuple[type, Any], bool] = {}


def is_interface(hint: type) -> bool:
    """Whether a type is a jsii interface, such as `ec2.IVpc`."""
    return hasattr(hint, "__jsii_proxy_class__") and bool(getattr(hint, "_is_protocol", False))


def is_struct(hint: type) -> bool:
    """Whether a type is a jsii struct, such as `ec2.SubnetSelection`."""
    return hasattr(hint, "__jsii_type__") and not is_interface(hint) and type(hint) is type


def satisfies(value: object, interface: Any) -> bool:
    """Whether an object implements an interface: a CDK class, a proxy, or a class with `@jsii.implements`."""
    parts = _parts(value)
    if any(_declares(type(part), interface) for part in parts):
        return True
    # jsii may report only base interfaces of an object: accept it if the interface extends all of them.
    return isinstance(value, InterfaceDynamicProxy) and all(_is_extended(type(part), interface) for part in parts)


def _is_extended(kind: type, interface: Any) -> bool:
    declared = _interfaces(kind)
    if declared:
        return all(base in interface.__mro__ for base in declared)
    return issubclass(interface.__jsii_proxy_class__(), kind)


def is_resolvable(value: object) -> bool:
    """Whether an object is an `IResolvable`, such as `Fn.condition_if(...)`."""
    if value is None or isinstance(value, str | int | float | Sequence | dict):
        return False
    return any(_declares(type(part), cdk.IResolvable) for part in _parts(value))


def _parts(value: object) -> Sequence[object]:
    return value._delegates if isinstance(value, InterfaceDynamicProxy) else (value,)


def _declares(kind: type, interface: Any) -> bool:
    known = _DECLARES.get((kind, interface))
    if known is None:
        known = issubclass(kind, interface.__jsii_proxy_class__()) or any(
            interface in declared.__mro__ for declared in _interfaces(kind)
        )
        _DECLARES[kind, interface] = known
    return known


def _interfaces(kind: type) -> tuple[type, ...]:
    return tuple(interface for base in kind.__mro__ for interface in vars(base).get("__jsii_ifaces__", ()))
