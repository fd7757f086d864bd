"""Checks of the statements of IAM policies."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.security_controls.model import Check, Deployed, Finding


def listed(value: object) -> list[Any]:
    """One value or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def statements(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """A check of all policies of roles: managed ones, and inline ones, which only some controls evaluate."""

    def check(deployed: Deployed) -> Iterator[Finding]:
        for policy in deployed.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            yield policy.name, all(passes(s) for s in policy.properties["PolicyDocument"]["Statement"])
        for role in deployed.of("AWS::IAM::Role"):
            for policy in role.properties.get("Policies", []):
                yield role.name, all(passes(s) for s in policy["PolicyDocument"]["Statement"])

    return check


def on_everything(statement: Mapping[str, Any]) -> bool:
    """Whether a statement applies to every resource."""
    return "*" in listed(statement["Resource"])
