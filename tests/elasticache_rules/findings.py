"""The rules that find something in resources."""

from typing import Any

from elasticache_rules import Template, check_template

REGION = "us-east-1"


def findings(document: dict[str, Any], region: str = REGION, **sections: Any) -> list[tuple[str, str]]:
    """The rules that speak, and of what."""
    results = check_template(Template.of({"Resources": document, **sections}, region=region))
    return [(finding.rule, finding.logical_id) for finding in results]
