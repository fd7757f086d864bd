"""Whether an object is what a jsii type asks for; Python's `isinstance` does not know jsii's interfaces."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from jsii._reference_map import InterfaceDynamicProxy

_DECLARES: dict[tuple[type, Any], bool] = {}


def is_interface(hint: type) -> bool:
    """Whether a type is an interface of jsii, such as `ec2.IVpc`."""
    return hasattr(hint, "__jsii_proxy_class__") and bool(getattr(hint, "_is_protocol", False))


def is_struct(hint: type) -> bool:
    """Whether a type is a struct of jsii, such as `ec2.SubnetSelection`."""
    return hasattr(hint, "__jsii_type__") and not is_interface(hint) and type(hint) is type


def satisfies(value: object, interface: Any) -> bool:
    """Whether an object implements an interface, as a class of CDK, a proxy or a class with `@jsii.implements`."""
    parts = _parts(value)
    if any(_declares(type(part), interface) for part in parts):
        return True
    # jsii may know less of an object than it is: then every part is something that the interface extends.
    return isinstance(value, InterfaceDynamicProxy) and all(_is_extended(type(part), interface) for part in parts)


def _is_extended(kind: type, interface: Any) -> bool:
    declared = _interfaces(kind)
    if declared:
        return all(each in interface.__mro__ for each in declared)
    return issubclass(interface.__jsii_proxy_class__(), kind)


def is_resolvable(value: object) -> bool:
    """Whether an object stands for a value that only the deployment knows, such as `Fn.condition_if(...)`."""
    if value is None or isinstance(value, str | int | float | Sequence | dict):
        return False
    return any(_declares(type(part), cdk.IResolvable) for part in _parts(value))


def _parts(value: object) -> Sequence[object]:
    return value._delegates if isinstance(value, InterfaceDynamicProxy) else (value,)


def _declares(kind: type, interface: Any) -> bool:
    known = _DECLARES.get((kind, interface))
    if known is None:
        known = issubclass(kind, interface.__jsii_proxy_class__()) or any(
            interface in each.__mro__ for each in _interfaces(kind)
        )
        _DECLARES[kind, interface] = known
    return known


def _interfaces(kind: type) -> tuple[type, ...]:
    return tuple(each for base in kind.__mro__ for each in vars(base).get("__jsii_ifaces__", ()))
