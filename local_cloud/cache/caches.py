"""The handlers of the ElastiCache resources: caches become servers, and users become entries in their ACLs."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from local_cloud.cache import data_plane, memcached_plane
from local_cloud.cache.data_plane import Seed, Shape
from local_cloud.cache.global_datastores import GlobalDatastores
from local_cloud.cache.servers import ADMIN, PORTS, Cache
from local_cloud.cache.snapshots import Snapshots
from local_cloud.cache.users import REPLICATION, User, acl, hashed
from local_cloud.machine import Machine

Props = Mapping[str, Any]
Handler = Callable[..., Any]

# Properties whose change replaces the replication group.
_FIXED: Final = (
    "AtRestEncryptionEnabled",
    "CacheSubnetGroupName",
    "GlobalReplicationGroupId",
    "KmsKeyId",
    "NodeGroupConfiguration",
    "Port",
    "SnapshotName",
    # ElastiCache changes these in several steps, which are not implemented here.
    "ClusterMode",
    "TransitEncryptionEnabled",
)
_ENDPOINTS: Final = {"primary": "PrimaryEndPoint", "reader": "ReaderEndPoint", "configuration": "ConfigurationEndPoint"}


class Caches:
    """All caches, users and user groups of a run.

    :param addresses_changed: called after the address behind an endpoint has changed.
    """

    def __init__(self, machine: Machine, addresses_changed: Callable[[], None]) -> None:
        self.folder, self.programs, self.authority = machine.folder / "caches", machine.programs, machine.authority
        self.emulator, self.admission, self.keys = machine.emulator, machine.admission, machine.keys
        self.addresses_changed, self.warn = addresses_changed, machine.warn
        self.snapshots = Snapshots(machine.folder / "snapshots")
        self.running: dict[tuple[str, ...], Cache] = {}
        self._properties: dict[tuple[str, ...], Props] = {}
        self.global_datastores = GlobalDatastores(machine.emulator, lambda region, id: self.running.get((region, id)))

    def stop(self) -> None:
        """Stop every server."""
        for cache in list(self.running.values()):
            cache.stop()

    # Users and user groups: the emulator records them without access strings and passwords, so they are recorded here.

    def recorded(self, handler: Handler, id_property: str) -> Handler:
        """Wrap a handler that creates or updates users or user groups: record them, and update the servers' ACLs.

        :param id_property: UserId or UserGroupId.
        """

        def wrapped(first: str, *more: Any) -> Any:
            result = handler(first, *more)
            # An update has the old properties before the new ones.
            props = [argument for argument in more if isinstance(argument, Mapping)][-1]
            self._properties[id_property, *self._key(str(props[id_property]))] = props
            for cache in list(self.running.values()):
                if cache.user_group:
                    self._set_users(cache)
            return result

        return wrapped

    # Caches. A create handler returns the physical id and the attributes.

    def create_replication_group(self, logical_id: str, props: Props, stack: str) -> Any:
        """Start a shard with replicas, or a cluster."""
        id = self._physical_id(props.get("ReplicationGroupId"), stack, logical_id)
        joins = str(props.get("GlobalReplicationGroupId") or "")
        # A secondary takes its encryption from the primary.
        primary = self.global_datastores.primary_for(joins) if joins else None
        clustered = props.get("ClusterMode") == "enabled"
        tls = primary.tls if primary else _true(props.get("TransitEncryptionEnabled"))
        cache = self._cache(id, props, clustered=clustered, tls=tls)
        cache.user_group = str(next(iter(props.get("UserGroupIds") or ()), ""))
        self._start(cache, _shape(props), props.get("AuthToken"))
        if primary is not None:
            self.global_datastores.join(joins, cache)
        return id, _attributes(cache)

    def update_replication_group(self, id: str, old: Props, new: Props, stack: str, logical_id: str) -> Any:
        """Add or remove shards and replicas without interruption; replace the cache when another property changes."""
        if any(old.get(name) != new.get(name) for name in _FIXED):
            self.delete(id, old)
            return self.create_replication_group(logical_id, new, stack)
        cache = self.running[self._key(id)]
        if _shape(old) != _shape(new):
            data_plane.resize(cache, _shape(old), _shape(new), self.authority, self.addresses_changed)
            self.addresses_changed()
        cache.security_groups, cache.properties = _groups(new), new
        cache.user_group = str(next(iter(new.get("UserGroupIds") or ()), ""))
        if token := new.get("AuthToken"):
            # The old token stays valid until the next rotation.
            for node in cache.nodes:
                cache.command(node, "ACL", "SETUSER", "default", f"#{hashed(str(token))}")
        self._set_users(cache)
        return id, _attributes(cache)

    def create_cache_cluster(self, logical_id: str, props: Props, stack: str) -> Any:
        """Start a memcached cluster, or a single redis server."""
        id = self._physical_id(props.get("ClusterName"), stack, logical_id)
        tls = _true(props.get("TransitEncryptionEnabled"))
        if props["Engine"] == "memcached":
            cache = self._cache(
                id, props, tls=tls, ports=(int(props.get("Port") or PORTS["memcached"]),), kind="cluster"
            )
            memcached_plane.start(cache, int(props["NumCacheNodes"]), self.authority)
            self.running[self._key(id)] = cache
        else:
            cache = self._cache(id, props, tls=tls, kind="cluster")
            self._start(cache, Shape(), None)
        return id, _cluster_attributes(cache)

    def update_cache_cluster(self, id: str, old: Props, new: Props, stack: str, logical_id: str) -> Any:
        """Add or remove nodes without interruption; replace the cluster when another property changes."""
        if any(old.get(name) != new.get(name) for name in (*_FIXED, "Engine")):
            self.delete(id, old)
            return self.create_cache_cluster(logical_id, new, stack)
        cache = self.running[self._key(id)]
        if new["Engine"] == "memcached":
            memcached_plane.resize(cache, int(new["NumCacheNodes"]), self.authority)
        cache.security_groups, cache.properties = _groups(new), new
        self.addresses_changed()
        return id, _cluster_attributes(cache)

    def create_serverless_cache(self, logical_id: str, props: Props, stack: str) -> Any:
        """Start one endpoint with two ports: a cluster of one shard, or memcached."""
        id = self._physical_id(props.get("ServerlessCacheName"), stack, logical_id)
        memcached = props["Engine"] == "memcached"
        port = PORTS["memcached" if memcached else "redis"]
        # The second port serves reads that may be stale.
        ports = (port, port + 1)
        cache = self._cache(id, props, tls=True, clustered=not memcached, ports=ports, kind="serverlesscache")
        cache.user_group = str(props.get("UserGroupId") or "")
        if memcached:
            memcached_plane.start(cache, 1, self.authority)
            self.running[self._key(id)] = cache
        else:
            self._start(cache, Shape(replicas=1), None)
        return id, self._serverless_attributes(cache)

    def update_serverless_cache(self, id: str, old: Props, new: Props, stack: str) -> Any:
        """Update users and security groups; limits and snapshots have no effect here."""
        cache = self.running[self._key(id)]
        cache.security_groups, cache.properties = _groups(new), new
        cache.user_group = str(new.get("UserGroupId") or "")
        if cache.clustered:
            self._set_users(cache)
        self.addresses_changed()
        return id, self._serverless_attributes(cache)

    def _serverless_attributes(self, cache: Cache) -> dict[str, str]:
        account, region = self.emulator.account_and_region
        arn = f"arn:aws:elasticache:{region}:{account}:serverlesscache:{cache.id}"
        attributes = {"ARN": arn, "Status": "available"}
        for name, port in zip(("Endpoint", "ReaderEndpoint"), cache.ports, strict=True):
            attributes |= {f"{name}.Address": cache.names["configuration"], f"{name}.Port": str(port)}
        return attributes

    def delete(self, id: str, props: Props) -> None:
        """Stop the servers of a cache, and delete their files."""
        cache = self.running.pop(self._key(id), None)
        if cache is not None:
            self.global_datastores.leave(cache)
            cache.stop()
            self.addresses_changed()

    def snapshot(self, id: str, props: Props) -> None:
        """Save the data of a cache that is deleted, under the snapshot name in the stack's events."""
        cache = self.running[self._key(id)]
        name = f"{id}-final-snapshot"
        try:
            self.snapshots.take(cache, name)
        except RuntimeError as problem:
            # The data is lost in any case, so the stack must still be deleted.
            self.warn(f"{id} is deleted without a final snapshot: {problem}")

    def _cache(
        self,
        id: str,
        props: Props,
        *,
        tls: bool,
        clustered: bool = False,
        ports: tuple[int, ...] = (),
        kind: str = "replicationgroup",
    ) -> Cache:
        ports = ports or (int(props.get("Port") or PORTS["redis"]),)
        return Cache(
            id=id,
            region=self.emulator.region,
            programs=self.programs,
            keys=self.keys,
            folder=self.folder / f"{id}-{uuid.uuid4().hex[:6]}",
            kind=kind,
            tls=tls,
            clustered=clustered,
            ports=ports,
            security_groups=_groups(props),
            properties=props,
        )

    def _start(self, cache: Cache, shape: Shape, token: Any) -> None:
        users = self._members(cache)
        try:
            seeds = self._seeds(cache, shape)
        except ValueError:
            cache.stop()
            raise
        data_plane.start(cache, shape, self.authority, acl(users, token, self.keys), seeds)
        self.running[self._key(cache.id)] = cache
        self._protect(cache, users)

    def _seeds(self, cache: Cache, shape: Shape) -> list[Seed]:
        """The data of the snapshot that a cache is restored from; none without one.

        :raises ValueError: for a snapshot that does not exist, or has another number of shards.
        """
        name = str(cache.properties.get("SnapshotName") or "")
        if not name:
            return []
        snapshot = self.snapshots.find(cache.region, name)
        if snapshot is None:
            raise ValueError(f"Snapshot {name} not found")
        if snapshot.clustered != cache.clustered or len(snapshot.files) != shape.shards:
            mode = "enabled" if snapshot.clustered else "disabled"
            raise ValueError(
                f"{cache.id} must have {len(snapshot.files)} shards and cluster mode {mode}, as snapshot {name}; the "
                "local cloud does not move keys between shards while it restores"
            )
        return [snapshot.seed(shard) for shard in range(shape.shards)]

    def _protect(self, cache: Cache, users: list[User] | None) -> None:
        self.admission.protect(cache, users or (), self.authority.files(cache.id) if cache.tls else None)

    def _members(self, cache: Cache) -> list[User] | None:
        if not cache.user_group:
            return None
        group = self._properties["UserGroupId", cache.region, cache.user_group]
        return [User.of(self._properties["UserId", cache.region, str(id)]) for id in group["UserIds"]]

    def _set_users(self, cache: Cache) -> None:
        users = self._members(cache)
        if users is not None:
            kept = {ADMIN, REPLICATION, "default", *(user.name for user in users)}
            for node in cache.nodes:
                for user in users:
                    cache.command(node, "ACL", "SETUSER", user.name, *user.rule(self.keys))
                for removed in set(cache.command(node, "ACL", "USERS").split()) - kept:
                    cache.command(node, "ACL", "DELUSER", removed)
        self._protect(cache, users)

    def _key(self, id: str) -> tuple[str, ...]:
        return self.emulator.region, id

    @staticmethod
    def _physical_id(given: Any, stack: str, logical_id: str) -> str:
        # A generated name ends with a random part, as those of CloudFormation do.
        return str(given or f"{f'{stack}-{logical_id}'.lower()[:33].rstrip('-')}-{uuid.uuid4().hex[:6]}")


def _shape(props: Props) -> Shape:
    if props.get("ClusterMode") == "enabled":
        return Shape(shards=int(props.get("NumNodeGroups") or 1), replicas=int(props.get("ReplicasPerNodeGroup") or 0))
    nodes = props.get("NumCacheClusters") or int(props.get("ReplicasPerNodeGroup") or 0) + 1
    return Shape(replicas=int(nodes) - 1)


def _groups(props: Props) -> tuple[str, ...]:
    return tuple(map(str, (*(props.get("SecurityGroupIds") or ()), *(props.get("VpcSecurityGroupIds") or ()))))


def _cluster_attributes(cache: Cache) -> dict[str, str]:
    role, name = ("configuration", "ConfigurationEndpoint")
    if role not in cache.names:
        role, name = ("primary", "RedisEndpoint")
    return {f"{name}.Address": cache.names[role], f"{name}.Port": str(cache.port)}


def _attributes(cache: Cache) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for role, name in cache.names.items():
        attributes |= {f"{_ENDPOINTS[role]}.Address": name, f"{_ENDPOINTS[role]}.Port": str(cache.port)}
    return attributes


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
