"""The configuration of the test, read from JSON and checked before any request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Optional

from connection_test import database as databases
from connection_test.database import Database
from connection_test.report import StageFailure
from connection_test.settings import ENDPOINT_SETTINGS, SETTINGS, require, shown

MODES = ("disabled", "enabled", "compatible")
AUTHENTICATIONS = ("none", "password", "iam")
ENGINES = ("redis", "valkey", "memcached")
ROLES = ("primary", "reader", "configuration")
GLOBAL_ROLES = ("", "primary", "secondary")


@dataclass(frozen=True)
class Endpoint:
    """An endpoint to connect to.

    :param role: primary, reader or configuration.
    """

    role: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Config:
    """The settings of the test; see `from_json` for the keys.

    :param shards: the expected number of shards; 0 for any number.
    :param global_role: primary or secondary in a Global Datastore; the test expects a secondary to refuse writes.
    :param nodes: the expected number of Memcached nodes; 0 for any number.
    :param secret_key: the key of the password in a secret that is a JSON object; empty for a secret that is text.
    :param permissions: the commands that the user may run, in lower case; None if it may run all that the test uses.
    :param database: the database behind the cache; None for none.
    :param cache_optional: whether a cache that cannot be used is a warning; the stages of the database decide.
    :param database_password: sent instead of a token that this test signs, such as an existing token.
    :param wait_network: seconds that a name or a port may take to appear, for a stack that has just been created, and
        that the stages from `ping` to `latency` may wait together for a state that ends by itself. Default: 0.
    :param wait_auth: seconds that a user may take to become usable.
    :param time_limit: seconds for the whole test.
    :param slow_ms: the 99th percentile of a GET, in milliseconds, above which the latency is a warning.
    """

    endpoints: list[Endpoint]
    engine: str = "redis"
    engine_version: str = ""
    cluster_mode: str = "disabled"
    shards: int = 1
    replicas_per_shard: int = 0
    nodes: int = 0
    tls: bool = True
    authentication: str = "none"
    user: str = ""
    cache_name: str = ""
    serverless: bool = False
    global_role: str = ""
    region: str = ""
    secret_arn: str = ""
    secret_key: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    clock_url: str = ""
    key_prefix: str = "connection-test:"
    permissions: Optional[list[str]] = None
    connect_to: dict[str, tuple[str, int]] = field(default_factory=dict)
    database: Optional[Database] = None
    cache_optional: bool = False
    database_password: str = field(default="", repr=False)
    wait_network: float = 0.0
    wait_auth: float = 0.0
    time_limit: float = 300.0
    slow_ms: float = 5.0

    def may(self, *names: str) -> bool:
        """Whether the user may run these commands."""
        return self.permissions is None or set(names) <= set(self.permissions)

    @property
    def clustered(self) -> bool:
        """Whether clients of this cache speak the cluster protocol."""
        return self.cluster_mode == "enabled"

    @property
    def first(self) -> Endpoint:
        """The endpoint for writes or for cluster discovery."""
        return next((endpoint for endpoint in self.endpoints if endpoint.role != "reader"), self.endpoints[0])

    def title(self) -> str:
        """A one-line description of the test's target."""
        where = self.cache_name or (self.first.host if self.endpoints else "nothing")
        kind = "serverless" if self.serverless else f"cluster mode {self.cluster_mode}"
        if self.engine == "memcached" and not self.serverless:
            kind = f"nodes {self.nodes or 'unknown'}"
        return f"connection test of {where}: {self.engine} {self.engine_version}, {kind}"


def from_json(text: str) -> dict[str, Any]:
    """The settings of a configuration file.

    :raises ValueError: when it is not a JSON object, or has an unknown setting or one of another type.
    """
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"configuration must be JSON, got {problem}; correct the file") from None
    if not isinstance(settings, dict):
        raise ValueError(f"configuration must be a JSON object, got {type(settings).__name__}; correct the file")
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        names = ", ".join(unknown) if all(name.isidentifier() for name in unknown) else shown(unknown)
        raise ValueError(f"configuration must hold only {', '.join(sorted(SETTINGS))}, got {names}; correct the file")
    for name, value in settings.items():
        require(name, value, SETTINGS[name])
    settings["endpoints"] = [_endpoint(*item) for item in enumerate(settings.get("endpoints", []))]
    if settings.get("database") is not None:
        settings["database"] = databases.from_settings(settings["database"])
    return settings


def _endpoint(number: int, value: object) -> Endpoint:
    if not isinstance(value, dict) or not set(ENDPOINT_SETTINGS) <= set(value):
        raise ValueError(f"endpoints must have role, host and port, got {shown(value)}; correct the file")
    for name, setting in ENDPOINT_SETTINGS.items():
        require(f"endpoints[{number}].{name}", value[name], setting)
    return Endpoint(role=value["role"], host=value["host"], port=int(value["port"]))


def check(config: Config) -> str:
    """Check the configuration: the first stage.

    :raises StageFailure: when it is invalid.
    """
    for problem, action in _problems(config):
        raise StageFailure("configuration", problem, action)
    where = ", ".join(f"{endpoint.role} {endpoint}" for endpoint in config.endpoints)
    who = f" as {config.user}" if config.user else ""
    detail = f"{where}; TLS {'on' if config.tls else 'off'}; authentication {config.authentication}{who}"
    behind = config.database
    return f"{detail}; database {behind.name} on {behind.host}:{behind.port} as {behind.user}" if behind else detail


def _problems(config: Config) -> list[tuple[str, str]]:
    problems = _choice_problems(config) + [
        problem for endpoint in config.endpoints for problem in _endpoint_problems(endpoint)
    ]
    if config.database:
        problems += databases.problems_of(config.database)
    if config.cache_optional and config.database is None:
        problems.append(
            (
                "the cache is optional only in front of a database, and none is configured",
                "configure the database, or leave cache_optional out",
            )
        )
    if not config.endpoints:
        problems.append(("no endpoint is given", "pass --host, or endpoints in the configuration"))
    wrong = {"primary"} if config.serverless else {"primary", "reader"}
    if config.clustered and any(endpoint.role in wrong for endpoint in config.endpoints):
        problems.append(
            (
                "cluster mode enabled has a configuration endpoint, and another one is given",
                "use the configuration endpoint of the replication group",
            )
        )
    if config.engine == "memcached" and config.authentication != "none":
        problems.append(("memcached has no authentication, and one is asked for", "leave it out"))
    if config.authentication == "iam":
        if not config.tls:
            problems.append(("IAM authentication needs TLS, and it is off", "turn TLS on"))
        for name in ("user", "cache_name", "region"):
            if not getattr(config, name):
                problems.append(
                    (f"IAM authentication needs {name}, and it is empty", f"pass --{name.replace('_', '-')}")
                )
    return problems


def _choice_problems(config: Config) -> list[tuple[str, str]]:
    choices = {
        "engine": (config.engine, ENGINES),
        "cluster_mode": (config.cluster_mode, MODES),
        "authentication": (config.authentication, AUTHENTICATIONS),
        "global_role": (config.global_role, GLOBAL_ROLES),
    }
    return [
        (f"{name} must be one of {', '.join(valid)}, got {value!r}", "choose one of them")
        for name, (value, valid) in choices.items()
        if value not in valid
    ]


def _endpoint_problems(endpoint: Endpoint) -> list[tuple[str, str]]:
    problems = []
    host = endpoint.host
    if "://" in host or "/" in host or host.count(":") == 1 or not host.strip():
        problems.append(
            (
                f"the host of the {endpoint.role} endpoint must be a plain name, got {host!r}",
                "leave out the scheme and the port",
            )
        )
    if not 1 <= endpoint.port <= 65535:
        problems.append((f"the port must be 1 to 65535, got {endpoint.port}", "use the cache's port, 6379 by default"))
    if endpoint.role not in ROLES:
        problems.append((f"the role must be one of {', '.join(ROLES)}, got {endpoint.role!r}", "choose one of them"))
    return problems


def first_line(text: Optional[str]) -> str:
    """The first line of a message, to keep the report readable."""
    return (text or "").strip().splitlines()[0] if (text or "").strip() else ""
