"""Validation of JSON documents against the schemas in docs/, which must describe every member."""

import json
from typing import Any

from cfnlint.jsonschema import StandardValidator

from tests.conftest import ROOT


def check_schema(name: str, document: Any) -> None:
    """Check a JSON document against the schema of a subcommand, without members that the schema does not know."""
    schema = _closed(json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8")))
    errors = [f"{list(error.path)}: {error.message}" for error in StandardValidator(schema).iter_errors(document)]
    assert errors == []


def _closed(schema: Any) -> Any:
    """The schema with no other members than those it describes."""
    if isinstance(schema, dict):
        changed = {key: _closed(value) for key, value in schema.items()}
        if "properties" in schema:
            changed["additionalProperties"] = False
        return changed
    return [_closed(each) for each in schema] if isinstance(schema, list) else schema
