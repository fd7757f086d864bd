"""The stages that query the engine: authentication, version and mode, topology."""

from __future__ import annotations

import json
import socket
from typing import Optional

from connection_test import aws, redaction, sigv4, transport
from connection_test.commands import command, information
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.failures import TEMPORARY, broken, failure_of
from connection_test.permitted import must_refuse, refusal
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError


def auth(context: Context) -> str:
    """The server accepts the credentials."""
    config = context.config

    def attempt() -> Connection:
        context.password = password_of(context)
        return connect(context, config.first.host, config.first.port)

    # A user that has just been created is not known yet, and a node that has just been created loads or fails over.
    codes = ("wrong-credentials",) if config.authentication == "iam" else ()
    context.connection = context.retry(
        lambda: context.retry(attempt, seconds=config.wait_auth, codes=codes),
        seconds=config.wait_network,
        codes=TEMPORARY,
    )
    if config.authentication == "none":
        return "none asked for"
    how = "an IAM token" if config.authentication == "iam" else "a password"
    return f"{config.user or 'the default user'} with {how}"


def password_of(context: Context) -> str:
    """The password or token of this configuration; empty without authentication.

    :raises StageFailure: when it is missing, or a secret or the credentials cannot be read.
    """
    config = context.config
    if config.authentication == "none":
        return ""
    if config.authentication == "iam":
        password = sigv4.connect_token(
            aws.credentials(),
            user=config.user,
            cache_name=config.cache_name,
            region=config.region,
            serverless=config.serverless,
            at=sigv4.now(),
        )
    elif config.secret_arn:
        password = _of_secret(aws.secret_value(config.secret_arn, config.region, aws.credentials()), config.secret_key)
    else:
        password = config.password
    if not password:
        raise StageFailure(
            "no-credentials",
            "a password is asked for, and none was given",
            "set CACHE_PASSWORD, or pass secret_arn in the configuration",
        )
    redaction.keep(password)
    return password


def _of_secret(text: str, key: str) -> str:
    """The password in a secret: all of its text, or one key of a JSON object."""
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise StageFailure(
            "secret-without-key",
            f"the secret is no JSON object with the key {key}",
            f"store it as a JSON object that holds {key}",
        ) from None


def connect(context: Context, host: str, port: int) -> Connection:
    """A connection that has authenticated.

    :raises StageFailure: when the server refuses the credentials or cannot be reached.
    """

    def ready(sock: socket.socket) -> Connection:
        secured = transport.handshake(context.config, sock, host, port) if context.config.tls else sock
        return _authenticated(context, Connection(secured, transport.COMMAND_SECONDS), f"{host}:{port}")

    return context.names.connect(host, port, ready)


def _authenticated(context: Context, connection: Connection, where: str) -> Connection:
    name = "AUTH" if context.password else "PING"
    try:
        if context.password:
            user = [context.config.user] if context.config.user else []
            connection.call("AUTH", *user, context.password)
        else:
            connection.call("PING")
    except ReplyError as reply:
        connection.close()
        failure = _auth_failure(context, reply)
        if failure:
            raise failure from None
        raise failure_of(reply, name) from None
    except (OSError, ProtocolError) as problem:
        connection.close()
        raise broken(f"{name} of {where}", problem, transport.COMMAND_SECONDS) from None
    return connection


def _auth_failure(context: Context, reply: ReplyError) -> Optional[StageFailure]:
    config = context.config
    text = reply.raw
    refused = reply.kind in ("WRONGPASS", "NOPERM") or "invalid-iam-credentials" in text
    if refused and context.password and config.authentication == "iam":
        return StageFailure(
            "wrong-credentials",
            f"the cache refused the IAM token of user {config.user} for {config.cache_name}",
            "give the role elasticache:Connect on both the cache and the user (cache.grants.connect(role)), put the "
            "user in the cache's user group, and check that the user is on, its id equals its name, the cache's "
            "name is the one that is signed, and the clock is right",
        )
    if reply.kind == "WRONGPASS" or "invalid password" in text:
        return StageFailure(
            "wrong-credentials",
            f"the cache refused the credentials of {config.user or 'the default user'}: unknown user, wrong password, "
            "or a user that is off",
            "check the user's name and password, and that its access string begins with 'on'",
        )
    if "without any password configured" in text or "no password is set" in text:
        return StageFailure(
            "wrong-credentials",
            "a password was sent, and the cache's default user has none",
            "leave the password out, or name the user it belongs to",
        )
    if context.password and "wrong number of arguments for 'auth'" in text:
        return StageFailure(
            "wrong-credentials",
            "a user and a password were sent, and the engine is older than 6.0, which has no users",
            "leave the user out, or upgrade the engine",
        )
    if context.password and reply.kind == "ERR" and "max number of clients" not in text:
        # The server's text can contain the password.
        return StageFailure(
            "refused-command",
            "the cache refused AUTH with an error of its own",
            "check that the endpoint belongs to the cache, and that the engine has the command AUTH",
        )
    return None


def ping(context: Context) -> str:
    """The server answers and has the expected engine, version and mode."""
    connection, config = _connection(context), context.config
    if config.may("ping"):
        answered = command(connection, "PING")
        if answered != "PONG":
            raise StageFailure(
                "malformed-reply",
                f"PING was answered with {first_line(repr(answered))[:60]} instead of PONG",
                "check that the endpoint belongs to the cache, and that nothing between answers in its place",
            )
    else:
        must_refuse(context, connection, "PING")
    if not config.may("info"):
        context.facts.update(engine=config.engine, engine_version=config.engine_version or "?")
        context.facts["cluster_mode"] = config.cluster_mode
        answer = "PONG" if config.may("ping") else "PING refused"
        return f"{answer}; the version is not known, because {refusal('info')}"
    try:
        server = information(connection, "server")
    except ReplyError as reply:
        context.warn(
            "missing-permission",
            f"the version is not readable ({first_line(str(reply))})",
            "nothing, if the application does not need INFO; the other stages do not depend on it",
        )
        context.facts.update(engine=config.engine, engine_version=config.engine_version or "?")
        context.facts["cluster_mode"] = config.cluster_mode
        return "PONG"
    engine = "valkey" if "valkey_version" in server else "redis"
    version = server.get(f"{engine}_version", "?")
    mode = server.get("redis_mode") or server.get("server_mode", "standalone")
    clustered = mode == "cluster"
    context.facts.update(engine=engine, engine_version=version)
    expected = config.engine_version.split(".") if config.engine_version else []
    context.facts["cluster_mode"] = (
        config.cluster_mode if config.cluster_mode == "compatible" else ("enabled" if clustered else "disabled")
    )
    if version == "?":
        context.warn(
            "version-unknown",
            "the answer to INFO names no version",
            "check that the endpoint belongs to the cache, and that nothing between answers in its place",
        )
        context.facts["cluster_mode"] = config.cluster_mode
        return "PONG"
    if clustered and config.cluster_mode == "disabled":
        raise failure_of(ReplyError("MOVED"), "INFO")
    if not clustered and config.cluster_mode == "enabled":
        raise failure_of(ReplyError("ERR This instance has cluster support disabled"), "INFO")
    if engine != config.engine or (expected and version.split(".")[0] != expected[0]):
        context.warn(
            "other-version",
            f"{config.engine} {config.engine_version} was expected, and {engine} {version} answers",
            "after an upgrade, update the template's engine version",
        )
    note = ""
    if engine == config.engine and version.split(".")[: len(expected)] != expected:
        # Automatic minor version upgrades are on by default.
        note = f", another minor version than {config.engine_version} of the template"
    answer = "PONG" if config.may("ping") else "PING refused, INFO"
    return f"{answer} from {engine} {version}, {mode}{note}"


def _connection(context: Context) -> Connection:
    assert context.connection is not None  # noqa: S101 - the stage before made it
    return context.connection
