"""What a failure means for a client that reaches the cache through tunnels, such as port forwarding by Session Manager.

A tunnel has a local end, which accepts connections whether or not its other end reaches the cache, and leads to one
port of one node. `--connect-to` names the local end, and keeps the name of the cache for TLS and for IAM tokens.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from connection_test.config import Config
from connection_test.report import StageFailure
from connection_test.slots import Node

_MOST_NAMED = 5
_UNREACHED = ("name-not-found", "resolver-silent", "connection-refused", "connection-dropped", "no-route")
_ENDED = ("tls-ended", "tls-failed", "no-answer")


def is_local(host: str) -> bool:
    """Whether a host is this machine: then a tunnel may begin there."""
    if host.lower().rstrip(".") in ("localhost", "localhost.localdomain", "ip6-localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_use(config: Config) -> bool:
    """Whether the client uses tunnels: `--connect-to` is given, or the endpoint is on this machine."""
    return bool(config.connect_to) or is_local(config.first.host)


def leads_to(config: Config, host: str, port: int) -> bool:
    """Whether a tunnel leads to a node."""
    return f"{host}:{port}" in config.connect_to or is_local(host)


def option(host: str, port: int) -> str:
    """The option that leads to a node."""
    shown = f"[{host}]" if ":" in host else host
    return f"--connect-to {shown}:{port}:127.0.0.1:LOCAL-PORT"


def usable(config: Config, nodes: Sequence[Node]) -> list[Node]:
    """The nodes without the read port of a serverless cache, where no tunnel leads to it.

    It is optional for a client: the cache announces it as a replica, and answers reads at the other port as well.
    """
    optional = config.serverless and in_use(config)
    return [
        node
        for node in nodes
        if not optional or node.port == config.first.port or leads_to(config, node.host, node.port)
    ]


class TunnelFailure(StageFailure):
    """A failure with advice for tunnels after the next action.

    :param usual: the next action without a tunnel.
    """

    def __init__(self, code: str, cause: str, usual: str, advice: str) -> None:
        self.usual, self.advice = usual, advice
        super().__init__(code, cause, f"{usual}; {advice}")

    def with_usual(self, usual: str) -> TunnelFailure:
        """The same failure with another action without a tunnel."""
        return TunnelFailure(self.code, self.cause, usual, self.advice)


def advised(config: Config, host: str, port: int, failure: StageFailure) -> StageFailure:
    """The failure with a cause and a next action for tunnels, if the client uses them."""
    if not config.endpoints or not in_use(config):
        return failure
    cause, advice = _advice(config, host, port, failure.code)
    return TunnelFailure(failure.code, f"{failure.cause}; {cause}", failure.action, advice) if advice else failure


def _advice(config: Config, host: str, port: int, code: str) -> tuple[str, str]:
    """What to add to the cause and to the next action; empty for nothing."""
    where = f"{host}:{port}"
    if not leads_to(config, host, port):
        advice = f"from outside the VPC, open a tunnel to it and pass {option(host, port)}"
        return (f"no --connect-to leads to {where}", advice) if code in _UNREACHED else ("", "")
    if code == "connection-refused":
        return "no tunnel is open there", "through a tunnel, open it or correct its local port"
    if code in _ENDED:
        return (
            "a tunnel accepts connections even if its other end reaches nothing",
            "through a tunnel, check the host and the port that it leads to, and that their security group allows the "
            "machine at its other end",
        )
    if code != "certificate-wrong-name":
        return "", ""
    if where in config.connect_to:
        return "the tunnel leads to another server", f"let the tunnel lead to {where}, or correct the name"
    return (
        f"{host} is this machine, and the certificate is for the name of the cache",
        f"pass --host ENDPOINT --port 6379 --connect-to ENDPOINT:6379:{host}:{port}",
    )


def unreachable(config: Config, nodes: Sequence[Node], failure: StageFailure) -> StageFailure:
    """The failure of a node that the cluster announces; with tunnels, it names all nodes that have none."""
    cause = f"a node that the cluster announces cannot be used: {failure.cause}"
    missing = [node for node in nodes if not leads_to(config, node.host, node.port)]
    if not in_use(config) or not missing:
        return StageFailure("node-unreachable", cause, failure.action)
    named = " ".join(option(node.host, node.port) for node in missing[:_MOST_NAMED])
    more = f", and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    return StageFailure(
        "node-unreachable",
        f"{cause}; tunnels lead to {len(nodes) - len(missing)} of {len(nodes)} nodes of the cluster, and clients "
        "connect to each of them",
        f"open a tunnel to each node, and pass {named}{more}; or test on a machine in the VPC",
    )
