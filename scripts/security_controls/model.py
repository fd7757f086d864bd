"""What a control is, what is claimed about it, and the synthesised templates that decide whether the claim holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

SOURCE: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
READ: Final = "2026-11-26"
"""When ids, titles and conditions were read in the user guide."""


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

    :param service_role: whether CloudFormation gets a role of its own to deploy it with.
    """

    name: str
    termination_protection: bool
    tagged: bool
    service_role: bool


@dataclass(frozen=True, slots=True)
class Deployed:
    """The templates of one app, as a check reads them.

    :param templates: by the name of the stack.
    :param stacks: what the cloud assembly says of each stack; empty where only the templates are known.
    """

    templates: Mapping[str, Mapping[str, Any]]
    stacks: tuple[Stack, ...] = ()

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types; all of them without a type."""
        return [
            Resource(stack, logical_id, each["Type"], each.get("Properties", {}))
            for stack, template in self.templates.items()
            for logical_id, each in template.get("Resources", {}).items()
            if not kinds or each["Type"] in kinds
        ]


Finding = tuple[str, bool]
"""The name of what was evaluated, and whether it passes."""
Check = Callable[[Deployed], Iterable[Finding]]


def each_of(*kinds: str, passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """A check of the properties of every resource of these types."""

    def check(found: Deployed) -> Iterator[Finding]:
        for resource in found.of(*kinds):
            yield resource.name, passes(resource.properties)

    return check


class Outcome(StrEnum):
    """What a check says of the templates of one app."""

    MET = "met"
    FAILED = "failed"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True, slots=True)
class Prop:
    """A prop that makes a control pass.

    :param construct: a public class or factory of constructs_lib, such as `Network` or `LogDestination.log_group`.
    :param name: of its parameter.
    """

    construct: str
    name: str


@dataclass(frozen=True, slots=True)
class ByDefault:
    """Met in every deployment without a single option.

    :param how: what meets it.
    :param exceptions: by the name of a case that fails it, the reason.
    :param only: the cases that have something to evaluate, where no deployment has it without options.
    """

    how: str
    exceptions: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ByProp:
    """Not met without an option, and met with it.

    :param how: what the option does and why it is off.
    :param props: of the library.
    :param context: of the app, as `-c key=value`; empty where the app has no option for it.
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
    """Fails in each deployment that has something to evaluate; the reason why it stays."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Nothing here is evaluated.

    :param reason: why not.
    :param absent: the types that no template has; empty for a setting of the account, or for engines.
    :param engines: what no database has: an engine, or type and engine, such as `DBCluster mysql`.
    """

    reason: str
    absent: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtRuntime:
    """Decided after the deploy, by what happens in the account; no template shows it."""

    reason: str


Claim = ByDefault | ByProp | NotMet | NotApplicable | AtRuntime


@dataclass(frozen=True, slots=True)
class Control:
    """One control, what is claimed about it, and the check that decides.

    :param check: None for claims that no template can decide.
    """

    id: str
    title: str
    claim: Claim
    check: Check | None = None

    def outcome(self, found: Deployed) -> Outcome:
        """What the check says."""
        if self.check is None:
            return Outcome.NOT_EVALUATED
        findings = list(self.check(found))
        if not findings:
            return Outcome.NOT_EVALUATED
        return Outcome.MET if all(passes for _, passes in findings) else Outcome.FAILED

    def failures(self, found: Deployed) -> list[str]:
        """The names of what fails."""
        return [name for name, passes in self.check(found) if not passes] if self.check else []


@dataclass(frozen=True, slots=True)
class Service:
    """The controls of one service.

    :param page: of the user guide, without its ending.
    """

    name: str
    page: str
    controls: tuple[Control, ...]

    @property
    def url(self) -> str:
        """Of the page that lists the controls."""
        return f"{SOURCE}{self.page}.html"
