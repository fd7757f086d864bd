"""The fault matrix: what can be wrong with a deployment, each deployed for real, and what the stack says then."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.stacks import Change, Deployed, Stacks, Template

_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong.

    :param changes: what is changed in a template, by the last word of its stack's name.
    :param down: a part of the names of servers that are killed before the client comes; None for none.
    :param database_down: whether the databases are stopped before the client comes.
    :param says: what the reason must say, or the verdict where it stays green.
    :param green: whether the deploy succeeds in spite of it.
    :param context: of the app.
    """

    name: str
    says: tuple[str, ...]
    changes: Mapping[str, Change] = field(default_factory=dict)
    down: str | None = None
    database_down: bool = False
    green: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fault.

    :param seconds: that the deploy took.
    """

    fault: Fault
    found: Deployed
    seconds: float

    @property
    def missing(self) -> list[str]:
        """What it should have said and did not; empty when all is well."""
        expected = "CREATE_COMPLETE" if self.fault.green else "ROLLBACK_COMPLETE"
        said = self.said
        missing = [each for each in self.fault.says if each not in said]
        return missing if self.found.status == expected else [f"{expected} (it is {self.found.status})", *missing]

    @property
    def said(self) -> str:
        """The verdict, or the reason of the rollback."""
        return self.found.verdict if self.fault.green else self.found.reason


def run(stacks: Stacks, faults: Sequence[Fault]) -> Iterator[Outcome]:
    """Deploy each fault, some at a time, and delete it again; in the order in which they end."""
    made: dict[str, dict[str, Template]] = {}
    for fault in faults:
        if (key := _key(fault)) not in made:
            made[key] = stacks.templates(**fault.context)

    def one(number: int, fault: Fault) -> Outcome:
        templates = made[_key(fault)]
        prefix = f"Fault{number:02d}"
        changes = {part: all_of(fault.changes.get(part, nothing), impatient, deletable) for part in templates}

        def break_down() -> None:
            if fault.down is not None:
                stacks.kill_servers(prefix, fault.down)
            if fault.database_down:
                stacks.stop_database(prefix)

        started = time.monotonic()
        found = stacks.deploy(prefix, templates, changes, break_down)
        took = time.monotonic() - started
        stacks.delete_all(f"{prefix}-")
        return Outcome(fault, found, took)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in as_completed(pool.submit(one, *each) for each in enumerate(faults)):
            yield done.result()


def _key(fault: Fault) -> str:
    return json.dumps(dict(fault.context), sort_keys=True)


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


def _properties(template: Template, kind: str) -> list[dict[str, Any]]:
    found = [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]
    if not found:
        raise ValueError(f"the template must have a resource of type {kind}, and has none; correct the fault")
    return found


def without(kind: str) -> Change:
    """Take away the resources of a type, and the dependencies on them."""

    def change(template: Template) -> None:
        _properties(template, kind)
        gone = {name for name, each in template["Resources"].items() if each["Type"] == kind}
        for name in gone:
            del template["Resources"][name]
        for each in template["Resources"].values():
            if isinstance(each.get("DependsOn"), list):
                each["DependsOn"] = [name for name in each["DependsOn"] if name not in gone]

    return change


def set_property(kind: str, name: str, value: object) -> Change:
    """Change a property of every resource of a type."""

    def change(template: Template) -> None:
        for each in _properties(template, kind):
            each[name] = value

    return change


def without_grant(action: str) -> Change:
    """Take a statement out of the policies of every role."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for each in _properties(template, "AWS::IAM::Policy"):
            document = each["PolicyDocument"]
            document["Statement"] = [one for one in document["Statement"] if action not in str(one["Action"])]
        if json.dumps(template) == before:
            raise ValueError(f"a policy must allow {action}, and none does; correct the fault")

    return change


def without_way(statement: str) -> Change:
    """Take a statement, by its Sid, out of the S3 endpoint's policy."""

    def change(template: Template) -> None:
        before = json.dumps(template)
        for each in _properties(template, "AWS::EC2::VPCEndpoint"):
            document = each.get("PolicyDocument", {"Statement": []})
            document["Statement"] = [one for one in document["Statement"] if one.get("Sid") != statement]
        if json.dumps(template) == before:
            raise ValueError(f"an endpoint's policy must have {statement}, and none has; correct the fault")

    return change


_INGRESS, _EGRESS = "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"
_GROUP, _WAIT = "AWS::ElastiCache::ReplicationGroup", "AWS::CloudFormation::WaitCondition"
_NEITHER: Final = {"Fn::Base64": "#!/bin/bash\nexit 0\n"}
_DROPPED: Final = ("FAIL at tcp: ", "did not answer within", "next: allow the client in the cache's security group")
_OPEN: Final = {"access": "none"}

FAULTS: Final = (
    Fault(name="no ingress rule", changes={"Client": without(_INGRESS)}, says=_DROPPED),
    Fault(
        name="wrong security group",
        changes={"Client": set_property(_INGRESS, "SourceSecurityGroupId", "sg-0123456789abcdef0")},
        says=_DROPPED,
    ),
    Fault(
        name="no egress rule",
        changes={"Client": without(_EGRESS)},
        says=("FAIL at tcp: ", "packets are dropped", "the port in the client's egress rules"),
    ),
    Fault(
        name="wrong password",
        context={"access": "password"},
        changes={
            "Cache": set_property(
                "AWS::ElastiCache::User", "AuthenticationMode", {"Type": "password", "Passwords": ["another-password"]}
            )
        },
        says=("FAIL at auth: ", "next: "),
    ),
    Fault(
        name="role without secretsmanager:GetSecretValue",
        context={"access": "password"},
        changes={"Client": without_grant("secretsmanager:GetSecretValue")},
        says=("FAIL at auth: ", "AccessDenied", "give the client's role secretsmanager:GetSecretValue"),
    ),
    Fault(
        name="user off",
        changes={"Cache": replace_text("on ~* &* +@all", "off ~* &* +@all")},
        says=("FAIL at auth: ", "refused the IAM token", "check that the user is on"),
    ),
    Fault(
        name="role without elasticache:Connect",
        changes={"Client": without_grant("elasticache:Connect")},
        says=("FAIL at auth: ", "refused the IAM token", "elasticache:Connect"),
    ),
    Fault(
        name="TLS client, plaintext cache",
        changes={"Cache": set_property(_GROUP, "TransitEncryptionEnabled", False)},
        says=("FAIL at tls: ", "speaks plaintext, and TLS was asked for", "next: turn encryption in transit on"),
    ),
    Fault(
        name="plaintext client, TLS cache",
        context=_OPEN,
        changes={"Client": replace_text('"tls": true', '"tls": false')},
        says=("FAIL at tls: ", "speaks TLS, and plaintext was sent", "next: turn TLS on for this client"),
    ),
    Fault(name="cache down", down="", says=("FAIL at tcp: ", "refused", "next: check the port")),
    Fault(
        name="one shard down",
        context={"deployment": "cluster-mode-enabled"},
        down="-0003-",
        says=("FAIL at topology: ", "next: "),
    ),
    Fault(
        name="role without s3:GetObject",
        changes={"Client": without_grant("s3:GetObject")},
        says=("FAIL at fetch: ", "could not be read from s3://", "(403)", "the role needs s3:GetObject"),
    ),
    Fault(
        name="endpoint policy without the assets",
        changes={"Network": without_way("Assets")},
        says=("FAIL at fetch: ", "(403)", "the S3 gateway endpoint's policy must admit that bucket"),
    ),
    Fault(
        name="asset not there",
        changes={"Client": replace_text(".zip' /opt", ".gone' /opt")},
        says=("FAIL at fetch: ", "could not be read from s3://", "next: "),
    ),
    Fault(
        name="user data crashing",
        changes={"Client": replace_text("timeout 330 python3", "exit 3; timeout 330 python3")},
        says=("FAIL at test: ", "the connection test did not end (exit status 3)", "next: read"),
    ),
    Fault(
        name="nothing ever signalled",
        changes={
            "Client": all_of(
                set_property("AWS::EC2::Instance", "UserData", _NEITHER), set_property(_WAIT, "Timeout", "3")
            )
        },
        says=("timed out", "Received 0 conditions"),
    ),
    Fault(
        name="endpoint policy without the signals",
        changes={
            "Network": without_way("Signals"),
            "Client": all_of(
                replace_text("--retry 6 --retry-delay 5", "--retry 0"), set_property(_WAIT, "Timeout", "12")
            ),
        },
        says=("timed out", "Received 0 conditions"),
    ),
    Fault(
        name="command-line client not installed",
        changes={"Network": without_way("Packages")},
        says=("(warning: the command-line client was not installed)",),
        green=True,
    ),
)
