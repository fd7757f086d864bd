"""The values of a template with its functions resolved: known, unknown, references and text with references."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from elasticache_rules.template import Template

LONGEST_TEXT: Final = 100_000
"""In characters; `Fn::Join` and `Fn::Sub` multiply texts, and no property takes a longer one."""
_LONGEST_INTEGER: Final = 4096
"""In bits; Python refuses to write longer integers in decimal, and no property takes one."""
_INTEGER: Final = re.compile(r"-?[0-9]{1,1000}")
"""ASCII digits alone: int() also takes other digits, spaces, a plus sign and underscores."""


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is only known at deployment: a parameter, an import or a condition.

    :param text: the expression in the template: a dynamic reference, or a function as JSON.
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
        """The known text at its beginning."""
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


def shown(value: Any) -> str:
    """A value as JSON, cut after 200 characters."""
    try:
        text = json.dumps(value, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError):
        return ""
    return text if len(text) <= 200 else f"{text[:200]}..."


def text_of(value: str | float) -> str:
    """A number or a boolean as CloudFormation converts it to text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def pieces_as_one(pieces: Sequence[Any]) -> Any:
    """Texts, references and unknown values as one value."""
    merged: list[str | Reference | Unknown] = []
    length = 0
    for piece in pieces:
        parts = piece.parts if isinstance(piece, Composite) else (piece,)
        for part in parts:
            if isinstance(part, bool | int | float):
                part = text_of(part)  # noqa: PLW2901 - CloudFormation writes numbers as text here
            if not isinstance(part, str | Reference | Unknown):
                return UNKNOWN
            length += len(part) if isinstance(part, str) else 0
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            elif part != "":
                merged.append(part)
            if length > LONGEST_TEXT:
                return UNKNOWN
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 and isinstance(merged[0], str) else Composite(tuple(merged))
