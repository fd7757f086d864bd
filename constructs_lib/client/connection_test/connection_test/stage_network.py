"""The network stages: clock, DNS, TCP, TLS."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

from connection_test import aws, transport
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection

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
    except (OSError, ValueError) as problem:
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
            return transport.resolve(config, host, port)

        addresses = context.retry(look_up, seconds=config.wait_network, codes=("name-not-found", "resolver-silent"))
        context.addresses[str(endpoint)] = addresses
        results.append(f"{endpoint.role} -> {', '.join(address for address, _ in addresses)}")
        public = [address for address, _ in addresses if ipaddress.ip_address(address).is_global]
        if public and not config.serverless:
            context.warn(
                "public-address",
                f"{endpoint.host} leads to the public address {public[0]}, and nodes have private ones",
                "check the resolver, and that this is the cache's endpoint",
            )
    return "; ".join(results)


def tcp(context: Context) -> str:
    """Every address of every endpoint accepts a connection."""
    targets = [
        (endpoint.host, endpoint.port, address)
        for endpoint in context.config.endpoints
        for address in context.addresses[str(endpoint)]
    ]

    def attempt() -> int:
        return len(reach_all(targets))

    count = context.retry(
        attempt,
        seconds=context.config.wait_network,
        codes=("connection-dropped", "connection-refused", "no-route"),
    )
    return f"{count} address{'es' if count != 1 else ''} accepted a connection"


def reach_all(targets: list[tuple[str, int, transport.Address]]) -> list[str]:
    """Connect to all of them at once.

    :raises StageFailure: of the first that fails.
    """

    def reach(target: tuple[str, int, transport.Address]) -> str:
        transport.connect(*target).close()
        return target[0]

    with ThreadPoolExecutor(max_workers=min(32, max(1, len(targets)))) as pool:
        return list(pool.map(reach, targets))


def tls(context: Context) -> str:
    """Every endpoint speaks TLS with a certificate for its name, or plaintext if TLS is off in the configuration."""
    config = context.config
    described = []
    for endpoint in config.endpoints:
        sock = transport.connect(endpoint.host, endpoint.port, context.addresses[str(endpoint)][0])
        if config.tls:
            with transport.handshake(config, sock, endpoint.host, endpoint.port) as secured:
                described.append(describe_certificate(context, endpoint.host, secured))
        else:
            with sock:
                _plaintext(context, endpoint.host, endpoint.port, Connection(sock, transport.COMMAND_SECONDS))
            described.append("plaintext, as configured")
    return "; ".join(dict.fromkeys(described))


def _plaintext(context: Context, host: str, port: int, connection: Connection) -> None:
    try:
        connection.call("PING")
    except (OSError, ValueError) as problem:
        if transport.speaks_tls(context.config, host, port):
            raise StageFailure(
                "server-wants-tls",
                f"{host}:{port} speaks TLS, and plaintext was sent",
                "turn TLS on for this client",
            ) from None
        raise StageFailure(
            "no-answer",
            f"{host}:{port} accepted the connection and answered nothing ({type(problem).__name__})",
            "check the cache's state",
        ) from None
    except Exception:  # noqa: S110 - any reply at all shows that plaintext is spoken; later stages read it
        pass


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
