"""The command: reads the configuration, runs the test, prints the report."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import traceback
from dataclasses import replace
from typing import Any, NoReturn, Optional, Sequence

from connection_test import heartbeat, redaction, runner, verdict, watch
from connection_test.config import AUTHENTICATIONS, ENGINES, MODES, Config, Endpoint, from_json
from connection_test.console import say, write
from connection_test.context import Context
from connection_test.database import Database
from connection_test.report import EXIT_CODES, Report, StageFailure, StageResult, stage_lines
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
from connection_test.stage_engine import password_of

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
    result.add_argument("--reader", metavar="HOST", help="the reader endpoint, to test replica reads")
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
    result.add_argument("--serverless", action="store_true", default=None, help="the cache is serverless, for IAM")
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
        help="connect to ADDRESS:PORT for HOST:PORT, and verify HOST; for tunnels",
    )
    result.add_argument("--wait-network", type=parse, metavar="SECONDS", help="retry names and ports (default: 0)")
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
    settings: dict[str, Any] = {}
    if arguments.config:
        try:
            if arguments.config == "-":
                settings = from_json(sys.stdin.read())
            else:
                with open(arguments.config, encoding="utf-8") as file:
                    settings = from_json(file.read())
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(f"--config must be a readable file, got {problem}; correct the path") from None
    settings.update({name: value for name in _OPTIONS if (value := getattr(arguments, name)) is not None})
    if arguments.host:
        clustered = settings.get("cluster_mode") == "enabled" or settings.get("engine") == "memcached"
        role = "configuration" if clustered else "primary"
        settings["endpoints"] = [Endpoint(role, arguments.host, arguments.port)]
        if arguments.reader:
            settings["endpoints"].append(Endpoint("reader", arguments.reader, arguments.port))
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


def _mappings(values: Sequence[str]) -> dict[str, tuple[str, int]]:
    options = {}
    for value in values:
        parts = value.split(":")
        if len(parts) != 4 or not all(_is_port(part) for part in parts[1::2]):
            raise ValueError(f"--connect-to must have the form HOST:PORT:ADDRESS:PORT, got {value!r}; correct it")
        options[f"{parts[0]}:{parts[1]}"] = (parts[2], int(parts[3]))
    return options


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535


def main(words: Optional[Sequence[str]] = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    try:
        config = read_config(arguments, os.environ.get("CACHE_PASSWORD", ""), os.environ.get("DATABASE_PASSWORD", ""))
    except ValueError as problem:
        print(f"connection_test: {problem}", file=sys.stderr)
        return 2
    redaction.keep(config.password)
    redaction.keep(config.database_password)
    try:
        return _run(config, arguments)
    except Exception:  # Any error: Python would print its text with the secrets.
        print(redaction.hide(traceback.format_exc()), file=sys.stderr)
        return 1


def _run(config: Config, arguments: argparse.Namespace) -> int:
    if arguments.heartbeat is not None:
        return heartbeat.write(config, arguments.heartbeat or None)
    if arguments.watch is not None:
        return _watch(config, arguments.watch, arguments.format)
    if arguments.cli is not None:
        client = _memcached_client if config.engine == "memcached" else _command_line_client
        return client(config, arguments.cli)
    if arguments.format == "text":
        say(config.title())
    report = runner.run(config, _print_stage if arguments.format == "text" else None)
    _write(arguments, report)
    say(report.as_json() if arguments.format == "json" else f"verdict: {report.summary}")
    return report.exit_code


def _watch(config: Config, seconds: float, form: str) -> int:
    if config.engine == "memcached":
        print("connection_test: --watch needs redis or valkey; leave it out", file=sys.stderr)
        return 2
    return watch.watch(config, seconds, form)


def _print_stage(result: StageResult) -> None:
    for line in stage_lines(result):
        say(line)


def _write(arguments: argparse.Namespace, report: Report) -> None:
    """The signal first: CloudFormation waits for it."""
    if arguments.signal:
        write(arguments.signal, verdict.signal_of(report, arguments.on_failure))
    if arguments.report:
        write(arguments.report, report.as_json())


def _command_line_client(config: Config, words: Sequence[str]) -> int:  # noqa: RET503 - execv does not return
    program = next(
        (program_path for name in ("valkey-cli", "redis-cli", "redis6-cli") if (program_path := shutil.which(name))),
        None,
    )
    if program is None:
        print("connection_test: no valkey-cli here; install it with: sudo dnf install valkey", file=sys.stderr)
        return 2
    try:
        password = password_of(Context(config))
    except StageFailure as failure:
        print(f"connection_test: {failure.cause}; {failure.action}", file=sys.stderr)
        return EXIT_CODES["auth"]
    arguments = [program, "-h", config.first.host, "-p", str(config.first.port)]
    arguments += ["--tls"] if config.tls else []
    arguments += ["--cacert", config.ca_file] if config.tls and config.ca_file else []
    arguments += ["-c"] if config.clustered else []
    arguments += ["--user", config.user] if config.user else []
    if password:
        os.environ["REDISCLI_AUTH"] = password
    os.execv(program, [*arguments, *words])  # noqa: S606 - the client takes over this terminal


def _memcached_client(config: Config, words: Sequence[str]) -> int:
    """Connect the terminal to Memcached, which has a text protocol and no command-line client."""
    where = f"{config.first.host}:{config.first.port}"
    openssl, nc = shutil.which("openssl"), shutil.which("nc")
    if config.tls and openssl:
        authorities = ["-CAfile", config.ca_file] if config.ca_file else []
        arguments = [openssl, "s_client", "-quiet", "-crlf", "-verify_return_error", "-verify_hostname"]
        arguments += [config.first.host, *authorities, "-connect", where, *words]
        os.execv(openssl, arguments)  # noqa: S606 - the client takes over this terminal
    if not config.tls and nc:
        os.execv(nc, [nc, "-C", config.first.host, str(config.first.port), *words])  # noqa: S606 - as above
    missing = "openssl" if config.tls else "nc"
    print(f"connection_test: no {missing} here; install it with: sudo dnf install {missing}", file=sys.stderr)
    return 2
