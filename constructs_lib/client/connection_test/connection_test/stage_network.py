"""The network stages: clock, DNS, TCP, TLS."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import socket
import ssl
from functools import partial
from typing import Any, Optional

from connection_test import aws, session, transport
from connection_test.context import Context
from connection_test.failures import broken
from connection_test.names import SLOW_SECONDS
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.together import together

_MOST_SKEW = 300.0
_EXPIRES_SOON = datetime.timedelta(days=14)


def clock(context: Context) -> Optional[str]:
    """IAM tokens are signed with the time of day; AWS refuses tokens if the clock is minutes off."""
    config = context.config
    if config.authentication != "iam" and config.database is None:
        return None
    if not config.clock_url:
        context.warn("clock-unknown", "there is no clock to compare with", "pass --clock-url")
        return "not compared"
    try:
        skew = aws.clock_skew(config.clock_url)
    except (OSError, ValueError, TypeError, http.client.HTTPException) as problem:
        context.warn(
            "clock-unknown",
            f"{config.clock_url} did not tell the time ({type(problem).__name__})",
            "let the client reach S3 on port 443 through the gateway endpoint",
        )
        return "not compared"
    if abs(skew) > _MOST_SKEW:
        raise StageFailure(
            "clock-skew",
            f"this machine's clock is {skew:+.0f} s off, and IAM tokens hold for 900 s",
            "start chronyd, or set the clock",
        )
    return f"{skew:+.1f} s from {config.clock_url}"


def dns(context: Context) -> str:
    """Every endpoint's name resolves to addresses."""
    config = context.config
    results = []
    for endpoint in config.endpoints:

        def look_up(host: str = endpoint.host, port: int = endpoint.port) -> list[transport.Address]:
            return context.names.addresses(host, port)

        addresses = context.retry(look_up, seconds=config.wait_network, codes=("name-not-found", "resolver-silent"))
        results.append(f"{endpoint.role} -> {', '.join(address for address, _ in addresses)}")
        # Each address of IPv6 in a VPC is a global one, so only those of IPv4 tell anything.
        public = [address for address, _ in addresses if "." in address and ipaddress.ip_address(address).is_global]
        if public and not config.serverless:
            context.warn(
                "public-address",
                f"{endpoint.host} leads to the public address {public[0]}, and nodes have private ones",
                "check the resolver, and that this is the cache's endpoint",
            )
    warn_of_slow_resolver(context)
    return "; ".join(results)


def warn_of_slow_resolver(context: Context) -> None:
    """Warn if a look-up since the last call was slow."""
    seconds, host = context.names.slowest
    context.names.slowest = (0.0, "")
    if seconds >= SLOW_SECONDS:
        context.warn(
            "slow-resolver",
            f"the look-up of {host} took {seconds:.1f} s",
            "check the name servers of the DHCP options: the first one may not answer",
        )


def tcp(context: Context) -> str:
    """One address of every endpoint accepts a connection; an address that does not is a warning."""

    def attempt() -> list[tuple[int, list[StageFailure]]]:
        return together(lambda endpoint: context.names.reach(endpoint.host, endpoint.port), context.config.endpoints)

    results = context.retry(
        attempt,
        seconds=context.config.wait_network,
        codes=("connection-dropped", "connection-refused", "no-route"),
    )
    dead = [failure.cause for _, failures in results for failure in failures]
    if dead:
        context.warn(
            "address-unreachable",
            "; ".join(dead),
            "clients use the other addresses; check the routes of this address family, and the state of the node",
        )
    count = sum(number for number, _ in results)
    return f"{count} address{'es' if count != 1 else ''} accepted a connection"


def tls(context: Context) -> str:
    """Every endpoint speaks TLS with a certificate for its name, or plaintext if TLS is off in the configuration."""
    config = context.config
    described = []
    for endpoint in config.endpoints:
        host, port = endpoint.host, endpoint.port
        if config.tls:
            with session.open_socket(config, host, port, context.names) as sock:
                assert isinstance(sock, ssl.SSLSocket)  # noqa: S101 - TLS is on
                described.append(describe_certificate(context, host, sock))
        else:
            context.names.connect(host, port, partial(_plaintext, host, port))
            described.append("plaintext, as configured")
    return "; ".join(dict.fromkeys(described))


def _plaintext(host: str, port: int, sock: socket.socket) -> None:
    address: transport.Address = sock.getpeername()[:2]
    try:
        with sock:
            Connection(sock, transport.COMMAND_SECONDS).call("PING")
    except ReplyError:  # Any reply shows that plaintext is spoken; later stages read it.
        return
    except (OSError, ProtocolError) as problem:
        if transport.speaks_tls(host, port, address):
            raise StageFailure(
                "server-wants-tls",
                f"{host}:{port} speaks TLS, and plaintext was sent",
                "turn TLS on for this client",
            ) from None
        if isinstance(problem, OSError):
            raise broken(f"PING of {host}:{port}", problem, transport.COMMAND_SECONDS) from None


def describe_certificate(context: Context, host: str, secured: ssl.SSLSocket) -> str:
    """TLS version, names, issuer and end of a verified certificate; one that ends soon is a warning."""
    certificate: dict[str, Any] = dict(secured.getpeercert() or {})
    issuer = {name: value for rdn in certificate.get("issuer", ()) for name, value in rdn}
    names = [str(value) for _, value in certificate.get("subjectAltName", ())]
    expiry = datetime.datetime.fromtimestamp(
        ssl.cert_time_to_seconds(str(certificate["notAfter"])), datetime.timezone.utc
    )
    if expiry - datetime.datetime.now(datetime.timezone.utc) < _EXPIRES_SOON:
        context.warn(
            "certificate-expires",
            f"the certificate of {host} expires on {expiry:%Y-%m-%d}",
            "the service renews it; if this date stays, open a support case",
        )
    by = issuer.get("organizationName") or issuer.get("commonName", "unknown")
    return f"{secured.version()}, certificate for {', '.join(names)} by {by} until {expiry:%Y-%m-%d}"
