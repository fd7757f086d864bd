"""The wait condition's signal, which the instance sends to CloudFormation."""

from __future__ import annotations

import json

from connection_test.report import FAIL, Report

_LONGEST = 900


def signal_of(report: Report, on_failure: str) -> str:
    """The JSON document that completes or fails the wait condition.

    :param on_failure: `fail` fails the stack with the stage, the cause and the next action; `report` lets it complete.
    """
    fails = report.verdict == FAIL and on_failure == "fail"
    return signal_document("FAILURE" if fails else "SUCCESS", report.summary)


def signal_document(status: str, summary: str) -> str:
    """The document in CloudFormation's format.

    The template extracts the data by splitting at double quotes, so it must not contain quotes or escapes.
    """
    plain = summary.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")
    plain = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    short = plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."
    return json.dumps({"Status": status, "Reason": short, "UniqueId": "connection-test", "Data": short})
