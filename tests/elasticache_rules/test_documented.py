"""What AWS publishes as examples is no error."""

import json
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import Severity, Template, check_template

DOCUMENTED = json.loads((Path(__file__).parent / "documented.json").read_text())


def errors(resource: dict[str, Any]) -> list[str]:
    parameters = {name: {"Type": "String"} for name in DOCUMENTED["parameters"]}
    template = Template.of({"Parameters": parameters, "Resources": {"It": resource}})
    return [str(finding) for finding in check_template(template) if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("resource", DOCUMENTED["examples"].values(), ids=DOCUMENTED["examples"])
def test_an_example_of_the_documentation_is_no_error(resource: dict[str, Any]) -> None:
    assert errors(resource) == []


def test_a_fault_in_an_example_is_an_error() -> None:
    """The test above can fail: each type is one that the rules read."""
    for resource in DOCUMENTED["examples"].values():
        assert errors({**resource, "Properties": {**resource["Properties"], "Tags": "x"}})
