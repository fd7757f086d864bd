"""Global Datastores: replication groups of several regions, whose secondaries replicate from the primary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.cache import data_plane
from local_cloud.cache.servers import Cache, wait
from local_cloud.internals import Emulator

_PREFIX: Final = "ldgnf"
# The longest time that a failover pauses writes.
_PAUSE_MILLISECONDS: Final = "5000"


@dataclass(slots=True)
class GlobalDatastore:
    """A Global Datastore and its members.

    :param members: the replication groups, the primary first.
    """

    id: str
    members: list[Cache] = field(default_factory=list)

    @property
    def primary(self) -> Cache:
        """The member that takes writes."""
        return self.members[0]

    def member_in(self, region: str) -> Cache | None:
        """The member in a region; None where there is none."""
        return next((member for member in self.members if member.region == region), None)


class GlobalDatastores:
    """The Global Datastores of all regions.

    :param caches: finds a replication group by its region and id.
    """

    def __init__(self, emulator: Emulator, caches: Callable[[str, str], Cache | None]) -> None:
        self.emulator, self.caches = emulator, caches
        self.known: dict[str, GlobalDatastore] = {}

    def of(self, cache: Cache) -> GlobalDatastore | None:
        """The Global Datastore of a replication group; None for a standalone one."""
        return next((datastore for datastore in self.known.values() if cache in datastore.members), None)

    # Handlers of AWS::ElastiCache::GlobalReplicationGroup.

    def create(self, logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
        """Create a Global Datastore with its primary."""
        suffix = str(props.get("GlobalReplicationGroupIdSuffix") or f"{stack}-{logical_id}".lower()[:34].rstrip("-"))
        datastore = GlobalDatastore(f"{_PREFIX}-{suffix}")
        for member in props.get("Members") or ():
            region, id = str(member.get("ReplicationGroupRegion")), str(member.get("ReplicationGroupId"))
            cache = self.caches(region, id)
            if cache is None:
                raise ValueError(f"Replication group {id} not found in {region}")
            if cache.clustered:
                raise ValueError(
                    "a Global Datastore with cluster mode enabled cannot be deployed on this machine, because the "
                    "servers of a cluster cannot replicate from another cluster; deploy it with cluster mode disabled"
                )
            datastore.members.append(cache)
        self.known[datastore.id] = datastore
        return datastore.id, {"GlobalReplicationGroupId": datastore.id, "Status": "available"}

    def update(self, id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str) -> Any:
        """Change nothing: the properties that can be updated have no effect on these servers."""
        return id, {"GlobalReplicationGroupId": id, "Status": "available"}

    def delete(self, id: str, props: Mapping[str, Any]) -> None:
        """Delete a Global Datastore; its primary becomes standalone.

        :raises ValueError: while it has secondaries.
        """
        datastore = self.known.get(id)
        if datastore is not None and len(datastore.members) > 1:
            listed = ", ".join(member.region for member in datastore.members[1:])
            raise ValueError(f"Global Datastore {id} has secondaries in {listed}; delete them first")
        self.known.pop(id, None)

    # Members.

    def primary_for(self, id: str) -> Cache:
        """The primary, from which a new secondary takes its settings.

        :raises ValueError: when there is no such Global Datastore.
        """
        if id not in self.known:
            raise ValueError(f"Global replication group {id} not found")
        return self.known[id].primary

    def join(self, id: str, cache: Cache) -> None:
        """Add a secondary, and wait until it has the primary's data."""
        datastore = self.known[id]
        data_plane.replicate_from(cache, datastore.primary)
        datastore.members.append(cache)

    def leave(self, cache: Cache) -> None:
        """Remove a member; a secondary then accepts writes."""
        datastore = self.of(cache)
        if datastore is not None:
            datastore.members.remove(cache)
            if cache.replicates_from is not None:
                data_plane.stop_replication(cache)

    def reattach_secondaries(self, cache: Cache) -> None:
        """Let the secondaries replicate from the new primary node after a failover within the primary region."""
        datastore = self.of(cache)
        if datastore is not None and datastore.primary is cache:
            for member in datastore.members[1:]:
                data_plane.replicate_from(member, cache)

    def fail_over(self, datastore: GlobalDatastore, to: Cache) -> None:
        """Make a secondary the primary, without losing an acknowledged write."""
        old = datastore.primary
        before, after = old.primary_of(0), to.primary_of(0)
        # Writes wait until the roles have changed.
        old.command(before, "CLIENT", "PAUSE", _PAUSE_MILLISECONDS, "WRITE")
        wait(lambda: _offset(old, before) <= _offset(to, after), f"{to.region} to have every write")
        data_plane.stop_replication(to)
        datastore.members.remove(to)
        datastore.members.insert(0, to)
        for member in datastore.members[1:]:
            data_plane.replicate_from(member, to)
        # The old primary is a replica now, and refuses the writes that waited.
        old.command(before, "CLIENT", "UNPAUSE")


def _offset(cache: Cache, node: Any) -> int:
    lines = dict(line.split(":", 1) for line in cache.command(node, "INFO", "replication").splitlines() if ":" in line)
    return int(lines.get("slave_repl_offset") or lines["master_repl_offset"])
