"""The stages that query the engine: authentication, version and mode, topology."""

from __future__ import annotations

import json
from typing import Optional

from connection_test import aws, sigv4, slots, transport
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.stage_network import reach_all


def auth(context: Context) -> str:
    """The server accepts the credentials."""
    config = context.config

    def attempt() -> Connection:
        context.password = password_of(context)
        return connect(context, config.first.host, config.first.port)

    codes = ("wrong-credentials",) if config.authentication == "iam" else ()
    context.connection = context.retry(attempt, seconds=config.wait_auth, codes=codes)
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
    context.secrets.append(password)
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
    connection = transport.open_connection(context.config, host, port)
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
        raise failure_of(reply, "PING") from None
    except (OSError, ProtocolError) as problem:
        connection.close()
        raise StageFailure(
            "no-answer",
            f"{host}:{port} did not answer ({first_line(str(problem)) or type(problem).__name__})",
            "check the cache's state, and its number of connections",
        ) from None
    return connection


def _auth_failure(context: Context, reply: ReplyError) -> Optional[StageFailure]:
    config = context.config
    if reply.kind in ("WRONGPASS", "NOPERM") and context.password and config.authentication == "iam":
        return StageFailure(
            "wrong-credentials",
            f"the cache refused the IAM token of user {config.user} for {config.cache_name}",
            "give the role elasticache:Connect on both the cache and the user (cache.grants.connect(role)), put the "
            "user in the cache's user group, and check that the user is on, its id equals its name and the cache's "
            "name is the one that is signed",
        )
    if reply.kind == "WRONGPASS" or "invalid password" in str(reply):
        return StageFailure(
            "wrong-credentials",
            f"the cache refused the credentials of {config.user or 'the default user'}: unknown user, wrong password, "
            "or a user that is off",
            "check the user's name and password, and that its access string begins with 'on'",
        )
    if "without any password configured" in str(reply):
        return StageFailure(
            "wrong-credentials",
            "a password was sent, and the cache's default user has none",
            "leave the password out, or name the user it belongs to",
        )
    return None


# Error replies: the first word or a part of the text, the code, the cause and the next action.
_REPLIES = (
    (
        "NOAUTH",
        "no-credentials",
        "the cache wants credentials, and none were sent",
        "authenticate: with IAM, or with the AUTH token or the user's password",
    ),
    (
        "NOPERM",
        "missing-permission",
        "the user may not run {command} ({text})",
        "widen the user's access string: the command, and the keys' pattern",
    ),
    (
        "MOVED",
        "cluster-mode-on",
        "the cache is in cluster mode, and this client is not (MOVED after {command})",
        "use a cluster client with the configuration endpoint",
    ),
    (
        "ASK",
        "cluster-mode-on",
        "the cache is in cluster mode, and this client is not (ASK after {command})",
        "use a cluster client with the configuration endpoint",
    ),
    (
        "cluster support disabled",
        "cluster-mode-off",
        "the cache is a single shard with cluster mode disabled, and this client expects a cluster",
        "use a plain client with the primary endpoint",
    ),
    (
        "READONLY",
        "read-only-primary",
        "the node that should be the primary is read-only",
        "write to the primary endpoint, not to a node's own or the reader endpoint; after a failover, look the "
        "name up again; the secondary of a Global Datastore takes no writes",
    ),
    (
        "CLUSTERDOWN",
        "slots-not-covered",
        "the cluster does not serve this key ({text})",
        "wait for a failover to end, or look at the shards' state in the console",
    ),
)


def failure_of(reply: ReplyError, command: str) -> StageFailure:
    """The failure for an error reply."""
    text = first_line(str(reply))
    for mark, code, cause, action in _REPLIES:
        if reply.kind == mark or (" " in mark and mark in text):
            return StageFailure(code, cause.format(command=command, text=text), action)
    return StageFailure(
        "refused-command",
        f"the cache refused {command} ({text})",
        "look the message up in the engine's documentation; LOADING, OOM and 'max number of clients' name its state",
    )


def ping(context: Context) -> str:
    """The server answers and has the expected engine, version and mode."""
    connection, config = _connection(context), context.config
    try:
        connection.call("PING")
    except ReplyError as reply:
        raise failure_of(reply, "PING") from None
    try:
        server = connection.info("server")
    except ReplyError as reply:
        context.warn("missing-permission", f"the version is not readable ({first_line(str(reply))})", "add +info")
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
    if clustered and config.cluster_mode == "disabled":
        raise failure_of(ReplyError("MOVED"), "INFO")
    if not clustered and config.cluster_mode == "enabled":
        raise failure_of(ReplyError("ERR This instance has cluster support disabled"), "INFO")
    if engine != config.engine or version.split(".")[: len(expected)] != expected:
        context.warn(
            "other-version",
            f"{config.engine} {config.engine_version} was expected, and {engine} {version} answers",
            "after an upgrade, update the template's engine version",
        )
    return f"PONG from {engine} {version}, {mode}"


def topology(context: Context) -> str:
    """The cluster covers all slots, and every node is reachable; outside cluster mode, the node is a primary."""
    connection, config = _connection(context), context.config
    if not config.clustered:
        context.facts["shards"] = 1
        try:
            replication = connection.info("replication")
        except ReplyError as reply:
            context.warn("missing-permission", f"the role is not readable ({first_line(str(reply))})", "add +info")
            return "one shard"
        role, replicas = replication.get("role"), replication.get("connected_slaves", 0)
        return f"one shard, this node is {role}, {replicas} replicas connected"
    try:
        answer = connection.call("CLUSTER", "SLOTS")
    except ReplyError as reply:
        raise failure_of(reply, "CLUSTER SLOTS") from None
    context.shards = slots.parse(answer, slots.Node(config.first.host, config.first.port))
    context.facts["shards"] = len(context.shards)
    gaps = slots.uncovered(context.shards)
    if gaps:
        missing = sum(last - first + 1 for first, last in gaps)
        ranges = ", ".join(f"{first}-{last}" for first, last in gaps[:5])
        raise StageFailure(
            "slots-not-covered",
            f"{missing} of {slots.SLOTS} hash slots belong to no shard ({ranges})",
            "wait for resharding or a failover to end, or look at the shards' state in the console",
        )
    nodes = [node for shard in context.shards for node in (shard.primary, *shard.replicas)]
    try:
        reach_all([(node.host, node.port, transport.resolve(config, node.host, node.port)[0]) for node in nodes])
    except StageFailure as failure:
        raise StageFailure(
            "node-unreachable",
            f"a node that the cluster announces cannot be used: {failure.cause}",
            failure.action,
        ) from None
    if config.shards and len(context.shards) != config.shards:
        context.warn(
            "other-shards",
            f"{config.shards} shards were expected, and there are {len(context.shards)}",
            "after a change of shards, update the template",
        )
    return f"{len(context.shards)} shards, {len(nodes)} nodes reachable, all {slots.SLOTS} slots covered"


def _connection(context: Context) -> Connection:
    assert context.connection is not None  # noqa: S101 - the stage before made it
    return context.connection
