"""What the parameters of every family have in common."""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters of one family; a subclass has them as typed fields.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html
    """

    family: ClassVar[str]

    def render(self) -> dict[str, str]:
        """The parameters that are stated, by the engine's own names, as the service takes them."""
        stated = {each.metadata["name"]: getattr(self, each.name) for each in fields(self)}
        return {name: text(value) for name, value in stated.items() if value is not None}


def text(value: object) -> str:
    """A value as the service takes it: all are text, and a switch is yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
