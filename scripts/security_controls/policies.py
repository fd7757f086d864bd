"""The statements of policies, as the checks read them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.security_controls.model import Check, Deployed, Finding


def listed(value: object) -> list[Any]:
    """One value or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def statements(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """The policies of roles. The controls look at managed policies, and some at inline ones; here at all of them."""

    def check(found: Deployed) -> Iterator[Finding]:
        for each in found.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            yield each.name, all(passes(s) for s in each.properties["PolicyDocument"]["Statement"])
        for role in found.of("AWS::IAM::Role"):
            for policy in role.properties.get("Policies", []):
                yield role.name, all(passes(s) for s in policy["PolicyDocument"]["Statement"])

    return check


def on_everything(statement: Mapping[str, Any]) -> bool:
    """Whether it is about every resource."""
    return "*" in listed(statement["Resource"])
