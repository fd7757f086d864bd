"""One thing that AWS would refuse, or that deserves a second look."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How sure the rule is: an error is refused by AWS, a warning rests on a second-hand source."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that one resource of a template breaks.

    :param rule: the rule's stable id, such as `topology/failover-needs-replica`.
    :param logical_id: the resource's logical id in the template.
    :param path: the resource's construct path, where the template records one.
    :param property_path: the CloudFormation property, dotted; a member of a list by its index.
    :param value: what the template says, as text.
    :param must: the rule, worded to follow the property's name and "must".
    :param fix: what to change.
    :param source: where the rule comes from.
    :param section: the section of the template that the logical id is in: Resources or Outputs.
    """

    rule: str
    severity: Severity
    logical_id: str
    path: str
    property_path: str
    value: str
    must: str
    fix: str
    source: str
    section: str = "Resources"

    @property
    def message(self) -> str:
        """`<property> must <rule>, got <value>`."""
        return f"{self.property_path} must {self.must}, got {self.value}"

    def __str__(self) -> str:
        where = self.path or self.logical_id
        return f"{where}: {self.message}; {self.fix}"
