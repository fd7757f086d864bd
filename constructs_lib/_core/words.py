"""Translation of rule findings from CloudFormation properties to the props of a construct."""

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
    """The prop that sets a CloudFormation property.

    :param name: the name of the prop.
    :param values: the Python expression that the caller writes, by the `repr` of the CloudFormation value.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Words:
    """The prop names and messages with which a construct reports findings.

    :param props: the prop by CloudFormation property; nested properties are dotted.
    :param sentences: a message by rule id, or by rule id and property. The placeholders `{prop}`, `{value}`, `{must}`
        and `{fix}` are replaced with the translated parts of the finding.
    """

    props: Mapping[str, str | Prop]
    sentences: Mapping[str, str] = field(default_factory=dict)

    def of(self, finding: Finding, paths: Mapping[str, str] | None = None) -> str:
        """The message of a finding: the problem and the fix.

        :param paths: construct paths by the logical ids that a finding may contain.
        """
        path = _INDEX.sub("", finding.property_path)
        entry = self.props.get(path, path)
        prop = entry if isinstance(entry, Prop) else Prop(entry)
        value = prop.values.get(finding.value, _with_paths(finding.value, paths or {}))
        must, fix = (self._translated(text, prop) for text in (finding.must, finding.fix))
        sentence = self.sentences.get(f"{finding.rule} {path}", self.sentences.get(finding.rule))
        if sentence is not None:
            return sentence.format(prop=prop.name, value=value, must=must, fix=fix)
        return f"{self._translated(prop.name, prop)} must {must}, got {value}; {fix}"

    def _translated(self, text: str, prop: Prop) -> str:
        named = self._pattern.sub(lambda match: _name(self.props[match[1]]), text)
        return _BOOLEANS.sub(lambda match: prop.values.get(match[1].capitalize(), match[1].capitalize()), named)

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
