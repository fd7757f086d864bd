"""Acknowledgements of findings that do not hold here; the library itself needs none of the tools that report them."""

from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from constructs import Construct


@final
@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One finding that does not apply.

    :param pack: the pack's name, which the id must carry for the report to record it.
    :param rule: the rule's own id.
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
    """Record on the narrowest construct why findings do not apply; earlier releases of CDK report none of them."""
    if not hasattr(cdk, "Validations"):
        return
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=each.id, reason=each.reason) for each in findings)
    )
