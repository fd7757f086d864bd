"""The handlers of ElastiCache's resources: each cache becomes servers, each user a rule in their ACLs."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from local_cloud.cache import data_plane, memcached_plane
from local_cloud.cache.data_plane import Shape
from local_cloud.cache.global_datastores import GlobalDatastores
from local_cloud.cache.servers import ADMIN, Cache
from local_cloud.cache.users import REPLICATION, User, acl, hashed
from local_cloud.machine import Machine

Props = Mapping[str, Any]
Handler = Callable[..., Any]

# What CloudFormation changes only by a new replication group.
_FIXED: Final = (
    "AtRestEncryptionEnabled",
    "CacheSubnetGroupName",
    "GlobalReplicationGroupId",
    "KmsKeyId",
    "NodeGroupConfiguration",
    "Port",
    "SnapshotName",
    # These it changes in several steps, which the servers here cannot.
    "ClusterMode",
    "TransitEncryptionEnabled",
)
_ENDPOINTS: Final = {"primary": "PrimaryEndPoint", "reader": "ReaderEndPoint", "configuration": "ConfigurationEndPoint"}


class Caches:
    """Every cache, user and user group that runs here.

    :param moved: called after names have come to stand for other addresses.
    """

    def __init__(self, machine: Machine, moved: Callable[[], None]) -> None:
        self.folder, self.programs, self.authority = machine.folder / "caches", machine.programs, machine.authority
        self.emulator, self.doorkeeper, self.keys = machine.emulator, machine.doorkeeper, machine.keys
        self.moved, self.warn = moved, machine.warn
        self.running: dict[tuple[str, ...], Cache] = {}
        self._known: dict[tuple[str, ...], Props] = {}
        self.global_datastores = GlobalDatastores(machine.emulator, lambda region, id: self.running.get((region, id)))

    def stop(self) -> None:
        """End every server."""
        for cache in list(self.running.values()):
            cache.stop()

    # Users and user groups: the emulator keeps a record of them, without access strings and passwords.

    def remember(self, handler: Handler, what: str) -> Handler:
        """Remember a user or a user group that is made or changed, and tell the servers that have it.

        :param what: UserId or UserGroupId.
        """

        def changed(first: str, *more: Any) -> Any:
            result = handler(first, *more)
            # The new properties, where there are old ones too.
            props = [each for each in more if isinstance(each, Mapping)][-1]
            self._known[what, *self._key(str(props[what]))] = props
            for cache in list(self.running.values()):
                if cache.user_group:
                    self._set_users(cache)
            return result

        return changed

    # Caches. Each `create` returns the physical id and the attributes.

    def create_replication_group(self, logical_id: str, props: Props, stack: str) -> Any:
        """A shard with replicas, or a cluster."""
        id = self._id(props.get("ReplicationGroupId"), stack, logical_id)
        joins = str(props.get("GlobalReplicationGroupId") or "")
        # A secondary takes these from the primary.
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
        """Shards and replicas are added or removed while it serves; what cannot be changed makes a new one."""
        if any(old.get(each) != new.get(each) for each in _FIXED):
            self.delete(id, old)
            return self.create_replication_group(logical_id, new, stack)
        cache = self.running[self._key(id)]
        if _shape(old) != _shape(new):
            data_plane.resize(cache, _shape(old), _shape(new), self.authority)
            self.moved()
        cache.security_groups = _groups(new)
        cache.user_group = str(next(iter(new.get("UserGroupIds") or ()), ""))
        if token := new.get("AuthToken"):
            # The old one stays good, until the next rotation.
            for node in cache.nodes:
                cache.ask(node, "ACL", "SETUSER", "default", f"#{hashed(str(token))}")
        self._set_users(cache)
        return id, _attributes(cache)

    def create_cache_cluster(self, logical_id: str, props: Props, stack: str) -> Any:
        """Memcached, or a single server of redis."""
        id = self._id(props.get("ClusterName"), stack, logical_id)
        tls = _true(props.get("TransitEncryptionEnabled"))
        if props["Engine"] == "memcached":
            cache = self._cache(id, props, tls=tls, ports=(int(props.get("Port") or 11211),), kind="cluster")
            memcached_plane.start(cache, int(props["NumCacheNodes"]), self.authority)
            self.running[self._key(id)] = cache
        else:
            cache = self._cache(id, props, tls=tls, kind="cluster")
            self._start(cache, Shape(), None)
        return id, _cluster_attributes(cache)

    def update_cache_cluster(self, id: str, old: Props, new: Props, stack: str, logical_id: str) -> Any:
        """Nodes are added or removed while it serves; what cannot be changed makes a new one."""
        if any(old.get(each) != new.get(each) for each in (*_FIXED, "Engine")):
            self.delete(id, old)
            return self.create_cache_cluster(logical_id, new, stack)
        cache = self.running[self._key(id)]
        if new["Engine"] == "memcached":
            memcached_plane.resize(cache, int(new["NumCacheNodes"]), self.authority)
        cache.security_groups = _groups(new)
        self.moved()
        return id, _cluster_attributes(cache)

    def create_serverless_cache(self, logical_id: str, props: Props, stack: str) -> Any:
        """One name with two ports: a cluster of one shard, or memcached."""
        id = self._id(props.get("ServerlessCacheName"), stack, logical_id)
        memcached = props["Engine"] == "memcached"
        ports = (11211, 11212) if memcached else (6379, 6380)
        cache = self._cache(id, props, tls=True, clustered=not memcached, ports=ports, kind="serverlesscache")
        cache.user_group = str(props.get("UserGroupId") or "")
        if memcached:
            memcached_plane.start(cache, 1, self.authority)
            self.running[self._key(id)] = cache
        else:
            self._start(cache, Shape(replicas=1), None)
        return id, self._serverless_attributes(cache)

    def update_serverless_cache(self, id: str, old: Props, new: Props, stack: str) -> Any:
        """Limits and snapshots are records; users and security groups change."""
        cache = self.running[self._key(id)]
        cache.security_groups = _groups(new)
        cache.user_group = str(new.get("UserGroupId") or "")
        if cache.clustered:
            self._set_users(cache)
        self.moved()
        return id, self._serverless_attributes(cache)

    def _serverless_attributes(self, cache: Cache) -> dict[str, str]:
        account, region = self.emulator.place
        arn = f"arn:aws:elasticache:{region}:{account}:serverlesscache:{cache.id}"
        attributes = {"ARN": arn, "Status": "available"}
        for name, port in zip(("Endpoint", "ReaderEndpoint"), cache.ports, strict=True):
            attributes |= {f"{name}.Address": cache.names["configuration"], f"{name}.Port": str(port)}
        return attributes

    def delete(self, id: str, props: Props) -> None:
        """End a cache's servers, and forget what they wrote."""
        cache = self.running.pop(self._key(id), None)
        if cache is not None:
            self.global_datastores.leave(cache)
            cache.stop()
            self.moved()

    def snapshot(self, id: str, props: Props) -> None:
        """Keep the data of a cache that is going away, under the name that its stack's events tell."""
        cache = self.running[self._key(id)]
        name = f"{id}-final-snapshot"
        try:
            data_plane.snapshot(cache, self.folder.parent / "snapshots" / name)
        except RuntimeError as problem:
            # Its data is gone, and a stack that cannot be deleted would not bring it back.
            self.warn(f"{id} is deleted without its last snapshot: {problem}")
            return
        self.emulator.elasticache._create_snapshot({"SnapshotName": [name], "ReplicationGroupId": [id]})

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
        ports = ports or (int(props.get("Port") or 6379),)
        return Cache(
            id=id,
            region=self.emulator.place[1],
            programs=self.programs,
            keys=self.keys,
            folder=self.folder / f"{id}-{uuid.uuid4().hex[:6]}",
            kind=kind,
            tls=tls,
            clustered=clustered,
            ports=ports,
            security_groups=_groups(props),
        )

    def _start(self, cache: Cache, shape: Shape, token: Any) -> None:
        users = self._members(cache)
        data_plane.start(cache, shape, self.authority, acl(users, token, self.keys))
        self.running[self._key(cache.id)] = cache
        self._guard(cache, users)

    def _guard(self, cache: Cache, users: list[User] | None) -> None:
        self.doorkeeper.guard(cache, users or (), self.authority.files(cache.id) if cache.tls else None)

    def _members(self, cache: Cache) -> list[User] | None:
        if not cache.user_group:
            return None
        group = self._known["UserGroupId", cache.region, cache.user_group]
        return [User.of(self._known["UserId", cache.region, str(each)]) for each in group["UserIds"]]

    def _set_users(self, cache: Cache) -> None:
        users = self._members(cache)
        if users is not None:
            kept = {ADMIN, REPLICATION, "default", *(each.name for each in users)}
            for node in cache.nodes:
                for each in users:
                    cache.ask(node, "ACL", "SETUSER", each.name, *each.rule(self.keys))
                for gone in set(cache.ask(node, "ACL", "USERS").split()) - kept:
                    cache.ask(node, "ACL", "DELUSER", gone)
        self._guard(cache, users)

    def _key(self, id: str) -> tuple[str, ...]:
        return self.emulator.place[1], id

    @staticmethod
    def _id(given: Any, stack: str, logical_id: str) -> str:
        # A name of CloudFormation's making ends with a part that is new each time.
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
