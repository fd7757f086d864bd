"""Names, ARNs, accounts and regions of resources that exist outside of the app."""

import re
from dataclasses import dataclass
from typing import Final, Never, final

import aws_cdk as cdk
from constructs import Construct

from .checking import error, is_token, problem
from .installed import ResourceEnvironment
from .lookups import child_path

_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:elasticache:(?P<region>[a-z0-9-]*):(?P<account>\d{12}):(?P<kind>\w+):(?P<name>.+)"
)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_COPY: Final = "copy it from the console or from the output of a stack"


@final
@dataclass(frozen=True, slots=True)
class Imported:
    """The identifiers of an imported resource.

    :param name: the id or the name.
    :param arn: the ARN, if the caller passed one. Default: built from the name and the stack's account and region.
    :param environment: the account and the region in the ARN. Default: those of the stack.
    """

    name: str
    arn: str | None = None
    environment: ResourceEnvironment | None = None


def imported(
    scope: Construct, id: str, *, kind: str, name_prop: str, name: str | None, arn_prop: str, arn: str | None
) -> Imported:
    """Identify an imported resource by its name or by its ARN.

    :param kind: the resource type in the ARN, such as `replicationgroup`.
    :param name_prop: the parameter that takes the name.
    :param arn_prop: the parameter that takes the ARN.
    :raises ValueError: if both or neither are passed, or if the name or the ARN is malformed.
    """
    path = child_path(scope, id)
    if (name is None) == (arn is None):
        raise error(
            path,
            f"{name_prop} or {arn_prop}",
            "be given, and not both",
            "neither" if name is None else "both",
            f"{'pass' if name is None else 'leave out'} one of them",
        )
    if arn is not None:
        return _by_arn(path, kind, arn_prop, arn)
    name = str(name)
    if not is_token(name) and not _NAME.fullmatch(name):
        by_arn = name.startswith("arn:")
        raise error(
            path,
            name_prop,
            "be the name alone, of letters, digits and hyphens",
            repr(name),
            f"pass it as {arn_prop}" if by_arn else _COPY,
        )
    return Imported(name)


def _by_arn(path: str, kind: str, prop: str, arn: str) -> Imported:
    if is_token(arn):
        parts = cdk.Arn.split(arn, cdk.ArnFormat.COLON_RESOURCE_NAME)
        return Imported(
            str(parts.resource_name),
            arn,
            ResourceEnvironment(account=str(parts.account), region=str(parts.region)),
        )
    match = _ARN.fullmatch(arn)
    if match is None or match["kind"] != kind or not _NAME.fullmatch(match["name"]):
        form = f"arn:aws:elasticache:<region>:<account>:{kind}:<name>"
        raise error(path, prop, f"have the form {form}", repr(arn), _COPY)
    return Imported(match["name"], arn, ResourceEnvironment(account=match["account"], region=match["region"]))


def refuse_unknown(construct: Construct, prop: str, factory: str) -> Never:
    """Raise an error that names the missing attribute of an imported resource and the method that accepts it.

    :raises ValueError: always.
    """
    raise problem(
        construct,
        f"{prop} is not known, because the resource is imported",
        f"import it with {factory}(..., {prop}=...)",
    )
