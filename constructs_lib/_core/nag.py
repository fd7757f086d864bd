"""Acknowledgements of false positives. The library does not depend on the tools that report them."""

from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from constructs import Construct


@final
@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One finding that does not apply.

    :param pack: the name of the rule pack, which is part of the id in the validation report.
    :param rule: the id of the rule in the pack.
    :param reason: why it does not apply.
    """

    pack: str
    rule: str
    reason: str

    @property
    def id(self) -> str:
        """The id as the validation report records it."""
        return f"{self.pack}::{self.rule}"


WAIT_CONDITION_DATA: Final = Acknowledged(
    "CloudFormation-Validate",
    "F6101",
    "CloudFormation returns a wait condition's Data as text in JSON, as its user guide shows in an output; "
    "the resource schema calls it an object.",
)

SERVERLESS_CONNECTION_TYPE: Final = Acknowledged(
    "CloudFormation-Validate",
    "F3002",
    "ConnectionType is a property of the service and of the L1; the bundled resource schema is older.",
)
SNAPSHOT_TYPE: Final = Acknowledged(
    "CloudFormation-Validate",
    "F3006",
    "It is a resource type and has an L1; the bundled resource schemas are older.",
)
GLOBAL_TAGS: Final = Acknowledged(
    "CloudFormation-Validate",
    "F3002",
    "Tags are a property of the service and of the L1; the bundled resource schema is older.",
)


def acknowledge(construct: Construct, *findings: Acknowledged) -> None:
    """Acknowledge findings on a construct. Releases of CDK without `Validations` do not report them."""
    if not hasattr(cdk, "Validations"):
        return
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding.id, reason=finding.reason) for finding in findings)
    )
