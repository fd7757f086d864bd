"""Usage limits of serverless caches."""

from dataclasses import dataclass
from typing import Any, final

import aws_cdk as cdk

from elasticache_rules import facts

from .._core.checking import error, is_token


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLimits:
    """The maximum and minimum usage of a serverless cache. The maximum caps the cost, the minimum is always charged.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html

    ```python
    limits = UsageLimits(maximum_storage=cdk.Size.gibibytes(10), maximum_ecpu_per_second=5_000)
    ServerlessCache(self, "Sessions", vpc=vpc, usage_limits=limits)
    ```

    :param maximum_storage: 1 to 5,000 GB. At the limit, keys are evicted or writes fail. Default: no limit.
    :param minimum_storage: 1 to 5,000 GB, charged even if the cache is empty. Default: none.
    :param maximum_ecpu_per_second: 1,000 to 15,000,000. Commands above the limit are throttled. Default: no limit.
    :param minimum_ecpu_per_second: 1,000 to 15,000,000, charged even without requests. Default: none.
    :raises ValueError: for a value out of range, a size that is not a whole number of GB, or a minimum above its
        maximum.
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
        """The value of the property `CacheUsageLimits`."""
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
    except RuntimeError as unit_error:
        raise error(
            "UsageLimits", name, "be in GB if it is a token", "another unit", "use cdk.Size.gibibytes(...)"
        ) from unit_error
    if is_token(number):
        return number
    if number != int(number):
        raise error("UsageLimits", name, "be a whole number of GB", f"{number:g}", "use cdk.Size.gibibytes(...)")
    return int(number)


def _check(limits: dict[str, float | None], bounds: dict[str, int], unit: str) -> None:
    limits = {name: None if is_token(number) else number for name, number in limits.items()}
    for name, number in limits.items():
        if number is not None and not bounds["min"] <= number <= bounds["max"]:
            raise error(
                "UsageLimits",
                name,
                f"be {bounds['min']:,} to {bounds['max']:,}{unit}",
                f"{number:,}",
                "choose a number in that range, or leave it out",
            )
    (low_name, low), (high_name, high) = limits.items()
    if low is not None and high is not None and low > high:
        raise error(
            "UsageLimits",
            low_name,
            f"not exceed {high_name} ({high:,}{unit})",
            f"{low:,}",
            f"lower {low_name}, or raise {high_name}",
        )
