"""Validation of JSON documents against the schemas in docs/."""

import json
from typing import Any

from cfnlint.jsonschema import StandardValidator

from tests.conftest import ROOT


def violations(name: str, document: Any) -> list[str]:
    """What of a document violates the schema of its subcommand."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text())
    return [f"{list(error.path)}: {error.message}" for error in StandardValidator(schema).iter_errors(document)]
