"""Templates within the files of other frameworks: the resources of a Serverless Framework service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules.positions import Position, Positions

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_GENERATES: Final = "AWS::Serverless-2016-10-31"
"""A transform that adds resources, as the framework does for functions and events."""


@dataclass(frozen=True, slots=True)
class _Within:
    """The positions of a template that is part of a larger file.

    :param keys: for each section, and each of its names, the path of the member of `resources` that declares it.
    """

    positions: Positions
    keys: Mapping[tuple[str, ...], Sequence[str]]

    def find(self, path: Sequence[str]) -> Position:
        """The position of a value, or of its closest ancestor that exists."""
        before = self.keys.get(tuple(path[:2]), ("resources",))
        return self.positions.find([*before, *path])


def template_of(content: object, positions: Positions) -> tuple[Any, Positions]:
    """The template in the `resources` of a `serverless.yml`; any other content as it is.

    `resources` is a template, or a list whose members are merged. Members that are variables of the framework, such as
    `${file(cache.yml)}`, are left out; name their files as well.
    Source: https://www.serverless.com/framework/docs/providers/aws/guide/resources
    """
    if not isinstance(content, Mapping) or "service" not in content or "Resources" in content:
        return content, positions
    stated = content.get("resources")
    listed = isinstance(stated, list)
    merged: dict[str, dict[str, Any]] = {}
    keys: dict[tuple[str, ...], Sequence[str]] = {}
    for number, part in enumerate(stated if isinstance(stated, list) else [stated]):
        for section in _SECTIONS:
            entries = part.get(section) if isinstance(part, Mapping) else None
            for name, entry in entries.items() if isinstance(entries, Mapping) else ():
                merged.setdefault(section, {})[name] = entry
                keys[section, str(name)] = ("resources", str(number)) if listed else ("resources",)
    if "Resources" not in merged:
        return content, positions
    return {**merged, "Transform": _GENERATES}, _Within(positions, keys)
