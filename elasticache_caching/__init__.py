"""Amazon ElastiCache in front of a database: lazy loading, write-through and sessions.

It depends only on redis-py, and supports Python 3.9 and later. The guide is `docs/caching.md`.
"""

from elasticache_caching.async_cache import AsyncCache, AsyncVersioned
from elasticache_caching.async_client import AsyncCacheClient
from elasticache_caching.cache import Cache, Versioned
from elasticache_caching.client import CacheClient
from elasticache_caching.codec import Json
from elasticache_caching.errors import (
    CacheUnavailableError,
    CachingError,
    ConfigurationError,
    InvalidationFailedError,
    InvalidKeyError,
    ValueRefusedError,
)
from elasticache_caching.protocol import Loaded
from elasticache_caching.sessions import AsyncSessionStore, SessionStore
from elasticache_caching.settings import Codec
from elasticache_caching.statistics import COUNTERS, Statistics

__all__ = [
    "COUNTERS",
    "AsyncCache",
    "AsyncCacheClient",
    "AsyncSessionStore",
    "AsyncVersioned",
    "Cache",
    "CacheClient",
    "CacheUnavailableError",
    "CachingError",
    "Codec",
    "ConfigurationError",
    "InvalidKeyError",
    "InvalidationFailedError",
    "Json",
    "Loaded",
    "SessionStore",
    "Statistics",
    "ValueRefusedError",
    "Versioned",
]
