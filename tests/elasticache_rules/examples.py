"""One broken template for each rule, a single fault away from a valid one; the documentation shows them."""

from typing import Any

from tests.elasticache_rules import examples_first, examples_first_more, examples_sections
from tests.elasticache_rules.examples_bases import BASE, OTHERS, REGIONS
from tests.elasticache_rules.examples_more import ABSENT, ACCEPTED, MORE

__all__ = ["ABSENT", "ACCEPTED", "BASE", "EXAMPLES", "OTHERS", "REGIONS", "document", "region_of", "resources"]


def _with_more() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    result = {
        id: [example]
        for table in (examples_first.FIRST, examples_first_more.FIRST, examples_sections.FIRST)
        for id, example in table.items()
    }
    for id, examples in MORE.items():
        result.setdefault(id, []).extend(examples)
    return result


# For each rule, a configuration for everything that it reports; the first one is shown in docs/rules.md.
EXAMPLES: dict[str, list[tuple[str, dict[str, Any]]]] = _with_more()


def document(base: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """The template of a base with a change; `!Name` is an output, and `/Name` another section."""
    outputs = {name[1:]: {"Value": value} for name, value in (change or {}).items() if name.startswith("!")}
    sections = {name[1:]: value for name, value in (change or {}).items() if name.startswith("/")}
    return {"Resources": resources(base, change), **({"Outputs": outputs} if outputs else {}), **sections}


def region_of(id: str, change: dict[str, Any]) -> str:
    """The region in which the example of a rule is deployed."""
    return str(change.get("%region", REGIONS.get(id, "us-east-1")))


def resources(base: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """The resources of a base with a change.

    `It` is the one in question, `+Name` adds or changes another one, and `@Name` is an attribute beside `Properties`.
    """
    result: dict[str, Any] = dict(OTHERS.get(base, {}))
    own = {name: value for name, value in (change or {}).items() if name[:1] not in "+!%/"}
    for name, value in (change or {}).items():
        if name.startswith("+"):
            result[name[1:]] = _other(name[1:], value, result)
    entry = {"Type": BASE[base]["Type"], **{name[1:]: value for name, value in own.items() if name.startswith("@")}}
    properties = {**BASE[base]["Properties"], **{name: value for name, value in own.items() if name[:1] != "@"}}
    properties = {name: value for name, value in properties.items() if value is not ABSENT}
    return {**result, "It": {**entry, "Properties": properties}}


def _other(name: str, value: str | dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Another resource: a base by name, a changed base (`of`), or one of any type (`type`)."""
    if isinstance(value, str):
        return BASE[value]
    change = {key: item for key, item in value.items() if key not in ("of", "type") and key[:1] != "@"}
    beside = {key[1:]: item for key, item in value.items() if key[:1] == "@"}
    if "type" in value:
        return {"Type": value["type"], "Properties": change, **beside}
    origin = BASE[value["of"]] if "of" in value else known.get(name, BASE["user"])
    properties = {key: item for key, item in {**origin["Properties"], **change}.items() if item is not ABSENT}
    return {"Type": origin["Type"], "Properties": properties, **beside}
