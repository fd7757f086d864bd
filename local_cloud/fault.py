"""A fault of the matrix, and the changes of a template that cause one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.stacks import Change, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and the outcome that is expected.

    :param expected: texts that the reason of the rollback must contain, or the verdict when the deploy succeeds.
    :param changes: changes to the templates, by the last word of the stack's name.
    :param killed_servers: a part of the names of the servers that are killed before the client's stack is created;
        empty for all servers, None for none.
    :param killed_during: whether all servers of the cache are killed once the connection test has passed.
    :param database_stopped: whether the databases are stopped before the client's stack is created.
    :param succeeds: whether the deploy succeeds in spite of the fault.
    :param context: the context of the app.
    """

    name: str
    expected: tuple[str, ...]
    changes: Mapping[str, Change] = field(default_factory=dict)
    killed_servers: str | None = None
    killed_during: bool = False
    database_stopped: bool = False
    succeeds: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


def no_change(template: Template) -> None:
    """Leave the template as it is."""


def all_of(*changes: Change) -> Change:
    """Combine several changes, made in this order."""

    def change(template: Template) -> None:
        for change in changes:
            change(template)

    return change


def replace_text(old: str, new: str) -> Change:
    """Replace a text everywhere in a template.

    :raises ValueError: when the template does not contain it, so that the fault would have no effect.
    """

    def change(template: Template) -> None:
        text = json.dumps(template)
        before, after = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
        if before not in text:
            raise ValueError(f"the template does not contain {old!r}; correct the fault")
        replaced = json.loads(text.replace(before, after))
        template.clear()
        template.update(replaced)

    return change


def without_delays(template: Template) -> None:
    """Remove the delays that AWS needs after the creation of a stack, and that the emulator does not."""
    text = json.dumps(template)
    for old, new in (
        ('wait_network\\\\\\": 120', 'wait_network\\\\\\": 0'),
        ('wait_network\\": 120', 'wait_network\\": 0'),
        ('wait_auth\\\\\\": 60', 'wait_auth\\\\\\": 0'),
        ('wait_auth\\": 60', 'wait_auth\\": 0'),
        ("sleep $((attempt * 2))", "sleep 0"),
    ):
        text = text.replace(old, new)
    replaced = json.loads(text)
    template.clear()
    template.update(replaced)


def without_final_snapshot(template: Template) -> None:
    """Delete caches without a final snapshot, which fails when the servers are down."""
    for resource in template["Resources"].values():
        if resource.get("DeletionPolicy") == "Snapshot":
            resource["DeletionPolicy"] = "Delete"


def _properties(template: Template, kind: str) -> list[dict[str, Any]]:
    resources = [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == kind]
    if not resources:
        raise ValueError(f"the template has no resource of type {kind}; correct the fault")
    return resources


def _remove(template: Template, names: set[str]) -> None:
    for name in names:
        del template["Resources"][name]
    for resource in template["Resources"].values():
        if isinstance(resource.get("DependsOn"), list):
            resource["DependsOn"] = [name for name in resource["DependsOn"] if name not in names]


def without_resources(kind: str) -> Change:
    """Remove the resources of a type, and the dependencies on them."""

    def change(template: Template) -> None:
        _properties(template, kind)
        removed = {name for name, resource in template["Resources"].items() if resource["Type"] == kind}
        _remove(template, removed)

    return change


def without_rule(port: int) -> Change:
    """Remove the rules that admit a port, and the dependencies on them."""

    def change(template: Template) -> None:
        rules = {
            name
            for name, resource in template["Resources"].items()
            if resource["Type"] == "AWS::EC2::SecurityGroupIngress" and resource["Properties"].get("FromPort") == port
        }
        if not rules:
            raise ValueError(f"the template has no rule for port {port}; correct the fault")
        _remove(template, rules)

    return change


def set_property(kind: str, name: str, value: object) -> Change:
    """Set a property of every resource of a type."""

    def change(template: Template) -> None:
        for properties in _properties(template, kind):
            properties[name] = value

    return change


def without_grant(action: str) -> Change:
    """Remove the statements that allow an action from the policies of every role."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for properties in _properties(template, "AWS::IAM::Policy"):
            document = properties["PolicyDocument"]
            document["Statement"] = [one for one in document["Statement"] if action not in str(one["Action"])]
        if json.dumps(template) == before:
            raise ValueError(f"no policy of the template allows {action}; correct the fault")

    return change


def without_endpoint_statement(statement: str) -> Change:
    """Remove a statement, given by its Sid, from the policy of the S3 endpoint."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for properties in _properties(template, "AWS::EC2::VPCEndpoint"):
            document = properties.get("PolicyDocument", {"Statement": []})
            document["Statement"] = [one for one in document["Statement"] if one.get("Sid") != statement]
        if json.dumps(template) == before:
            raise ValueError(f"no endpoint policy of the template has the statement {statement}; correct the fault")

    return change
