"""Changes that make CloudFormation replace a resource, or may do so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.compare.access import SECURITY_GROUP, SECURITY_GROUP_CREATE_ONLY, STEPS
from elasticache_rules.compare.change import Change, shown
from elasticache_rules.compare.loss import STATEFUL, kept_by, lost_with
from elasticache_rules.compare.relations import ABSENT, Relation, relation
from elasticache_rules.compare.spelling import Speller, stated_properties
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
    engine_of,
    shard_count,
)
from elasticache_rules.template import Resource, Template, as_boolean

_NAMES: Final = {
    REPLICATION_GROUP: "ReplicationGroupId",
    CACHE_CLUSTER: "ClusterName",
    SERVERLESS_CACHE: "ServerlessCacheName",
    USER: "UserId",
    USER_GROUP: "UserGroupId",
    SUBNET_GROUP: "CacheSubnetGroupName",
}
_LONGEST_CHAIN: Final = 20
"""References from one resource to the next; the types that replace each other make chains of three."""
_SHARDS: Final = ("NumNodeGroups", "NodeGroupConfiguration")


@dataclass(frozen=True, slots=True)
class Changed:
    """A property that changes, and whether the change certainly replaces the resource.

    :param because: the resource whose replacement changes the value, if the property itself does not change.
    """

    name: str
    certain: bool
    old: Any = None
    new: Any = None
    because: str = ""

    def __str__(self) -> str:
        if self.because:
            return f"{self.name}, because {self.because} is replaced"
        return f"{self.name} from {shown(self.name, self.old)} to {shown(self.name, self.new)}"


class Comparison:
    """Two versions of a template; the comparison of a property is cached."""

    def __init__(self, old: Template, new: Template) -> None:
        self.old, self.new = old, new
        self._before, self._after = Speller(old), Speller(new)
        self._relations: dict[tuple[str, str], Relation] = {}
        self._replaced: dict[str, list[Changed]] = {}

    def relation(self, logical_id: str, name: str) -> Relation:
        """How a property's two values relate."""
        key = logical_id, name
        if key not in self._relations:
            self._relations[key] = relation(
                self._before.property(logical_id, name), self._after.property(logical_id, name)
            )
        return self._relations[key]

    def changes(self, logical_id: str, *names: str) -> bool:
        """Whether any of the properties changes or may change."""
        return any(self.relation(logical_id, name) is not Relation.SAME for name in names)

    def changed(self, logical_id: str, name: str, *, certain: bool | None = None, because: str = "") -> Changed:
        """A changed property with both values."""
        sure = self.relation(logical_id, name) is Relation.DIFFERENT if certain is None else certain
        return Changed(name, sure, self._before.raw(logical_id, name), self._after.raw(logical_id, name), because)

    def appears(self, logical_id: str, name: str) -> bool:
        """Whether a property is absent before the change and may be present after it."""
        return self._before.property(logical_id, name) == ABSENT != self._after.property(logical_id, name)

    def vanishes(self, logical_id: str, name: str) -> bool:
        """Whether a property may be present before the change and is absent after it."""
        return self._before.property(logical_id, name) != ABSENT == self._after.property(logical_id, name)

    def changed_names(self, logical_id: str) -> list[str]:
        """The properties that change or may change, sorted."""
        names: set[str] = set()
        for template in (self.old, self.new):
            names.update(map(str, stated_properties(template, logical_id)))
            names.update(template.resources[logical_id].properties)
        return sorted(name for name in names if self.changes(logical_id, name))

    def replaced(self, before: Resource, after: Resource, *, depth: int = 0) -> list[Changed]:
        """The properties whose change replaces the resource or may replace it.

        :param depth: the number of references followed so far; longer chains than can be deployed are not followed.
        """
        id = before.logical_id
        if id not in self._replaced and depth <= _LONGEST_CHAIN:
            self._replaced[id] = []  # a circular reference adds nothing
            schema = facts.load("schema")["types"].get(before.type, {})
            changes = [
                change
                for name in _create_only_names(before.type, schema)
                for change in self._create_only(id, name, depth)
            ]
            self._replaced[id] = [*changes, *self._conditional(before, after, schema)]
        return self._replaced.get(id, [])

    def _create_only(self, id: str, name: str, depth: int) -> Iterator[Changed]:
        if self.relation(id, name) is not Relation.SAME:
            yield self.changed(id, name)
            return
        # The referenced resource is replaced, and so gets another name.
        mine, theirs = (sorted(set(side.references(id, name))) for side in (self._before, self._after))
        for first, second in zip(mine, theirs, strict=False):
            target, its_new = self.old.resources.get(first), self.new.resources.get(second)
            if target is None or its_new is None or first != second:
                continue  # another resource of the same name: the value does not change
            replaced = target.type != its_new.type or self.replaced(target, its_new, depth=depth + 1)
            if replaced:
                certain = replaced is True or any(change.certain for change in replaced)
                yield self.changed(id, name, certain=certain, because=second)
                return

    def _conditional(self, before: Resource, after: Resource, schema: Mapping[str, Any]) -> Iterator[Changed]:
        """Properties that are conditionally create-only, by the schema or in practice."""
        id = before.logical_id
        names = list(schema.get("conditional_create_only", ()))
        if before.type == REPLICATION_GROUP:
            names = [name for name in names if name not in ("AuthToken", *_SHARDS)]
            if not reshards_online(after):
                yield from self._shards(before, after)
            if self.appears(id, "AuthToken"):
                yield self.changed(id, "AuthToken")
        if before.type == CACHE_CLUSTER and engine_of(after) == "memcached":
            for name in ("CacheNodeType", "TransitEncryptionEnabled"):
                if self.changes(id, name):
                    yield self.changed(id, name)
        for name in (*names, "Fn::Transform"):
            if self.changes(id, name):
                yield self.changed(id, name, certain=False)

    def _shards(self, before: Resource, after: Resource) -> Iterator[Changed]:
        """Shards that change without UseOnlineResharding."""
        id = before.logical_id
        old, new = shard_count(before), shard_count(after)
        if self.changes(id, "NumNodeGroups") and (old is None or new is None or old != new):
            yield self.changed(id, "NumNodeGroups", certain=old is not None and new is not None)
        if self.changes(id, "NodeGroupConfiguration"):
            yield self.changed(id, "NodeGroupConfiguration")


def _create_only_names(type_name: str, schema: Mapping[str, Any]) -> Sequence[str]:
    if type_name == SECURITY_GROUP:
        return SECURITY_GROUP_CREATE_ONLY
    names: Sequence[str] = schema.get("create_only", ())
    return names


def reshards_online(group: Resource) -> bool:
    """Whether a replication group has the update policy that changes its shards in place."""
    policy = group.attributes.get("UpdatePolicy")
    return isinstance(policy, Mapping) and as_boolean(policy.get("UseOnlineResharding")) is True


def replacement(before: Resource, after: Resource, replaced: list[Changed]) -> Change:
    """A resource that is replaced or may be replaced."""
    certain = any(change.certain for change in replaced)
    stateful = before.type in STATEFUL
    verb = "is replaced" if certain else "may be replaced"
    causes = ", ".join(map(str, replaced))
    kept = kept_by(before, after.attributes.get("UpdateReplacePolicy"), "UpdateReplacePolicy")
    return Change(
        "replacement" if certain else "may-replace",
        before.logical_id,
        before.type,
        f"{before.logical_id} {verb} by {causes}",
        tuple(_steps(before, replaced)) if stateful else STEPS.get(before.type, ()),
        tuple(change.name for change in replaced),
        lost_with(before),
        kept,
        decision=stateful or before.type in STEPS,
    )


def _steps(before: Resource, replaced: list[Changed]) -> Iterator[str]:
    if any(change.name in _SHARDS for change in replaced):
        yield "set UpdatePolicy UseOnlineResharding to true in the same deploy: shards then change in place"
    if all(not change.certain for change in replaced):
        yield "look at the change set: its Replacement says True where the resource is replaced"
    yield "keep the old value, if the change is not wanted"
    if engine_of(before) == "memcached" and before.type == CACHE_CLUSTER:
        yield "or else deploy the new cache under another logical id beside the old one; it starts empty"
    else:
        yield "or else deploy the new cache under another logical id beside the old one, filled from a snapshot of it"
    yield "move the clients to the new one"
    yield "then remove the old one"


def name_taken(comparison: Comparison, before: Resource, replaced: list[Changed]) -> Iterator[Change]:
    """A replaced resource that keeps the name of its predecessor."""
    name, id = _NAMES.get(before.type), before.logical_id
    if name is None or not any(change.certain for change in replaced):
        return
    kept = comparison.changed(id, name)
    if kept.old is None or kept.new is None:
        return
    if comparison.changes(id, name) and not _differ_in_case(kept.old, kept.new):
        return
    what = f"{id} is replaced and keeps {name} {shown(name, kept.old)}, which its predecessor still has: that fails"
    yield _name_taken(before, what, name)


def _differ_in_case(old: object, new: object) -> bool:
    """Whether two names are one to ElastiCache, which stores them in lower case."""
    return isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower()


def moved_with_name(before: Resource, old: Template, new: Template) -> Iterator[Change]:
    """A resource that is removed while the new template creates another with its name."""
    name = _NAMES.get(before.type)
    form = Speller(old).property(before.logical_id, name) if name else ABSENT
    if name is None or form == ABSENT:
        return
    names = Speller(new)
    for created in new.of_type(before.type):
        if created.logical_id in old.resources or new.creates(created) is False:
            continue
        if relation(form, names.property(created.logical_id, name)) is Relation.SAME:
            identifier = shown(name, Speller(old).raw(before.logical_id, name))
            yield _name_taken(
                before,
                f"{before.logical_id} is removed, and {created.logical_id} is created with its {name} {identifier}; "
                "CloudFormation removes after it creates, so the name is still taken: that fails",
                name,
            )


def _name_taken(before: Resource, what: str, name: str) -> Change:
    step = f"give {name} another value in the same deploy, or leave it out where CloudFormation can name it"
    return Change("name-taken", before.logical_id, before.type, what, (step,), (name,))


def removal(before: Resource, after: Resource | None) -> Iterator[Change]:
    """A resource with data that the new template omits or changes to another type."""
    if before.type not in STATEFUL:
        return
    what = "is removed" if after is None else f"becomes a {after.type}"
    yield Change(
        "removal",
        before.logical_id,
        before.type,
        f"{before.logical_id} {what}",
        (
            "if only the logical id changed, give the old one back with override_logical_id, or import the resource",
            "if it must go, deploy the DeletionPolicy that keeps what is wanted",
            "then remove it",
        ),
        (),
        lost_with(before),
        kept_by(before, before.attributes.get("DeletionPolicy"), "DeletionPolicy"),
    )
