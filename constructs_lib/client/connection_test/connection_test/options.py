"""The command's options, and the configuration that they and the file make."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from typing import Any, Mapping, NoReturn, Optional, Sequence

from connection_test.config import AUTHENTICATIONS, ENGINES, MODES, Config, Endpoint, from_json
from connection_test.database import Database
from connection_test.report import EXIT_CODES
from connection_test.settings import (
    COUNT,
    DATABASE_SETTINGS,
    ENDPOINT_SETTINGS,
    POSITIVE,
    SETTINGS,
    Setting,
    parse,
    require,
)

_DESCRIPTION = "Tests, stage by stage, whether this machine can use an ElastiCache cache, and the database behind it."
_EPILOG = (
    "The password is read from the environment variable CACHE_PASSWORD, never from the command line; an IAM token "
    "for the database that was made elsewhere, from DATABASE_PASSWORD. "
    "Exit status: 0 when every stage passed or warned; 2 for wrong arguments; otherwise the stage that failed: "
    + ", ".join(f"{code} {stage}" for stage, code in EXIT_CODES.items())
    + "."
)


class _Parser(argparse.ArgumentParser):
    """Refuses wrong arguments in one line, without the usage of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see --help\n")


def parser() -> argparse.ArgumentParser:
    """The command's argument parser."""
    result = _Parser(prog="connection_test", description=_DESCRIPTION, epilog=_EPILOG)
    result.add_argument("--config", metavar="FILE", help="a JSON file with the settings below; - for standard input")
    result.add_argument("--host", help="the primary endpoint, or with cluster mode the configuration endpoint")
    result.add_argument(
        "--reader",
        metavar="HOST[:PORT]",
        help="the reader endpoint, to test replica reads (default port: --port; with --serverless 6380, or 11212)",
    )
    result.add_argument("--port", type=parse, default=6379, help="the port of these hosts (default: 6379)")
    result.add_argument("--engine", choices=ENGINES)
    result.add_argument("--engine-version", help="such as 7.1; another one is a warning")
    result.add_argument("--cluster-mode", choices=MODES)
    result.add_argument("--shards", type=parse, help="how many to expect; another number is a warning")
    result.add_argument("--replicas-per-shard", type=parse, help="how many to expect")
    result.add_argument("--nodes", type=parse, help="how many of memcached to expect; another number is a warning")
    result.add_argument("--no-tls", dest="tls", action="store_false", default=None, help="plaintext")
    result.add_argument("--ca-file", help="PEM file of authorities (default: the system's)")
    result.add_argument("--authentication", choices=AUTHENTICATIONS)
    result.add_argument("--user", help="the user's name")
    result.add_argument("--cache-name", help="the replication group's id, for IAM")
    result.add_argument("--serverless", action="store_true", default=None, help="the cache is serverless")
    result.add_argument(
        "--cache-optional",
        action="store_true",
        default=None,
        help="a cache that cannot be used is a warning, and the stages of the database decide",
    )
    result.add_argument("--global-role", choices=("primary", "secondary"), help="in a Global Datastore")
    result.add_argument("--region", help="the region, for IAM and Secrets Manager")
    result.add_argument("--secret-arn", help="read the password from this secret")
    result.add_argument("--secret-key", help="the key of the password, in a secret that is a JSON object")
    result.add_argument("--clock-url", help="compare the clock with this server's, for IAM")
    result.add_argument("--key-prefix", help="what the test's keys begin with (default: connection-test:)")
    result.add_argument(
        "--db-host", metavar="HOST", help="the endpoint of a PostgreSQL of RDS or Aurora, to test it too"
    )
    result.add_argument("--db-reader", metavar="HOST", dest="db_reader_host", help="its reader endpoint")
    result.add_argument("--db-port", type=parse, metavar="PORT", help="the port of these hosts (default: 5432)")
    result.add_argument("--db-name", metavar="NAME", help="the database to open (default: postgres)")
    result.add_argument("--db-user", metavar="USER", help="who signs in with an IAM token")
    result.add_argument("--db-region", metavar="REGION", help="the database's region (default: --region)")
    result.add_argument("--db-ca-file", metavar="FILE", help="PEM file (default: the system's, and those of RDS)")
    result.add_argument(
        "--connect-to",
        action="append",
        metavar="HOST:PORT:ADDRESS:PORT",
        default=[],
        help="connect to ADDRESS:PORT for HOST:PORT, and verify HOST; for tunnels; an IPv6 address in brackets",
    )
    result.add_argument(
        "--wait-network", type=parse, metavar="SECONDS", help="wait for names, ports and failovers (default: 0)"
    )
    result.add_argument("--wait-auth", type=parse, metavar="SECONDS", help="retry IAM authentication (default: 0)")
    result.add_argument("--time-limit", type=parse, metavar="SECONDS", help="for the whole test (default: 300)")
    result.add_argument("--slow-ms", type=parse, help="warn of a 99th percentile above this (default: 5)")
    result.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    result.add_argument("--report", metavar="FILE", help="write the JSON report here as well")
    result.add_argument("--signal", metavar="FILE", help="write the wait condition's signal here")
    result.add_argument("--on-failure", choices=("fail", "report"), default="fail", help="what the signal says")
    result.add_argument(
        "--heartbeat",
        type=parse,
        nargs="?",
        const=0,
        metavar="BEATS",
        help="write the time every half second, for the secondaries of a Global Datastore, without end or so often",
    )
    result.add_argument(
        "--watch",
        type=parse,
        metavar="SECONDS",
        help="write to and read from every shard for some seconds or until Ctrl-C, and print how long a failover "
        "interrupts writes, reads and reads from replicas; with --format json, one record per line",
    )
    result.add_argument(
        "--cli",
        nargs=argparse.REMAINDER,
        metavar="WORD",
        help="run the engine's command-line client, connected",
    )
    return result


_OPTIONS = (
    "engine",
    "engine_version",
    "cluster_mode",
    "shards",
    "replicas_per_shard",
    "nodes",
    "tls",
    "ca_file",
    "authentication",
    "user",
    "cache_name",
    "serverless",
    "global_role",
    "cache_optional",
    "region",
    "secret_arn",
    "secret_key",
    "clock_url",
    "key_prefix",
    "wait_network",
    "wait_auth",
    "time_limit",
    "slow_ms",
)
# Of serverless caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ReadReplicas.html
_READ_PORTS = {"redis": 6380, "memcached": 11212}
_MAPPING = re.compile(r"(\[[^][]*\]|[^][:]*):(\w+):(\[[^][]*\]|[^][:]*):(\w+)\Z")
_CHECKED = {
    **{name: SETTINGS[name] for name in _OPTIONS},
    "port": ENDPOINT_SETTINGS["port"],
    "db_port": DATABASE_SETTINGS["port"],
    "heartbeat": Setting(COUNT, 10),
    "watch": Setting(POSITIVE, 60),
}


def read_config(arguments: argparse.Namespace, password: str, database_password: str = "") -> Config:
    """The configuration from the file, overridden by the command line.

    :raises ValueError: when it is invalid.
    """
    for name, setting in _CHECKED.items():
        value = getattr(arguments, name)
        if value is not None:
            require(f"--{name.replace('_', '-')}", value, setting)
    settings = _from_file(arguments.config) if arguments.config else {}
    settings.update({name: value for name in _OPTIONS if (value := getattr(arguments, name)) is not None})
    if settings.get("serverless") and settings.get("engine") != "memcached":
        settings.setdefault("cluster_mode", "enabled")
        settings.setdefault("shards", 0)
    if arguments.host:
        clustered = settings.get("cluster_mode") == "enabled" or settings.get("engine") == "memcached"
        role = "configuration" if clustered else "primary"
        settings["endpoints"] = [Endpoint(role, _plain(arguments.host), arguments.port)]
        if arguments.reader:
            settings["endpoints"].append(_reader(arguments.reader, arguments.port, settings))
            settings.setdefault("replicas_per_shard", 1)
    _add_database(settings, arguments)
    if "authentication" not in settings:
        settings["authentication"] = "password" if password or settings.get("secret_arn") else "none"
    settings.setdefault("endpoints", [])
    if not settings["endpoints"]:
        raise ValueError("--host or --config must name an endpoint, got neither; pass one")
    settings["time_limit"] = min(float(settings.get("time_limit", 300.0)), 300.0)
    return Config(
        **settings,
        password=password,
        database_password=database_password,
        connect_to=_mappings(arguments.connect_to),
    )


def _add_database(settings: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Override the file's database settings by those of the command line."""
    known = ("host", "port", "name", "user", "region", "reader_host", "ca_file")
    given = {name: value for name in known if (value := getattr(arguments, f"db_{name}")) is not None}
    if not given:
        return
    before: Optional[Database] = settings.get("database")
    if before is not None:
        settings["database"] = replace(before, **given)
        return
    for name, option in (("host", "--db-host"), ("user", "--db-user")):
        if name not in given:
            raise ValueError(f"{option} must be given to test a database, got none; pass it")
    defaults = {"port": 5432, "name": "postgres", "region": settings.get("region", "")}
    settings["database"] = Database(**{**defaults, **given})


def _from_file(path: str) -> dict[str, Any]:
    try:
        if path == "-":
            return from_json(sys.stdin.read())
        with open(path, encoding="utf-8") as file:
            return from_json(file.read())
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(f"--config must be a readable file, got {problem}; correct the path") from None


def _reader(text: str, port: int, settings: Mapping[str, Any]) -> Endpoint:
    """The endpoint for reads; of a serverless cache, it has the same name and another port."""
    host, _, own = text.rpartition(":")
    if _is_port(own) and host and (":" not in host or host.endswith("]")):
        return Endpoint("reader", _plain(host), int(own))
    if settings.get("serverless"):
        port = _READ_PORTS["memcached" if settings.get("engine") == "memcached" else "redis"]
    return Endpoint("reader", _plain(text), port)


def _mappings(values: Sequence[str]) -> dict[str, tuple[str, int]]:
    options = {}
    for value in values:
        match = _MAPPING.match(value)
        if not match or not all(map(_is_port, match.groups()[1::2])):
            raise ValueError(
                f"--connect-to must have the form HOST:PORT:ADDRESS:PORT, an IPv6 address in brackets, got {value!r}; "
                "correct it"
            )
        host, port, address, own = match.groups()
        options[f"{_plain(host)}:{port}"] = (_plain(address), int(own))
    return options


def _plain(host: str) -> str:
    """A host without the brackets around an IPv6 address."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535
