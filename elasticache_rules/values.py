"""The values of a template after its functions are resolved: known, unknown, references and text with references."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from elasticache_rules.template import Template

_LONGEST_INTEGER: Final = 4096
"""In bits; Python refuses to write longer integers in decimal, and no property takes one."""
_INTEGER: Final = re.compile(r"-?[0-9]{1,1000}")
"""ASCII digits alone: int() also takes other digits, spaces, a plus sign and underscores."""


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of something that only the deployment knows: a parameter, an import, a condition.

    :param text: what the template says in its place: a dynamic reference, or a function as JSON.
    """

    text: str = ""

    def __repr__(self) -> str:
        return self.text or "<unknown>"


UNKNOWN: Final = Unknown()
MAYBE_ABSENT: Final = Unknown("<maybe absent>")
"""The value of a condition one of whose sides is `AWS::NoValue`."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A `Ref` or `Fn::GetAtt` to a resource.

    :param template: the template of the resource. Default: the one that holds the value.
    """

    logical_id: str
    attribute: str = "Ref"
    template: "Template | None" = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"{self.logical_id}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Composite:
    """Text with references in it, from `Fn::Sub` or `Fn::Join`."""

    parts: tuple[str | Reference | Unknown, ...]

    @property
    def prefix(self) -> str:
        """The text that it certainly begins with."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    def __repr__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{part!r}}}" for part in self.parts)


def as_integer(value: Any) -> int | None:
    """Read 3 and "3" as CloudFormation does; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value.bit_length() <= _LONGEST_INTEGER else None
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def as_boolean(value: Any) -> bool | None:
    """Read true and "true" as CloudFormation does; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None
