"""Parameters of the template: their defaults, and the lengths that they take."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.alternatives import template_parameters
from elasticache_rules.declared import breaches
from elasticache_rules.finding import Severity
from elasticache_rules.registry import EVERY_TYPE, Violation, has_rules, rule
from elasticache_rules.rules.common import REPLICATION_GROUP, USER, place_of, raw_properties, values_at
from elasticache_rules.template import Resource, Template, as_integer

_SOURCE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
_SECRETS: Final = {
    REPLICATION_GROUP: {"AuthToken": "auth_token_length"},
    USER: {"Passwords": "password_length", "AuthenticationMode.Passwords": "password_length"},
}


@rule("parameters/default", EVERY_TYPE, source=_SOURCE)
def default(resource: Resource) -> Iterator[Violation]:
    """The default of a parameter of the template meets the constraints of that parameter."""
    template = resource.template
    if not resource.parameters or not has_rules(resource.type):
        return
    first = template.once("parameters/default", lambda: _first_uses(template))
    for name in sorted(resource.parameters):
        entry = template_parameters(template)[name]
        if first[name] != resource.logical_id or not isinstance(entry, dict):
            continue
        for constraint, asked in breaches(entry):
            yield Violation(
                property=place_of(resource, name),
                value=entry["Default"],
                must=f"refer to a parameter whose default {asked}",
                fix=f"change Default or {constraint} of parameter {name}",
                # An empty default is often there to make people enter a value.
                severity=Severity.WARNING if entry["Default"] == "" else None,
            )


def _first_uses(template: Template) -> dict[str, str]:
    """The first resource that uses each parameter, among those with rules."""
    uses: dict[str, str] = {}
    for resource in template.resources.values():
        for name in resource.parameters if has_rules(resource.type) else ():
            uses.setdefault(name, resource.logical_id)
    return uses


@rule("parameters/secret-length", *_SECRETS, source=_SOURCE)
def secret_length(resource: Resource) -> Iterator[Violation]:
    """A parameter for an AUTH token or a password takes a text of a length that the service accepts."""
    if not resource.parameters:
        return
    for dotted, limit in _SECRETS[resource.type].items():
        least, most = facts.limit(limit, "min"), facts.limit(limit, "max")
        for path, value in values_at(raw_properties(resource), dotted):
            name = value.get("Ref") if isinstance(value, dict) else None
            entry = template_parameters(resource.template).get(name) if name in resource.parameters else None
            if not isinstance(entry, dict) or "AllowedValues" in entry:
                continue
            shortest, longest = as_integer(entry.get("MinLength")), as_integer(entry.get("MaxLength"))
            if longest is not None and longest < least:
                constraint, given = "MaxLength", longest
            elif shortest is not None and shortest > most:
                constraint, given = "MinLength", shortest
            else:
                continue
            yield Violation(
                property=path,
                value=f"{constraint} {given}",
                must=f"refer to a parameter that takes {least} to {most} characters",
                fix=f"change {constraint} of parameter {name}",
            )
