"""Commands whose errors end a stage, and which follow the redirections of a cluster."""

from __future__ import annotations

import time
from typing import Callable, Optional

from connection_test import transport
from connection_test.failures import broken, failure_of
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node

_MOST_REDIRECTIONS = 5
_PAUSE = 0.1


def command(connection: Connection, *words: object) -> object:
    """Send a command.

    :raises StageFailure: when it is refused, or not answered.
    """
    name = " ".join(map(str, words[:2] if words[0] == "CLUSTER" else words[:1]))
    try:
        return connection.call(*(str(word) for word in words))
    except ReplyError as reply:
        raise failure_of(reply, name) from None
    except (OSError, ProtocolError) as problem:
        raise broken(name, problem, transport.COMMAND_SECONDS) from None


def information(connection: Connection, section: str) -> dict[str, str]:
    """INFO, as a mapping.

    :raises ReplyError: when the user may not read it.
    :raises StageFailure: when it is not answered.
    """
    try:
        return connection.info(section)
    except (OSError, ProtocolError) as problem:
        raise broken(f"INFO {section}", problem, transport.COMMAND_SECONDS) from None


class Following:
    """A connection that follows MOVED and ASK, because slots can move at any time.

    :param connection: to the node that owned the slot at the last look.
    :param connect: opens an authenticated connection to another node.
    """

    def __init__(self, connection: Connection, connect: Callable[[str, int], Connection]) -> None:
        self._connection, self._connect = connection, connect
        self._opened: dict[Node, Connection] = {}

    def command(self, *words: object) -> object:
        """Send a command, to the node that a redirection names if there is one.

        :raises StageFailure: when it is refused or not answered, or redirected more than five times.
        """
        connection, asking = self._connection, False
        for _ in range(_MOST_REDIRECTIONS):
            if asking:
                command(connection, "ASKING")
            try:
                return connection.call(*(str(word) for word in words))
            except ReplyError as reply:
                target = _target(reply)
                if reply.kind == "TRYAGAIN":
                    time.sleep(_PAUSE)
                elif target is None:
                    raise failure_of(reply, str(words[0])) from None
                else:
                    connection, asking = self._to(target), reply.kind == "ASK"
            except (OSError, ProtocolError) as problem:
                raise broken(str(words[0]), problem, transport.COMMAND_SECONDS) from None
        raise StageFailure(
            "slots-moving",
            f"{words[0]} was redirected {_MOST_REDIRECTIONS} times",
            "wait until the shards have changed, and run the test again",
        )

    def close(self) -> None:
        """Close the connections that redirections have opened."""
        for connection in self._opened.values():
            connection.close()

    def _to(self, node: Node) -> Connection:
        if node not in self._opened:
            self._opened[node] = self._connect(node.host, node.port)
        return self._opened[node]


def _target(reply: ReplyError) -> Optional[Node]:
    words = str(reply).split()
    if reply.kind not in ("MOVED", "ASK") or len(words) < 3:
        return None
    host, _, port = words[2].rpartition(":")
    return Node(host, int(port)) if host and port.isdigit() else None
