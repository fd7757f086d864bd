"""Publishes what servers answer to INFO as the metrics of AWS/ElastiCache, every few seconds."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from local_cloud.cache.servers import Cache, Node
from local_cloud.internals import Emulator

NAMESPACE: Final = "AWS/ElastiCache"
SECONDS: Final = 5.0
"""Between two readings."""
_READS: Final = ("get", "mget", "hget", "hgetall", "hmget", "lrange", "smembers", "zrange", "exists", "ttl")
_WRITES: Final = ("set", "mset", "setex", "hset", "hmset", "lpush", "rpush", "sadd", "zadd", "del", "expire", "incr")
_COUNTERS: Final = {
    "Evictions": "evicted_keys",
    "NewConnections": "total_connections_received",
    "RejectedConnections": "rejected_connections",
    "CacheHits": "keyspace_hits",
    "CacheMisses": "keyspace_misses",
    "NetworkBytesIn": "total_net_input_bytes",
    "NetworkBytesOut": "total_net_output_bytes",
}
_SERVERLESS: Final = {
    "BytesUsedForCache",
    "CacheHitRate",
    "CurrConnections",
    "CurrItems",
    "ElastiCacheProcessingUnits",
    "Evictions",
    "NewConnections",
    "ThrottledCmds",
}
"""The metrics of a serverless cache, which has no nodes."""


def parse(answer: str) -> dict[str, str]:
    """The members of an answer to INFO."""
    pairs = (line.partition(":") for line in answer.splitlines() if not line.startswith("#"))
    return {name: value.strip() for name, _, value in pairs if value}


def metrics(now: Mapping[str, str], before: Mapping[str, str], seconds: float) -> dict[str, float]:
    """The metrics of a node between two answers to INFO."""

    def more(name: str) -> float:
        return max(0.0, _number(now, name) - _number(before, name))

    used, most = _number(now, "used_memory"), _number(now, "maxmemory")
    found = {name: more(counter) for name, counter in _COUNTERS.items()}
    processor = 100 * (more("used_cpu_sys") + more("used_cpu_user")) / seconds
    found |= {
        "BytesUsedForCache": used,
        "CPUUtilization": processor,
        "EngineCPUUtilization": processor,
        "CurrConnections": _number(now, "connected_clients"),
        "CurrItems": sum(_keys(value) for name, value in now.items() if name.startswith("db") and "keys=" in value),
        "ElastiCacheProcessingUnits": more("total_commands_processed"),
        "GetTypeCmds": _calls(now, _READS) - _calls(before, _READS),
        "MemoryFragmentationRatio": _number(now, "mem_fragmentation_ratio"),
        "SetTypeCmds": _calls(now, _WRITES) - _calls(before, _WRITES),
        "SwapUsage": 0.0,
        "ThrottledCmds": 0.0,
        "TrafficManagementActive": 0.0,
    }
    if most:
        found["DatabaseMemoryUsagePercentage"] = 100 * used / most
    if asked := found["CacheHits"] + found["CacheMisses"]:
        found["CacheHitRate"] = 100 * found["CacheHits"] / asked
    if now.get("role") == "slave":
        # The primary sends a ping each second when nothing else is replicated.
        found["ReplicationLag"] = max(0.0, _number(now, "master_last_io_seconds_ago") - 1)
    return found


def _number(info: Mapping[str, str], name: str) -> float:
    try:
        return float(info.get(name, 0))
    except ValueError:
        return 0.0


def _keys(value: str) -> float:
    """The keys in `keys=3,expires=0,avg_ttl=0`."""
    return float(value.partition("keys=")[2].partition(",")[0])


def _calls(info: Mapping[str, str], commands: Iterable[str]) -> float:
    """The calls of commands in `cmdstat_get:calls=3,usec=2,...`."""
    found = (info.get(f"cmdstat_{command}", "") for command in commands)
    return sum(float(value.partition("calls=")[2].partition(",")[0]) for value in found if value)


@dataclass(slots=True)
class Publisher:
    """Reads the servers of all caches in a thread, until it is stopped.

    :param caches: returns the caches that are running.
    """

    emulator: Emulator
    caches: Callable[[], list[Cache]]
    _before: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict, init=False)
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self) -> None:
        """Start the thread."""
        account, _ = self.emulator.account_and_region
        threading.Thread(target=self._run, args=(account,), daemon=True, name="metrics").start()

    def stop(self) -> None:
        """End the thread after its present reading."""
        self._stopped.set()

    def _run(self, account: str) -> None:
        while not self._stopped.wait(SECONDS):
            for cache in self.caches():
                # Memcached has no INFO.
                for node in [node for node in cache.nodes if (node.home / "server.conf").exists()]:
                    if self._stopped.is_set():
                        return
                    self.publish(account, cache, node)

    def publish(self, account: str, cache: Cache, node: Node) -> None:
        """Publish the metrics of one node since its last reading; nothing while it is down."""
        if node.process.poll() is not None:
            self._before.pop(node.name, None)
            return
        info = parse(cache.command(node, "INFO", "everything"))
        if "used_memory" not in info:
            return
        now = time.monotonic()
        earlier = self._before.get(node.name)
        self._before[node.name] = (now, info)
        if earlier is None:
            return
        serverless = cache.kind == "serverlesscache"
        if serverless and info.get("role") != "master":
            return
        dimensions = {"CacheClusterId": node.name, "CacheNodeId": "0001"}
        if serverless:
            dimensions = {"clusterId": cache.id}
        with self.emulator.inside(account, cache.region):
            for name, value in metrics(info, earlier[1], now - earlier[0]).items():
                if not serverless or name in _SERVERLESS:
                    self.emulator.cloudwatch.record_metric(NAMESPACE, name, value, dimensions=dimensions)
