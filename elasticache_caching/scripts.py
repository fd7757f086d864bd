"""The Lua scripts. Each uses the two keys of one id, which are in the same hash slot."""

from __future__ import annotations

import hashlib
from typing import Union

from elasticache_caching.wire import HEAD_SIZE, MAGIC, MAX_VERSION

Part = Union[bytes, str, int]

_NEWER_IS_THERE = f"""
local there = redis.call('GET', KEYS[1])
if there and #there >= {HEAD_SIZE} and string.byte(there) == {MAGIC} then
  local version = struct.unpack('>i8', string.sub(there, 17, 24))
  if version > tonumber(ARGV[1]) and version <= {MAX_VERSION} then return -1 end
end
"""


class Script:
    """A script with its SHA-1 digest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the digest that EVALSHA is defined with

    def evalsha(self, keys: tuple[bytes, ...], *arguments: Part) -> tuple[Part, ...]:
        """The command for a server that has cached the script."""
        return ("EVALSHA", self.sha, len(keys), *keys, *arguments)

    def eval(self, keys: tuple[bytes, ...], *arguments: Part) -> tuple[Part, ...]:
        """The command with the text of the script, which the server then caches."""
        return ("EVAL", self.text, len(keys), *keys, *arguments)


# KEYS value, lease. ARGV token, lease in ms, head of the value that the caller has read.
ACQUIRE = Script(f"""
local there = redis.call('GET', KEYS[1])
if there and string.sub(there, 1, {HEAD_SIZE}) ~= ARGV[3] then return there end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[2]) == '-' then return 2 end
return 0
""")

# KEYS value, lease. ARGV version, payload, TTL in ms, token.
FILL = Script(f"""
if redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
redis.call('DEL', KEYS[2])
{_NEWER_IS_THERE}
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")

# KEYS value, lease. ARGV version, payload, TTL in ms. The payload is a value, or a tombstone.
STORE = Script(f"""
{_NEWER_IS_THERE}
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
""")

# KEYS value, lease. ARGV token, ms. With ms, readers load on their own, without a lease, for that time.
RELEASE = Script("""
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[2]) end
redis.call('SET', KEYS[2], '-', 'PX', ARGV[2])
return 1
""")
