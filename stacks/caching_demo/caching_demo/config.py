"""What to connect to: read from the client's configuration file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caching_demo.failures import CannotRunError

ENGINES = ("redis", "valkey")
AUTHENTICATIONS = ("none", "password", "iam")
PASSWORD_VARIABLE = "CACHE_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class CacheTarget:
    """A cache, and how to sign in to it; see `docs/caching-demo.md`.

    :param cluster: whether its clients speak the cluster protocol.
    """

    host: str
    port: int
    engine: str
    cluster: bool
    tls: bool = True
    serverless: bool = False
    authentication: str = "none"
    user: str = ""
    cache_name: str = ""
    region: str = ""
    secret_arn: str = ""
    secret_key: str = ""
    ca_file: str = ""
    password: str = field(default="", repr=False)

    @property
    def kind(self) -> str:
        """Engine and kind, in a few words."""
        if self.serverless:
            return f"{self.engine}, serverless"
        return f"{self.engine}, cluster mode {'enabled' if self.cluster else 'disabled'}"


@dataclass(frozen=True)
class DatabaseTarget:
    """A PostgreSQL database.

    :param user: creates the application's role.
    :param application_user: the role that the measurements use.
    :param password: of both, in place of IAM tokens; empty for IAM.
    """

    host: str
    port: int
    name: str
    user: str
    application_user: str
    region: str = ""
    password: str = field(default="", repr=False)


def read(path: str, password_file: str | None, environment: Mapping[str, str]) -> tuple[CacheTarget, DatabaseTarget]:
    """The cache and the database of a configuration file.

    :raises CannotRunError: when the file cannot be used.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(f"{path} cannot be read ({error.strerror})", "pass the path of the client's config.json") from None
    except ValueError as error:
        raise _wrong(f"{path} must be JSON, got {error}", "correct the file") from None
    if not isinstance(document, dict):
        raise _wrong(f"{path} must be a JSON object, got {type(document).__name__}", "correct the file")
    return _cache(document, environment), _database(document, _password(password_file))


def _password(path: str | None) -> str:
    if path is None:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        wrong = f"--database-password-file {path} cannot be read ({error.strerror})"
        raise _wrong(wrong, "pass a file with the password") from None
    if not text:
        raise _wrong(f"--database-password-file {path} is empty", "write the password into it")
    return text


def _cache(document: Mapping[str, Any], environment: Mapping[str, str]) -> CacheTarget:
    endpoints = document.get("endpoints") or []
    main = next((endpoint for endpoint in endpoints if endpoint.get("role") != "reader"), None)
    if main is None:
        raise _wrong("endpoints has no primary or configuration endpoint", "name the cache's endpoint in it")
    serverless = bool(document.get("serverless"))
    target = CacheTarget(
        host=_host("endpoints", main),
        port=_port("endpoints", main),
        engine=str(document.get("engine", "redis")),
        cluster=document.get("cluster_mode") == "enabled" or serverless,
        tls=bool(document.get("tls", True)),
        serverless=serverless,
        authentication=str(document.get("authentication", "none")),
        password=environment.get(PASSWORD_VARIABLE, ""),
        **{
            name: str(document.get(name, ""))
            for name in ("user", "cache_name", "region", "secret_arn", "secret_key", "ca_file")
        },
    )
    _one_of("engine", target.engine, ENGINES, "this demonstration needs Redis OSS or Valkey")
    _one_of("authentication", target.authentication, AUTHENTICATIONS, "choose one of them")
    if target.authentication == "iam":
        missing = [name for name in ("user", "cache_name", "region") if not getattr(target, name)]
        if missing:
            raise _wrong(f"IAM authentication needs {missing[0]}, which is missing", "write it into the file")
    if target.authentication == "password" and not (target.password or target.secret_arn):
        wrong = "password authentication needs secret_arn, which is missing"
        raise _wrong(wrong, f"write it into the file, or set {PASSWORD_VARIABLE}")
    return target


def _database(document: Mapping[str, Any], password: str) -> DatabaseTarget:
    given = document.get("database")
    if not isinstance(given, dict):
        raise _wrong("database is missing", "deploy with a database, or write its host, port, name and users into it")
    needed = ["host", "port", "name", "user", "application_user", *(() if password else ("region",))]
    missing = [name for name in needed if not given.get(name)]
    if missing:
        raise _wrong(f"database.{missing[0]} is missing", "write it into the file")
    _one_of("database.engine", str(given.get("engine", "postgres")), ("postgres",), "use a PostgreSQL database")
    return DatabaseTarget(
        port=_port("database", given),
        region=str(given.get("region", "")),
        password=password,
        **{name: str(given[name]) for name in ("host", "name", "user", "application_user")},
    )


def _host(where: str, given: Mapping[str, Any]) -> str:
    host = given.get("host")
    if not isinstance(host, str) or not host:
        raise _wrong(f"{where}.host must be a name or an address, got {host!r}", "write the name of the endpoint")
    return host


def _port(where: str, given: Mapping[str, Any]) -> int:
    port = given.get("port")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65_535:
        raise _wrong(f"{where}.port must be 1 to 65535, got {port!r}", "write the port of the endpoint, as a number")
    return port


def _one_of(name: str, value: str, valid: tuple[str, ...], fix: str) -> None:
    if value not in valid:
        raise _wrong(f"{name} must be one of {', '.join(valid)}, got {value}", fix)


def _wrong(cause: str, action: str) -> CannotRunError:
    return CannotRunError("configuration", cause, action)


def environment() -> Mapping[str, str]:
    """The variables of this process."""
    return os.environ
