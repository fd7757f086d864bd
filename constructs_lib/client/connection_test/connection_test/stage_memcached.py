"""The stages of a Memcached cache: version, every node by auto discovery, a value on each, latency."""

from __future__ import annotations

import os
from functools import partial
from typing import Callable, TypeVar

from connection_test import memcached, session, transport
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.failures import broken, memcached_failure
from connection_test.memcached import CacheNode, Connection
from connection_test.report import StageFailure, counted
from connection_test.resp import ProtocolError, ReplyError
from connection_test.stage_data import measure_and_judge
from connection_test.together import together

T = TypeVar("T")


def ping(context: Context) -> str:
    """The server answers and has the expected version."""
    config = context.config
    with_version = _on(context, CacheNode(config.first.host, "", config.first.port), lambda node: node.version())
    expected = config.engine_version.split(".") if config.engine_version else []
    context.facts.update(engine="memcached", engine_version=with_version, cluster_mode="none")
    if with_version.split(".")[: len(expected)] == expected:
        return f"memcached {with_version}"
    if with_version.split(".")[:2] != expected[:2]:  # 1.5 and 1.6 differ as major versions of other engines do
        context.warn(
            "other-version",
            f"memcached {config.engine_version} was expected, and memcached {with_version} answers",
            "after an upgrade, update the template's engine version",
        )
    return f"memcached {with_version}, another patch version than {config.engine_version} of the template"


def topology(context: Context) -> str:
    """Auto discovery lists every node, and all nodes are reachable."""
    config = context.config
    first = CacheNode(config.first.host, "", config.first.port)
    try:
        number, nodes = _on(context, first, lambda node: node.nodes(), raises=True)
    except ReplyError as reply:
        context.nodes, context.facts["nodes"] = [first], 1
        if config.serverless:
            return "one endpoint; the service spreads the keys behind it"
        context.warn(
            "no-auto-discovery",
            f"the endpoint lists no nodes ({first_line(str(reply))})",
            "use the cluster's configuration endpoint, not a node's own",
        )
        return "one node"
    if not nodes:
        raise StageFailure(
            "no-nodes",
            f"auto discovery at {first} lists no node",
            "wait until the nodes are available, and look at the state of the cluster in the console",
        )
    context.nodes, context.facts["nodes"] = nodes, len(nodes)
    try:
        together(lambda node: context.names.connect(node.host, node.port, lambda sock: sock.close()), nodes)
    except StageFailure as failure:
        raise StageFailure(
            "node-unreachable",
            f"a node that auto discovery lists cannot be used: {failure.cause}",
            failure.action,
        ) from None
    if config.nodes and len(nodes) != config.nodes:
        context.warn(
            "other-nodes",
            f"{counted(config.nodes, 'node')} expected, and auto discovery lists {len(nodes)}",
            "wait for the nodes to be made, or update the template",
        )
    return f"{counted(len(nodes), 'node')} reachable, configuration {number}"


def data(context: Context) -> str:
    """Set, get and delete work on every node."""
    together(lambda node: _on(context, node, partial(_round_trip, context, node)), context.nodes)
    count = len(context.nodes)
    return f"set, get and delete on {count} node{'s' if count != 1 else ''}"


def _round_trip(context: Context, node: CacheNode, connection: Connection) -> None:
    context.check_time()
    salt = os.urandom(6).hex()
    key = context.config.key_prefix + salt
    connection.set(key, salt, 60)
    answer = connection.get(key)
    connection.delete(key)
    if answer != salt:
        raise StageFailure(
            "other-value",
            f"get on {node} answered another value than set wrote",
            "check that nothing else writes the test's keys, and the memory that items have",
        )


def latency(context: Context) -> str:
    """How long a round trip takes, by up to 200 versions and 200 gets of 1 KB."""
    key = context.config.key_prefix + os.urandom(6).hex()

    def act(connection: Connection) -> str:
        connection.set(key, "x" * 1024, 60)
        measured = measure_and_judge(context, connection.version, lambda: connection.get(key), "get of 1 KB")
        connection.delete(key)
        return measured

    return _on(context, context.nodes[0], act)


def _on(context: Context, node: CacheNode, action: Callable[[Connection], T], *, raises: bool = False) -> T:
    """Run an action on a new connection, and convert errors to stage failures."""
    config = context.config
    connection = memcached.Connection(
        session.open_socket(config, node.host, node.port, context.names), transport.COMMAND_SECONDS
    )
    try:
        return action(connection)
    except ReplyError as reply:
        if raises:
            raise
        raise memcached_failure(str(node), reply) from None
    except (OSError, ProtocolError) as problem:
        raise broken(f"a command to {node}", problem, transport.COMMAND_SECONDS) from None
    finally:
        connection.close()
