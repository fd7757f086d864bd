"""The fault matrix: deployments with one fault each, and the outcome that each must have."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.stacks import Change, Deployed, Stacks, Template

_PARALLEL: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and the outcome that is expected.

    :param expected: texts that the reason of the rollback must contain, or the verdict when the deploy succeeds.
    :param changes: changes to the templates, by the last word of the stack's name.
    :param killed_servers: a part of the names of the servers that are killed before the client's stack is created;
        empty for all servers, None for none.
    :param succeeds: whether the deploy succeeds in spite of the fault.
    :param context: the context of the app.
    """

    name: str
    expected: tuple[str, ...]
    changes: Mapping[str, Change] = field(default_factory=dict)
    killed_servers: str | None = None
    succeeds: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a fault.

    :param result: the last stack that was created.
    :param seconds: the duration of the deploy.
    """

    fault: Fault
    result: Deployed
    seconds: float

    @property
    def missing(self) -> list[str]:
        """The expected status and texts that the outcome does not have; empty when it is as expected."""
        status = "CREATE_COMPLETE" if self.fault.succeeds else "ROLLBACK_COMPLETE"
        message = self.message
        missing = [text for text in self.fault.expected if text not in message]
        return missing if self.result.status == status else [f"{status} (it is {self.result.status})", *missing]

    @property
    def message(self) -> str:
        """The verdict, or the reason of the rollback."""
        return self.result.verdict if self.fault.succeeds else self.result.reason


def run(stacks: Stacks, faults: Sequence[Fault]) -> Iterator[Outcome]:
    """Deploy the faults in parallel, and delete their stacks; yields the outcomes in the order in which they end."""
    templates_by_context: dict[str, dict[str, Template]] = {}
    for fault in faults:
        if (key := _key(fault)) not in templates_by_context:
            templates_by_context[key] = stacks.templates(**fault.context)

    def deploy(number: int, fault: Fault) -> Outcome:
        templates = templates_by_context[_key(fault)]
        prefix = f"Fault{number:02d}"
        changes = {
            part: all_of(fault.changes.get(part, no_change), without_delays, without_final_snapshot)
            for part in templates
        }

        def kill_servers() -> None:
            if fault.killed_servers is not None:
                stacks.kill_servers(prefix, fault.killed_servers)

        started = time.monotonic()
        result = stacks.deploy(prefix, templates, changes, kill_servers)
        seconds = time.monotonic() - started
        stacks.delete_all(f"{prefix}-")
        return Outcome(fault, result, seconds)

    with ThreadPoolExecutor(_PARALLEL) as pool:
        for done in as_completed(pool.submit(deploy, number, fault) for number, fault in enumerate(faults)):
            yield done.result()


def _key(fault: Fault) -> str:
    return json.dumps(dict(fault.context), sort_keys=True)


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


def without_resources(kind: str) -> Change:
    """Remove the resources of a type, and the dependencies on them."""

    def change(template: Template) -> None:
        _properties(template, kind)
        removed = {name for name, resource in template["Resources"].items() if resource["Type"] == kind}
        for name in removed:
            del template["Resources"][name]
        for resource in template["Resources"].values():
            if isinstance(resource.get("DependsOn"), list):
                resource["DependsOn"] = [name for name in resource["DependsOn"] if name not in removed]

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


_INGRESS, _EGRESS = "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"
_GROUP, _WAIT = "AWS::ElastiCache::ReplicationGroup", "AWS::CloudFormation::WaitCondition"
_EMPTY_USER_DATA: Final = {"Fn::Base64": "#!/bin/bash\nexit 0\n"}
_DROPPED: Final = ("FAIL at tcp: ", "did not answer within", "next: allow the client in the cache's security group")
_OPEN: Final = {"access": "none"}

FAULTS: Final = (
    Fault(name="no ingress rule", changes={"Client": without_resources(_INGRESS)}, expected=_DROPPED),
    Fault(
        name="wrong security group",
        changes={"Client": set_property(_INGRESS, "SourceSecurityGroupId", "sg-0123456789abcdef0")},
        expected=_DROPPED,
    ),
    Fault(
        name="no egress rule",
        changes={"Client": without_resources(_EGRESS)},
        expected=("FAIL at tcp: ", "packets are dropped", "the port in the client's egress rules"),
    ),
    Fault(
        name="wrong password",
        context={"access": "password"},
        changes={
            "Cache": set_property(
                "AWS::ElastiCache::User", "AuthenticationMode", {"Type": "password", "Passwords": ["another-password"]}
            )
        },
        expected=("FAIL at auth: ", "next: "),
    ),
    Fault(
        name="role without secretsmanager:GetSecretValue",
        context={"access": "password"},
        changes={"Client": without_grant("secretsmanager:GetSecretValue")},
        expected=("FAIL at auth: ", "AccessDenied", "give the client's role secretsmanager:GetSecretValue"),
    ),
    Fault(
        name="user switched off",
        changes={"Cache": replace_text("on ~* &* +@all", "off ~* &* +@all")},
        expected=("FAIL at auth: ", "refused the IAM token", "check that the user is on"),
    ),
    Fault(
        name="role without elasticache:Connect",
        changes={"Client": without_grant("elasticache:Connect")},
        expected=("FAIL at auth: ", "refused the IAM token", "elasticache:Connect"),
    ),
    Fault(
        name="TLS client, plaintext cache",
        changes={"Cache": set_property(_GROUP, "TransitEncryptionEnabled", False)},
        expected=("FAIL at tls: ", "speaks plaintext, and TLS was asked for", "next: turn encryption in transit on"),
    ),
    Fault(
        name="plaintext client, TLS cache",
        context=_OPEN,
        changes={"Client": replace_text('"tls": true', '"tls": false')},
        expected=("FAIL at tls: ", "speaks TLS, and plaintext was sent", "next: turn TLS on for this client"),
    ),
    Fault(name="cache down", killed_servers="", expected=("FAIL at tcp: ", "refused", "next: check the port")),
    Fault(
        name="one shard down",
        context={"deployment": "cluster-mode-enabled"},
        killed_servers="-0003-",
        expected=("FAIL at topology: ", "next: "),
    ),
    Fault(
        name="role without s3:GetObject",
        changes={"Client": without_grant("s3:GetObject")},
        expected=("FAIL at fetch: ", "could not be read from s3://", "(403)", "the role needs s3:GetObject"),
    ),
    Fault(
        name="endpoint policy without the assets",
        changes={"Network": without_endpoint_statement("Assets")},
        expected=("FAIL at fetch: ", "(403)", "the S3 gateway endpoint's policy must admit that bucket"),
    ),
    Fault(
        name="asset missing",
        changes={"Client": replace_text(".zip' /opt", ".gone' /opt")},
        expected=("FAIL at fetch: ", "could not be read from s3://", "next: "),
    ),
    Fault(
        name="user data fails",
        changes={"Client": replace_text("timeout 330 python3", "exit 3; timeout 330 python3")},
        expected=("FAIL at test: ", "the connection test did not end (exit status 3)", "next: read"),
    ),
    Fault(
        name="no signal",
        changes={
            "Client": all_of(
                set_property("AWS::EC2::Instance", "UserData", _EMPTY_USER_DATA), set_property(_WAIT, "Timeout", "3")
            )
        },
        expected=("timed out", "Received 0 conditions"),
    ),
    Fault(
        name="endpoint policy without the signals",
        changes={
            "Network": without_endpoint_statement("Signals"),
            "Client": all_of(
                replace_text("--retry 6 --retry-delay 5", "--retry 0"), set_property(_WAIT, "Timeout", "12")
            ),
        },
        expected=("timed out", "Received 0 conditions"),
    ),
    Fault(
        name="command-line client not installed",
        changes={"Network": without_endpoint_statement("Packages")},
        expected=("(warning: the command-line client was not installed)",),
        succeeds=True,
    ),
)
