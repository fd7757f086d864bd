"""A finding: a setting that AWS refuses or may refuse."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How sure the rule is: an error is refused by AWS, a warning is based on a second-hand source."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A violation of one rule by one resource of a template.

    :param rule: the rule's stable id, such as `topology/failover-needs-replica`.
    :param logical_id: the resource's logical id in the template.
    :param path: the resource's construct path, where the template records one.
    :param property_path: the CloudFormation property, dotted; list members by their index.
    :param value: the value in the template, as text.
    :param must: the rule, worded to follow the property's name and "must".
    :param fix: what to change.
    :param source: the source of the rule.
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
