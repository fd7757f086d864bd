"""What `compare` reports: one change of one resource."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

IN_PLACE: Final = "in-place"
_SECRET: Final = frozenset({"AuthToken", "Passwords", "AuthenticationMode"})
_LONGEST_VALUE: Final = 100
"""In characters; a longer value is cut."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a resource between two templates.

    :param kind: for acknowledging it. Some kinds are `replacement`, `may-replace`, `removal`, `may-remove`, `downgrade`
        and `cluster-mode`; `in-place` is a change that CloudFormation makes without any of these.
    :param logical_id: the resource.
    :param what: the description of the change.
    :param steps: what to do instead, deployment by deployment.
    :param properties: the properties that cause it.
    :param lost: what a replacement or a removal loses. Default: nothing.
    :param kept_by: what keeps it. Default: nothing.
    :param decision: False for a change that is listed and needs no decision.
    """

    kind: str
    logical_id: str
    resource_type: str
    what: str
    steps: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    lost: str = ""
    kept_by: str = ""
    decision: bool = field(default=True, kw_only=True)

    @property
    def id(self) -> str:
        """The name by which it is acknowledged: `<logical id>:<kind>`."""
        return f"{self.logical_id}:{self.kind}"


def shown(name: str, raw: Any) -> str:
    """A property's value as shown in a change; values of secrets are hidden.

    :param name: of the property.
    :param raw: its value in the template; None when absent.
    """
    if raw is None:
        return "nothing"
    if name in _SECRET:
        return "***"
    if isinstance(raw, Mapping) and len(raw) == 1:
        ((function, argument),) = raw.items()
        if function == "Ref":
            return f"Ref {argument}"
    try:
        text = repr(raw) if isinstance(raw, str | int | float) else json.dumps(raw, default=str)
    except ValueError:  # an integer with more digits than Python writes in decimal
        return "a value that is too long to show"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
