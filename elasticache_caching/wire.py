"""The storage format of values: a header of 24 bytes and the body.

The header is `>BBHqIq`: magic number, flags, schema, soft expiry in ms since 1970, load time in ms, version. Clients of
different releases share a cache during a rollout, so this format never changes; a new format needs a new magic number.
"""

from __future__ import annotations

import struct
import zlib

MAGIC = 0xE1
COMPRESSED, NEGATIVE, TOMBSTONE = 1, 2, 4
_UNKNOWN = ~(COMPRESSED | NEGATIVE | TOMBSTONE)
MAX_VERSION = 2**53 - 1  # Lua's numbers are doubles
_HEAD = struct.Struct(">BBHqIq")
HEAD_SIZE = _HEAD.size
_MAX_COST = 2**32 - 1
_COMPRESS_ABOVE = 1024
# Flags, schema, soft expiry, load time, version and body: a plain tuple, because every hit makes one.
Fields = tuple[int, int, int, int, int, bytes]


def pack(flags: int, *, schema: int, version: int, expires: int = 0, cost: int = 0, body: bytes = b"") -> bytes:
    """The bytes of an entry; a body above 1,024 bytes is compressed when that makes it smaller.

    :param expires: the soft expiry, in ms since 1970.
    :param cost: how long the load took, in ms, not negative.
    """
    if len(body) > _COMPRESS_ABOVE:
        smaller = zlib.compress(body, 1)
        if len(smaller) < len(body):
            flags, body = flags | COMPRESSED, smaller
    return _HEAD.pack(MAGIC, flags, schema, expires, min(cost, _MAX_COST), version) + body


def unpack(raw: bytes | None, max_bytes: int) -> Fields | None:
    """The fields of an entry, or None for other magic, flags or version, and for a body that is broken or too large."""
    if raw is None or len(raw) < HEAD_SIZE or raw[0] != MAGIC:
        return None
    _, flags, schema, expires, cost, version = _HEAD.unpack_from(raw)
    if flags & _UNKNOWN or not 0 <= version <= MAX_VERSION:
        return None
    body = _decompressed(raw[HEAD_SIZE:], max_bytes) if flags & COMPRESSED else raw[HEAD_SIZE:]
    if body is None or len(body) > max_bytes:
        return None
    return flags, schema, expires, cost, version, body


def _decompressed(body: bytes, max_bytes: int) -> bytes | None:
    """Decompress a body to at most one byte more than the limit; None for an invalid body."""
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(body, max_bytes + 1)
    except zlib.error:
        return None
    return data if stream.eof and not stream.unused_data else None
