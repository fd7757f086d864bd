"""A session with the database: an address that answers, TLS with a certificate that is trusted, an IAM token."""

from __future__ import annotations

import socket
import ssl

from connection_test import authorities, aws, postgres, redaction, sigv4
from connection_test import database_failures as failures
from connection_test.config import Config
from connection_test.context import Context
from connection_test.database import Database
from connection_test.report import StageFailure

ANSWER_SECONDS = 10.0


def secured(context: Context, host: str) -> ssl.SSLSocket:
    """TLS to the first address of an endpoint that accepts it.

    :raises StageFailure: the failure of the first address if all fail.
    """
    database = _database_of(context)
    try:
        return context.names.connect(host, database.port, lambda sock: _handshake(database, sock, host))
    except StageFailure as failure:
        raise failures.of_network(failure) from None


def _handshake(database: Database, sock: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        answer = postgres.request_tls(sock, ANSWER_SECONDS)
        if answer == b"N":
            raise failures.without_tls(host, database.port)
        if answer != b"S":
            raise postgres.ProtocolError(f"answered {answer!r}")
        sock.settimeout(ANSWER_SECONDS)
        return trust(database).wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as problem:
        sock.close()
        raise failures.of_certificate(problem, database, host, bool(authorities.of_region(database.region))) from None
    except ssl.SSLError as problem:
        sock.close()
        raise failures.of_handshake(problem, host, database.port) from None
    except (OSError, postgres.ProtocolError) as problem:
        sock.close()
        raise failures.of_silence(problem, "the request for TLS", host, database.port, ANSWER_SECONDS) from None
    except StageFailure:
        sock.close()
        raise


def trust(database: Database) -> ssl.SSLContext:
    """Verification against the system's authorities and those of RDS in the region, or those of `ca_file` alone.

    :raises StageFailure: when that file cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=database.ca_file or None)
    except OSError as problem:
        raise failures.of_ca_file(database.ca_file, problem) from None
    roots = "" if database.ca_file else authorities.of_region(database.region)
    if roots:
        context.load_verify_locations(cadata=roots)
    return context


def signed_in(context: Context, host: str) -> postgres.Connection:
    """A session of the user.

    :raises StageFailure: when there is no token, or the server does not take it.
    """
    config, database = context.config, _database_of(context)
    password = ""
    session = postgres.Connection(secured(context, host), ANSWER_SECONDS)
    try:
        method = session.start(
            {
                "user": database.user,
                "database": database.name,
                "application_name": "connection_test",
                "client_encoding": "UTF8",
            }
        )
        if method == postgres.AUTHENTICATED:
            context.warn(
                "no-authentication",
                f"{host}:{database.port} let {database.user} in without a token",
                "check that the name leads to the database itself",
            )
            session.ready()
            return session
        if method != postgres.CLEARTEXT:
            raise failures.of_method(method, database, host)
        password = _token(context, config, database, host)
        session.authenticate(password)
    except postgres.ServerError as error:
        session.close()
        raise failures.of_answer(error, config, database, host, password) from None
    except (OSError, postgres.ProtocolError) as problem:
        session.close()
        raise failures.of_silence(problem, "the sign-in", host, database.port, ANSWER_SECONDS) from None
    except StageFailure:
        session.close()
        raise
    return session


def _token(context: Context, config: Config, database: Database, host: str) -> str:
    token = config.database_password or sigv4.database_token(
        aws.credentials(),
        host=host,
        port=database.port,
        user=database.user,
        region=database.region,
        at=sigv4.now(),
    )
    redaction.keep(token)
    return token


def _database_of(context: Context) -> Database:
    assert context.config.database is not None  # noqa: S101 - the stages check it
    return context.config.database
