"""One deployment: a cache with its network and its client, as typed fields."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import aws_cdk as cdk

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    EngineVersion,
    LogDelivery,
    MemcachedVersion,
    NodeType,
    ServerlessEngine,
    UsageLimits,
    presets,
)

Kind = Literal["replication-group", "memcached", "serverless", "global-datastore"]

_EVERYWHERE: Final = frozenset(
    {
        *("preset", "termination_protection", "region", "account", "availability_zone_count"),
        *("instance_connect_endpoint", "ssm_endpoints", "vpc_id", "subnet_ids", "availability_zones"),
        *("instance_type", "on_failure", "restrict_default_security_group"),
    }
)
FIELDS: Final[Mapping[Kind, frozenset[str]]] = {
    "replication-group": _EVERYWHERE
    | {
        *("cluster_mode", "engine", "engine_version", "node_type", "shards", "replicas", "multi_az", "access", "port"),
        *("backup_retention_days", "snapshot_window", "maintenance_window", "customer_managed_key"),
        *("log_delivery", "removal", "rotation"),
    },
    "memcached": _EVERYWHERE | {"engine_version", "node_type", "nodes", "port", "maintenance_window"},
    "serverless": _EVERYWHERE
    | {
        *("engine", "engine_version", "access", "backup_retention_days", "snapshot_window"),
        *("maximum_storage_gb", "maximum_ecpu_per_second", "customer_managed_key", "removal", "rotation"),
    },
    "global-datastore": (_EVERYWHERE - {"preset", "region", "vpc_id", "subnet_ids", "availability_zones"})
    | {
        *("regions", "cluster_mode", "engine", "engine_version", "node_type", "shards", "replicas", "access", "port"),
        *("backup_retention_days", "snapshot_window", "maintenance_window", "customer_managed_key"),
        *("log_delivery", "removal"),
    },
}
"""The fields that the context can override, by the kind of the deployment."""

_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]\Z")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_INSTANCE_TYPE: Final = re.compile(
    r"[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)\Z"
)
_REMOVAL: Final = {"snapshot": cdk.RemovalPolicy.SNAPSHOT, "destroy": cdk.RemovalPolicy.DESTROY}
_SERVERLESS: Final = {"valkey": "8", "redis": "7", "memcached": "1.6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One cache with its network and its client; the fields of its kind can be overridden with `-c field=value`.

    :param name: what `-c deployment=` chooses it by.
    :param kind: what it deploys.
    :param preset: demo, dev-test or production: other defaults for size, copies, backups, logs and removal.
    :param cluster_mode: disabled, enabled or compatible.
    :param engine: redis or valkey; serverless has memcached as well.
    :param engine_version: such as 7.1, or the major version of a serverless cache. Default: 7.1 for redis, the newest
        for valkey, 1.6.22 for memcached; serverless valkey 8, redis 7, memcached 1.6.
    :param node_type: the size of each node.
    :param shards: 1 to 500; 1 without cluster mode.
    :param replicas: 0 to 5 in each shard.
    :param nodes: 1 to 60, of memcached.
    :param multi_az: whether a shard's nodes sit in different zones. Default: where there is a replica.
    :param access: iam, password, auth-token or none.
    :param rotation: whether the password or the AUTH token is rotated every 30 days, by a Lambda function in the VPC. A
        new VPC gets the interface endpoints that the function needs, about 7 USD a month each in each zone; an existing
        one must have ways to Secrets Manager and to the ElastiCache API.
    :param port: 1150 to 65535, not 8005.
    :param backup_retention_days: 0 to 35.
    :param snapshot_window: daily, `hh24:mi-hh24:mi` in UTC. Default: the service chooses.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: the service chooses.
    :param maximum_storage_gb: of a serverless cache, 1 to 5,000. Default: no limit.
    :param maximum_ecpu_per_second: of a serverless cache, 1,000 to 15,000,000. Default: no limit.
    :param log_delivery: whether slow log and engine log go to log groups.
    :param removal: snapshot or destroy: what becomes of the data when the stack is deleted.
    :param customer_managed_key: whether data is encrypted at rest with a KMS key of its own, about 1 USD a month.
    :param termination_protection: whether the cache's stack refuses to be deleted.
    :param regions: of a Global Datastore, comma-separated, the primary's first; two or three.
    :param region: where to deploy. Default: the CLI's.
    :param account: where to deploy. Default: the CLI's.
    :param availability_zone_count: 2 or 3, of a new VPC.
    :param instance_connect_endpoint: whether the new VPC has an EC2 Instance Connect Endpoint.
    :param ssm_endpoints: whether the new VPC has the endpoints of Session Manager.
    :param restrict_default_security_group: whether a Lambda function removes the rules of the new VPC's default
        security group.
    :param vpc_id: an existing VPC, instead of a new one; with subnet_ids and availability_zones.
    :param subnet_ids: its subnets, comma-separated.
    :param availability_zones: their zones, in the same order.
    :param instance_type: of the client.
    :param on_failure: whether a failed connection test fails the stack: fail or report.
    """

    name: str
    kind: Kind = "replication-group"
    preset: Literal["demo", "dev-test", "production"] | None = None
    cluster_mode: Literal["disabled", "enabled", "compatible"] = "disabled"
    engine: Literal["redis", "valkey", "memcached"] = "redis"
    engine_version: str | None = None
    node_type: str = "cache.t4g.micro"
    shards: int = 1
    replicas: int = 1
    nodes: int = 2
    multi_az: bool | None = None
    access: Literal["iam", "password", "auth-token", "none"] = "iam"
    rotation: bool = False
    port: int = 6379
    backup_retention_days: int = 15
    snapshot_window: str | None = None
    maintenance_window: str | None = None
    maximum_storage_gb: int | None = None
    maximum_ecpu_per_second: int | None = None
    log_delivery: bool = False
    removal: Literal["snapshot", "destroy"] = "snapshot"
    customer_managed_key: bool = False
    termination_protection: bool = False
    regions: tuple[str, ...] = ()
    region: str | None = None
    account: str | None = None
    availability_zone_count: int = 2
    instance_connect_endpoint: bool = False
    ssm_endpoints: bool = False
    restrict_default_security_group: bool = False
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()
    instance_type: str = "t4g.nano"
    on_failure: Literal["fail", "report"] = "fail"

    def __post_init__(self) -> None:
        """Refuse fields that contradict each other.

        :raises ValueError: naming the field, the rule, the value and the fix.
        """
        if self.cluster_mode != "enabled" and self.shards != 1:
            how = "cluster_mode=enabled" if self.kind == "global-datastore" else "deployment=cluster-mode-enabled"
            raise ValueError(
                f"{self.name}: shards must be 1 with cluster mode {self.cluster_mode}, got {self.shards}; "
                f"choose -c {how}"
            )
        self._check_place()
        if self.kind == "global-datastore":
            self._check_regions()
        if self.rotation and not self.needs_secrets_manager:
            raise ValueError(
                f"{self.name}: rotation must be false with access {self.access}, got true; "
                "choose -c access=password, or leave rotation out"
            )
        existing = (self.vpc_id is not None, bool(self.subnet_ids), bool(self.availability_zones))
        if any(existing) and not all(existing):
            raise ValueError(
                f"{self.name}: vpc_id, subnet_ids and availability_zones must be given together, got "
                f"vpc_id={self.vpc_id}, subnet_ids={','.join(self.subnet_ids)}, "
                f"availability_zones={','.join(self.availability_zones)}; add what is missing"
            )
        if len(self.subnet_ids) != len(self.availability_zones):
            raise ValueError(
                f"{self.name}: availability_zones must name one zone for each subnet, got "
                f"{len(self.availability_zones)} for {len(self.subnet_ids)} subnets; list them in the same order"
            )

    def _check_place(self) -> None:
        if self.region is not None and not _REGION.match(self.region):
            raise ValueError(
                f"{self.name}: region must be the name of one region, got {self.region!r}; write it like "
                "-c region=eu-west-1"
            )
        if self.account is not None and not _ACCOUNT.match(self.account):
            raise ValueError(
                f"{self.name}: account must have 12 digits, got {self.account!r}; write it like -c account=111122223333"
            )
        if not _INSTANCE_TYPE.match(self.instance_type):
            raise ValueError(
                f"{self.name}: instance_type must have the form family.size, got {self.instance_type!r}; write it like "
                "-c instance_type=t4g.nano"
            )

    def _check_regions(self) -> None:
        if self.cluster_mode == "compatible":
            raise ValueError(
                f"{self.name}: cluster_mode must be disabled or enabled, got compatible; choose one of the two"
            )
        wrong = [each for each in self.regions if not _REGION.match(each)]
        if wrong or not 2 <= len(self.regions) <= 3 or len(set(self.regions)) < len(self.regions):
            raise ValueError(
                f"{self.name}: regions must be two or three different ones, got {','.join(self.regions) or 'none'}; "
                "name them like -c regions=us-east-1,eu-west-1, the primary's first"
            )

    @property
    def stack_prefix(self) -> str:
        """What its stacks' names begin with: ClusterModeDisabled."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def needs_secrets_manager(self) -> bool:
        """Whether the client reads a secret."""
        return self.access in ("auth-token", "password")

    def engine_version_value(self) -> EngineVersion:
        """The engine and its version, of a replication group."""
        if self.engine_version is not None:
            return EngineVersion.of(self.engine, self.engine_version)
        return EngineVersion.REDIS_7_1 if self.engine == "redis" else EngineVersion.latest(self.engine)

    def memcached_version_value(self) -> MemcachedVersion:
        """The version of a Memcached cluster."""
        return MemcachedVersion.of(self.engine_version) if self.engine_version else MemcachedVersion.V1_6_22

    def serverless_engine_value(self) -> ServerlessEngine:
        """The engine of a serverless cache and its major version."""
        return ServerlessEngine.of(self.engine, self.engine_version or _SERVERLESS[self.engine])

    def cluster_mode_value(self) -> ClusterMode:
        """The layout."""
        if self.cluster_mode == "enabled":
            return ClusterMode.enabled(shards=self.shards, replicas_per_shard=self.replicas)
        if self.cluster_mode == "compatible":
            return ClusterMode.compatible(replicas=self.replicas)
        return ClusterMode.disabled(replicas=self.replicas)

    def access_value(self) -> Access:
        """How clients authenticate."""
        choices: dict[str, Callable[[], Access]] = {
            "iam": Access.iam,
            "password": Access.password,
            "auth-token": Access.auth_token,
            "none": Access.none,
        }
        return choices[self.access]()

    def backup_value(self) -> Backup:
        """Automatic snapshots."""
        return Backup(retention=cdk.Duration.days(self.backup_retention_days), window=self.snapshot_window)

    def node_type_value(self) -> NodeType:
        """The size of each node."""
        return NodeType.of(self.node_type)

    def logs_value(self) -> tuple[LogDelivery, ...]:
        """The logs that are delivered."""
        return (LogDelivery.slow_log(), LogDelivery.engine_log()) if self.log_delivery else ()

    def usage_limits_value(self) -> UsageLimits:
        """How much a serverless cache may use."""
        storage = self.maximum_storage_gb
        return UsageLimits(
            maximum_storage=cdk.Size.gibibytes(storage) if storage is not None else None,
            maximum_ecpu_per_second=self.maximum_ecpu_per_second,
        )

    def removal_policy_value(self) -> cdk.RemovalPolicy:
        """What becomes of the data."""
        return _REMOVAL[self.removal]

    def preset_fields(self, name: str) -> dict[str, object]:
        """What a preset of easy create says, as fields of this deployment.

        :param name: demo, dev-test or production.
        """
        choose = {"demo": presets.demo, "dev-test": presets.dev_test, "production": presets.production}[name]
        if self.kind == "memcached":
            memcached = choose(self.memcached_version_value())
            return {"node_type": memcached.node_type.name, "nodes": memcached.nodes}
        if self.kind == "serverless":
            serverless = choose(self.serverless_engine_value())
            return {
                "maximum_storage_gb": serverless.maximum_storage_gb,
                "maximum_ecpu_per_second": serverless.maximum_ecpu_per_second,
                "backup_retention_days": serverless.backup.retention_days,
                "removal": _name_of(serverless.removal_policy),
            }
        group = choose(self.engine_version_value())
        return {
            "node_type": group.node_type.name,
            "replicas": group.cluster_mode.replicas_per_shard,
            "backup_retention_days": group.backup.retention_days,
            "log_delivery": bool(group.logs),
            "removal": _name_of(group.removal_policy),
        }


def _name_of(policy: cdk.RemovalPolicy) -> str:
    return next(name for name, each in _REMOVAL.items() if each is policy)
