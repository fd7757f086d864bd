"""A fault of the matrix, and the changes of a template that make one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.stacks import Change, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong.

    :param changes: what is changed in a template, by the last word of its stack's name.
    :param down: a part of the names of servers that are killed before the client comes; None for none.
    :param down_during: whether all servers of the cache are killed once the connection test has passed.
    :param database_down: whether the databases are stopped before the client comes.
    :param says: what the reason must say, or the verdict where it stays green.
    :param green: whether the deploy succeeds in spite of it.
    :param context: of the app.
    """

    name: str
    says: tuple[str, ...]
    changes: Mapping[str, Change] = field(default_factory=dict)
    down: str | None = None
    down_during: bool = False
    database_down: bool = False
    green: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


def nothing(template: Template) -> None:
    """No change."""


def all_of(*changes: Change) -> Change:
    """One change after the other."""

    def change(template: Template) -> None:
        for each in changes:
            each(template)

    return change


def replace_text(old: str, new: str) -> Change:
    """Change text anywhere in a template.

    :raises ValueError: when it is not there, because then the fault would be none.
    """

    def change(template: Template) -> None:
        text = json.dumps(template)
        before, after = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
        if before not in text:
            raise ValueError(f"the template must hold {old!r}, and does not; correct the fault")
        replaced = json.loads(text.replace(before, after))
        template.clear()
        template.update(replaced)

    return change


def impatient(template: Template) -> None:
    """What waits on AWS for a stack that has just been made need not wait here."""
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


def deletable(template: Template) -> None:
    """No snapshot at the end: a cache that is down has no data to give."""
    for each in template["Resources"].values():
        if each.get("DeletionPolicy") == "Snapshot":
            each["DeletionPolicy"] = "Delete"


def properties_of(template: Template, kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    found = [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]
    if not found:
        raise ValueError(f"the template must have a resource of type {kind}, and has none; correct the fault")
    return found


def without(kind: str) -> Change:
    """Take away the resources of a type, and the dependencies on them."""

    def change(template: Template) -> None:
        properties_of(template, kind)
        gone = {name for name, each in template["Resources"].items() if each["Type"] == kind}
        for name in gone:
            del template["Resources"][name]
        for each in template["Resources"].values():
            if isinstance(each.get("DependsOn"), list):
                each["DependsOn"] = [name for name in each["DependsOn"] if name not in gone]

    return change


def without_rule(port: int) -> Change:
    """Take away the rules that admit a port."""

    def change(template: Template) -> None:
        rules = {
            name: each
            for name, each in template["Resources"].items()
            if each["Type"] == "AWS::EC2::SecurityGroupIngress" and each["Properties"].get("FromPort") == port
        }
        if not rules:
            raise ValueError(f"the template must have a rule for port {port}, and has none; correct the fault")
        for name in rules:
            del template["Resources"][name]
        for each in template["Resources"].values():
            if isinstance(each.get("DependsOn"), list):
                each["DependsOn"] = [name for name in each["DependsOn"] if name not in rules]

    return change


def set_property(kind: str, name: str, value: object) -> Change:
    """Change a property of every resource of a type."""

    def change(template: Template) -> None:
        for each in properties_of(template, kind):
            each[name] = value

    return change


def without_grant(action: str) -> Change:
    """Take a statement out of the policies of every role."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for each in properties_of(template, "AWS::IAM::Policy"):
            document = each["PolicyDocument"]
            document["Statement"] = [one for one in document["Statement"] if action not in str(one["Action"])]
        if json.dumps(template) == before:
            raise ValueError(f"a policy must allow {action}, and none does; correct the fault")

    return change


def without_way(statement: str) -> Change:
    """Take a statement, by its Sid, out of the S3 endpoint's policy."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for each in properties_of(template, "AWS::EC2::VPCEndpoint"):
            document = each.get("PolicyDocument", {"Statement": []})
            document["Statement"] = [one for one in document["Statement"] if one.get("Sid") != statement]
        if json.dumps(template) == before:
            raise ValueError(f"an endpoint's policy must have {statement}, and none has; correct the fault")

    return change
