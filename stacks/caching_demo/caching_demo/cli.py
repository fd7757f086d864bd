"""The command: reads the configuration, measures, and writes the report."""

from __future__ import annotations

import argparse
import datetime
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from caching_demo import config, page, run, text, watch
from caching_demo.document import COULD_NOT_RUN, Document, plain_line
from caching_demo.failures import CannotRunError
from caching_demo.timing import Deadline

DEFAULT_CONFIG = "/etc/cache-client/config.json"
DEFAULT_OUTPUT = "/var/lib/cache-client/caching-demo"
DEFAULT_SECONDS = 60.0
# For what remains to be done after the last measurement has been ended.
_RESERVE = 0.08
_DESCRIPTION = (
    "Measures what the cache in front of the database does, and reports it with figures, a table and plots: latency, "
    "hit ratio, staleness, races, a stampede, an outage of the cache, sessions."
)
_EPILOG = (
    "The database user of the configuration creates the role database.application_user; the measurements work as "
    "that role in the schema caching_demo_ROLE, whose tables each run drops and creates. One run at a time. "
    "Both sign in with IAM tokens of the instance's role, or with the password of --database-password-file. "
    f"The cache's password is read from its secret, or from the environment variable {config.PASSWORD_VARIABLE}. "
    "The authorities of certificates are those of the system, or of the file that SSL_CERT_FILE names. "
    "The outage of the cache is produced by TCP relays on this machine: the cache itself goes on, and no other client "
    "notices. Writes report.json, report.txt, index.html and one SVG file for each plot. "
    "Exit status: 0 when each figure is within its bound, or the cache could not be used, which is a warning; "
    "1 when a figure missed its bound; 2 when it could not run. With --watch, 1 when an error reached a reader, a "
    "value stayed old, or the cache did not answer at the end."
)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    result = argparse.ArgumentParser(prog="caching-demo", description=_DESCRIPTION, epilog=_EPILOG)
    result.add_argument(
        "--config", metavar="FILE", default=DEFAULT_CONFIG, help="the client's configuration (default: %(default)s)"
    )
    result.add_argument(
        "--output", metavar="FOLDER", default=DEFAULT_OUTPUT, help="where the report is written (default: %(default)s)"
    )
    result.add_argument("--summary", metavar="FILE", help="write the verdict's line here as well")
    result.add_argument(
        "--quick",
        action="store_true",
        help="fewer samples and less data, in about 15 seconds; for tests of the program",
    )
    result.add_argument(
        "--watch",
        metavar="SECONDS",
        type=_watch_seconds,
        help="read and write for this time, 1 to 3600, and tell what a failover, a restart or new shards interrupt; "
        "measures nothing else and writes no report",
    )
    result.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_SECONDS,
        help="end after this time, 10 to 600 (default: %(default)g)",
    )
    result.add_argument(
        "--database-password-file",
        metavar="FILE",
        help="a file with the password of the database user, in place of IAM; the application's role gets it as well",
    )
    return result


def _seconds(word: str) -> float:
    value = float(word)
    if not 10 <= value <= 600:
        raise argparse.ArgumentTypeError(f"must be 10 to 600, got {word}; the default is {DEFAULT_SECONDS:g}")
    return value


def _watch_seconds(word: str) -> float:
    value = float(word)
    if not 1 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"must be 1 to 3600, got {word}; pass a time in that range")
    return value


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    # The report counts the outages and what was not stored; the library's warnings would be printed between its tables.
    logging.getLogger("elasticache_caching").addHandler(logging.NullHandler())
    try:
        cache, database = config.read(arguments.config, arguments.database_password_file, config.environment())
        if arguments.watch is not None:
            return watch.watch(cache, database, arguments.watch, _say)
        Path(arguments.output).mkdir(parents=True, exist_ok=True)
    except (CannotRunError, OSError) as error:
        return _refused(None if arguments.watch else arguments.summary, f"{error}")
    document = run.new_document(cache, database, quick=arguments.quick)
    started = time.monotonic()
    document.facts["started"] = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    watchdog = threading.Timer(arguments.time_limit, _give_up, (arguments, document))
    watchdog.daemon = True
    watchdog.start()
    printer = _Printer(document)
    run.run(document, cache, database, Deadline(arguments.time_limit * (1 - _RESERVE)), printer.section)
    printer.head()
    document.facts["seconds"] = round(time.monotonic() - started, 1)
    watchdog.cancel()
    _write(arguments, document)
    _say("\n".join(text.tail_lines(document)))
    _say(f"report: {Path(arguments.output) / 'index.html'}")
    return document.status


class _Printer:
    """Prints the report while it grows."""

    def __init__(self, document: Document) -> None:
        self._document, self._begun = document, False

    def head(self) -> None:
        """What is measured, once: the versions are known when both servers have answered."""
        if not self._begun:
            self._begun = True
            _say("\n".join(text.head_lines(self._document.facts)))

    def section(self, name: str, section: dict[str, Any]) -> None:
        """A section that has been measured."""
        self.head()
        _say("\n".join(text.section_lines(name, section)))


def _say(words: str) -> None:
    """Print; a reader that has gone, such as `head`, does not end the run."""
    try:
        print(words, flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the process ends


def _write(arguments: argparse.Namespace, document: Document) -> None:
    folder = Path(arguments.output)
    _write_summary(arguments.summary, document.summary)
    (folder / "report.json").write_text(json.dumps(document.as_dict(), indent=1) + "\n", encoding="utf-8")
    (folder / "report.txt").write_text(text.report_text(document), encoding="utf-8")
    for name, content in page.files(document).items():
        (folder / name).write_text(content, encoding="utf-8")


def _write_summary(path: str | None, line: str) -> None:
    if path:
        Path(path).write_text(line + "\n", encoding="ascii")


def _refused(summary: str | None, message: str) -> int:
    line = plain_line(message)
    _write_summary(summary, line)
    _say(f"verdict: error: {line}")
    return COULD_NOT_RUN


def _give_up(arguments: argparse.Namespace, document: Document) -> None:
    """End the process, whatever still waits."""
    cause = f"{arguments.time_limit:g} seconds were over"
    document.failure = CannotRunError("time limit", cause, "read the report for what was slow, or pass --time-limit")
    try:
        _say(f"verdict: error: {document.summary}")
        _write(arguments, document)
    finally:
        os._exit(COULD_NOT_RUN)
