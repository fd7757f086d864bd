"""Creation of CloudFormation resources from checked properties."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, TypeVar, final
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import UNKNOWN, Finding, Severity, Template, check_template

from .checking import is_token
from .creation import new, set_removal_policy
from .installed import parameter_of
from .removal import follow_removal_policy
from .words import Prop, Words

L1 = TypeVar("L1", bound=cdk.CfnResource)

WARNING_ID: Final = "elasticache-constructs"
# Properties that an L1 takes as JSON with CloudFormation keys; all others are structs with jsii keys.
_JSON: Final = frozenset({"AuthenticationMode", "Properties"})
# Checked before `Mapping`, because a check for an abstract class takes several times as long.
_PLAIN: Final = (str, int, float, type(None))
_FIRST_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+")


@final
@dataclass(frozen=True, eq=False)
class _Created:
    """A resource with the properties that the rules read.

    :param resource: the L1; None for an imported resource.
    :param related: the resources that the properties refer to.
    :param imported_path: the path of the construct that imports it.
    """

    resource: cdk.CfnResource | None
    type_name: str
    properties: Mapping[str, Any]
    related: tuple["_Created", ...]
    imported_path: str = ""
    _reference: list[str] = field(default_factory=list, init=False)

    @property
    def reference(self) -> str:
        """The token for a reference (`Ref`) to the resource; read once, because it is a jsii call."""
        if not self._reference:
            own = self.resource
            self._reference.append(cdk.Token.as_string({"Ref": self.path}) if own is None else own.ref)
        return self._reference[0]

    @property
    def path(self) -> str:
        return self.imported_path if self.resource is None else self.resource.node.path.rpartition("/")[0]


_CREATED: "WeakKeyDictionary[Construct, _Created]" = WeakKeyDictionary()


def create(
    construct: Construct,
    l1: type[L1],
    properties: Mapping[str, Any],
    *,
    words: Words,
    related: Iterable[Construct] = (),
    region: str | None = None,
    removal_policy: cdk.RemovalPolicy | None = None,
    final_snapshot: str | None = None,
) -> L1:
    """Check the properties of a construct's resource and create it as its child `Resource`.

    :param l1: the class of the L1.
    :param properties: the properties by their CloudFormation names, at every level; None omits a property.
    :param words: the prop names and messages of the construct.
    :param related: constructs whose resources the properties refer to; unknown constructs are ignored.
    :param region: the region of the stack, for rules that differ by region.
    :param removal_policy: what CloudFormation does with the resource on removal. Default: it is deleted.
    :param final_snapshot: for a resource type without the deletion policy `Snapshot`, the property that names the
        final snapshot. The property also follows a removal policy that is set later.
    :raises ValueError: for properties that AWS would refuse, or that the installed L1 does not have.
    """
    type_name, present, resources = _type_of(l1), _without_none(properties), _resources_of(related)
    document, related_by_id = _document(type_name, present, resources)
    _report(construct, _findings(document, region), words, related_by_id)
    resource = new(l1, construct, _arguments(construct, l1, present, words))
    if final_snapshot is not None:
        follow_removal_policy(
            resource, _attribute_of(construct, l1, final_snapshot, words), present.get(final_snapshot)
        )
    named_snapshot = final_snapshot is not None and removal_policy is cdk.RemovalPolicy.SNAPSHOT
    if removal_policy is not None and not named_snapshot:
        set_removal_policy(resource, removal_policy)
    _CREATED[construct] = _Created(resource, type_name, present, resources)
    return resource


def update(
    construct: Construct, properties: Mapping[str, Any], *, words: Words, related: Iterable[Construct] = ()
) -> None:
    """Check properties that change after `create`, and set them on the construct's resource.

    :param properties: the properties that change, by their CloudFormation names.
    :param words: the prop names and messages of the construct.
    :param related: all constructs whose resources the properties refer to.
    :raises ValueError: for properties that AWS would refuse; the resource is then unchanged.
    """
    created, changed, resources = _CREATED[construct], _without_none(properties), _resources_of(related)
    updated = {**created.properties, **changed}
    document, related_by_id = _document(created.type_name, updated, resources)
    _report(construct, _findings(document, None), words, related_by_id)
    assert created.resource is not None  # noqa: S101 - set by `create`
    for name, value in _arguments(construct, type(created.resource), changed, words).items():
        setattr(created.resource, name, value)
    _CREATED[construct] = replace(created, properties=updated, related=resources)


def check(
    construct: Construct,
    type_name: str,
    properties: Mapping[str, Any],
    *,
    words: Words,
    related: Iterable[Construct] = (),
    region: str | None = None,
) -> None:
    """Check the properties of a resource that another construct or a custom resource creates; see `create`.

    :raises ValueError: for properties that AWS would refuse.
    """
    document, related_by_id = _document(type_name, _without_none(properties), _resources_of(related))
    _report(construct, _findings(document, region), words, related_by_id)


def reference_to(construct: Construct) -> str:
    """The reference (`Ref`) to the resource that `create` created for a construct."""
    return _CREATED[construct].reference


def describe(construct: Construct, type_name: str, properties: Mapping[str, Any]) -> None:
    """Record the known properties of an imported resource for the rules.

    :param properties: the properties by their CloudFormation names; `UNKNOWN` for unknown values.
    """
    _CREATED[construct] = _Created(None, type_name, _without_none(properties), (), construct.node.path)


def reference_in_rules(construct: Construct) -> str:
    """A reference for properties that are checked and not deployed; it also works for an imported resource."""
    return _CREATED[construct].reference


def _resources_of(constructs: Iterable[Construct]) -> tuple[_Created, ...]:
    return tuple(_CREATED[construct] for construct in constructs if construct in _CREATED)


def _document(
    type_name: str, properties: Mapping[str, Any], related: tuple[_Created, ...]
) -> tuple[dict[str, Any], dict[str, _Created]]:
    """A template with the resource as `Resource` and all related ones, and the related ones by logical id."""
    related_by_id = {f"Related{number}": other for number, other in enumerate(dict.fromkeys(_transitive(related)))}
    ids = {other.reference: id for id, other in related_by_id.items()}
    resources = {"Resource": {"Type": type_name, "Properties": _as_template(properties, ids)}}
    for id, other in related_by_id.items():
        resources[id] = {"Type": other.type_name, "Properties": _as_template(other.properties, ids)}
    return {"Resources": resources}, related_by_id


def _findings(document: Mapping[str, Any], region: str | None) -> list[Finding]:
    return check_template(Template.of(document, region=None if is_token(region) else region), only=["Resource"])


def _report(construct: Construct, findings: Sequence[Finding], words: Words, related: Mapping[str, _Created]) -> None:
    """Raise the first error; if there is none, add an annotation for each warning."""
    if not findings:
        return
    path, paths = construct.node.path, {id: other.path for id, other in related.items()}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise ValueError(f"{path}: {words.of(finding, paths)}")
    annotations = cdk.Annotations.of(construct)
    for finding in findings:
        annotations.add_warning_v2(
            f"{WARNING_ID}:{finding.rule}", f"{path}: {words.of(finding, paths)} ({finding.source})"
        )


def _transitive(related: Iterable[_Created]) -> Iterator[_Created]:
    for created in related:
        yield created
        yield from _transitive(created.related)


def _without_none(value: Any) -> Any:
    """The value without mapping entries that are None."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list | tuple) else value


def _as_template(value: Any, ids: Mapping[str, str]) -> Any:
    """The value as in a template, with references to known resources; other tokens and constructs become `UNKNOWN`."""
    if not isinstance(value, _PLAIN):
        if isinstance(value, Mapping):
            return {key: _as_template(item, ids) for key, item in value.items()}
        if isinstance(value, list):
            return [_as_template(item, ids) for item in value]
        value = UNKNOWN if isinstance(value, Construct) else value
    if value is UNKNOWN or not is_token(value):
        return value
    if isinstance(value, str):
        if value in ids:
            return {"Ref": ids[value]}
        for reference, id in ids.items():
            if reference in value:
                text = value.replace(reference, f"${{{id}}}")
                return UNKNOWN if is_token(text) else {"Fn::Sub": text}
    return UNKNOWN


@cache
def _type_of(l1: type[cdk.CfnResource]) -> str:
    return str(getattr(l1, "CFN_RESOURCE_TYPE_NAME"))  # noqa: B009 - every L1 has it, and `CfnResource` does not


def _arguments(
    construct: Construct, l1: type[cdk.CfnResource], properties: Mapping[str, Any], words: Words
) -> dict[str, Any]:
    return {
        _attribute_of(construct, l1, name, words): value if name in _JSON else _as_struct(value)
        for name, value in properties.items()
    }


def _attribute_of(construct: Construct, l1: type[cdk.CfnResource], name: str, words: Words) -> str:
    prop = words.props.get(name, name)
    return parameter_of(construct, l1, name, prop.name if isinstance(prop, Prop) else prop)


def _as_struct(value: Any) -> Any:
    """The value with the keys of a jsii struct: `NodeGroupId` becomes `nodeGroupId`."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {_struct_key(key): _as_struct(item) for key, item in value.items()}
    return [_as_struct(item) for item in value] if isinstance(value, list) else value


@cache
def _struct_key(name: str) -> str:
    return _FIRST_WORD.sub(lambda match: match[0].lower(), name, count=1)
