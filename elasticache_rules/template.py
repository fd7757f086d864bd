"""A template as a graph: references followed, `AWS::NoValue` dropped, what is not known kept unknown."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, final


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of something that only the deployment knows: a parameter, an import, a condition.

    :param text: what the template says in its place, such as a dynamic reference.
    """

    text: str = ""

    def __repr__(self) -> str:
        return self.text or "<unknown>"


UNKNOWN: Final = Unknown()
MAYBE_ABSENT: Final = Unknown("<maybe absent>")
"""The value of a condition one of whose sides is `AWS::NoValue`."""
_NO_VALUE: Final = object()
_LONGEST_INTEGER: Final = 4096
"""In bits; Python refuses to write longer integers in decimal, and no property takes one."""
_LONGEST_JOINED: Final = 100_000
"""In characters; `Fn::Join` multiplies its delimiter, and no property takes a longer text."""
_INTEGER: Final = re.compile(r"-?[0-9]{1,1000}")
"""ASCII digits alone: int() also takes other digits, spaces, a plus sign and underscores."""
# Without `$` and `{` inside, so that many openings without an end take no quadratic time.
_VARIABLE: Final = re.compile(r"\$\{([^!${}][^${}]*)\}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A `Ref` or `Fn::GetAtt` to a resource of the same template."""

    logical_id: str
    attribute: str = "Ref"

    def __repr__(self) -> str:
        return f"{self.logical_id}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Composite:
    """Text with references in it, from `Fn::Sub` or `Fn::Join`."""

    parts: tuple[str | Reference | Unknown, ...]

    @property
    def prefix(self) -> str:
        """The text that it certainly begins with."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    def __repr__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{part!r}}}" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, its intrinsic functions folded away."""

    template: "Template" = field(repr=False, compare=False)
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    path: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the property is certainly stated, with a known value or an unknown one."""
        return self.properties.get(name, MAYBE_ABSENT) is not MAYBE_ABSENT

    def lacks(self, name: str) -> bool:
        """Whether the property is certainly absent."""
        return name not in self.properties

    def get(self, name: str) -> Any:
        """The property's value: None when absent, `UNKNOWN` when only the deployment knows it."""
        return self.properties.get(name)

    def integer(self, name: str) -> int | None:
        """The property as an integer, also from a string of digits; None when absent, unknown or neither."""
        return as_integer(self.properties.get(name))

    def boolean(self, name: str) -> bool | None:
        """The property as a boolean, also from "true" and "false"; None when absent, unknown or neither."""
        return as_boolean(self.properties.get(name))

    def text(self, name: str) -> str | None:
        """The property as text; None when absent, unknown or no text."""
        value = self.properties.get(name)
        return value if isinstance(value, str) else None

    def items(self, name: str) -> list[Any] | None:
        """The property as a list; None when absent, unknown or no list."""
        value = self.properties.get(name)
        return value if isinstance(value, list) else None

    def target(self, name: str) -> "Resource | None":
        """The resource of this template that the property refers to."""
        return self.template.follow(self.properties.get(name))


@dataclass(frozen=True, slots=True)
class Template:
    """The resources of one template, by logical id.

    :param region: the region it will be deployed to, where that is known.
    :param document: the parsed template, for what folding loses.
    """

    resources: Mapping[str, Resource]
    region: str | None = None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _indexes: dict[str, dict[str, Resource]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, document: Mapping[str, Any], *, region: str | None = None) -> Self:
        """Read a parsed template; only a mapping under `Resources` is needed."""
        raw = document.get("Resources")
        declared = raw if isinstance(raw, Mapping) else {}
        resources: dict[str, Resource] = {}
        template = cls(resources=resources, region=region, document=document)
        for logical_id, entry in declared.items():
            if not isinstance(entry, Mapping) or not isinstance(entry.get("Type"), str):
                continue
            properties = _fold(entry.get("Properties") or {}, declared)
            metadata = entry.get("Metadata")
            resources[str(logical_id)] = Resource(
                template=template,
                logical_id=str(logical_id),
                type=entry["Type"],
                properties=properties if isinstance(properties, Mapping) else {},
                path=str(metadata.get("aws:cdk:path", "")) if isinstance(metadata, Mapping) else "",
                attributes={k: v for k, v in entry.items() if k not in ("Type", "Properties", "Metadata")},
            )
        return template

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the template's order."""
        return (resource for resource in self.resources.values() if resource.type in types)

    def once(self, key: str, make: Callable[[], dict[str, Resource]]) -> Mapping[str, Resource]:
        """An index over the template that several checks of a rule read, made at the first call.

        :param key: of the index, unique among all rules.
        """
        if key not in self._indexes:
            self._indexes[key] = make()
        return self._indexes[key]

    def follow(self, value: Any) -> Resource | None:
        """The resource that a value refers to, alone or within a text, when it is one of this template."""
        if isinstance(value, Composite):
            value = next((part for part in value.parts if isinstance(part, Reference)), None)
        return self.resources.get(value.logical_id) if isinstance(value, Reference) else None


def as_integer(value: Any) -> int | None:
    """Read 3 and "3" as CloudFormation does; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value.bit_length() <= _LONGEST_INTEGER else None
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def as_boolean(value: Any) -> bool | None:
    """Read true and "true" as CloudFormation does; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None


def _fold(value: Any, declared: Mapping[str, Any]) -> Any:
    """Replace intrinsic functions by what they stand for, or by `UNKNOWN`."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
                return _intrinsic(name, argument, declared)
        folded = {str(k): _fold(v, declared) for k, v in value.items()}
        return {k: v for k, v in folded.items() if v is not _NO_VALUE}
    if isinstance(value, list):
        return [v for v in (_fold(item, declared) for item in value) if v is not _NO_VALUE]
    if isinstance(value, str) and "{{resolve:" in value:
        return Unknown(value)
    return value


def _intrinsic(name: str, argument: Any, declared: Mapping[str, Any]) -> Any:
    handler = _INTRINSICS.get(name)
    return handler(argument, declared) if handler else UNKNOWN


def _ref(argument: Any, declared: Mapping[str, Any]) -> Any:
    if argument == "AWS::NoValue":
        return _NO_VALUE
    return Reference(argument) if isinstance(argument, str) and argument in declared else UNKNOWN


def _get_att(argument: Any, declared: Mapping[str, Any]) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
        return Reference(parts[0], parts[1]) if parts[0] in declared else UNKNOWN
    return UNKNOWN


def _join(argument: Any, declared: Mapping[str, Any]) -> Any:
    if isinstance(argument, list) and len(argument) == 2:
        delimiter, pieces = argument[0], _fold(argument[1], declared)
        if isinstance(delimiter, str) and isinstance(pieces, list):
            if all(isinstance(piece, str) for piece in pieces):
                length = len(delimiter) * (len(pieces) - 1) + sum(map(len, pieces))
                return delimiter.join(pieces) if length <= _LONGEST_JOINED else UNKNOWN
            if not delimiter and all(isinstance(piece, str | Reference | Unknown) for piece in pieces):
                return Composite(tuple(pieces))
    return UNKNOWN


def _if(argument: Any, declared: Mapping[str, Any]) -> Any:
    sides = [_fold(side, declared) for side in argument[1:]] if isinstance(argument, list) else []
    return MAYBE_ABSENT if any(side is _NO_VALUE or side is MAYBE_ABSENT for side in sides) else UNKNOWN


def _sub(argument: Any, declared: Mapping[str, Any]) -> Any:
    if not isinstance(argument, str):
        return UNKNOWN
    pieces = _VARIABLE.split(argument)
    if len(pieces) == 1:
        return argument
    parts: list[str | Reference | Unknown] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts += [piece] if piece else []
        else:
            name, _, attribute = piece.partition(".")
            parts.append(Reference(name, attribute or "Ref") if name in declared else UNKNOWN)
    return Composite(tuple(parts))


_INTRINSICS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Any]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::Sub": _sub,
}
