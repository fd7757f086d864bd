"""The check that a drill of a replication group is given one."""

from collections.abc import Mapping

from elasticache_operations.errors import InputError
from elasticache_operations.status.caches import Cache, CacheKind


def require_group(cache: Cache, others: Mapping[CacheKind, str]) -> Cache:
    """Return a replication group, and refuse a cache of another kind.

    :param others: what a serverless cache and a cluster are, and why the drill does not take them.
    :raises InputError: for a cache of another kind.

    Example: `require_group(cache, {CacheKind.SERVERLESS: "a serverless cache", CacheKind.CLUSTER: "a cluster"})`.
    """
    if cache.kind is not CacheKind.GROUP:
        raise InputError(
            f"ID must be a replication group, got {cache.id}, {others[cache.kind]}; give the id of a replication group"
        )
    return cache
