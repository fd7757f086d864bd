"""Adds the result of the program that ran after the test to the test's signal."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Optional, Sequence

from connection_test.config import first_line
from connection_test.verdict import signal_document

# Of the summary and of the test's own verdict, so that both fit into one signal.
_LONGEST = 440
# An exit status that differs from that of a Python crash.
FAILED = 3
_OUTPUT = "read /var/log/cloud-init-output.log, or the console output; {name} runs it again on the instance"


def failure_of(arguments: argparse.Namespace, line: str) -> Optional[str]:
    """The failure: the cause and the next action, or the program's summary; None on success.

    :param line: the first line of the summary; empty when there is none.
    """
    name, status, output = arguments.name, arguments.status, _OUTPUT.format(name=arguments.name)
    if arguments.fetched in (124, 137):
        return (
            f"{arguments.place} did not answer within 60 s, and {name} was not fetched; next: check the S3 gateway "
            "endpoint and the routes of the instance's subnet"
        )
    if arguments.fetched:
        text = first_line(arguments.said) or f"exit status {arguments.fetched}"
        return (
            f"{name} could not be read from {arguments.place}: {text[:200]}; next: give the role s3:GetObject, and let "
            "the S3 gateway endpoint's policy admit that bucket"
        )
    if status in (124, 137):
        return f"it did not end within {arguments.seconds} s; next: raise the program's timeout, or {output}"
    if status not in (0, 1, 2):
        last = f", after: {line}" if line else ""
        return f"it crashed with exit status {status}{last}; next: {output}"
    if not line:
        return f"it ended with exit status {status} and wrote no summary; next: {output}"
    return line if status else None


def complete(arguments: argparse.Namespace) -> tuple[str, bool]:
    """The signal's document, and whether it reports success."""
    with open(arguments.signal, encoding="utf-8") as file:
        before = json.load(file)
    line = _summary(arguments.summary)
    failure = failure_of(arguments, line)
    if failure is None:
        return signal_document(before["Status"], f"{before['Data'][:_LONGEST]}; {arguments.name}: {line}"), True
    status = "FAILURE" if arguments.on_failure == "fail" else "SUCCESS"
    return signal_document(status, f"FAIL at {arguments.name}: {failure}"), False


def _summary(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline(4 * _LONGEST).strip()[:_LONGEST]
    except OSError:
        return ""


def main(words: Optional[Sequence[str]] = None) -> int:
    """Print the signal; returns 0 where the program succeeded, and 3 where it failed."""
    parser = argparse.ArgumentParser(prog="program_verdict")
    for option in ("name", "said", "place", "summary", "signal", "on-failure"):
        parser.add_argument(f"--{option}", required=True)
    for option in ("fetched", "status", "seconds"):
        parser.add_argument(f"--{option}", type=int, required=True)
    document, succeeded = complete(parser.parse_args(words))
    print(document)
    return 0 if succeeded else FAILED


if __name__ == "__main__":
    sys.exit(main())
