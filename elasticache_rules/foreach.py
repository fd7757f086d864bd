"""`Fn::ForEach`, expanded before the template is read.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_PREFIX: Final = "Fn::ForEach::"
_MOST: Final = 2000
"""How many copies are made of all bodies; a template has at most 500 resources."""


class Loops:
    """The expansion of one template.

    :param document: the template.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = _MOST
        self.unresolved: list[str] = []

    def expanded(self) -> Mapping[str, Any]:
        """The template with its loops expanded; the same template if it has none."""
        sections = {name: self._document.get(name) for name in ("Resources", "Outputs", "Conditions")}
        if not _wanted(self._document.get("Transform"), sections):
            return self._document
        return {**self._document, **{name: self._fold(value, {}) for name, value in sections.items() if value}}

    def _fold(self, value: Any, bound: Mapping[str, str]) -> Any:
        if isinstance(value, Mapping):
            if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in bound:
                return bound[value["Ref"]]
            folded: dict[Any, Any] = {}
            for key, item in value.items():
                if isinstance(key, str) and key.startswith(_PREFIX):
                    folded.update(self._loop(key, item, bound))
                else:
                    folded[_bound(key, bound)] = self._fold(item, bound)
            return folded
        if isinstance(value, list):
            return [self._fold(entry, bound) for entry in value]
        return _bound(value, bound)

    def _loop(self, key: str, loop: Any, bound: Mapping[str, str]) -> dict[Any, Any]:
        if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[0], str)):
            return {}
        items = self._items(self._fold(loop[1], bound))
        if items is None:
            self.unresolved.append(key)
            return {}
        result: dict[Any, Any] = {}
        for item in items:
            if self._left <= 0:
                break
            self._left -= 1
            body = self._fold(loop[2], {**bound, loop[0]: item})
            result.update(body if isinstance(body, Mapping) else {})
        return result

    def _items(self, collection: Any) -> list[str] | None:
        """The items of a loop: a list, the default of a parameter, or a list of a mapping."""
        if isinstance(collection, Mapping) and len(collection) == 1:
            name, argument = next(iter(collection.items()))
            if name == "Ref":
                collection = self._at("Parameters", argument, "Default")
                collection = collection.split(",") if isinstance(collection, str) else collection
            elif name == "Fn::FindInMap" and isinstance(argument, list):
                collection = self._at("Mappings", *argument)
        if not isinstance(collection, list) or not all(isinstance(item, str | int) for item in collection):
            return None
        return [str(item).strip() for item in collection]

    def _at(self, *path: Any) -> Any:
        section: Any = self._document
        for key in path:
            section = section.get(key) if isinstance(section, Mapping) and isinstance(key, str) else None
        return section


def path_to(entries: Any, logical_id: str) -> list[str] | None:
    """The keys that lead to an entry of a section before its loops are expanded; None if none of them becomes it.

    :param entries: a section, or the body of a loop.
    """
    if not isinstance(entries, Mapping):
        return None
    if logical_id in entries:
        return [logical_id]
    for key, item in entries.items():
        if not isinstance(key, str):
            continue
        if key.startswith(_PREFIX):
            inner = path_to(item[2], logical_id) if isinstance(item, list) and len(item) == 3 else None
            if inner is not None:
                return [key, "2", *inner]
        elif _could_become(key, logical_id):
            return [key]
    return None


def _could_become(key: str, logical_id: str) -> bool:
    """Whether a key with variables of loops can stand for a logical id."""
    parts = re.split(r"[$&]\{[^}]*\}", key)
    return re.fullmatch(".+".join(map(re.escape, parts)), logical_id) is not None


def _wanted(transform: Any, sections: Mapping[str, Any]) -> bool:
    if "AWS::LanguageExtensions" in (transform if isinstance(transform, list) else [transform]):
        return True
    return any(
        isinstance(key, str) and key.startswith(_PREFIX)
        for section in sections.values()
        if isinstance(section, Mapping)
        for key in section
    )


def _bound(value: Any, bound: Mapping[str, str]) -> Any:
    if isinstance(value, str) and bound and "{" in value:
        for name, item in bound.items():
            value = value.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", item)
    return value
