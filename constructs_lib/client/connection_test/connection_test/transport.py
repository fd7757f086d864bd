"""From a name to a socket: resolve, connect, TLS; each failure has its own code."""

from __future__ import annotations

import errno
import functools
import socket
import ssl
import threading
from typing import Union

from connection_test.config import Config, first_line
from connection_test.report import StageFailure

CONNECT_SECONDS = 3.0
TLS_SECONDS = 3.0
COMMAND_SECONDS = 2.0
RESOLVE_SECONDS = 10.0

Address = tuple[str, int]


def resolve(config: Config, host: str, port: int) -> list[Address]:
    """The addresses of a name, without duplicates.

    :raises StageFailure: when there are none.
    """
    mapped = config.connect_to.get(f"{host}:{port}")
    name, number = mapped if mapped else (host, port)
    answers: list[Union[list[Address], OSError, UnicodeError]] = []

    def look_up() -> None:
        try:
            resolved = socket.getaddrinfo(name, number, type=socket.SOCK_STREAM)
            answers.append(list(dict.fromkeys((str(entry[4][0]), number) for entry in resolved)))
        except (OSError, UnicodeError) as problem:
            answers.append(problem)

    # The system's resolver has no time limit that a caller can set.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    answer = answers[0] if answers else socket.gaierror(socket.EAI_AGAIN, "no answer")
    if isinstance(answer, list):
        return answer
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        raise StageFailure(
            "resolver-silent",
            f"no name server answered for {host}",
            "turn on DNS support in the VPC, and check the DHCP options' name servers",
        )
    raise StageFailure(
        "name-not-found",
        f"the name {host} does not exist here",
        "check the endpoint's spelling, that the cache still exists, and that this machine is in its VPC",
    )


def connect(host: str, port: int, address: Address) -> socket.socket:
    """A TCP connection.

    :raises StageFailure: when it is refused, dropped or has no route.
    """
    where = f"{host}:{port} ({address[0]})"
    try:
        return socket.create_connection(address, timeout=CONNECT_SECONDS)
    except (TimeoutError, socket.timeout):
        raise StageFailure(
            "connection-dropped",
            f"{where} did not answer within {CONNECT_SECONDS:g} s; packets are dropped",
            "allow the client in the cache's security group and the port in the client's egress rules; then check "
            "network ACLs, routes and that both are in one VPC",
        ) from None
    except ConnectionRefusedError:
        raise StageFailure(
            "connection-refused",
            f"{where} refused the connection; nothing listens there",
            "check the port, and that the cache is available",
        ) from None
    except OSError as problem:
        name = errno.errorcode.get(problem.errno or 0, type(problem).__name__)
        raise StageFailure(
            "no-route",
            f"{where} cannot be reached ({name})",
            "check the routes of this machine's subnet",
        ) from None


def tls_context(config: Config) -> ssl.SSLContext:
    """Verification against the system's authorities, or those of `ca_file`.

    The authorities are read once, because reading them takes longer than a handshake.

    :raises StageFailure: when that file cannot be read.
    """
    try:
        return _verification(config.ca_file)
    except (OSError, ssl.SSLError) as problem:
        raise StageFailure(
            "ca-file",
            f"the authorities in {config.ca_file} cannot be read ({first_line(str(problem))})",
            "pass a PEM file, or leave it out to use the system's",
        ) from None


@functools.lru_cache(maxsize=2)
def _verification(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


def forget_authorities() -> None:
    """Read the authorities again for the next connection."""
    _verification.cache_clear()


def handshake(config: Config, sock: socket.socket, host: str, port: int) -> ssl.SSLSocket:
    """TLS on a connection, with the name sent and verified.

    :raises StageFailure: when the certificate is not valid, or the server does not use TLS.
    """
    where = f"{host}:{port}"
    sock.settimeout(TLS_SECONDS)
    peer: Address = sock.getpeername()[:2]
    try:
        return tls_context(config).wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as problem:
        sock.close()
        raise _certificate_failure(where, problem) from None
    except (ssl.SSLError, OSError) as problem:
        sock.close()
        if answers_plaintext(host, port, peer):
            raise StageFailure(
                "server-without-tls",
                f"{where} speaks plaintext, and TLS was asked for",
                "turn encryption in transit on for the cache, or TLS off for this client",
            ) from None
        raise _handshake_failure(where, problem) from None


def _handshake_failure(where: str, problem: OSError) -> StageFailure:
    text = first_line(str(problem))
    if isinstance(problem, (TimeoutError, socket.timeout)) or "timed out" in text:
        return StageFailure(
            "no-answer",
            f"{where} accepted the connection, and did not answer the TLS handshake within {TLS_SECONDS:g} s",
            "look at EngineCPUUtilization, and at the ElastiCache events for a failover or a restart",
        )
    if any(word in text for word in ("UNSUPPORTED_PROTOCOL", "LEGACY", "PROTOCOL_VERSION", "NO_PROTOCOLS")):
        return StageFailure(
            "tls-version",
            f"{where} and this machine have no TLS version in common ({text})",
            "ElastiCache supports TLS 1.2 and 1.3: check that the port belongs to the cache, and this machine's policy",
        )
    if isinstance(problem, (ssl.SSLEOFError, ConnectionResetError)) or "EOF" in text:
        return StageFailure(
            "tls-ended",
            f"{where} accepted the connection and ended it during the TLS handshake ({text})",
            "look at CurrConnections: a node that has reached its maximum of connections ends new ones; then check "
            "that nothing between the client and the cache ends TLS connections",
        )
    return StageFailure(
        "tls-failed",
        f"{where} accepted the connection but no TLS handshake ({text})",
        "check that the port belongs to the cache, and that nothing between ends the connection",
    )


def _certificate_failure(where: str, problem: ssl.SSLCertVerificationError) -> StageFailure:
    message = problem.verify_message
    if problem.verify_code in (62, 64) or "mismatch" in message.lower():
        return StageFailure(
            "certificate-wrong-name",
            f"the certificate of {where} is for another name ({message})",
            "connect to the cache's own endpoint name; through a tunnel, keep that name and use --connect-to",
        )
    if problem.verify_code in (9, 10):
        return StageFailure(
            "certificate-expired",
            f"the certificate of {where} is not valid now ({message})",
            "check this machine's clock; if it is right, the service has to renew the certificate: open a support case",
        )
    return StageFailure(
        "certificate-untrusted",
        f"the certificate of {where} is not trusted here ({message})",
        "update the system's certificate authorities, and check that the name leads to the cache itself",
    )


def answers_plaintext(host: str, port: int, address: Address) -> bool:
    """Whether the server answers a PING without TLS."""
    try:
        sock = connect(host, port, address)
    except StageFailure:
        return False
    with sock:
        try:
            sock.settimeout(COMMAND_SECONDS)
            sock.sendall(b"*1\r\n$4\r\nPING\r\n")
            return sock.recv(1)[:1] in (b"+", b"-", b"E")  # memcached answers ERROR
        except OSError:
            return False


def speaks_tls(host: str, port: int, address: Address) -> bool:
    """Whether the server completes a TLS handshake, whatever its certificate."""
    try:
        sock = connect(host, port, address)
    except StageFailure:
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only tests whether the server uses TLS; no data is sent
    with sock:
        try:
            sock.settimeout(TLS_SECONDS)
            context.wrap_socket(sock, server_hostname=host).close()
        except (ssl.SSLError, OSError):
            return False
    return True
