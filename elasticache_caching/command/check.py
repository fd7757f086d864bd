"""The command `elasticache-caching HOST`: whether this machine can use a cache through the library."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import uuid
from typing import TYPE_CHECKING, NoReturn

from redis.exceptions import RedisError

from elasticache_caching.cache import Cache
from elasticache_caching.client import CacheClient
from elasticache_caching.codec import Json
from elasticache_caching.errors import ConfigurationError, InvalidationFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_READS, _MOST_READS = 100, 1_000_000
_ID = "1"
_FAULTS = ("cache_errors", "refused_fills", "uncacheable", "unavailable")


class _Parser(argparse.ArgumentParser):
    """A parser whose error is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    result = _Parser(
        prog="elasticache-caching",
        description="Tests whether this machine can use a cache through the library: loads a value of its own into it, "
        "reads it, and invalidates it.",
        epilog="The password or AUTH token is read from the environment variable CACHE_PASSWORD. "
        "Exit status: 0 when all steps passed, 1 when one failed, 2 when an argument is wrong.",
        allow_abbrev=False,
    )
    result.add_argument("host", metavar="HOST", help="the primary endpoint; with --cluster, the configuration endpoint")
    result.add_argument("--port", type=int, default=6379, help="(default: 6379)")
    result.add_argument("--no-tls", action="store_true", help="connect without TLS")
    result.add_argument("--cluster", action="store_true", help="for cluster mode enabled, and serverless caches")
    result.add_argument("--user", metavar="NAME", help="the name of the user (default: the user default)")
    result.add_argument("--ca-file", metavar="FILE", help="a CA certificate that the system does not trust")
    result.add_argument("--prefix", default="elasticache-caching", help="of the key (default: elasticache-caching)")
    result.add_argument("--timeout", type=float, default=1.0, help="of a command, in seconds (default: 1)")
    result.add_argument("--reads", type=int, default=_READS, help=f"how often the value is read (default: {_READS})")
    return result


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = _parser()
    arguments = parser.parse_args(words)
    if not 1 <= arguments.port <= 65_535:
        parser.error(f"--port must be 1 to 65535, got {arguments.port}")
    if not 1 <= arguments.reads <= _MOST_READS:
        parser.error(f"--reads must be 1 to {_MOST_READS}, got {arguments.reads}")
    if arguments.ca_file is not None and not os.path.isfile(arguments.ca_file):
        parser.error(f"--ca-file must be a file that can be read, got {arguments.ca_file}")
    try:
        client = CacheClient.connect(
            arguments.host,
            port=arguments.port,
            tls=not arguments.no_tls,
            cluster=arguments.cluster,
            username=arguments.user,
            password=os.environ.get("CACHE_PASSWORD"),
            ca_file=arguments.ca_file,
            timeout=arguments.timeout,
        )
        check = _Check(client, f"{arguments.prefix}:{uuid.uuid4().hex}")
    except ConfigurationError as error:
        parser.error(str(error))
    try:
        for step in check.steps(arguments.reads):
            print(f"PASS {step}")
    except (RedisError, OSError, InvalidationFailedError) as error:
        print(f"FAIL {type(error).__name__}: {' '.join(str(error).split())}")
        return 1
    except _FailedError as error:
        print(f"FAIL {error}")
        return 1
    finally:
        client.close()
    return 0


class _FailedError(Exception):
    """The cache answers, and the library cannot use it."""


class _Check:
    """The steps on one value of its own, which expires after a minute if a step fails."""

    def __init__(self, client: CacheClient, prefix: str) -> None:
        self._client, self._prefix, self._loads = client, prefix, 0
        self._values: Cache[dict[str, str]] = Cache(client, prefix, load=self._load, codec=Json(dict), ttl=60)

    def _load(self, id: str) -> dict[str, str]:
        self._loads += 1
        return {"id": id}

    def steps(self, reads: int) -> Iterator[str]:
        """Each step in words, when it has passed."""
        # A read of the library raises no error of the cache, so the first command is sent without it.
        began = time.perf_counter()
        self._client.redis().execute_command("GET", f"{{{self._prefix}:connect}}")
        yield f"connect     an answer after {1000 * (time.perf_counter() - began):.1f} ms"
        self._values.get(_ID)
        self._require("load", loads=1)
        yield "load        a miss was loaded and stored"
        times = []
        for _ in range(reads):
            began = time.perf_counter()
            self._values.get(_ID)
            times.append(time.perf_counter() - began)
        self._require("read", loads=1)
        yield f"read        {reads} of {reads} reads were hits, p50 {1000 * statistics.median(times):.2f} ms"
        self._values.invalidate(_ID)
        self._values.get(_ID)
        self._require("invalidate", loads=2)
        yield "invalidate  the next read loaded the value again"
        self._values.invalidate(_ID)

    def _require(self, step: str, *, loads: int) -> None:
        """Raise an error if the loader was called more often, or a command failed."""
        counts = self._values.statistics.snapshot()
        if self._loads != loads or any(counts[name] for name in _FAULTS):
            told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
            raise _FailedError(
                f"{step}: the cache did not serve the value: {told}; allow the user GET, SET, DEL, EVAL and EVALSHA "
                f"for the keys {{{self._prefix.partition(':')[0]}:*, and look at the load of the cache"
            )


if __name__ == "__main__":
    sys.exit(main())
