"""A process whose threads all read one key. Arguments: port, number of threads, seconds of a load, lease.

Prints `ready`, waits for a line, then prints for each load `load` with its process id, and at the end how long each
thread has waited.
"""

import os
import sys
import threading
import time

from elasticache_caching import Cache, CacheClient, Json


def main(port: int, threads: int, seconds: float, lease: float) -> None:
    def load(id: str) -> dict[str, str]:
        print("load", os.getpid(), flush=True)
        time.sleep(seconds)
        return {"id": id}

    client = CacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5)
    cache = Cache(client, "row", load=load, codec=Json(dict), ttl=60, lease=lease)
    cache.get("warm")
    waits = []

    def read() -> None:
        started = time.monotonic()
        assert cache.get("1") == {"id": "1"}
        waits.append(time.monotonic() - started)

    readers = [threading.Thread(target=read) for _ in range(threads)]
    print("ready", flush=True)
    sys.stdin.readline()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    print("waits", *waits, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
