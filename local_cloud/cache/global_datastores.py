"""Global Datastores: replication groups of several regions, whose secondaries really replicate from the primary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.cache import data_plane
from local_cloud.cache.servers import Cache, wait
from local_cloud.seam import Emulator

_PREFIX: Final = "ldgnf"
_PAUSE: Final = "5000"


@dataclass(slots=True)
class GlobalDatastore:
    """One of them.

    :param members: the primary first.
    """

    id: str
    members: list[Cache] = field(default_factory=list)

    @property
    def primary(self) -> Cache:
        """The member that takes writes."""
        return self.members[0]

    def member_in(self, region: str) -> Cache | None:
        """The member of a region."""
        return next((each for each in self.members if each.region == region), None)


class GlobalDatastores:
    """All that there are, in every region.

    :param caches: finds a replication group by its region and id.
    """

    def __init__(self, emulator: Emulator, caches: Callable[[str, str], Cache | None]) -> None:
        self.emulator, self.caches = emulator, caches
        self.known: dict[str, GlobalDatastore] = {}

    def of(self, cache: Cache) -> GlobalDatastore | None:
        """The one that a replication group belongs to."""
        return next((each for each in self.known.values() if cache in each.members), None)

    # Handlers of AWS::ElastiCache::GlobalReplicationGroup.

    def create(self, logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
        """Make a Global Datastore of its primary."""
        suffix = str(props.get("GlobalReplicationGroupIdSuffix") or f"{stack}-{logical_id}".lower()[:34].rstrip("-"))
        made = GlobalDatastore(f"{_PREFIX}-{suffix}")
        for each in props.get("Members") or ():
            region, id = str(each.get("ReplicationGroupRegion")), str(each.get("ReplicationGroupId"))
            cache = self.caches(region, id)
            if cache is None:
                raise ValueError(f"Replication group {id} not found in {region}")
            if cache.clustered:
                raise ValueError(
                    "a Global Datastore with cluster mode enabled cannot be deployed on this machine, because servers "
                    "of a cluster replicate from none outside it; deploy it with cluster mode disabled"
                )
            made.members.append(cache)
        self.known[made.id] = made
        return made.id, {"GlobalReplicationGroupId": made.id, "Status": "available"}

    def update(self, id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str) -> Any:
        """What can be changed is a property of servers that these do not have."""
        return id, {"GlobalReplicationGroupId": id, "Status": "available"}

    def delete(self, id: str, props: Mapping[str, Any]) -> None:
        """Leave its primary alone.

        :raises ValueError: while it has secondaries.
        """
        found = self.known.get(id)
        if found is not None and len(found.members) > 1:
            listed = ", ".join(each.region for each in found.members[1:])
            raise ValueError(f"Global Datastore {id} must have no secondary to be deleted, and has {listed}")
        self.known.pop(id, None)

    # What happens to members.

    def primary_for(self, id: str) -> Cache:
        """The primary that a new secondary takes its settings from.

        :raises ValueError: when there is no such Global Datastore.
        """
        if id not in self.known:
            raise ValueError(f"Global replication group {id} not found")
        return self.known[id].primary

    def join(self, id: str, cache: Cache) -> None:
        """Add a secondary, and wait until it has the primary's data."""
        found = self.known[id]
        data_plane.follow(cache, found.primary)
        found.members.append(cache)

    def leave(self, cache: Cache) -> None:
        """Take a member away; a secondary then takes writes by itself."""
        found = self.of(cache)
        if found is not None:
            found.members.remove(cache)
            if cache.follows is not None:
                data_plane.stand_alone(cache)

    def realign(self, cache: Cache) -> None:
        """Let the secondaries follow a primary whose own primary node has moved."""
        found = self.of(cache)
        if found is not None and found.primary is cache:
            for each in found.members[1:]:
                data_plane.follow(each, cache)

    def fail_over(self, found: GlobalDatastore, to: Cache) -> None:
        """Make a secondary the primary; no write that was confirmed is lost."""
        old = found.primary
        before, after = old.primary_of(0), to.primary_of(0)
        # No write until the roles have changed.
        old.ask(before, "CLIENT", "PAUSE", _PAUSE, "WRITE")
        wait(lambda: _offset(old, before) <= _offset(to, after), f"{to.region} to have every write")
        data_plane.stand_alone(to)
        found.members.remove(to)
        found.members.insert(0, to)
        for each in found.members[1:]:
            data_plane.follow(each, to)
        # It is a replica now, and refuses what has waited.
        old.ask(before, "CLIENT", "UNPAUSE")


def _offset(cache: Cache, node: Any) -> int:
    lines = dict(line.split(":", 1) for line in cache.ask(node, "INFO", "replication").splitlines() if ":" in line)
    return int(lines.get("slave_repl_offset") or lines["master_repl_offset"])
