"""A plugin for pytest that writes the tests that fail into the file of an environment variable."""

import os
from pathlib import Path
from typing import Final

import pytest

VARIABLE: Final = "FAILED_TESTS"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record a test that fails, also in its set-up."""
    if report.failed:
        _record(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Record a module that cannot be imported."""
    if report.failed:
        _record(report.nodeid)


def _record(name: str) -> None:
    with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")
