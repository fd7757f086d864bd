"""Text of type errors: the expected type, the given value, and the fix."""

import functools
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin

_LONGEST: Final = 80
_PLAIN: Final = {str: "a str", int: "an int", float: "a number", bool: "True or False"}
# The fix for a string that was passed instead of a CDK object, by type.
_INSTEAD: Final = {
    "IVpc": "use ec2.Vpc.from_lookup(self, 'Vpc', vpc_id={0!r})",
    "ISubnet": "use ec2.Subnet.from_subnet_id(self, 'Subnet', {0!r})",
    "ISecurityGroup": "use ec2.SecurityGroup.from_security_group_id(self, 'SecurityGroup', {0!r})",
    "IKey": "use kms.Key.from_key_arn(self, 'Key', {0!r})",
    "ITopic": "use sns.Topic.from_topic_arn(self, 'Topic', {0!r})",
    "ISecret": "use secretsmanager.Secret.from_secret_complete_arn(self, 'Secret', {0!r})",
    "IBucket": "use s3.Bucket.from_bucket_name(self, 'Bucket', {0!r})",
    "ILogGroup": "use logs.LogGroup.from_log_group_name(self, 'LogGroup', {0!r})",
    "InstanceType": "use ec2.InstanceType({0!r})",
    "SubnetGroupBase": "use SubnetGroup.from_subnet_group_name(self, 'SubnetGroup', {0!r})",
    "ParameterGroupBase": "use ParameterGroup.from_parameter_group_name(self, 'ParameterGroup', {0!r})",
    "UserGroupBase": "use UserGroup.from_user_group_id(self, 'UserGroup', {0!r})",
    "UserBase": "use IamUser.from_user_id(self, 'User', {0!r})",
}
_EXAMPLES: Final = {
    "Backup": "use Backup(retention=cdk.Duration.days(...)) or Backup.disabled()",
    "SubnetSelection": "use ec2.SubnetSelection(...)",
    "SecretValue": "use cdk.SecretValue.secrets_manager(...)",
    "IDatabaseInstance": "use rds.DatabaseInstance.from_database_instance_attributes(...)",
    "IDatabaseCluster": "use rds.DatabaseCluster.from_database_cluster_attributes(...)",
    "Duration": "use cdk.Duration.days(...) or cdk.Duration.minutes(...)",
    "Size": "use one such as cdk.Size.gibibytes(5)",
}


class TokenText(str):
    """Stands for a token in the text of a fix, where the variable of the caller is called `token`."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The name of the variable."""
        return "token"


def is_of_library(kind: type) -> bool:
    """Whether a class belongs to this package, which may be installed under another name."""
    return _is_of_library(kind.__module__)


@functools.cache
def _is_of_library(module: str) -> bool:
    return f"{module}.".startswith(f"{__package__.rpartition('.')[0]}.")


def enum_values(hint: type[Enum]) -> tuple[str, ...]:
    """The values of an enum, in order."""
    return tuple(member.value for member in hint)


def wanted(hint: Any) -> str:
    """The type that an annotation accepts, in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        # Token objects are accepted, but an error does not suggest them.
        kinds = [argument for argument in arguments if argument is not type(None) and _name(argument) != "IResolvable"]
        return " or ".join(dict.fromkeys(map(wanted, kinds)))
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    if origin in (Sequence, list, tuple):
        return f"a list of {_name(arguments[0])}"
    if origin in (Mapping, dict):
        return "a mapping"
    if origin is Callable:
        return "a function"
    return _PLAIN.get(hint) or _with_article(_name(hint))


def shown(value: object) -> str:
    """A value as it is written in Python, or its type."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    if isinstance(value, list | tuple):
        return f"[{', '.join(shown(item) for item in value[:3])}{', ...' if value[3:] else ''}]"
    if type(value).__name__ == "InterfaceDynamicProxy":
        # The proxy of `IVpc` is called `_IVpcProxy`.
        inner = type(getattr(value, "_delegates")[-1]).__name__  # noqa: B009 - no attribute of `object`
        return _with_article(inner.removeprefix("_").removesuffix("Proxy"))
    return _with_article(type(value).__name__.removeprefix("_"))


def is_secret(hint: Any) -> bool:
    """Whether an annotation includes `SecretValue`, so that an error must not show the value."""
    return "SecretValue" in str(hint)


def wants_object(hint: Any) -> bool:
    """Whether an annotation accepts an object, such as an `IVpc` or a `NodeType`, that is created from text."""
    kinds = get_args(hint) if get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    return any(
        isinstance(kind, type)
        and kind not in (*_PLAIN, type(None))
        and not issubclass(kind, Enum)
        and kind.__name__ != "IResolvable"
        for kind in kinds
    )


def type_of(value: object) -> str:
    """The type of a value, without the value."""
    return _with_article(type(value).__name__)


def fix_for(hint: Any, value: object, *, optional: bool) -> str:
    """The fix: how to write a value of the expected type."""
    if value is None and optional:
        return "leave it out for the default"
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return _all_examples(kinds) or fix_for(kinds[0], value, optional=optional)
    if origin is Callable:
        return "pass a function"
    if origin in (Sequence, list, tuple) and isinstance(value, str) and is_secret(hint):
        return "use [cdk.SecretValue.secrets_manager(...)]"
    if origin in (Sequence, list, tuple):
        return "put it in a list: [...]" if not isinstance(value, list | tuple) else "list the values"
    return "choose one of them" if origin is Literal else _fix_for_class(hint, value)


def _all_examples(kinds: Sequence[Any]) -> str | None:
    """The examples of every kind; None where one has none."""
    names = [_name(kind) for kind in kinds]
    if not all(name in _EXAMPLES for name in names):
        return None
    return f"use {' or '.join(_EXAMPLES[name].removeprefix('use ') for name in names)}"


def _fix_for_class(hint: Any, value: object) -> str:
    name = _name(hint)
    if isinstance(value, TokenText) and name == "IVpc":
        return "use ec2.Vpc.from_vpc_attributes(self, 'Vpc', vpc_id=token, availability_zones=[...])"
    if isinstance(value, str) and name in _INSTEAD:
        return _INSTEAD[name].format(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        choices = enum_values(hint) if issubclass(hint, str) else tuple(f"{name}.{member.name}" for member in hint)
        return f"use one of {', '.join(map(str, choices[:10]))}"
    return _EXAMPLES.get(name) or _factories(hint, value) or f"pass {wanted(hint)}"


def _factories(hint: Any, value: object) -> str | None:
    """The public factories of a class of this library."""
    if not isinstance(hint, type) or not is_of_library(hint):
        return None
    names = [
        name
        for name, member in vars(hint).items()
        if isinstance(member, staticmethod | classmethod) and not name.startswith(("_", "from_"))
    ]
    if names == ["of"] and isinstance(value, str):
        return f"use {hint.__name__}.of({value!r})"
    return f"use {' or '.join(f'{hint.__name__}.{name}' for name in names)}" if names else None


def _name(hint: Any) -> str:
    if get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(_name(argument) for argument in get_args(hint))
    return str(getattr(hint, "__name__", hint))


def _with_article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"
