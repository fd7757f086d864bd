"""Sockets to a name, TLS included."""

from __future__ import annotations

import socket

from connection_test import transport
from connection_test.config import Config
from connection_test.names import Names


def open_socket(config: Config, host: str, port: int, names: Names) -> socket.socket:
    """A socket ready for commands, TLS included.

    :raises StageFailure: when any step of it fails.
    """
    return names.connect(host, port, lambda sock: transport.handshake(config, sock, host, port) if config.tls else sock)
