"""The one way from a construct's properties to its CloudFormation resource."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final, TypeVar, final
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import UNKNOWN, Finding, Severity, Template, check_template

from .checking import is_token
from .installed import parameter_of
from .removal import follow_removal_policy
from .words import Prop, Words

L1 = TypeVar("L1", bound=cdk.CfnResource)

WARNING_ID: Final = "elasticache-constructs"
# Properties that an L1 takes as JSON, with the keys of CloudFormation; it renames the keys of all others.
_JSON: Final = frozenset({"AuthenticationMode", "Properties"})
_FIRST_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+")


@final
@dataclass(frozen=True, eq=False)
class _Created:
    """A resource and how the rules see it.

    :param resource: the L1; None for an imported resource.
    :param imported_path: the path of the construct that imports it.
    """

    resource: cdk.CfnResource | None
    type_name: str
    properties: Mapping[str, Any]
    around: tuple["_Created", ...]
    imported_path: str = ""

    @cached_property
    def reference(self) -> str:
        """The token that others refer to it by."""
        return cdk.Token.as_string({"Ref": self.path}) if self.resource is None else self.resource.ref

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
    around: Iterable[Construct] = (),
    region: str | None = None,
    removal_policy: cdk.RemovalPolicy | None = None,
    final_snapshot: str | None = None,
) -> L1:
    """Check the properties of a construct's resource and create it as its child `Resource`.

    :param l1: the L1.
    :param properties: the properties by their CloudFormation names, nested ones as well; None leaves one out.
    :param words: the words of the construct's props.
    :param around: constructs whose resources the properties refer to; those that only import one are ignored.
    :param region: the region of the deployment, for rules that differ by region.
    :param removal_policy: what CloudFormation does with the resource on removal. Default: it is deleted.
    :param final_snapshot: for a type that has no deletion policy `Snapshot`, the property that names the final
        snapshot. It follows a removal policy that is set later.
    :raises ValueError: what AWS would refuse, in the words of the props; a property that the installed L1 lacks.
    """
    type_name, stated, related = _type_of(l1), _stated(properties), _related(around)
    document, everything = _document(type_name, stated, related)
    _report(construct, _findings(document, region), words, everything)
    resource = l1(construct, "Resource", **_arguments(construct, l1, stated, words))
    if final_snapshot is not None:
        follow_removal_policy(resource, _attribute_of(construct, l1, final_snapshot, words), stated.get(final_snapshot))
    named_snapshot = final_snapshot is not None and removal_policy is cdk.RemovalPolicy.SNAPSHOT
    if removal_policy is not None and not named_snapshot:
        resource.apply_removal_policy(removal_policy)
    _CREATED[construct] = _Created(resource, type_name, stated, related)
    return resource


def update(
    construct: Construct, properties: Mapping[str, Any], *, words: Words, around: Iterable[Construct] = ()
) -> None:
    """Check properties that change after `create`, and set them on the construct's resource.

    :param properties: those that change, by their CloudFormation names.
    :param words: the words of the construct's props.
    :param around: all constructs whose resources the properties refer to.
    :raises ValueError: what AWS would refuse, in the words of the props; the resource then stays as it was.
    """
    created, changed, related = _CREATED[construct], _stated(properties), _related(around)
    stated = {**created.properties, **changed}
    document, everything = _document(created.type_name, stated, related)
    _report(construct, _findings(document, None), words, everything)
    assert created.resource is not None  # noqa: S101 - `create` made it
    for name, value in _arguments(construct, type(created.resource), changed, words).items():
        setattr(created.resource, name, value)
    _CREATED[construct] = replace(created, properties=stated, around=related)


def check(
    construct: Construct,
    type_name: str,
    properties: Mapping[str, Any],
    *,
    words: Words,
    around: Iterable[Construct] = (),
    region: str | None = None,
) -> None:
    """Run the rules alone, for a resource that another construct or a custom resource creates; see `create`.

    :raises ValueError: what AWS would refuse, in the words of the props.
    """
    document, everything = _document(type_name, _stated(properties), _related(around))
    _report(construct, _findings(document, region), words, everything)


def reference_to(construct: Construct) -> str:
    """The reference (`Ref`) to the resource that `create` made for a construct."""
    return _CREATED[construct].reference


def describe(construct: Construct, type_name: str, properties: Mapping[str, Any]) -> None:
    """Tell the rules what is known of an imported resource.

    :param properties: the properties by their CloudFormation names; `UNKNOWN` for those that may have any value.
    """
    _CREATED[construct] = _Created(None, type_name, _stated(properties), (), construct.node.path)


def reference_in_rules(construct: Construct) -> str:
    """The reference to a construct's resource for properties that are only checked, also of an imported one."""
    return _CREATED[construct].reference


def _related(around: Iterable[Construct]) -> tuple[_Created, ...]:
    return tuple(_CREATED[each] for each in around if each in _CREATED)


def _document(
    type_name: str, properties: Mapping[str, Any], related: tuple[_Created, ...]
) -> tuple[dict[str, Any], dict[str, _Created]]:
    """A template of the resource, with the logical id `Resource`, and of those around it; and these by logical id."""
    everything = {f"Related{number}": each for number, each in enumerate(dict.fromkeys(_transitive(related)))}
    ids = {each.reference: id for id, each in everything.items()}
    resources = {"Resource": {"Type": type_name, "Properties": _as_template(properties, ids)}}
    for id, each in everything.items():
        resources[id] = {"Type": each.type_name, "Properties": _as_template(each.properties, ids)}
    return {"Resources": resources}, everything


def _findings(document: Mapping[str, Any], region: str | None) -> list[Finding]:
    return check_template(Template.of(document, region=None if is_token(region) else region), only=["Resource"])


def _report(construct: Construct, findings: Sequence[Finding], words: Words, related: Mapping[str, _Created]) -> None:
    """Raise the first error; without one, annotate every warning."""
    if not findings:
        return
    path, paths = construct.node.path, {id: each.path for id, each in related.items()}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise ValueError(f"{path}: {words.of(finding, paths)}")
    annotations = cdk.Annotations.of(construct)
    for finding in findings:
        annotations.add_warning_v2(
            f"{WARNING_ID}:{finding.rule}", f"{path}: {words.of(finding, paths)} ({finding.source})"
        )


def _transitive(related: Iterable[_Created]) -> Iterator[_Created]:
    for each in related:
        yield each
        yield from _transitive(each.around)


def _stated(value: Any) -> Any:
    """The value without what is None."""
    if isinstance(value, Mapping):
        return {key: _stated(item) for key, item in value.items() if item is not None}
    return [_stated(item) for item in value] if isinstance(value, list | tuple) else value


def _as_template(value: Any, ids: Mapping[str, str]) -> Any:
    """The value as a template says it, with references to known resources; other tokens are unknown."""
    if isinstance(value, Mapping):
        return {key: _as_template(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_template(item, ids) for item in value]
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
    """The value with keys as jsii takes them for a struct: `NodeGroupId` is `nodeGroupId`."""
    if isinstance(value, Mapping):
        return {_struct_key(key): _as_struct(item) for key, item in value.items()}
    return [_as_struct(item) for item in value] if isinstance(value, list) else value


@cache
def _struct_key(name: str) -> str:
    return _FIRST_WORD.sub(lambda found: found[0].lower(), name, count=1)
