"""Members of a Global Datastore: changes that are made on the datastore instead of its members."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from elasticache_rules.compare.change import Change
from elasticache_rules.compare.replacement import Comparison
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
    """The replication groups that belong to a Global Datastore, in all compared templates.

    :param templates: the templates before the change; they may import each other's exports.
    """

    def __init__(self, templates: Iterable[Template]) -> None:
        self._named: dict[str, str] = {}
        self._referred: dict[tuple[int, str], str] = {}
        for template in templates:
            for datastore in template.of_type(GLOBAL_REPLICATION_GROUP):
                for member in datastore.items("Members") or []:
                    value = member.get("ReplicationGroupId") if isinstance(member, Mapping) else None
                    if isinstance(value, str):
                        self._named[value.lower()] = datastore.logical_id
                    elif isinstance(value, Reference):
                        self._referred[id(value.template or template), value.logical_id] = datastore.logical_id

    def datastore_of(self, group: Resource) -> str | None:
        """The Global Datastore of a replication group, by logical id or name; None if it belongs to none."""
        if not group.lacks("GlobalReplicationGroupId"):
            target = group.target("GlobalReplicationGroupId")
            name = group.text("GlobalReplicationGroupId")
            return target.logical_id if target else name or "its Global Datastore"
        datastore = self._referred.get((id(group.template), group.logical_id))
        return datastore or self._named.get((group.text("ReplicationGroupId") or "").lower())


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
    """The changes of a Global Datastore that need separate steps."""
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
    """New Global Datastores that list more members than the primary."""
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
