"""The fault matrix: deployments with one fault each, and the outcome that each must have."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from local_cloud.fault import (
    Fault,
    all_of,
    no_change,
    replace_text,
    set_property,
    without_delays,
    without_endpoint_statement,
    without_final_snapshot,
    without_grant,
    without_resources,
)
from local_cloud.faults_database import DATABASE_FAULTS
from local_cloud.stacks import Deployed, Stacks, Template

_PARALLEL: Final = 4
_LONGEST_TEST: Final = 60.0


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

        def before_client() -> None:
            if fault.killed_servers is not None:
                stacks.kill_servers(prefix, fault.killed_servers)
            if fault.database_stopped:
                stacks.stop_database(prefix)
            if fault.killed_during:
                threading.Thread(target=_kill_after_the_test, args=(stacks, prefix), daemon=True).start()

        started = time.monotonic()
        result = stacks.deploy(prefix, templates, changes, before_client)
        seconds = time.monotonic() - started
        stacks.delete_all(f"{prefix}-")
        return Outcome(fault, result, seconds)

    with ThreadPoolExecutor(_PARALLEL) as pool:
        for done in as_completed(pool.submit(deploy, number, fault) for number, fault in enumerate(faults)):
            yield done.result()


def _key(fault: Fault) -> str:
    return json.dumps(dict(fault.context), sort_keys=True)


def _kill_after_the_test(stacks: Stacks, prefix: str) -> None:
    """Kill the servers of a cache when the console of the client has the verdict of the connection test."""
    title, until = f"connection test of {prefix.lower()}-", time.monotonic() + _LONGEST_TEST
    while time.monotonic() < until:
        consoles = stacks.session.consoles().values()
        if any(title in console and "\nverdict: " in console for console in consoles):
            stacks.kill_servers(prefix)
            return
        time.sleep(0.02)


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
        expected=("FAIL at fetch: ", "could not be read from s3://", "(403)", "give the role s3:GetObject"),
    ),
    Fault(
        name="endpoint policy without the assets",
        changes={"Network": without_endpoint_statement("Assets")},
        expected=("FAIL at fetch: ", "(403)", "let the S3 gateway endpoint's policy admit that bucket"),
    ),
    Fault(
        name="asset missing",
        changes={"Client": replace_text(".zip' /opt", ".gone' /opt")},
        expected=("FAIL at fetch: ", "could not be read from s3://", "next: "),
    ),
    Fault(
        name="user data fails",
        changes={"Client": replace_text("body=$(timeout", "exit 3; body=$(timeout")},
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
        # The verdict is sent before; the warning is on the console of the instance.
        expected=(": redis 7.0.", "latency p50"),
        succeeds=True,
    ),
    *DATABASE_FAULTS,
)
