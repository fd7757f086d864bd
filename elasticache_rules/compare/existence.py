"""Resources that a condition creates or removes, while both templates declare them."""

from typing import Final

from elasticache_rules.compare.change import Change
from elasticache_rules.compare.loss import STATEFUL, kept_by, lost_with
from elasticache_rules.compare.spelling import Speller
from elasticache_rules.template import Resource, Template

_STEPS: Final = (
    "find out whether the condition holds, with the parameters of the deployment",
    "if the resource must stay, remove the condition, or keep the old one",
    "if it must go, deploy the DeletionPolicy that keeps what is wanted first",
)


def removed_by_condition(old: Template, new: Template, before: Resource, after: Resource) -> Change | None:
    """The removal of a resource with data, by a condition that does not hold or may not hold in the new template."""
    created = new.creates(after)
    if before.type not in STATEFUL or created:
        return None
    id, name = after.logical_id, after.attributes["Condition"]
    if created is None and Speller(old).condition(id) == Speller(new).condition(id):
        return None
    return Change(
        "may-remove" if created is None else "removal",
        id,
        before.type,
        f"{id} is removed unless the condition {name} holds, which is new or changed"
        if created is None
        else f"{id} is removed, because the condition {name} does not hold",
        _STEPS,
        (),
        lost_with(before),
        kept_by(before, before.attributes.get("DeletionPolicy"), "DeletionPolicy"),
    )
