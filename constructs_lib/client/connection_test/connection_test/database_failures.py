"""Failures of a database: the code, the cause and the next action.

A cause never contains the server's text from the authentication, because it may include the token.
"""

from __future__ import annotations

import ssl
from typing import Optional

from connection_test import tokens
from connection_test.config import Config, first_line
from connection_test.database import Database
from connection_test.postgres import METHODS, ServerError
from connection_test.report import StageFailure
from connection_test.tunnels import TunnelFailure

STARTING, REFUSED_TOKEN, NO_ANSWER = "starting-up", "token-refused", "no-answer"

# By SQLSTATE: the code, the cause and the next action. https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES = {
    "3D000": (
        "database-missing",
        "there is no database {name} on {where}",
        "create it (CREATE DATABASE {name}), or correct the database's name; an instance without one has only postgres",
    ),
    "42501": (
        "missing-privilege",
        "{user} may not connect to the database {name}, or not run this statement there",
        "GRANT CONNECT ON DATABASE {name} TO {user}",
    ),
    "53300": (
        "too-many-connections",
        "{where} has as many connections as it takes, or {user} has as many as the role may",
        "let clients pool and close their connections; look at pg_stat_activity, the metric DatabaseConnections, "
        "max_connections, and the connection limits of the role and the database",
    ),
    "53200": (
        "out-of-memory",
        "{where} has too little memory for another session",
        "look at the metric FreeableMemory; take a larger instance class or fewer connections",
    ),
    "53100": (
        "disk-full",
        "{where} has no storage left",
        "look at the metric FreeStorageSpace, and raise the allocated storage",
    ),
    "57P03": (
        STARTING,
        "{where} is starting, stopping or recovering, and takes no sessions yet",
        "wait until its state is available, and test again: aws rds describe-db-instances",
    ),
    "57P01": (
        STARTING,
        "{where} ended the session because it is stopping",
        "wait until its state is available, and test again: aws rds describe-db-instances",
    ),
    "57P02": (
        STARTING,
        "{where} ended the session because another process of the server crashed; it is recovering",
        "wait until its state is available, and look at its log postgresql",
    ),
}
_REFUSED = ("28000", "28P01")


def of_answer(error: ServerError, config: Config, database: Database, host: str, password: str) -> StageFailure:
    """The failure for an error response.

    :param password: the password that was sent; empty before authentication.
    """
    failure = _STATES.get(error.sqlstate)
    names = {"name": database.name, "user": database.user, "where": f"{host}:{database.port}"}
    if failure:
        code, cause, action = failure
        return StageFailure(code, cause.format(**names), action.format(**names))
    if error.sqlstate in _REFUSED:
        return _of_refusal(error, config, database, host, password)
    return StageFailure(
        "refused",
        f"{host}:{database.port} refused with SQLSTATE {error.sqlstate}",
        "look the SQLSTATE up in PostgreSQL's documentation, appendix A, and the time in the database's log postgresql",
    )


def _of_refusal(error: ServerError, config: Config, database: Database, host: str, password: str) -> StageFailure:
    where, user = f"{host}:{database.port}", database.user
    if "is not permitted to log in" in error.message:
        return StageFailure("user-may-not-log-in", f"the role {user} may not log in", f"ALTER ROLE {user} LOGIN")
    if "does not exist" in error.message:
        return StageFailure(
            "unknown-user",
            f"there is no role {user} on {where}",
            f"as the master user: CREATE ROLE {user} LOGIN; GRANT rds_iam TO {user}",
        )
    if "no pg_hba.conf entry" in error.message:
        return StageFailure(
            "not-admitted",
            f"{where} admits {user} to the database {database.name} in no way",
            "check the names of the user and the database; for replication and for a proxy, the rules are others",
        )
    if config.database_password:
        mismatch = tokens.mismatch_of(password, host=host, port=database.port, user=user, region=database.region)
        if mismatch:
            return StageFailure(*mismatch)
    return StageFailure(
        REFUSED_TOKEN,
        f"{where} refused the IAM token of {user}",
        f"give the role that signs it rds-db:connect on the dbuser {user} of this database's resource id, and no "
        "statement that denies it (aws iam simulate-principal-policy); turn IAM database authentication on "
        "(IAMDatabaseAuthenticationEnabled in aws rds describe-db-instances); a changed policy takes a minute, and "
        f"the token is for {database.region} and this endpoint's own name, not for an alias",
    )


def of_method(method: int, database: Database, host: str) -> StageFailure:
    """The server requests another authentication method than a token."""
    what = METHODS.get(method, f"authentication method {method}")
    return StageFailure(
        "token-not-accepted",
        f"{host}:{database.port} asks {database.user} for {what} in place of an IAM token: the role does not exist or "
        "is not a member of rds_iam",
        f"as the master user: CREATE ROLE {database.user} LOGIN where it is missing, then GRANT rds_iam TO "
        f"{database.user}; for the master user itself, turn IAM database authentication on",
    )


def of_silence(problem: Exception, what: str, host: str, port: int, seconds: float) -> StageFailure:
    """The server closed the connection, sent something else than PostgreSQL's protocol, or did not answer."""
    silent = isinstance(problem, TimeoutError) or "timed out" in str(problem)
    how = f"did not answer {what} within {seconds:g} s" if silent else f"did not answer {what} as PostgreSQL does"
    detail = "" if silent else f" ({type(problem).__name__})"
    return StageFailure(
        NO_ANSWER,
        f"{host}:{port} {how}{detail}",
        "check that the database's state is available, that the port is PostgreSQL's, and the metrics CPUUtilization "
        "and DatabaseConnections",
    )


def without_tls(host: str, port: int) -> StageFailure:
    """The answer to the request for TLS was no."""
    return StageFailure(
        "server-without-tls",
        f"{host}:{port} takes no TLS, and an IAM token is sent within TLS alone",
        "set rds.force_ssl to 1 in the parameter group, and check that the name leads to the database itself",
    )


def of_handshake(problem: ssl.SSLError, host: str, port: int) -> StageFailure:
    """TLS was agreed on, and the handshake failed for another reason than the certificate."""
    return StageFailure(
        "tls-failed",
        f"{host}:{port} agreed to TLS, and the handshake failed ({problem.reason or type(problem).__name__})",
        "check that ssl_min_protocol_version and ssl_max_protocol_version in the parameter group admit TLS 1.2 or 1.3, "
        "and that nothing stands between the client and the database",
    )


def of_certificate(problem: ssl.SSLCertVerificationError, database: Database, host: str, bundled: bool) -> StageFailure:
    """The server's certificate is not valid."""
    where, message = f"{host}:{database.port}", first_line(problem.verify_message)
    if problem.verify_code in (62, 64) or "mismatch" in message.lower():
        return StageFailure(
            "certificate-wrong-name",
            f"the certificate of {where} is for another name ({message})",
            "connect to the database's own endpoint name; through a tunnel, keep that name and use --connect-to",
        )
    if problem.verify_code == 9:
        return StageFailure(
            "certificate-not-yet-valid",
            f"the certificate of {where} is not valid yet ({message})",
            "set this machine's clock",
        )
    if problem.verify_code == 10:
        return StageFailure(
            "certificate-expired",
            f"the certificate of {where} has expired ({message})",
            "rotate the database's certificate (aws rds modify-db-instance --ca-certificate-identifier), and check "
            "this machine's clock",
        )
    if database.ca_file:
        trusted, fix = (
            f"those of {database.ca_file}",
            "pass the file that has the database's authority, or leave it out",
        )
    elif bundled:
        trusted = f"the system's and those of RDS in {database.region}"
        fix = "check that the name leads to the database itself, and its authority: CACertificateIdentifier"
    else:
        trusted = f"the system's, and none of RDS in {database.region} is known here"
        fix = "correct the region, or pass the region's bundle of RDS as --db-ca-file"
    return StageFailure(
        "certificate-untrusted",
        f"the certificate of {where} is not trusted here ({message}); trusted are {trusted}",
        fix,
    )


_NETWORK_ACTIONS = {
    "name-not-found": "check the endpoint's spelling, that the database still exists, and that this machine is in its "
    "VPC",
    "connection-dropped": "allow the client in the database's security group and the port in the client's egress "
    "rules; then check network ACLs, routes and that both are in one VPC",
    "connection-refused": "check the port, and that the database runs: its state is available in aws rds "
    "describe-db-instances",
}


def of_network(failure: StageFailure) -> StageFailure:
    """A failure below the protocol, with the database's next action."""
    if isinstance(failure, TunnelFailure):
        return failure.with_usual(_NETWORK_ACTIONS.get(failure.code, failure.usual))
    return StageFailure(failure.code, failure.cause, _NETWORK_ACTIONS.get(failure.code, failure.action))


def of_ca_file(path: str, problem: Optional[Exception]) -> StageFailure:
    """The authorities cannot be read."""
    return StageFailure(
        "ca-file",
        f"the authorities in {path} cannot be read ({type(problem).__name__})",
        "pass a PEM file, or leave it out to use the system's and those of RDS",
    )
