"""What a running server says of its memory."""

import time

from tests.cache_servers import Server


def used(server: Server) -> int:
    return int(info(server, "memory")["used_memory"])


def settled(server: Server) -> bool:
    """Whether the server's periodic work has freed nothing for longer than its period of 0.1 s."""
    earlier = used(server)
    time.sleep(0.15)
    return abs(used(server) - earlier) < 1000


def info(server: Server, section: str) -> dict[str, str]:
    connection = server.admin_connection()
    found: dict[str, str] = connection.info(section)
    connection.close()
    return found
