"""Intrinsic functions: they exist, and have arguments of the right number and type."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from elasticache_rules.finding import Severity
from elasticache_rules.registry import EVERY_TYPE, Violation, has_rules, rule
from elasticache_rules.rules.common import raw_properties
from elasticache_rules.template import OUTPUT, Resource, as_integer

_SOURCE: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"
)
_KNOWN: Final = frozenset(
    {
        *("And", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "If", "Not", "Or"),
        *("RefAll", "ValueOf", "ValueOfAll"),
        *("Base64", "Cidr", "FindInMap", "GetAtt", "GetAZs", "ImportValue", "Join", "Select", "Split", "Sub"),
        *("ForEach", "GetStackOutput", "Length", "ToJsonString", "Transform"),
    }
)
_LENGTHS: Final[Mapping[str, tuple[tuple[int, ...], str]]] = {
    "Cidr": ((2, 3), "have an address block, a number of ranges, and optionally their bits"),
    "FindInMap": ((3, 4), "have the name of a mapping and two keys"),
    "If": ((3,), "have a condition and two values"),
    "Join": ((2,), "have a delimiter and a list of values"),
    "Select": ((2,), "have an index and a list"),
    "Split": ((2,), "have a delimiter and a text"),
}
"""The numbers of arguments of functions that take a list of them."""


@rule("references/function", EVERY_TYPE, source=_SOURCE)
def function(resource: Resource) -> Iterator[Violation]:
    """Intrinsic functions exist, and have the arguments that they take."""
    scope = resource.template.scope
    if resource.template.rewritten or scope is None or scope.foreign:
        return
    if not (has_rules(resource.type) or resource.type == OUTPUT):
        return
    for path, name, argument in _calls(raw_properties(resource), ""):
        kind = name.removeprefix("Fn::").partition("::")[0]
        if kind not in _KNOWN:
            yield Violation(
                property=path or "Properties",
                value=name,
                must="use a function that is known here",
                fix="correct its name, or check that CloudFormation has it",
                severity=Severity.WARNING,
            )
        elif wanted := _fault(kind, argument):
            yield Violation(
                property=path or "Properties", value=argument, must=f"{wanted} ({name})", fix="correct the arguments"
            )


def _fault(kind: str, argument: Any) -> str:  # noqa: ANN401 - of any function
    """What the argument of a function must be, and is not."""
    if isinstance(argument, Mapping):
        return ""  # AWS::LanguageExtensions lets a function give the arguments of some others
    count, words = _LENGTHS.get(kind, ((), ""))
    if count and not (isinstance(argument, list) and len(argument) in count):
        return words
    if kind == "GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        return "" if isinstance(parts, list) and len(parts) == 2 else "name a resource and an attribute"
    if kind == "Sub" and isinstance(argument, list) and len(argument) != 2:
        return "have a text, and optionally the values of its variables"
    if kind == "Select" and isinstance(argument[1], list):
        index = as_integer(argument[0])
        return "select a member that the list has" if index is not None and not 0 <= index < len(argument[1]) else ""
    return ""


def _calls(value: Any, path: str, *, inside: bool = False) -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401
    """The functions in a value, with the path of their property; arguments are not part of a path."""
    if isinstance(value, Mapping):
        name, argument = next(iter(value.items())) if len(value) == 1 else ("", None)
        function = isinstance(name, str) and name.startswith("Fn::")
        if function:
            yield path, name, argument
        for key, item in value.items():
            if key != "Fn::Transform":
                longer = path if inside or function else f"{path}.{key}" if path else str(key)
                yield from _calls(item, longer, inside=inside or function)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _calls(item, path if inside else f"{path}.{number}", inside=inside)
