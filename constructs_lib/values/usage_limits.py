"""How much a serverless cache may use, and what it is ready for."""

from dataclasses import dataclass
from typing import Any, final

import aws_cdk as cdk

from elasticache_rules import facts

from .._core.checking import is_token


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLimits:
    """How much a serverless cache may use at most, and what it keeps ready; both decide the bill.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html

    :param maximum_storage: 1 to 5,000 GB; at the limit, keys are evicted or writes refused. Default: none.
    :param minimum_storage: 1 to 5,000 GB, paid for even when it is empty. Default: none.
    :param maximum_ecpu_per_second: 1,000 to 15,000,000; above it, commands are throttled. Default: none.
    :param minimum_ecpu_per_second: 1,000 to 15,000,000, paid for even when nothing comes. Default: none.
    :raises ValueError: for a number outside, a size that is no whole number of GB, or a minimum above its maximum.
    """

    maximum_storage: cdk.Size | None = None
    minimum_storage: cdk.Size | None = None
    maximum_ecpu_per_second: int | None = None
    minimum_ecpu_per_second: int | None = None

    def __post_init__(self) -> None:
        features = facts.load("features")
        storage = {name: _gigabytes(name, getattr(self, name)) for name in ("minimum_storage", "maximum_storage")}
        ecpu = {name: getattr(self, name) for name in ("minimum_ecpu_per_second", "maximum_ecpu_per_second")}
        _check(storage, features["data_storage_gb"], " GB")
        _check(ecpu, features["ecpu_per_second"], "")

    def render(self) -> dict[str, Any]:
        """The property, by CloudFormation's names."""
        maximum = _gigabytes("maximum_storage", self.maximum_storage)
        minimum = _gigabytes("minimum_storage", self.minimum_storage)
        most, least = self.maximum_ecpu_per_second, self.minimum_ecpu_per_second
        limits: dict[str, Any] = {}
        if maximum is not None or minimum is not None:
            limits["DataStorage"] = {"Unit": "GB", "Maximum": maximum, "Minimum": minimum}
        if most is not None or least is not None:
            limits["ECPUPerSecond"] = {"Maximum": most, "Minimum": least}
        return limits


def _gigabytes(name: str, size: cdk.Size | None) -> float | None:
    if size is None:
        return None
    try:
        number = size.to_gibibytes(rounding=cdk.SizeRoundingBehavior.NONE)
    except RuntimeError as refused:
        raise ValueError(
            f"UsageLimits: {name} must be in GB where only the deployment knows it, got another unit; "
            "use cdk.Size.gibibytes(...)"
        ) from refused
    if is_token(number):
        return number
    if number != int(number):
        raise ValueError(
            f"UsageLimits: {name} must be a whole number of GB, got {number:g}; use cdk.Size.gibibytes(...)"
        )
    return int(number)


def _check(stated: dict[str, float | None], bounds: dict[str, int], unit: str) -> None:
    stated = {name: None if is_token(number) else number for name, number in stated.items()}
    for name, number in stated.items():
        if number is not None and not bounds["min"] <= number <= bounds["max"]:
            raise ValueError(
                f"UsageLimits: {name} must be {bounds['min']:,} to {bounds['max']:,}{unit}, got {number:,}; "
                "choose a number in that range, or leave it out"
            )
    (low_name, low), (high_name, high) = stated.items()
    if low is not None and high is not None and low > high:
        raise ValueError(
            f"UsageLimits: {low_name} must not exceed {high_name} ({high:,}{unit}), got {low:,}; "
            "lower the one, or raise the other"
        )
