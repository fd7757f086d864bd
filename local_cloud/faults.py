"""The fault matrix: what can be wrong with a deployment, each deployed for real, and what the stack says then."""

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
    deletable,
    impatient,
    nothing,
    replace_text,
    set_property,
    without,
    without_grant,
    without_way,
)
from local_cloud.faults_database import DATABASE_FAULTS
from local_cloud.stacks import Deployed, Stacks, Template

_AT_ONCE: Final = 4
_LONGEST_TEST: Final = 60.0


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

            if fault.down_during:
                threading.Thread(target=_break_after_the_test, args=(stacks, prefix), daemon=True).start()

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


def _break_after_the_test(stacks: Stacks, prefix: str) -> None:
    """Kill the cache of a client once its connection test has passed; the console tells."""
    title, until = f"connection test of {prefix.lower()}-", time.monotonic() + _LONGEST_TEST
    while time.monotonic() < until:
        consoles = stacks.session.consoles().values()
        if any(title in each and "\nverdict: " in each for each in consoles):
            stacks.kill_servers(prefix)
            return
        time.sleep(0.02)


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
    *DATABASE_FAULTS,
)
