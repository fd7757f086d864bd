"""Changes that CloudFormation makes in place, by property and effect."""

from collections.abc import Collection, Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.compare.change import IN_PLACE, Change, shown
from elasticache_rules.compare.relations import Relation
from elasticache_rules.compare.replacement import Comparison
from elasticache_rules.compare.versions import same_version
from elasticache_rules.template import Resource

_UNKNOWN_PROPERTY: Final = "the schema of the resource type does not have this property"


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
_POLICIES: Final = {
    "DeletionPolicy": "it decides what is kept when a later change removes the resource",
    "UpdateReplacePolicy": "it decides what is kept when a change replaces the resource",
}
_SAME_VERSION: Final = "both stand for the same version; nothing restarts"


def in_place(
    comparison: Comparison, before: Resource, after: Resource, *, replacing: Collection[str], replaced: bool
) -> Iterator[Change]:
    """The properties and policies of a resource that change without replacing it.

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
        if same_version(before, after, name):
            effect = _SAME_VERSION
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
    for name, effect in _POLICIES.items():
        old, new = (resource.attributes.get(name, "Delete") for resource in (before, after))
        if old != new:
            what = f"{id} changes {name} from {shown(name, old)} to {shown(name, new)} in place: {effect}"
            yield Change(IN_PLACE, id, before.type, what, (), (name,), decision=False)
