"""Commands whose errors end a stage, and which follow the redirections of a cluster."""

from __future__ import annotations

import time
from typing import Callable, Optional

from connection_test import transport
from connection_test.failures import TEMPORARY, broken, failure_of
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
    :raises StageFailure: when it is not answered, or refused by a state that ends by itself.
    """
    try:
        return connection.info(section)
    except ReplyError as reply:
        failure = failure_of(reply, "INFO")
        if failure.code in TEMPORARY:
            raise failure from None
        raise
    except (OSError, ProtocolError) as problem:
        raise broken(f"INFO {section}", problem, transport.COMMAND_SECONDS) from None


class Following:
    """A connection that follows MOVED and ASK, because slots can move at any time.

    :param connection: to the node that owned the slot at the last look.
    :param host: of that node.
    :param connect: opens an authenticated connection to another node.
    """

    def __init__(self, connection: Connection, host: str, connect: Callable[[str, int], Connection]) -> None:
        self._connection, self._host, self._connect = connection, host, connect
        self._opened: dict[Node, Connection] = {}

    def command(self, *words: object) -> object:
        """Send a command, to the node that a redirection names if there is one.

        :raises StageFailure: when it is refused or not answered, or redirected more than five times.
        """
        connection, host, asking = self._connection, self._host, False
        for _ in range(_MOST_REDIRECTIONS):
            if asking:
                command(connection, "ASKING")
            try:
                return connection.call(*(str(word) for word in words))
            except ReplyError as reply:
                target = redirection(reply, host)
                if reply.kind == "TRYAGAIN":
                    time.sleep(_PAUSE)
                elif target is None and reply.kind in ("MOVED", "ASK"):
                    raise broken(str(words[0]), ProtocolError(f"a redirection without a node: {reply}"), 0) from None
                elif target is None:
                    raise failure_of(reply, str(words[0])) from None
                else:
                    connection, host, asking = self._to(words[0], target[1]), target[1].host, reply.kind == "ASK"
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

    def _to(self, name: object, node: Node) -> Connection:
        if node not in self._opened:
            try:
                self._opened[node] = self._connect(node.host, node.port)
            except StageFailure as failure:
                if failure.code == "time-limit":  # of the whole test
                    raise
                cause = f"{name} was redirected to {node}, which cannot be used from here: {failure.cause}"
                raise StageFailure(failure.code, cause, failure.action) from None
        return self._opened[node]


def redirection(reply: ReplyError, asked: str) -> Optional[tuple[int, Node]]:
    """The slot and the node that MOVED or ASK name; None for another error or another form.

    :param asked: the host that answered; a redirection without a host refers to it.
    """
    words = reply.raw.split()
    if reply.kind not in ("MOVED", "ASK") or len(words) < 3 or not words[1].isdigit():
        return None
    host, _, port = words[2].rpartition(":")
    if not words[1].isascii() or not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        return None
    return int(words[1]), Node(asked if host in ("", "?") else host, int(port))
