"""Members of a Global Datastore: what is changed on the datastore, and not on its members."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from elasticache_rules.compare.change import Change
from elasticache_rules.compare.replacement import Comparison
from elasticache_rules.compare.spelling import stated_properties
from elasticache_rules.rules.common import GLOBAL_REPLICATION_GROUP, engine_of
from elasticache_rules.template import Reference, Resource, Template

_BY_DATASTORE: Final = (
    "AutoMinorVersionUpgrade",
    "CacheNodeType",
    "CacheParameterGroupName",
    "Engine",
    "EngineVersion",
    "NumNodeGroups",
)
"""What the datastore decides for all of its members."""


class Members:
    """The replication groups that belong to a Global Datastore, in all the templates that are compared.

    :param templates: before the change; an export of one may be imported by another.
    """

    def __init__(self, templates: Iterable[Template]) -> None:
        self._named: dict[str, str] = {}
        self._referred: dict[int, dict[str, str]] = {}
        known = list(templates)
        exports = {name: place for each in known for name, place in _exports(each)}
        for template in known:
            for datastore in template.of_type(GLOBAL_REPLICATION_GROUP):
                for number, member in enumerate(datastore.items("Members") or []):
                    value = member.get("ReplicationGroupId") if isinstance(member, Mapping) else None
                    self._add(template, datastore, value, _raw_import(datastore, number), exports)

    def _add(
        self,
        template: Template,
        datastore: Resource,
        value: Any,
        imported: str | None,
        exports: Mapping[str, tuple[Template, str]],
    ) -> None:
        if isinstance(value, str):
            self._named[value.lower()] = datastore.logical_id
        elif isinstance(value, Reference):
            self._referred.setdefault(id(template), {})[value.logical_id] = datastore.logical_id
        elif imported in exports:
            exporter, logical_id = exports[imported]
            self._referred.setdefault(id(exporter), {})[logical_id] = datastore.logical_id

    def datastore_of(self, group: Resource) -> str | None:
        """The Global Datastore of a replication group, by logical id or name; None for a group of none."""
        if not group.lacks("GlobalReplicationGroupId"):
            target = group.target("GlobalReplicationGroupId")
            stated = group.text("GlobalReplicationGroupId")
            return target.logical_id if target else stated or "its Global Datastore"
        found = self._referred.get(id(group.template), {}).get(group.logical_id)
        return found or self._named.get((group.text("ReplicationGroupId") or "").lower())


def _exports(template: Template) -> Iterator[tuple[str, tuple[Template, str]]]:
    outputs = template.document.get("Outputs")
    for output in outputs.values() if isinstance(outputs, Mapping) else ():
        export = output.get("Export") if isinstance(output, Mapping) else None
        name = export.get("Name") if isinstance(export, Mapping) else None
        value = output.get("Value") if isinstance(output, Mapping) else None
        target = value.get("Ref") if isinstance(value, Mapping) else None
        if isinstance(name, str) and isinstance(target, str):
            yield name, (template, target)


def _raw_import(datastore: Resource, number: int) -> str | None:
    """The export whose name a member's id is imported by."""
    place: Any = stated_properties(datastore.template, datastore.logical_id)
    for key in ("Members", number, "ReplicationGroupId", "Fn::ImportValue"):
        if isinstance(place, Mapping):
            place = place.get(key)
        elif isinstance(place, list) and isinstance(key, int) and key < len(place):
            place = place[key]
        else:
            return None
    return place if isinstance(place, str) else None


def member_changes(comparison: Comparison, before: Resource, datastore: str) -> Iterator[Change]:
    """The changes of a member that are made on its Global Datastore.

    :param datastore: of the group.
    """
    changed = tuple(name for name in _BY_DATASTORE if comparison.changes(before.logical_id, name))
    if changed:
        yield Change(
            "global-datastore",
            before.logical_id,
            before.type,
            f"{before.logical_id} is a member of {datastore} and changes {', '.join(changed)}: ElastiCache refuses "
            "that on a member",
            (
                f"change {', '.join(changed)} on the GlobalReplicationGroup (GlobalNodeGroupCount for the shards), "
                "and leave the member's template as it is",
            ),
            changed,
        )


def datastore_changes(before: Resource, after: Resource) -> Iterator[Change]:
    """The changes of a Global Datastore that have steps of their own."""
    if engine_of(before) != "valkey" and engine_of(after) == "valkey" and not before.lacks("Engine"):
        yield Change(
            "redis-to-valkey",
            before.logical_id,
            before.type,
            f"{before.logical_id} goes from redis to valkey, with all of its members",
            (
                "in each region, make a parameter group of the valkey family",
                "deploy Engine, EngineVersion and CacheParameterGroupName of the GlobalReplicationGroup together, and "
                "nothing else; there is no way back",
                "then state the same engine and version on the members",
            ),
            ("Engine",),
        )


def new_datastores(old: Template, new: Template) -> Iterator[Change]:
    """A Global Datastore that does not exist yet, and names more than its primary."""
    for datastore in new.of_type(GLOBAL_REPLICATION_GROUP):
        existing = old.resources.get(datastore.logical_id)
        members = datastore.items("Members") or []
        if (existing is None or existing.type != datastore.type) and len(members) > 1:
            yield Change(
                "global-datastore",
                datastore.logical_id,
                datastore.type,
                f"{datastore.logical_id} is new and names {len(members)} members: ElastiCache creates a Global "
                "Datastore with its primary alone",
                (
                    "deploy it with the primary alone",
                    "then deploy each secondary in its region, with GlobalReplicationGroupId",
                ),
                ("Members",),
            )
