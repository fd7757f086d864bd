"""All further examples of the rules, and their nearest valid neighbours."""

from itertools import chain

from tests.elasticache_rules import examples_access, examples_groups, examples_network, examples_other
from tests.elasticache_rules.examples_access import ABSENT, Table

__all__ = ["ABSENT", "ACCEPTED", "MORE"]
_MODULES = (examples_access, examples_groups, examples_network, examples_other)
MORE: Table = dict(chain.from_iterable(module.MORE.items() for module in _MODULES))
ACCEPTED: Table = dict(chain.from_iterable(module.ACCEPTED.items() for module in _MODULES))
