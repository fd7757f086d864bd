"""The command: reads the configuration, runs the test, prints the report."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import traceback
from typing import Optional, Sequence

from connection_test import heartbeat, redaction, runner, verdict, watch
from connection_test.config import Config
from connection_test.console import say, write
from connection_test.context import Context
from connection_test.options import parser, read_config
from connection_test.report import EXIT_CODES, Report, StageFailure, StageResult, stage_lines
from connection_test.stage_engine import password_of

# As shells report a program that SIGINT ended.
_INTERRUPTED = 130


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
    except KeyboardInterrupt:
        print("connection_test: interrupted", file=sys.stderr)
        return _INTERRUPTED
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
