"""A template as a graph: references are resolved, `AWS::NoValue` is removed, unknown values are kept as unknown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from elasticache_rules.foreach import Loops
from elasticache_rules.functions import NO_VALUE, Scope
from elasticache_rules.mappings import Lookup
from elasticache_rules.values import MAYBE_ABSENT, UNKNOWN, Composite, Reference, Unknown, as_boolean, as_integer

__all__ = [
    "MAYBE_ABSENT",
    "UNKNOWN",
    "Composite",
    "Reference",
    "Resource",
    "Template",
    "Unknown",
    "as_boolean",
    "as_integer",
]

_CACHE: Final = "AWS::ElastiCache::"
NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "CacheSubnetGroupName": (f"{_CACHE}SubnetGroup", "CacheSubnetGroupName"),
    "CacheParameterGroupName": (f"{_CACHE}ParameterGroup", "CacheParameterGroupName"),
    "UserIds": (f"{_CACHE}User", "UserId"),
    "UserGroupIds": (f"{_CACHE}UserGroup", "UserGroupId"),
    "UserGroupId": (f"{_CACHE}UserGroup", "UserGroupId"),
    "ReplicationGroupId": (f"{_CACHE}ReplicationGroup", "ReplicationGroupId"),
    "CacheClusterId": (f"{_CACHE}CacheCluster", "ClusterName"),
    "PrimaryClusterId": (f"{_CACHE}CacheCluster", "ClusterName"),
    "ServerlessCacheName": (f"{_CACHE}ServerlessCache", "ServerlessCacheName"),
    "ResourceId": (f"{_CACHE}ReplicationGroup", "ReplicationGroupId"),
}
"""Properties that name a resource: its type, and the property by which it has the name."""

OUTPUT: Final = "Output"
"""The type of what stands in the section Outputs, which rules about references read like a resource."""
_OWN_TRANSFORMS: Final = ("AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen")
"""Transforms that add no resources and no properties."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with its intrinsic functions resolved.

    :param type: empty if the template does not state it.
    :param open: whether a macro adds properties, so that none is certainly absent.
    :param references: all references to resources in it.
    :param missing: names in it that are neither a resource nor a parameter of the template.
    :param parameters: the parameters without a known value in it.
    :param conditions: the conditions of its `Fn::If`.
    :param unmapped: its lookups in mappings that fail.
    :param lookups: its lookups in mappings whose key is unknown, with the values that they may have.
    """

    template: "Template" = field(repr=False, compare=False)
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    path: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    references: Sequence[Reference] = field(default=(), compare=False)
    missing: Sequence[str] = field(default=(), compare=False)
    parameters: frozenset[str] = field(default=frozenset(), compare=False)
    conditions: frozenset[str] = field(default=frozenset(), compare=False)
    unmapped: Sequence[Lookup] = field(default=(), compare=False)
    lookups: Mapping[str, Sequence[Any]] = field(default_factory=dict, compare=False)

    def has(self, name: str) -> bool:
        """Whether the property is certainly present, with a known or an unknown value."""
        return self.properties.get(name, MAYBE_ABSENT) is not MAYBE_ABSENT

    def states(self, name: str) -> bool:
        """Whether the property is certainly present and not empty."""
        return self.has(name) and self.properties[name] not in (None, [], {}, "")

    def lacks(self, name: str) -> bool:
        """Whether the property is certainly absent."""
        return name not in self.properties and not self.open

    def get(self, name: str) -> Any:
        """The property's value: None when absent, an unknown value when it is only known at deployment."""
        return self.properties.get(name, MAYBE_ABSENT if self.open else None)

    def integer(self, name: str) -> int | None:
        """The property as an integer, also from a string of digits; None when absent, unknown or neither."""
        return as_integer(self.properties.get(name))

    def boolean(self, name: str) -> bool | None:
        """The property as a boolean, also from "true" and "false"; None when absent, unknown or neither."""
        return as_boolean(self.properties.get(name))

    def text(self, name: str) -> str | None:
        """The property as text; None when absent, unknown or not text."""
        value = self.properties.get(name)
        return value if isinstance(value, str) else None

    def items(self, name: str) -> list[Any] | None:
        """The property as a list; None when absent, unknown or not a list, or when a member may be absent."""
        value = self.properties.get(name)
        return value if isinstance(value, list) and MAYBE_ABSENT not in value else None

    def target(self, name: str) -> "Resource | None":
        """The resource that the property refers to, or names by text."""
        return self.template.follow(self.properties.get(name), name)

    def targets(self, name: str) -> "list[Resource | None] | None":
        """For each member of a list, the resource that it refers to or names; None when the list is not known."""
        members = self.items(name)
        return None if members is None else [self.template.follow(member, name) for member in members]


@dataclass(frozen=True, slots=True)
class Template:
    """The resources of one template, by logical id.

    :param region: the region it will be deployed to, where that is known.
    :param outputs: the `Outputs` section, by name; outputs have the type `OUTPUT`.
    :param generated: whether a macro adds resources, so that names may exist that the template does not declare.
    :param rewritten: whether a macro of the account may change any resource.
    """

    resources: Mapping[str, Resource]
    region: str | None = None
    outputs: Mapping[str, Resource] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    generated: bool = False
    rewritten: bool = False
    unresolved_loops: Sequence[str] = ()
    scope: Scope | None = field(default=None, repr=False, compare=False)
    _indexes: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        document: Mapping[str, Any],
        *,
        region: str | None = None,
        given: Mapping[str, Any] | None = None,
        other: frozenset[str] = frozenset(),
        truth: Mapping[str, bool] | None = None,
        looked_up: Mapping[str, Any] | None = None,
        imported: Callable[[Any], Any] | None = None,
        output: Callable[[str, str], Any] | None = None,
    ) -> Self:
        """Read a parsed template; only a mapping under `Resources` is needed.

        :param given: the values of parameters; the others are unknown.
        :param other: parameters with a value that no condition compares them with.
        :param truth: whether conditions hold; the others are evaluated.
        :param looked_up: the values of lookups in mappings whose key is unknown.
        :param imported: finds the value of an export by its name.
        :param output: finds the value of a nested stack's output.
        """
        result = cls.prepared(document, region=region)
        assert result.scope is not None  # noqa: S101 - `prepared` sets it
        scope = result.scope
        scope.given, scope.other, scope.truth = given or {}, other, truth or {}
        scope.looked_up, scope.imported, scope.output = looked_up or {}, imported, output
        result.fill()
        return result

    @classmethod
    def prepared(cls, document: Mapping[str, Any], *, region: str | None = None) -> Self:
        """A template without resources, until `fill` reads them; references to its resources can be made already."""
        loops = Loops(document)
        expanded = loops.expanded()
        raw, macros = expanded.get("Resources"), _macros(expanded)
        result = cls(
            resources={},
            region=region,
            document=expanded,
            generated=bool(macros),
            rewritten=any(not name.startswith("AWS::") for name in macros),
            unresolved_loops=loops.unresolved,
        )
        declared = raw if isinstance(raw, Mapping) else {}
        object.__setattr__(result, "scope", Scope(result, expanded, declared, region))
        return result

    def fill(self) -> None:
        """Read the resources and the outputs."""
        assert self.scope is not None  # noqa: S101 - `prepared` sets it
        assert isinstance(self.resources, dict)  # noqa: S101 - `prepared` sets it
        assert isinstance(self.outputs, dict)  # noqa: S101 - `prepared` sets it
        for logical_id, entry in self.scope.declared.items():
            if isinstance(entry, Mapping) and isinstance(entry.get("Type", ""), str):
                self.resources[str(logical_id)] = _resource(self, self.scope, str(logical_id), entry)
        for name, entry in self.scope.section("Outputs").items():
            if isinstance(entry, Mapping):
                whole = {"Type": OUTPUT, "Properties": {"Value": entry.get("Value")}}
                self.outputs[str(name)] = _resource(self, self.scope, str(name), whole)

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the template's order."""
        return (resource for resource in self.resources.values() if resource.type in types)

    def creates(self, resource: Resource) -> bool | None:
        """Whether the condition of a resource holds; None when that is only known at deployment."""
        name = resource.attributes.get("Condition")
        return True if not isinstance(name, str) or self.scope is None else self.scope.condition(name)

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> Mapping[str, Any]:
        """A cached index over the template, built on the first call and shared by the checks of a rule.

        :param key: of the index, unique among all rules.
        """
        if key not in self._indexes:
            self._indexes[key] = make()
        return self._indexes[key]

    def follow(self, value: Any, name: str = "") -> Resource | None:
        """The resource that a value refers to, alone or within a text, or that it names.

        :param name: the property that holds the value, by which the text of a name is understood.
        """
        if isinstance(value, Composite):
            value = next((part for part in value.parts if isinstance(part, Reference)), None)
        if isinstance(value, Reference):
            return (value.template or self).resources.get(value.logical_id)
        if isinstance(value, str) and name in NAMED:
            return self._named(*NAMED[name], value)
        return None

    def _named(self, type_name: str, name: str, value: str) -> Resource | None:
        """The resource of a type with this name; names are compared without case."""
        names = self.once(
            f"named {type_name}",
            lambda: {
                given.lower(): resource
                for resource in self.of_type(type_name)
                if (given := resource.text(name)) is not None
            },
        )
        match: Resource | None = names.get(value.rpartition("/")[2].lower())
        return match


def _resource(template: Template, scope: Scope, logical_id: str, entry: Mapping[str, Any]) -> Resource:
    scope.references, scope.missing, scope.unmapped = [], [], []
    scope.parameters_used, scope.conditions_used, scope.lookups = set(), set(), {}
    raw = entry.get("Properties") or {}
    macro = "Fn::Transform" in entry or (isinstance(raw, Mapping) and "Fn::Transform" in raw)
    if isinstance(raw, Mapping) and macro:
        raw = {name: value for name, value in raw.items() if name != "Fn::Transform"}
        properties: Any = {name: scope.fold(value) for name, value in raw.items()}
        properties = {name: value for name, value in properties.items() if value is not NO_VALUE}
    else:
        properties = scope.fold(raw)
    metadata = entry.get("Metadata")
    return Resource(
        template=template,
        logical_id=logical_id,
        type=entry.get("Type", ""),
        properties=properties if isinstance(properties, Mapping) else {},
        path=str(metadata.get("aws:cdk:path", "")) if isinstance(metadata, Mapping) else "",
        attributes={k: v for k, v in entry.items() if k not in ("Type", "Properties", "Metadata")},
        open=macro or isinstance(properties, Unknown) or template.rewritten,
        references=tuple(scope.references),
        missing=tuple(dict.fromkeys(scope.missing)),
        parameters=frozenset(scope.parameters_used),
        conditions=frozenset(scope.conditions_used),
        unmapped=tuple(scope.unmapped),
        lookups=scope.lookups,
    )


def _macros(document: Mapping[str, Any]) -> list[str]:
    """The names of the transforms, except those that add nothing."""
    transform = document.get("Transform")
    entries = transform if isinstance(transform, list) else [] if transform is None else [transform]
    names = [entry.get("Name") if isinstance(entry, Mapping) else entry for entry in entries]
    if any(isinstance(part, Mapping) and "Fn::Transform" in part for part in (document, document.get("Resources"))):
        names.append("AWS::Include")
    return [str(name) for name in names if name not in _OWN_TRANSFORMS]
