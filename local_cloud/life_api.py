"""The actions of the ElastiCache API that create and delete replication groups, and take and list snapshots."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from elasticache_rules import facts
from local_cloud.cache.caches import Caches
from local_cloud.cache.servers import Cache
from local_cloud.cache.snapshots import MANUAL, Snapshot
from local_cloud.internals import Emulator
from local_cloud.queries import ApiError, Parameters, items, required, tag_list, tags, tags_of, texts

_COPIED: Final = (
    "AtRestEncryptionEnabled",
    "AuthToken",
    "AutomaticFailoverEnabled",
    "CacheNodeType",
    "CacheParameterGroupName",
    "CacheSubnetGroupName",
    "Engine",
    "EngineVersion",
    "KmsKeyId",
    "MultiAZEnabled",
    "NumCacheClusters",
    "NumNodeGroups",
    "Port",
    "ReplicasPerNodeGroup",
    "ReplicationGroupDescription",
    "ReplicationGroupId",
    "SnapshotName",
    "SnapshotRetentionLimit",
    "TransitEncryptionEnabled",
)
_OF_A_SNAPSHOT: Final = ("CacheNodeType", "CacheParameterGroupName", "CacheSubnetGroupName", "Engine", "EngineVersion")
_LISTED: Final = {
    "SecurityGroupIds": "SecurityGroupIds.SecurityGroupId",
    "UserGroupIds": "UserGroupIds.member",
}
Describe = Callable[[Cache], Element]


class LifeActions:
    """The actions, by name.

    :param describe: describes a replication group.
    """

    def __init__(self, emulator: Emulator, caches: Caches, describe: Describe) -> None:
        self.emulator, self.caches, self.snapshots, self.describe = emulator, caches, caches.snapshots, describe
        self.actions: dict[str, Callable[[Parameters], Element | None]] = {
            "CreateReplicationGroup": self._create,
            "DeleteReplicationGroup": self._delete,
            "CreateSnapshot": self._take,
            "DescribeSnapshots": self._list,
            "DeleteSnapshot": self._discard,
            "ListTagsForResource": self._tags,
        }

    # Replication groups.

    def _create(self, parameters: Parameters) -> Element:
        id = required(parameters, "ReplicationGroupId").lower()
        if (self.emulator.region, id) in self.caches.running:
            raise ApiError("ReplicationGroupAlreadyExists", f"Replication group {id} already exists.")
        props = self._properties(parameters) | {"ReplicationGroupId": id}
        try:
            self.caches.create_replication_group("", props, "")
        except ValueError as problem:
            raise ApiError("InvalidParameterValue", str(problem)) from problem
        self.caches.addresses_changed()
        return self._result("Create", self.group(id))

    def _properties(self, parameters: Parameters) -> dict[str, Any]:
        """The parameters in the form of a template, with the settings of the snapshot where they are left out."""
        props: dict[str, Any] = {name: parameters[name] for name in _COPIED if name in parameters}
        props |= {name: list(items(parameters, listed)) for name, listed in _LISTED.items()}
        props["Tags"] = tags(parameters)
        enabled = int(props.get("NumNodeGroups") or 1) > 1 or parameters.get("ClusterMode") == "enabled"
        if "SnapshotName" in props:
            snapshot = self._snapshot(props["SnapshotName"])
            kept = {name: snapshot.properties.get(name) for name in _OF_A_SNAPSHOT}
            props = {name: value for name, value in kept.items() if value is not None} | props
            enabled = enabled or snapshot.clustered
            props.setdefault("NumNodeGroups", str(len(snapshot.files)))
        return props | {"ClusterMode": "enabled" if enabled else "disabled"}

    def _delete(self, parameters: Parameters) -> Element:
        cache = self.group(required(parameters, "ReplicationGroupId"))
        if self.caches.global_datastores.of(cache) is not None:
            raise ApiError(
                "InvalidReplicationGroupState",
                f"{cache.id} is a member of a Global Datastore, and must be disassociated first.",
            )
        if name := parameters.get("FinalSnapshotIdentifier"):
            self._must_be_new(name)
            self.snapshots.take(cache, name)
        result = self._result("Delete", cache)
        result[0].find("Status").text = "deleting"  # type: ignore[union-attr]
        self.caches.delete(cache.id, {})
        return result

    def group(self, id: str) -> Cache:
        """A replication group of the region of the request.

        :raises ApiError: when there is none with this id.
        """
        cache = self.caches.running.get((self.emulator.region, id))
        if cache is None or not cache.is_group:
            raise ApiError("ReplicationGroupNotFoundFault", f"ReplicationGroup {id} not found.")
        return cache

    def _result(self, verb: str, cache: Cache) -> Element:
        result = Element(f"{verb}ReplicationGroupResult")
        result.append(self.describe(cache))
        return result

    # Snapshots.

    def _take(self, parameters: Parameters) -> Element:
        name = required(parameters, "SnapshotName")
        self._must_be_new(name)
        if id := parameters.get("ReplicationGroupId"):
            cache = self.group(id)
        else:
            cache = self._cluster(required(parameters, "CacheClusterId"))
        if cache.properties.get("Engine") == "memcached":
            raise ApiError("SnapshotFeatureNotSupportedFault", "Memcached has no snapshots.")
        return self._snapshot_result("Create", self.snapshots.take(cache, name, tags_of({"Tags": tags(parameters)})))

    def _cluster(self, id: str) -> Cache:
        for cache in list(self.caches.running.values()):
            own = cache.region == self.emulator.region and cache.kind != "serverlesscache"
            if own and (id == cache.id or id in {node.name for node in cache.nodes}):
                return cache
        raise ApiError("CacheClusterNotFound", f"CacheCluster not found: {id}")

    def _list(self, parameters: Parameters) -> Element:
        found = [each for each in self.snapshots.of_region(self.emulator.region) if each.kind != "serverlesscache"]
        if name := parameters.get("SnapshotName"):
            found = [self._snapshot(name)]
        if group := parameters.get("ReplicationGroupId"):
            found = [each for each in found if each.cache == group and each.kind == "replicationgroup"]
        if cluster := parameters.get("CacheClusterId"):
            found = [each for each in found if re.fullmatch(rf"{re.escape(each.cache)}(-\d{{4}})?(-\d{{3}})?", cluster)]
        if parameters.get("SnapshotSource") == "system":
            found = []
        result = Element("DescribeSnapshotsResult")
        listed = SubElement(result, "Snapshots")
        for snapshot in found:
            listed.append(self._described(snapshot))
        return result

    def _discard(self, parameters: Parameters) -> Element:
        snapshot = self._snapshot(required(parameters, "SnapshotName"))
        self.snapshots.delete(snapshot)
        return self._snapshot_result("Delete", snapshot)

    def _snapshot(self, name: str) -> Snapshot:
        snapshot = self.snapshots.find(self.emulator.region, name)
        if snapshot is None or snapshot.kind == "serverlesscache":
            raise ApiError("SnapshotNotFoundFault", f"Snapshot {name} not found")
        return snapshot

    def _must_be_new(self, name: str) -> None:
        if self.snapshots.find(self.emulator.region, name) is not None:
            raise ApiError("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists")

    def _snapshot_result(self, verb: str, snapshot: Snapshot) -> Element:
        result = Element(f"{verb}SnapshotResult")
        result.append(self._described(snapshot))
        return result

    def _described(self, snapshot: Snapshot) -> Element:
        props = snapshot.properties
        engine = str(props.get("Engine") or "redis")
        element = Element("Snapshot")
        texts(
            element,
            SnapshotName=snapshot.name,
            SnapshotStatus="available",
            SnapshotSource=MANUAL,
            ARN=self._arn("snapshot", snapshot.name),
            Engine=engine,
            EngineVersion=str(props.get("EngineVersion") or facts.engine_versions(engine)[-1]),
            CacheNodeType=str(props.get("CacheNodeType") or ""),
            Port=str(snapshot.port),
            NumNodeGroups=str(len(snapshot.files)),
        )
        of_a_group = snapshot.kind == "replicationgroup"
        texts(element, **{"ReplicationGroupId" if of_a_group else "CacheClusterId": snapshot.cache})
        for name in ("CacheParameterGroupName", "CacheSubnetGroupName"):
            if props.get(name):
                texts(element, **{name: str(props[name])})
        nodes = SubElement(element, "NodeSnapshots")
        for shard, file in enumerate(snapshot.files):
            node = SubElement(nodes, "NodeSnapshot")
            texts(
                node,
                NodeGroupId=f"{shard + 1:04d}",
                CacheSize=f"{-(-file.stat().st_size // 2**20)} MB" if file.exists() else "0 MB",
                SnapshotCreateTime=f"{snapshot.created:%Y-%m-%dT%H:%M:%S}Z",
            )
            if snapshot.clustered:
                texts(SubElement(node, "NodeGroupConfiguration"), Slots=snapshot.slots[shard].replace(" ", ","))
        return element

    # Tags.

    def _tags(self, parameters: Parameters) -> Element | None:
        """The tags of a replication group or a snapshot; None for another resource, which the emulator answers for."""
        kind, _, name = required(parameters, "ResourceName").rpartition(":")
        found: Mapping[str, str]
        if kind.endswith(":snapshot"):
            found = self._snapshot(name).tags
        elif kind.endswith(":replicationgroup"):
            found = tags_of(self.group(name).properties)
        else:
            return None
        return tag_list("ListTagsForResource", found)

    def _arn(self, kind: str, name: str) -> str:
        account, region = self.emulator.account_and_region
        return f"arn:aws:elasticache:{region}:{account}:{kind}:{name}"
