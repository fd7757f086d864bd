"""Fixtures for all tests: an app with the context of cdk.json, and a stack in it."""

# Imported first, because it selects the pinned Node before the import of the CDK starts Node.
import pinned_node  # noqa: F401

# isort: split
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import settings

# No deadline, because machines differ in speed. In CI the examples are the same in every run.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

ROOT = Path(__file__).parents[1]
CONTEXT: Mapping[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
ENV = cdk.Environment(account="111111111111", region="eu-west-1")


@pytest.fixture
def app() -> cdk.App:
    """An app with the feature flags of cdk.json."""
    return cdk.App(context=dict(CONTEXT), analytics_reporting=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack with an account and a region, in the app."""
    return cdk.Stack(
        app,
        "Stack",
        env=ENV,
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
