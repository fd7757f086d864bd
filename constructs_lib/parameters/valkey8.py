"""Parameters of the family valkey8; written by `make facts`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from .redis7 import Redis7Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey8Parameters(Redis7Parameters):
    """Parameters of the family valkey8, which begins with those of redis7.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """

    family: ClassVar[str] = "valkey8"
