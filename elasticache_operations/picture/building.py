"""Builds the picture of a source: the caches in their VPCs and regions, with their clients and users."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from elasticache_operations.picture.access import users
from elasticache_operations.picture.caches import CACHES, Books, Reader, plural
from elasticache_operations.picture.clients import Found, Target, addresses_of, compute, foreign, routes
from elasticache_operations.picture.databases import database, database_groups, database_subnets, databases
from elasticache_operations.picture.model import Cache, Client, Database, Picture, Region, Route, Store, User, Vpc
from elasticache_operations.picture.network import (
    DEFAULT_VPC,
    Key,
    Network,
    Subnet,
    key_of,
    own_key,
    subnets_of,
    vpc_of,
)
from elasticache_operations.picture.security_groups import SECURITY_GROUP, End, SecurityGroups
from elasticache_operations.picture.sources import Source
from elasticache_operations.pricing import Snapshot
from elasticache_rules.rules.common import CACHE_CLUSTER
from elasticache_rules.template import Resource

_UNSEEN: Final = ("", "")
"""The VPC of caches whose VPC the templates do not show at all."""


@dataclass(slots=True)
class _Place:
    """The resources of one VPC, while the template is read."""

    caches: list[Cache] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    clients: list[tuple[Found, list[Route]]] = field(default_factory=list)


def build(source: Source, *, books: Books = Snapshot, title: str | None = None) -> Picture:
    """The picture of a source.

    :param books: the prices of a region. Default: the snapshot in the facts.
    :param title: Default: the cache, or the number of caches, and whether they are one Global Datastore.
    """
    resources = [item for item in source.of_type(*CACHES) if not _joins(item)]
    keys = {source.identity(item): f"cache-{number}" for number, item in enumerate(resources, start=1)}
    reader = Reader(source, keys, functools.cache(books))
    caches = [reader.cache(item) for item in resources]
    places = _places(source, resources, caches)
    network = Network(source)
    regions = _regions(network, places, caches)
    edges = _edges(regions)
    regions = tuple(_with_role(region, position, edges) for position, region in enumerate(regions))
    costs = [cache.cost for cache in caches]
    known = [cost for cost in costs if cost is not None]
    return Picture(
        title=title or _title(caches),
        source=source.name,
        stacks=len(source.stacks),
        resources=sum(len(template.resources) for template in source.stacks.values()),
        regions=regions,
        users=_users(source, resources, caches),
        sentence=sentence(regions),
        edges=edges,
        cost=sum(known) if known and len(known) == len(costs) else None,
    )


def _joins(resource: Resource) -> bool:
    """Whether a cache cluster is a node of a replication group, which is drawn with the group."""
    return resource.type == CACHE_CLUSTER and resource.has("ReplicationGroupId")


def _title(caches: Sequence[Cache]) -> str:
    if len(caches) == 1:
        return caches[0].name
    primaries = {cache.primary for cache in caches} - {None}
    if len(primaries) == 1 and sum(cache.primary is None for cache in caches) == 1:
        return f"Global Datastore of {len(caches)} caches"
    return f"{len(caches)} caches" if caches else "No cache"


def _users(source: Source, resources: Sequence[Resource], caches: Sequence[Cache]) -> tuple[User, ...]:
    rows = [row for item, cache in zip(resources, caches, strict=True) for row in users(source, item, cache.name)]
    return tuple(rows)


def _places(source: Source, resources: Sequence[Resource], caches: Sequence[Cache]) -> dict[tuple[str, Key], _Place]:
    """The VPCs with what lies in them, by region."""
    places: dict[tuple[str, Key], _Place] = {}
    targets: dict[str, list[Target]] = {}
    groups = SecurityGroups(source)
    by_key = {own_key(item): item for item in source.of_type(SECURITY_GROUP)}
    for resource, cache in zip(resources, caches, strict=True):
        listed = subnets_of(resource)
        keys = _groups_of(resource)
        vpc = _first(vpc_of(item.resource) for item in listed) or _first(vpc_of(by_key.get(key)) for key in keys)
        if vpc is None and resource.type != CACHES[2] and resource.lacks("CacheSubnetGroupName"):
            vpc = DEFAULT_VPC
        region = resource.template.region or ""
        place = places.setdefault((region, vpc or _UNSEEN), _Place())
        place.caches.append(cache)
        place.subnets += listed
        targets.setdefault(region, []).append(Target(cache, End(keys, addresses_of(listed)), vpc))
    _add_databases(source, places, targets, by_key)
    found = list(compute(source))
    for client in found:
        region = source.stacks[client.identity[0]].region or ""
        paths = list(routes(client, targets.get(region, ()), groups))
        if paths:
            _add(places, region, client, paths, targets[region])
    for region, listed_targets in targets.items():
        merged: dict[str, tuple[Found, list[Route]]] = {}
        for client, route in foreign(listed_targets, groups, found):
            entry = merged.setdefault(f"{client.vpc} {client.identity[1]}", (client, []))
            if route not in entry[1]:
                entry[1].append(route)
        for client, paths in merged.values():
            _add(places, region, client, paths, listed_targets)
    return places


def _add_databases(
    source: Source,
    places: dict[tuple[str, Key], _Place],
    targets: dict[str, list[Target]],
    groups: Mapping[Key, Resource],
) -> None:
    """Put the databases into the VPCs that have a cache; others are no part of the picture."""
    for number, resource in enumerate(databases(source), start=1):
        region, listed, keys = resource.template.region or "", database_subnets(resource), database_groups(resource)
        vpc = _first(vpc_of(item.resource) for item in listed) or _first(vpc_of(groups.get(key)) for key in keys)
        if vpc is None and resource.lacks("DBSubnetGroupName"):
            vpc = DEFAULT_VPC
        place = places.get((region, vpc or _UNSEEN))
        if place is not None:
            store = database(source, resource, f"database-{number}")
            place.databases.append(store)
            place.subnets += listed
            targets[region].append(Target(store, End(keys, addresses_of(listed)), vpc))


def _add(
    places: dict[tuple[str, Key], _Place], region: str, client: Found, paths: list[Route], targets: Sequence[Target]
) -> None:
    """Put a client into the VPC of the first cache or database that it reaches."""
    vpc = next(target.vpc for target in targets if target.store.key == paths[0].store)
    place = places[region, vpc or _UNSEEN]
    place.clients.append((client, paths))
    place.subnets += client.subnets


def _groups_of(resource: Resource) -> tuple[Key, ...]:
    name = "VpcSecurityGroupIds" if resource.type == CACHE_CLUSTER else "SecurityGroupIds"
    values = resource.items(name) or []
    return tuple(key for value in values if (key := key_of(resource.template, value)) is not None)


def _first(keys: Iterable[Key | None]) -> Key | None:
    return next((key for key in keys if key is not None), None)


def _regions(network: Network, places: dict[tuple[str, Key], _Place], caches: Sequence[Cache]) -> tuple[Region, ...]:
    """The regions: those of primaries before those of their secondaries, otherwise in the order of the templates."""
    names = list(dict.fromkeys(name for name, _ in places))
    secondary = {cache.key for cache in caches if cache.secondary}
    names.sort(
        key=lambda name: all(
            cache.key in secondary for (at, _), place in places.items() if at == name for cache in place.caches
        )
    )
    numbers: dict[str, int] = {"next": 1}
    return tuple(
        Region(name, tuple(_vpc(network, key, place, numbers) for (at, key), place in places.items() if at == name))
        for name in names
    )


def _vpc(network: Network, key: Key, place: _Place, numbers: dict[str, int]) -> Vpc:
    columns, positions = network.columns(place.subnets)
    clients = []
    for found, paths in place.clients:
        where = tuple(sorted({positions[item.key] for item in found.subnets if item.key in positions}))
        number, numbers["next"] = numbers["next"], numbers["next"] + 1
        clients.append(
            Client(f"client-{number}", found.identity, found.title, found.name, where, tuple(paths), found.source)
        )
    return Vpc(
        title="VPC that the templates do not show" if key == _UNSEEN else network.title(key),
        columns=columns,
        caches=tuple(place.caches),
        clients=tuple(clients),
        ways=network.ways(key),
        notes=network.notes(key),
        databases=tuple(place.databases),
    )


def _edges(regions: Sequence[Region]) -> tuple[tuple[int, int], ...]:
    home = {
        cache.key: position for position, region in enumerate(regions) for vpc in region.vpcs for cache in vpc.caches
    }
    pairs = [
        (home[cache.primary], home[cache.key])
        for region in regions
        for vpc in region.vpcs
        for cache in vpc.caches
        if cache.primary is not None
    ]
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def _with_role(region: Region, position: int, edges: Sequence[tuple[int, int]]) -> Region:
    roles = []
    if any(start == position for start, _ in edges):
        roles.append("primary of the Global Datastore")
    if any(end == position for _, end in edges):
        roles.append("secondary of the Global Datastore")
    return Region(
        region.name, region.vpcs, " and ".join(roles).capitalize().replace("global datastore", "Global Datastore")
    )


def sentence(regions: Sequence[Region]) -> str:
    """The picture in words, which is its text alternative."""
    told = Counter(
        _of_store(cache, region, vpc)
        for region in regions
        for vpc in region.vpcs
        for cache in vpc.caches
        if cache.primary is None
    )
    said = [text if count == 1 else f"{count} caches, each {text}" for text, count in told.items()]
    copies = [
        region.name or "the region of the deploy"
        for region in regions
        if any(cache.primary is not None for vpc in region.vpcs for cache in vpc.caches)
    ]
    if copies:
        said.append(f"Replicated to {' and '.join(copies)}, where it takes reads only.")
    beside = Counter(
        _of_store(database, region, vpc) for region in regions for vpc in region.vpcs for database in vpc.databases
    )
    said += [text if count == 1 else f"{count} databases, each {text}" for text, count in beside.items()]
    return " ".join(said) or "The templates have no cache."


def _of_store(store: Store, region: Region, vpc: Vpc) -> str:
    where = f"in {region.name}" if region.name else "in the region of the deploy"
    kinds: dict[str, int] = {}
    for client in vpc.clients:
        if any(route.store == store.key for route in client.routes):
            kind = "other source" if client.source else _KINDS.get(client.title.split()[0], client.title)
            kinds[kind] = kinds.get(kind, 0) + 1
    listed = " and ".join(plural(count, kind) for kind, count in kinds.items())
    over = " over TLS" if store.tls else " without TLS" if store.kind == "cache" else ""
    reached = f"reached by {listed}{over}" if listed else "no client in the templates reaches it"
    return f"{store.sentence}, {where}; {reached}."


_KINDS: Final = {
    "EC2": "EC2 instance",
    "Lambda": "Lambda function",
    "Fargate": "Fargate service",
    "ECS": "ECS service",
    "Auto": "Auto Scaling group",
}
