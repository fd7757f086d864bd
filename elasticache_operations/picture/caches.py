"""One cache of a picture: engine, nodes, endpoints, encryption, backups, and what the template leaves open."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from elasticache_operations.lines import HOURS
from elasticache_operations.picture.access import is_off, proof_of, users_of
from elasticache_operations.picture.model import Cache, Shard
from elasticache_operations.picture.shards import shards_of
from elasticache_operations.picture.sources import Source
from elasticache_operations.pricing import PriceBook
from elasticache_rules import facts
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    cluster_enabled,
    engine_of,
    version_of,
)
from elasticache_rules.template import Resource, as_integer

CACHES: Final = (REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE)
OPEN: Final = "known at deployment"
_NAMES: Final = {"redis": "Redis OSS", "valkey": "Valkey", "memcached": "Memcached"}
_KINDS: Final = {REPLICATION_GROUP: "replication group", CACHE_CLUSTER: "cluster", SERVERLESS_CACHE: "serverless cache"}
_SERVERLESS_PORTS: Final = {"memcached": (11211, 11212)}

Books = Callable[[str], PriceBook]
"""The prices of a region."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the caches of a source.

    :param keys: by stack and logical id, the key of each cache.
    :param prices: None without prices.
    """

    source: Source
    keys: Mapping[tuple[str, str], str]
    books: Books

    def cache(self, resource: Resource) -> Cache:
        """The cache that a resource describes."""
        identity = self.source.identity(resource)
        primary = self.primary_of(resource)
        inherited = primary or resource
        secondary = resource.has("GlobalReplicationGroupId")
        shards = shards_of(resource, primary)
        engine = engine_of(inherited) or ""
        version = version_of(inherited) or inherited.text("MajorEngineVersion") or ""
        name = _NAMES.get(engine, engine)
        full = f"{name} {version}".strip() or "Cache"
        node_type = self._node_type(resource, primary)
        cluster = bool(cluster_enabled(inherited)) if resource.type == REPLICATION_GROUP else False
        tls, transit = _transit(inherited)
        proof = _proof(resource)
        count = _count(shards) if resource.type != SERVERLESS_CACHE else None
        cost, date = self._cost(resource, engine, node_type, count)
        failover = _failover(resource, shards)
        snapshots = _snapshots(resource)
        rest = _at_rest(inherited, resource)
        endpoints = _endpoints(resource, cluster=cluster or _several(shards), secondary=secondary)
        ports = _ports(resource, engine)
        listed = " and ".join(map(str, ports))
        facts_of = {
            "Stack": identity[0],
            "Region": (resource.template.region or "of the deploy") if len(self.source.regions) > 1 else "",
            "Engine": full,
            "Nodes": _nodes(resource, node_type, count),
            "Shards": str(len(shards)) if shards and shards[0].slots else "",
            "Endpoints": f"{endpoints}; port {listed}" if ports else endpoints,
            "In transit": transit,
            "At rest": rest,
            "Authentication": proof or "none",
            "Snapshots": snapshots,
            "Failover": failover,
            "Limits": _limits(resource),
            "Cost": ""
            if cost is None
            else f"{_money(cost)} a month for the nodes, at {HOURS} hours and the prices of {date}",
        }
        summary = [
            _nodes(resource, node_type, count),
            f"{len(shards)} shards" if shards and len(shards) > 1 else "cluster mode" if cluster else "",
            transit,
            f"at rest: {rest}",
            f"authentication: {proof or 'none'}",
            f"failover: {failover}" if failover else "",
            f"snapshots: {snapshots}" if snapshots else "",
            _limits(resource),
            "" if cost is None else f"{_money(cost)} a month",
            f"clients use: {facts_of['Endpoints']}",
        ]
        return Cache(
            key=self.keys[identity],
            identity=identity,
            title=f"{full} {_KINDS[resource.type]}",
            name=self.source.title(resource),
            engine=full,
            sentence=f"{full}: {_in_words(resource, shards, node_type)}",
            summary=tuple(part for part in summary if part),
            facts=tuple((label, value) for label, value in facts_of.items() if value),
            shards=shards,
            notes=tuple(_notes(resource, shards, known_primary=primary is not None, secondary=secondary)),
            ports=ports,
            tls=tls,
            proof=proof,
            node_type=node_type,
            node_count=count,
            cluster_mode=cluster or _several(shards),
            primary=self.keys.get(self.source.identity(primary)) if primary is not None else None,
            secondary=secondary,
            cost=cost,
        )

    def primary_of(self, resource: Resource) -> Resource | None:
        """The primary of a secondary's Global Datastore; None for other caches, and when it is not in the templates."""
        datastore = resource.template.follow(resource.get("GlobalReplicationGroupId"))
        if resource.type != REPLICATION_GROUP or datastore is None or datastore.type != GLOBAL_REPLICATION_GROUP:
            return None
        for member in datastore.items("Members") or []:
            group = member.get("ReplicationGroupId") if isinstance(member, Mapping) else None
            target = datastore.template.follow(group, "ReplicationGroupId")
            if target is not None and target.type == REPLICATION_GROUP and target is not resource:
                return target
        return None

    def _node_type(self, resource: Resource, primary: Resource | None) -> str:
        if resource.type == SERVERLESS_CACHE:
            return ""
        datastore = resource.template.follow(resource.get("GlobalReplicationGroupId"))
        for item in (resource, datastore, primary):
            if item is not None and (text := item.text("CacheNodeType")):
                return text
        return ""

    def _cost(self, resource: Resource, engine: str, node_type: str, count: int | None) -> tuple[float | None, str]:
        """The cost of the nodes in a month and the date of the prices; None where it is not known."""
        region = resource.template.region
        if region is None or not engine or not node_type or count is None:
            return None, ""
        book = self.books(region)
        hourly = book.node(engine, node_type).usd
        return (None if hourly is None else hourly * count * HOURS), book.source.date


def _money(amount: float) -> str:
    return f"${amount:,.2f}"


def _several(shards: tuple[Shard, ...] | None) -> bool:
    return shards is not None and len(shards) > 1


def _count(shards: tuple[Shard, ...] | None) -> int | None:
    return None if shards is None else sum(len(shard.nodes) for shard in shards)


def _nodes(resource: Resource, node_type: str, count: int | None) -> str:
    if resource.type == SERVERLESS_CACHE:
        return ""
    return f"{'nodes' if count is None else count} \N{MULTIPLICATION SIGN} {node_type or f'node type {OPEN}'}"


def plural(count: int, word: str) -> str:
    """A count with its noun."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _in_words(resource: Resource, shards: tuple[Shard, ...] | None, node_type: str) -> str:
    if resource.type == SERVERLESS_CACHE:
        return "serverless"
    on = f" on {node_type}" if node_type else ""
    if shards is None:
        return f"nodes whose number is {OPEN}{on}"
    if resource.type == CACHE_CLUSTER:
        return f"{plural(len(shards[0].nodes), 'node')}{on}"
    replicas = sorted({len(shard.nodes) - 1 for shard in shards})
    first = "node that takes reads only" if resource.has("GlobalReplicationGroupId") else "primary"
    if replicas[-1] == 0:
        return f"{plural(len(shards), 'shard')} of a {first} without replicas{on}"
    span = plural(replicas[0], "replica") if len(replicas) == 1 else f"{replicas[0]} to {replicas[-1]} replicas"
    return f"{plural(len(shards), 'shard')} of a {first} and {span}{on}"


def _transit(resource: Resource) -> tuple[bool, str]:
    if resource.type == SERVERLESS_CACHE:
        return True, "TLS required"
    enabled = resource.boolean("TransitEncryptionEnabled")
    if enabled:
        mode = resource.text("TransitEncryptionMode") or "required"
        return True, f"TLS {mode}"
    return False, "no TLS" if enabled is False or resource.lacks("TransitEncryptionEnabled") else f"TLS {OPEN}"


def _at_rest(resource: Resource, own: Resource) -> str:
    if own.has("KmsKeyId") or resource.has("KmsKeyId"):
        return "encrypted with a customer managed key"
    if resource.type == SERVERLESS_CACHE or resource.boolean("AtRestEncryptionEnabled"):
        return "encrypted with the key of the service"
    if resource.type == CACHE_CLUSTER or resource.boolean("AtRestEncryptionEnabled") is False:
        return "not encrypted"
    return "not stated" if resource.lacks("AtRestEncryptionEnabled") else OPEN


def _proof(resource: Resource) -> str:
    """How clients authenticate; empty when nothing asks them to."""
    listed = users_of(resource)
    if listed is None:
        return f"users {OPEN}"
    kinds = sorted({proof_of(user) for user in listed if not is_off(user)})
    if kinds:
        return " or ".join("no password" if kind == "nothing" else kind for kind in kinds)
    return "AUTH token" if resource.has("AuthToken") else ""


def _snapshots(resource: Resource) -> str:
    if engine_of(resource) == "memcached" and resource.type == CACHE_CLUSTER:
        return ""
    days = resource.integer("SnapshotRetentionLimit")
    if days is None and resource.has("SnapshotRetentionLimit"):
        return OPEN
    return f"kept for {plural(days, 'day')}" if days else "none"


def _failover(resource: Resource, shards: tuple[Shard, ...] | None) -> str:
    if resource.type != REPLICATION_GROUP:
        return ""
    if shards is not None and all(len(shard.nodes) == 1 for shard in shards):
        return "nothing to fail over to"
    automatic = resource.boolean("AutomaticFailoverEnabled") or resource.has("GlobalReplicationGroupId")
    zones = " across zones" if resource.boolean("MultiAZEnabled") else ""
    return f"automatic{zones}" if automatic else "manual"


def _endpoints(resource: Resource, *, cluster: bool, secondary: bool) -> str:
    if resource.type == SERVERLESS_CACHE:
        return "endpoint" if engine_of(resource) == "memcached" else "endpoint, reader endpoint"
    if cluster or (resource.type == CACHE_CLUSTER and engine_of(resource) == "memcached"):
        return "configuration endpoint"
    if resource.type == CACHE_CLUSTER:
        return "endpoint of the node"
    return "reader endpoint" if secondary else "primary endpoint, reader endpoint"


def _ports(resource: Resource, engine: str) -> tuple[int, ...]:
    if resource.type == SERVERLESS_CACHE:
        return _SERVERLESS_PORTS.get(engine, (6379, 6380))
    default = facts.load("limits")["default_port"].get(engine or "redis")
    port = default if resource.lacks("Port") else resource.integer("Port")
    return () if port is None else (port,)


def _limits(resource: Resource) -> str:
    limits = resource.get("CacheUsageLimits")
    if resource.type != SERVERLESS_CACHE:
        return ""
    parts = []
    for name, words, unit in (("DataStorage", "storage", "GB"), ("ECPUPerSecond", "requests", "ECPU per second")):
        entry = limits.get(name) if isinstance(limits, Mapping) else None
        bounds = (
            {side: as_integer(entry.get(side)) for side in ("Minimum", "Maximum")} if isinstance(entry, Mapping) else {}
        )
        said = [f"{word} {value:,}" for side, word in _BOUNDS.items() if (value := bounds.get(side)) is not None]
        parts.append(f"{words}: {' and '.join(said)} {unit}" if said else f"{words}: no limit")
    return ", ".join(parts)


_BOUNDS: Final = {"Minimum": "at least", "Maximum": "at most"}


def _notes(
    resource: Resource, shards: tuple[Shard, ...] | None, *, known_primary: bool, secondary: bool
) -> Iterator[str]:
    if resource.type == SERVERLESS_CACHE:
        yield "ElastiCache chooses and scales the nodes."
        return
    if secondary and not known_primary:
        yield "The primary of the Global Datastore is not in these templates."
    if shards is None:
        yield f"The number of {'shards' if resource.type == REPLICATION_GROUP else 'nodes'} is {OPEN}."
        return
    nodes = [node for shard in shards for node in shard.nodes]
    if all(node.zone is None for node in nodes):
        several = len(nodes) > len(shards) and resource.boolean("MultiAZEnabled")
        yield (
            "ElastiCache chooses the zones: each shard lies in at least two."
            if several
            else "ElastiCache chooses the zones."
        )
    if resource.type == CACHE_CLUSTER and len(nodes) > 1:
        yield "Each node holds a part of the keys; there is no copy."
