"""The base class of the parameters of all families."""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of one parameter group family; a subclass has a typed field for each parameter.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html
    """

    family: ClassVar[str]

    def render(self) -> dict[str, str]:
        """The parameters that are set, by their names and values in the ElastiCache API."""
        values = {field.metadata["name"]: getattr(self, field.name) for field in fields(self)}
        return {name: text(value) for name, value in values.items() if value is not None}


def text(value: object) -> str:
    """A parameter value as a string; booleans become `yes` and `no`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
