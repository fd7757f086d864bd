"""Snapshots of replication groups and clusters: the data of each shard as an RDB file, from which servers can start."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from local_cloud.cache import data_plane
from local_cloud.cache.data_plane import Seed
from local_cloud.cache.servers import Cache

MANUAL: Final = "manual"
_BUS: Final = 10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The data of a cache at one time.

    :param cache: id of the cache that it was taken of.
    :param kind: of that cache, as in its ARN.
    :param properties: of that cache.
    :param files: the RDB file of each shard.
    :param slots: the hash slots of each shard, such as `0-8191`; empty with cluster mode disabled.
    :param tags: of the snapshot itself.
    """

    name: str
    region: str
    cache: str
    kind: str
    port: int
    properties: Mapping[str, Any]
    files: tuple[Path, ...]
    slots: tuple[str, ...]
    created: datetime
    tags: Mapping[str, str]

    @property
    def clustered(self) -> bool:
        """Whether it is of a cache with cluster mode enabled."""
        return bool(self.slots)

    def seed(self, shard: int) -> Seed:
        """A function that gives a server the data of a shard before it starts, and with cluster mode its slots."""

        def place(home: Path, address: str, port: int) -> None:
            shutil.copyfile(self.files[shard], home / data_plane.DATA)
            if self.clustered:
                (home / "nodes.conf").write_text(_nodes(shard, self.slots[shard], address, port))

        return place


class Snapshots:
    """The snapshots of all regions.

    :param folder: a folder for the files of each snapshot.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, str], Snapshot] = {}

    def take(self, cache: Cache, name: str, tags: Mapping[str, str] | None = None) -> Snapshot:
        """Save the data of a cache.

        :raises RuntimeError: when a server does not send its data.
        """
        folder = self.folder / name
        if folder.exists():
            folder = self.folder / f"{name}.{cache.region}"
        created = datetime.now(UTC)
        try:
            files = tuple(data_plane.snapshot(cache, folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        snapshot = Snapshot(
            name=name,
            region=cache.region,
            cache=cache.id,
            kind=cache.kind,
            port=cache.port,
            properties=cache.properties,
            files=files,
            slots=tuple(data_plane.slots(cache)),
            created=created,
            tags=dict(tags or {}),
        )
        self._known[cache.region, name] = snapshot
        return snapshot

    def find(self, region: str, name: str) -> Snapshot | None:
        """The snapshot with a name; None if there is none in the region."""
        return self._known.get((region, name))

    def of_region(self, region: str) -> list[Snapshot]:
        """The snapshots of a region, the oldest first."""
        return [snapshot for snapshot in list(self._known.values()) if snapshot.region == region]

    def delete(self, snapshot: Snapshot) -> None:
        """Delete a snapshot and its files."""
        del self._known[snapshot.region, snapshot.name]
        shutil.rmtree(snapshot.files[0].parent)


def _nodes(shard: int, slots: str, address: str, port: int) -> str:
    """The file in which a server of a cluster keeps its id and slots, as it is before it knows another server."""
    id = f"{shard + 1:040x}"
    bus = f"{address}:{port}@{port + _BUS}"
    return (
        f"{id} {bus} myself,master - 0 0 {shard + 1} connected {slots}\nvars currentEpoch {shard + 1} lastVoteEpoch 0\n"
    )
