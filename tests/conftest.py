"""What every test may use: the app's own context, and a stack to put constructs in."""

# First, because it chooses the pinned Node before importing CDK starts one.
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

# Machines differ in speed; and what CI runs twice, it runs alike.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

ROOT = Path(__file__).parents[1]
CONTEXT: Mapping[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
ENV = cdk.Environment(account="111111111111", region="eu-west-1")


@pytest.fixture
def app() -> cdk.App:
    """An app with the flags of cdk.json."""
    return cdk.App(context=dict(CONTEXT), analytics_reporting=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack of one account and region, below the app."""
    return cdk.Stack(
        app,
        "Stack",
        env=ENV,
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
