"""A command that counts users, in place of `elasticache policy`."""

import argparse
from types import SimpleNamespace
from typing import Any

import pytest

from elasticache_operations import registry
from elasticache_operations.context import Context, Outcome
from elasticache_operations.report import Lines, Report, Source, Table


def _module(run: Any) -> SimpleNamespace:
    def configure(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--fail", action="store_true")

    return SimpleNamespace(CALLS=(), configure=configure, run=run)


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> None:
    """`elasticache policy` counts the users instead."""

    def run(arguments: argparse.Namespace, context: Context) -> Outcome:
        count = len(list(context.aws.pages("elasticache", "DescribeUsers", "Users")))
        report = Report(
            {"count": count, "unknown": None},
            [Table(("user", ">age"), [("a|b", "1"), ("<b>", "20")], "users"), Lines(["done"])],
            [Source("users", context.as_of.isoformat(), live=True)],
            ["old\x1b data"],
        )
        return Outcome(report, 1 if arguments.fail else 0)

    monkeypatch.setattr(registry.Command, "load", lambda self: _module(run))
