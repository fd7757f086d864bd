"""A deployment of one serverless cache."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import CacheBase, ServerlessCache, ServerlessEngine, UsageLimits
from stacks.acknowledgements import acknowledge_secret
from stacks.placed import PRESETS, PlacedDeployment, Preset
from stacks.secured import RotatedDeployment, removal_name

_VERSIONS: Final = {"valkey": "8", "redis": "7", "memcached": "1.6"}


@dataclass(frozen=True, kw_only=True)
class ServerlessDeployment(RotatedDeployment, PlacedDeployment):
    """A serverless cache.

    :param engine: valkey, redis or memcached. Memcached has no authentication, so its access is none.
    :param engine_version: the major version. Default: valkey 8, redis 7, memcached 1.6.
    :param maximum_storage_gb: 1 to 5,000. Default: no limit.
    :param maximum_ecpu_per_second: 1,000 to 15,000,000. Default: no limit.
    """

    CACHE_DESCRIPTION: ClassVar[str] = "ElastiCache serverless cache"

    engine: Literal["redis", "valkey", "memcached"] = "valkey"
    engine_version: str | None = None
    maximum_storage_gb: int | None = None
    maximum_ecpu_per_second: int | None = None

    def implied(self, given: dict[str, object]) -> dict[str, object]:
        """The access none for memcached."""
        return {"access": "none"} if given.get("engine") == "memcached" else {}

    def engine_value(self) -> ServerlessEngine:
        """The engine and its major version."""
        return ServerlessEngine.of(self.engine, self.engine_version or _VERSIONS[self.engine])

    def usage_limits_value(self) -> UsageLimits:
        """The usage limits of the cache."""
        storage = self.maximum_storage_gb
        if storage is not None and storage < 0:  # cdk.Size refuses negative numbers
            raise ValueError(
                f"{self.name}: maximum_storage_gb must be 1 to 5,000, got {storage}; choose a number in that range, or "
                "leave it out"
            )
        return UsageLimits(
            maximum_storage=cdk.Size.gibibytes(storage) if storage is not None else None,
            maximum_ecpu_per_second=self.maximum_ecpu_per_second,
        )

    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the cache, and the rotation of its credential."""
        cache = ServerlessCache(
            stack,
            "Cache",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            engine=self.engine_value(),
            usage_limits=self.usage_limits_value(),
            access=self.access_value(),
            kms_key=self.key(stack),
            backup=self.backup_value(),
            removal_policy=self.removal_policy_value(),
        )
        cdk.CfnOutput(stack, "ServerlessCacheName", value=cache.serverless_cache_name)
        cdk.CfnOutput(stack, "Endpoint", value=cache.endpoint.socket_address)
        cdk.CfnOutput(stack, "ReaderEndpoint", value=cache.reader_endpoint.socket_address)
        acknowledge_secret(cache, access=self.access, rotated=self.rotation)
        self.rotate(stack, cache, vpc, vpc_subnets)
        return cache

    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """The limits, backups and removal of a preset."""
        chosen = PRESETS[preset](self.engine_value())
        return {
            "maximum_storage_gb": chosen.maximum_storage_gb,
            "maximum_ecpu_per_second": chosen.maximum_ecpu_per_second,
            "backup_retention_days": chosen.backup.retention_days,
            "removal": removal_name(chosen.removal_policy),
        }
