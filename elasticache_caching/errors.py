"""The public errors."""

from __future__ import annotations

from collections.abc import Sequence


class CachingError(Exception):
    """Base class of the errors of this package."""


class ConfigurationError(CachingError, ValueError):
    """An argument is out of range; raised when the object is created."""


class InvalidKeyError(CachingError, ValueError):
    """An id cannot be part of a key: it is not a string, or UTF-8 cannot encode it."""


class ValueRefusedError(CachingError, ValueError):
    """A value cannot be stored: it is too large, the codec cannot restore it, or its version is invalid."""


class CacheUnavailableError(CachingError):
    """The cache did not answer in time, or answered with an error. Reads never raise it; sessions do."""


class InvalidationFailedError(CachingError):
    """An invalidation or a `put` did not reach the cache, so that readers may get the old value until its TTL expires.

    Call it again until it succeeds; both are idempotent.

    :param ids: the ids that may still have their old value.
    """

    def __init__(self, message: str, ids: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.ids = tuple(ids)
