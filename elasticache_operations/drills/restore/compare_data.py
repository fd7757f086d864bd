"""Compares a cache with the cache restored from its snapshot. Runs on the client, and needs Python 3.9 or later alone.

`cache-cli` runs this module in place of `valkey-cli`, with the endpoint in its arguments and the password in
REDISCLI_AUTH; DRILL_SETTINGS has the rest as JSON. It reads only, and prints counts as one line of JSON, never a key or
a value. A key that was not used since the snapshot must be the same in both; another one may have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import socket
import sys
import time
from typing import Any, Optional

from elasticache_operations.drills.restore.stores import Link, Login, Refused, Store

MARGIN = 900.0
"""Seconds by which the last use of a key must be older than the snapshot, so that it counts as not used since."""
TTL_MARGIN = 5000
"""Milliseconds by which two expiry times may differ."""
MOST_MEMBERS = 10_000
"""Members up to which the values of a key are compared; for more, their number."""
MOST_BYTES = 8 * 1024 * 1024
RESULTS = ("same", "changed", "gone", "new", "different", "lost", "unreadable")

Value = tuple[bytes, bytes, Optional[int]]
"""The type, a digest of the value, and the time at which it expires in milliseconds."""
_READS: dict[bytes, tuple[str, tuple[bytes, ...], bool]] = {
    b"string": ("STRLEN", (b"GET",), False),
    b"list": ("LLEN", (b"LRANGE", b"0", b"-1"), False),
    b"hash": ("HLEN", (b"HGETALL",), True),
    b"set": ("SCARD", (b"SMEMBERS",), True),
    b"zset": ("ZCARD", (b"ZRANGE", b"0", b"-1", b"WITHSCORES"), False),
    b"stream": ("XLEN", (b"XRANGE", b"-", b"+"), False),
}
"""By type: the command for the length, that for the value, and whether the order of the answer has no meaning."""


def read(link: Link, key: bytes) -> Value | None:
    """The value of a key; None when there is no such key.

    :raises Refused: when the user may not read it.
    """
    kind = link.call("TYPE", key)
    if kind == b"none":
        return None
    left = link.call("PTTL", key)
    expires = None if left < 0 else round(time.time() * 1000) + left
    if kind not in _READS:
        # Such as a document of the JSON module, whose commands not every engine has.
        dumped = link.call("DUMP", key)
        return (kind, hashlib.sha256(dumped or b"").digest(), expires)
    length, words, unordered = _READS[kind]
    number = link.call(length, key)
    if number > (MOST_BYTES if kind == b"string" else MOST_MEMBERS):
        return (kind, b"%d" % number, expires)
    answer = link.call(words[0], key, *words[1:])
    if unordered and kind == b"hash":
        answer = sorted(zip(answer[::2], answer[1::2]))
    elif unordered:
        answer = sorted(answer)
    return (kind, hashlib.sha256(repr(answer).encode()).digest(), expires)


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal, and expire at the same time."""
    first, second = one[2], other[2]
    if first is None or second is None:
        return one == other
    return one[:2] == other[:2] and abs(first - second) <= TTL_MARGIN


def not_used_for(link: Link, key: bytes) -> float | None:
    """Seconds since a key was used last; None when the engine does not tell, as with an eviction policy of LFU."""
    idle = link.attempt("OBJECT", "IDLETIME", key)
    return None if idle is None else float(idle)


def result_of(source: Value | None, restored: Value | None, *, untouched: bool) -> str:
    """The result of the comparison of a key: the name of one of the counts; empty for a key in neither cache.

    :param untouched: whether it was not used since the snapshot.
    """
    if source is None:
        return "" if restored is None else "gone"
    if restored is None:
        return "lost" if untouched else "new"
    if same(source, restored):
        return "same"
    return "different" if untouched else "changed"


def compare(source: Store, restored: Store, *, sample: int, age: float, seconds: float) -> dict[str, Any]:
    """Compare random keys of both caches.

    :param sample: the number of keys from each.
    :param age: of the snapshot when this begins, in seconds.
    :param seconds: after which no more keys are compared.
    """
    began, counts, complete = time.monotonic(), dict.fromkeys(RESULTS, 0), True
    chosen: dict[tuple[int, bytes], None] = {}
    for store in (restored, source):
        try:
            # Keys of a cluster are found by their slots.
            chosen.update(((0 if store.clustered else index, key), None) for index, key in store.sample(sample))
        except Refused:
            # The user of the source may not list keys; those of the restored cache remain.
            continue
    keys = list(chosen)
    random.shuffle(keys)
    for index, key in keys:
        passed = time.monotonic() - began
        if passed > seconds:
            complete = False
            break
        one, other = source.link_of(index, key), restored.link_of(index, key)
        try:
            idle = not_used_for(one, key) if one else None
            untouched = idle is not None and idle > age + passed + MARGIN
            values = [read(link, key) if link else None for link in (one, other)]
            result = result_of(*values, untouched=untouched)
        except Refused:
            result = "unreadable"
        if result:
            counts[result] += 1
    sampled = sum(counts.values())
    return {"source": source.size, "restored": restored.size, "complete": complete, "sampled": sampled, **counts}


def resolve(host: str, port: int, seconds: float = 60.0) -> None:
    """Wait until a new name has an address.

    :raises OSError: when it has none in time.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            socket.getaddrinfo(host, port)
            return
        except socket.gaierror:
            if time.monotonic() > until:
                raise
        time.sleep(1)


def main() -> int:
    """Run the comparison; prints its result, or the error on standard error."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for flag, name in (("-h", "host"), ("-p", "port"), ("--user", "user"), ("--cacert", "ca_file")):
        parser.add_argument(flag, dest=name, default="")
    for flag, name in (("--tls", "tls"), ("-c", "clustered")):
        parser.add_argument(flag, dest=name, action="store_true")
    given, _ = parser.parse_known_args()
    settings = json.loads(os.environ["DRILL_SETTINGS"])
    password = os.environ.get("REDISCLI_AUTH", "")
    try:
        own = Login(tls=given.tls, user=given.user, password=password, ca_file=given.ca_file)
        source = Store(given.host, int(given.port), own, clustered=given.clustered)
        other = Login(tls=given.tls, password=settings["password"], ca_file=given.ca_file)
        resolve(settings["host"], settings["port"])
        restored = Store(settings["host"], settings["port"], other, clustered=given.clustered)
        found = compare(source, restored, sample=settings["sample"], age=settings["age"], seconds=settings["seconds"])
    except (OSError, Refused, ValueError) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
