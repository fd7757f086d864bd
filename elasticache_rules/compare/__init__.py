"""The effects of a template change on caches: replacements, changes that take several deploys, and updates in place.

Two templates are compared property by property. Values are equal in any spelling; values that are only
known at deployment are equal if both templates express them in the same way, and otherwise may differ.
"""

from collections.abc import Iterable

from elasticache_rules.compare.access import SECURITY_GROUP, STEPS, moved, security_groups_of_caches
from elasticache_rules.compare.alone import refused_together, two_steps, users_dropped
from elasticache_rules.compare.change import IN_PLACE, Change
from elasticache_rules.compare.existence import removed_by_condition
from elasticache_rules.compare.in_place import in_place
from elasticache_rules.compare.loss import STATEFUL
from elasticache_rules.compare.members import Members, datastore_changes, member_changes, new_datastores
from elasticache_rules.compare.replacement import Comparison, moved_with_name, name_taken, removal, replacement
from elasticache_rules.compare.steps import migrations
from elasticache_rules.compare.versions import no_way_back
from elasticache_rules.rules.common import GLOBAL_REPLICATION_GROUP, REPLICATION_GROUP, SERVERLESS_CACHE
from elasticache_rules.template import Resource, Template

__all__ = ["IN_PLACE", "STATEFUL", "Change", "compare"]

_PREFIX = "AWS::ElastiCache::"


def compare(old: Template, new: Template, *, beside: Iterable[Template] = ()) -> list[Change]:
    """The changes of caches and their related resources between two templates.

    :param beside: other templates that are deployed with the old one, whose Global Datastores may have its groups as
        members.
    """
    comparison, members = Comparison(old, new), Members([old, *beside])
    security_groups = security_groups_of_caches(old)
    changes: list[Change] = []
    for before in old.resources.values():
        after = new.resources.get(before.logical_id)
        if old.creates(before) is False:
            continue
        if after is None or after.type != before.type:
            changes += removal(before, after)
            if before.type in STEPS and (before.type != SECURITY_GROUP or before.logical_id in security_groups):
                changes += moved(before, old, new)
            changes += moved_with_name(before, old, new)
        elif before.logical_id in security_groups:
            if replaced := comparison.replaced(before, after):
                changes.append(replacement(before, after, replaced))
        elif before.type.startswith(_PREFIX):
            changes += _of_resource(comparison, members, before, after)
    return changes + list(new_datastores(old, new))


def _of_resource(comparison: Comparison, members: Members, before: Resource, after: Resource) -> list[Change]:
    removed = removed_by_condition(comparison.old, comparison.new, before, after)
    if removed is not None and removed.kind == "removal":
        return [removed]
    changes: list[Change] = [] if removed is None else [removed]
    replaced = comparison.replaced(before, after)
    certain = any(change.certain for change in replaced)
    if replaced:
        changes.append(replacement(before, after, replaced))
        changes += name_taken(comparison, before, replaced)
    changes += no_way_back(before, after)
    if before.type == GLOBAL_REPLICATION_GROUP:
        changes += datastore_changes(before, after)
    if before.type == SERVERLESS_CACHE:
        changes += users_dropped(comparison, before)
    if before.type == REPLICATION_GROUP:
        datastore = None if certain else members.datastore_of(before)
        refused = list(member_changes(comparison, before, datastore)) if datastore else []
        changes += refused or _of_group(comparison, before, after, certain=certain)
    replacing = {change.name for change in replaced}
    return [*changes, *in_place(comparison, before, after, replacing=replacing, replaced=certain)]


def _of_group(comparison: Comparison, before: Resource, after: Resource, *, certain: bool) -> list[Change]:
    several = list(migrations(before, after))
    if certain:
        return several
    return [*several, *refused_together(comparison, before, after, several), *two_steps(comparison, before, after)]
