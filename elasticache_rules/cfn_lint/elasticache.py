"""Two cfn-lint rules that report the findings of this package at the lines of the template."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

# cfn-lint loads this file by its path, so the package may not be installed.
sys.path.append(str(Path(__file__).parents[2]))

from elasticache_rules import Finding, Severity, Template, check_template

_SOURCE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/"


class _ElastiCacheRule(CloudFormationLintRule):  # type: ignore[misc]  # cfn-lint carries no types
    """Findings of one severity."""

    severity_shown = Severity.ERROR
    source_url = _SOURCE
    tags = ["resources", "elasticache"]  # noqa: RUF012 - cfn-lint's own way

    def match(self, cfn: Any) -> list[RuleMatch]:
        """The findings of this severity with their paths in the template."""
        findings = check_template(Template.of(cfn.template))
        return [
            RuleMatch(list(_path(cfn.template, finding)), f"{finding.message}; {finding.fix} ({finding.rule})")
            for finding in findings
            if finding.severity is self.severity_shown
        ]


class ElastiCacheRefuses(_ElastiCacheRule):
    """What ElastiCache refuses."""

    id = "E9601"
    shortdesc = "ElastiCache refuses this"
    description = "A constraint of Amazon ElastiCache that the resource schemas do not state"


class ElastiCacheMayRefuse(_ElastiCacheRule):
    """What ElastiCache may refuse."""

    id = "W9601"
    shortdesc = "ElastiCache may refuse this"
    description = "A constraint of Amazon ElastiCache that rests on a second-hand source, or something to look at"
    severity_shown = Severity.WARNING


def _path(template: Any, finding: Finding) -> Iterator[str | int]:
    """The path to the property, as far as it exists in the template."""
    place: Any = template
    section = ("Properties",) if finding.section == "Resources" else ()
    for name in (finding.section, finding.logical_id, *section, *finding.property_path.split(".")):
        key = int(name) if isinstance(place, list) and name.isdigit() else name
        place = place.get(key) if isinstance(place, dict) else _member(place, key)
        if place is None:
            return
        yield key


def _member(place: Any, key: str | int) -> Any:
    return place[key] if isinstance(place, list) and isinstance(key, int) and key < len(place) else None
