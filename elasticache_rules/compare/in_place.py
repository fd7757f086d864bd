"""Changes that CloudFormation makes in place, by property and effect."""

from collections.abc import Collection, Iterator

from elasticache_rules import facts
from elasticache_rules.compare.change import IN_PLACE, Change
from elasticache_rules.compare.replacement import Comparison
from elasticache_rules.compare.spelling import Relation
from elasticache_rules.template import Resource

_UNKNOWN_PROPERTY = "the schema of the resource type does not have this property"


def in_place(
    comparison: Comparison, before: Resource, *, replacing: Collection[str], replaced: bool
) -> Iterator[Change]:
    """The properties of a resource that change without replacing it.

    :param replacing: the properties that replace the resource, or may.
    :param replaced: whether something certainly replaces it.
    """
    effects = facts.load("updates")["effects"].get(before.type)
    if effects is None:
        return
    id = before.logical_id
    for name in comparison.changed_names(id):
        if name in replacing:
            continue
        effect = effects.get(name, _UNKNOWN_PROPERTY)
        if replaced:
            effect = "the new resource has it from the start"
        verb = "changes" if comparison.relation(id, name) is Relation.DIFFERENT else "may change"
        yield Change(
            IN_PLACE,
            id,
            before.type,
            f"{id} {verb} {comparison.changed(id, name)} in place: {effect}",
            (),
            (name,),
            decision=False,
        )
