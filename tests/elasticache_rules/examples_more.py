"""All further examples of the rules, and their nearest valid neighbours."""

from collections.abc import Iterable

from tests.elasticache_rules import (
    accepted_groups,
    accepted_network,
    accepted_other,
    examples_access,
    examples_databases,
    examples_edges,
    examples_groups,
    examples_network,
    examples_other,
    examples_sections,
    examples_targets,
    examples_values,
)
from tests.elasticache_rules.examples_access import ABSENT, Table

__all__ = ["ABSENT", "ACCEPTED", "MORE"]
_BROKEN = (
    examples_access,
    examples_databases,
    examples_groups,
    examples_network,
    examples_other,
    examples_edges,
    examples_sections,
    examples_targets,
    examples_values,
)
_VALID = (
    examples_access,
    examples_databases,
    accepted_groups,
    accepted_network,
    accepted_other,
    examples_edges,
    examples_sections,
    examples_targets,
    examples_values,
)


def _together(tables: Iterable[Table]) -> Table:
    figures: Table = {}
    for table in tables:
        for id, examples in table.items():
            figures.setdefault(id, []).extend(examples)
    return figures


MORE: Table = _together(module.MORE for module in _BROKEN)
ACCEPTED: Table = _together(module.ACCEPTED for module in _VALID)
