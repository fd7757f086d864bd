"""The words of a construct's props for what a rule says in the words of CloudFormation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, final

from elasticache_rules import Finding

_INDEX: Final = re.compile(r"\.[0-9]+(?=\.|\Z)")
"""The index of a member of a list in the path of a property."""
_BOOLEANS: Final = re.compile(r"(?<![\w.=-])(true|false)(?![\w-])")


@final
@dataclass(frozen=True, slots=True)
class Prop:
    """The prop that a CloudFormation property comes from.

    :param name: the prop's name.
    :param values: for a value as Python shows it (`False`, `'sync'`), what the caller writes instead.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Words:
    """How a construct reports a finding of the rules.

    :param props: for each CloudFormation property, the prop; nested ones are dotted.
    :param sentences: for the id of a rule, or the id and the property, a whole sentence. In it, `{prop}`,
        `{value}`, `{must}` and `{fix}` stand for those of the finding, in the words of the props.
    """

    props: Mapping[str, str | Prop]
    sentences: Mapping[str, str] = field(default_factory=dict)

    def of(self, finding: Finding, paths: Mapping[str, str] | None = None) -> str:
        """What a finding says: the problem and the fix.

        :param paths: for the logical id of a resource that a rule may name, its construct path.
        """
        path = _INDEX.sub("", finding.property_path)
        found = self.props.get(path, path)
        prop = found if isinstance(found, Prop) else Prop(found)
        value = prop.values.get(finding.value, _with_paths(finding.value, paths or {}))
        must, fix = (self._translated(text, prop) for text in (finding.must, finding.fix))
        sentence = self.sentences.get(f"{finding.rule} {path}", self.sentences.get(finding.rule))
        if sentence is not None:
            return sentence.format(prop=prop.name, value=value, must=must, fix=fix)
        return f"{self._translated(prop.name, prop)} must {must}, got {value}; {fix}"

    def _translated(self, text: str, prop: Prop) -> str:
        named = self._pattern.sub(lambda found: _name(self.props[found[1]]), text)
        return _BOOLEANS.sub(lambda found: prop.values.get(found[1].capitalize(), found[1].capitalize()), named)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.props, key=len, reverse=True)
        return re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def _name(prop: str | Prop) -> str:
    return prop.name if isinstance(prop, Prop) else prop


def _with_paths(value: str, paths: Mapping[str, str]) -> str:
    for logical_id, path in paths.items():
        value = value.replace(f"{logical_id}.Ref", path).replace(repr(logical_id), path)
    return value
