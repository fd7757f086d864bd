"""The stages of a PostgreSQL of RDS or Aurora: its names, its ports, TLS, an IAM token, a query."""

from __future__ import annotations

import time
from functools import partial
from typing import Callable, Optional, TypeVar

from connection_test import database_failures as failures
from connection_test import postgres
from connection_test.context import Context
from connection_test.database_session import ANSWER_SECONDS, secured, signed_in
from connection_test.measurement import percentiles
from connection_test.report import StageFailure
from connection_test.stage_network import describe_certificate, warn_of_slow_resolver

T = TypeVar("T")
# Reserved from the test's time limit, so that a stage that waits ends with its own cause.
_KEPT_SECONDS = 15.0
_SAMPLES, _MEASURE_SECONDS = 100, 3.0
_STATEMENT = (
    "SELECT current_setting('server_version'), s.ssl, s.version, current_user, pg_is_in_recovery() "
    "FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_backend_pid()"
)


def dns(context: Context) -> Optional[str]:
    """Every endpoint's name resolves to addresses."""
    config, database = context.config, context.config.database
    if database is None:
        return None
    results = []
    for role, host in database.hosts.items():
        addresses = _retried(
            context,
            partial(context.names.addresses, host, database.port),
            seconds=config.wait_network,
            codes=("name-not-found", "resolver-silent"),
        )
        results.append(f"{role} -> {', '.join(address for address, _ in addresses)}")
    warn_of_slow_resolver(context)
    return "; ".join(results)


def tcp(context: Context) -> Optional[str]:
    """At least one address of every endpoint accepts a connection; the others cause a warning."""
    database = context.config.database
    if database is None:
        return None
    count = 0
    for host in database.hosts.values():
        alive, dead = _retried(
            context,
            partial(context.names.reach, host, database.port),
            seconds=context.config.wait_network,
            codes=("connection-dropped", "connection-refused", "no-route"),
        )
        for failure in dead:
            context.warn(f"address-{failure.code}", failure.cause, failures.of_network(failure).action)
        count += alive
    return f"{count} address{'es' if count != 1 else ''} accepted a connection"


def tls(context: Context) -> Optional[str]:
    """Every endpoint speaks TLS with a certificate for its name, by an authority that is trusted."""
    database = context.config.database
    if database is None:
        return None
    described = []
    for host in database.hosts.values():
        with _retried(
            context,
            partial(secured, context, host),
            seconds=context.config.wait_network,
            codes=(failures.NO_ANSWER,),
        ) as sock:
            described.append(describe_certificate(context, host, sock))
    return "; ".join(dict.fromkeys(described))


def auth(context: Context) -> Optional[str]:
    """Every endpoint accepts the user's IAM token."""
    config, database = context.config, context.config.database
    if database is None:
        return None
    # Retrying does not help with a token that this test does not sign.
    refusals = () if config.database_password else (failures.REFUSED_TOKEN,)
    for host in database.hosts.values():
        known = partial(_retried, context, partial(signed_in, context, host), seconds=config.wait_auth, codes=refusals)
        context.database[host] = _retried(
            context, known, seconds=config.wait_network, codes=(failures.NO_ANSWER, failures.STARTING)
        )
    how = "the token of DATABASE_PASSWORD" if config.database_password else "an IAM token"
    return f"{database.user} with {how}, in the database {database.name}"


def query(context: Context) -> Optional[str]:
    """Query the version, TLS and the user, and measure the latency of a small statement."""
    database = context.config.database
    if database is None:
        return None
    described = []
    for role, host in database.hosts.items():
        session = context.database[host]
        try:
            (version, encrypted, protocol, user, recovering) = _one_row(session.query(_STATEMENT))
            samples = _measured(session)
        except postgres.ServerError as error:
            raise failures.of_answer(error, context.config, database, host, "") from None
        except (OSError, postgres.ProtocolError) as problem:
            raise failures.of_silence(problem, "a query", host, database.port, ANSWER_SECONDS) from None
        if encrypted != "t":
            context.warn(
                "tls-ends-before-the-database",
                f"the database behind {host} sees no TLS on this session",
                "where a proxy is between, encrypt its connections too; otherwise check where the name leads",
            )
        latency = percentiles(samples)
        kind = "replica" if recovering == "t" else "primary"
        if role == "writer":
            context.facts["database"] = {
                "engine": database.engine,
                "version": version,
                "user": user,
                "tls": protocol or "none",
                "query_ms": latency,
            }
            if recovering == "t":
                raise StageFailure(
                    "writer-is-replica",
                    f"{host} leads to a replica, which takes no writes",
                    "use the endpoint of the instance, or the cluster's writer endpoint; after a failover, wait a "
                    "minute until the name leads to the new primary",
                )
        described.append(
            f"{role}: PostgreSQL {version}, {kind}, {protocol or 'no TLS'}, as {user}, "
            "query p50 {p50} ms, p95 {p95} ms, p99 {p99} ms".format(**latency)
        )
    return "; ".join(described)


def _one_row(rows: list[postgres.Row]) -> postgres.Row:
    if len(rows) != 1 or len(rows[0]) != 5:
        raise postgres.ProtocolError("expected one row of five columns")
    return rows[0]


def _measured(session: postgres.Connection) -> list[float]:
    """The latencies of small statements in milliseconds: at least two, fewer when they are slow."""
    samples: list[float] = []
    until = time.monotonic() + _MEASURE_SECONDS
    while len(samples) < 2 or (len(samples) < _SAMPLES and time.monotonic() < until):
        started = time.perf_counter()
        session.query("SELECT 1")
        samples.append((time.perf_counter() - started) * 1000)
    return samples


def _retried(context: Context, attempt: Callable[[], T], *, seconds: float, codes: tuple[str, ...]) -> T:
    """Retry temporary failures, and leave time to report the cause."""
    try:
        return context.retry(attempt, seconds=min(seconds, max(context.remaining() - _KEPT_SECONDS, 0.0)), codes=codes)
    except StageFailure as failure:
        raise failures.of_network(failure) from None
