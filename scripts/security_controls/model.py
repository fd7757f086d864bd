"""Controls, the claims about them, and the synthesised templates on which the claims are checked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

SOURCE: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
READ: Final = "2026-11-26"
"""The date on which ids, titles and conditions were read in the user guide."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template.

    :param kind: its CloudFormation type.
    """

    stack: str
    logical_id: str
    kind: str
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The stack and the logical id, for messages."""
        return f"{self.stack}/{self.logical_id}"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of a cloud assembly.

    :param service_role: whether CloudFormation deploys it with a service role.
    """

    name: str
    termination_protection: bool
    tagged: bool
    service_role: bool


@dataclass(frozen=True, slots=True)
class Deployed:
    """The templates of one app, for checks.

    :param templates: the templates by stack name.
    :param stacks: the stacks of the cloud assembly; empty when only the templates are known.
    """

    templates: Mapping[str, Mapping[str, Any]]
    stacks: tuple[Stack, ...] = ()

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types; all resources if no type is passed."""
        return [
            Resource(stack, logical_id, resource["Type"], resource.get("Properties", {}))
            for stack, template in self.templates.items()
            for logical_id, resource in template.get("Resources", {}).items()
            if not kinds or resource["Type"] in kinds
        ]


Finding = tuple[str, bool]
"""The name of the evaluated resource or stack, and whether it passes."""
Check = Callable[[Deployed], Iterable[Finding]]


def each_of(*kinds: str, passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """A check of the properties of every resource of these types."""

    def check(deployed: Deployed) -> Iterator[Finding]:
        for resource in deployed.of(*kinds):
            yield resource.name, passes(resource.properties)

    return check


class Outcome(StrEnum):
    """The outcome of a check on the templates of one app."""

    MET = "met"
    FAILED = "failed"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True, slots=True)
class Prop:
    """A prop with which a control passes.

    :param construct: a public class or factory of constructs_lib, such as `Network` or `LogDestination.log_group`.
    :param name: the name of its parameter.
    """

    construct: str
    name: str


@dataclass(frozen=True, slots=True)
class ByDefault:
    """Met in every deployment without options.

    :param how: the setting that meets it.
    :param exceptions: the reasons of exceptions, by the name of the case that fails.
    :param only: the cases with resources to evaluate, if no deployment has any without options.
    """

    how: str
    exceptions: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ByProp:
    """Not met without an option, and met with it.

    :param how: the effect of the option, and why it is off by default.
    :param props: the props of the library.
    :param context: the option of the app, for `-c key=value`; None if there is none.
    :param without: a case that fails.
    :param having: the case that differs in the option and passes.
    """

    how: str
    props: tuple[Prop, ...]
    context: tuple[str, str] | None
    without: str
    having: str


@dataclass(frozen=True, slots=True)
class NotMet:
    """Fails in every deployment with resources to evaluate.

    :param reason: why this is accepted.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Has no resources to evaluate.

    :param reason: why not.
    :param absent: the types that no template has; empty for a setting of the account, or for engines.
    :param engines: what no database has: an engine, or type and engine, such as `DBCluster mysql`.
    """

    reason: str
    absent: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtRuntime:
    """Depends on events in the account after the deploy, which templates do not show."""

    reason: str


Claim = ByDefault | ByProp | NotMet | NotApplicable | AtRuntime


@dataclass(frozen=True, slots=True)
class Control:
    """A control, the claim about it, and the check of the claim.

    :param check: None for claims that cannot be checked on templates.
    """

    id: str
    title: str
    claim: Claim
    check: Check | None = None

    def outcome(self, deployed: Deployed) -> Outcome:
        """The outcome of the check on the templates of one app."""
        if self.check is None:
            return Outcome.NOT_EVALUATED
        findings = list(self.check(deployed))
        if not findings:
            return Outcome.NOT_EVALUATED
        return Outcome.MET if all(passes for _, passes in findings) else Outcome.FAILED

    def failures(self, deployed: Deployed) -> list[str]:
        """The names of the resources and stacks that fail."""
        return [name for name, passes in self.check(deployed) if not passes] if self.check else []


@dataclass(frozen=True, slots=True)
class Service:
    """The controls of one service.

    :param page: the page of the user guide, without its file extension.
    """

    name: str
    page: str
    controls: tuple[Control, ...]

    @property
    def url(self) -> str:
        """The URL of the page that lists the controls."""
        return f"{SOURCE}{self.page}.html"
