"""Parameters of the family valkey7; written by `make facts`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from .redis7 import Redis7Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey7Parameters(Redis7Parameters):
    """Parameters of the family valkey7, which has those of redis7.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """

    family: ClassVar[str] = "valkey7"
