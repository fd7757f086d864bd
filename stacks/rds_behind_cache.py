"""A deployment of a database with a cache in front of it, and a client that measures what the cache does."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheBase, ClientProgram, DatabaseTarget
from elasticache_rules import facts
from stacks.acknowledgements_database import acknowledge_cluster, acknowledge_instance
from stacks.client import Place
from stacks.database import DatabaseOptions, DatabaseStack
from stacks.forms import LONGEST_RETENTION, is_instance_class
from stacks.placed import PlacedDeployment, Preset
from stacks.replication_group import ReplicationGroupDeployment
from stacks.secured import REMOVAL
from stacks.serverless import ServerlessDeployment

DEMONSTRATION: Final = Path(__file__).parents[1] / ".tools" / "caching-demo.zip"
_PROGRAM: Final = "caching-demo"
# The demonstration takes about a minute. The rest is for an Aurora cluster that resumes.
_SECONDS: Final = 180
_NODE_TYPE: Final = "cache.t4g.micro"
_SHARDS, _REPLICAS = 2, 1

_INSTANCE_CLASSES: Final[dict[Preset, str]] = {
    "demo": "db.t4g.micro",
    "dev-test": "db.t4g.medium",
    "production": "db.m7g.large",
}
# About 16 GiB at most, twice a db.m7g.large. A database in production does not pause.
_PRODUCTION_CAPACITY: Final = (1, 8)
_LEAST_CAPACITY, _MOST_CAPACITY = 0, 1
_RETENTION_DAYS: Final[dict[Preset, int]] = {"demo": 1, "dev-test": 1, "production": 7}


@dataclass(frozen=True, kw_only=True)
class RdsBehindCacheDeployment(PlacedDeployment):
    """A PostgreSQL database, a cache in front of it, and a client that runs the caching demonstration.

    Clients of both authenticate with IAM, so there is no secret.

    :param cache: the kind: cluster-mode-disabled, cluster-mode-enabled or serverless.
    :param engine: the engine of the cache, valkey or redis.
    :param node_type: the node type of a cache with nodes. Default: cache.t4g.micro.
    :param shards: the number of shards with cluster mode enabled, 1 to 500. Default: 2.
    :param replicas: the number of replicas of each shard, 0 to 5. Default: 1.
    :param maximum_storage_gb: the limit of the data of a serverless cache, 1 to 5,000. Default: no limit.
    :param maximum_ecpu_per_second: the limit of the requests of a serverless cache, 1,000 to 15,000,000. A low limit
        throttles the demonstration. Default: no limit.
    :param log_delivery: whether a cache with nodes delivers its slow log and engine log to log groups.
    :param backup_retention_days: the retention of the snapshots of the cache, 0 to 35.
    :param database: instance for RDS for PostgreSQL, aurora for Aurora Serverless v2.
    :param database_instance_class: the DB instance class of a DB instance. Default: db.t4g.micro.
    :param database_minimum_capacity: the least Aurora capacity units, 0 to 256; with 0 the cluster pauses after 5
        minutes without connections, and takes some 15 seconds to resume. Default: 0.
    :param database_maximum_capacity: the most Aurora capacity units, 1 to 256, of about 2 GiB of memory. Default: 1.
    :param database_multi_az: whether the database has a standby in another zone: Multi-AZ, or an Aurora reader.
    :param database_backup_retention_days: 1 to 35; 0 turns the backups of a DB instance off.
    :param deletion_protection: whether RDS refuses to delete the database.
    :param cache_optional: whether the client's stack completes with a warning when the database works without the
        cache; false lets it fail.
    :param removal: snapshot or destroy, for the data of the cache and the database when their stacks are deleted.
    """

    CACHE_DESCRIPTION: ClassVar[str] = "ElastiCache cache in front of a database"

    cache: Literal["cluster-mode-disabled", "cluster-mode-enabled", "serverless"] = "cluster-mode-disabled"
    engine: Literal["redis", "valkey"] = "valkey"
    node_type: str | None = None
    shards: int | None = None
    replicas: int | None = None
    maximum_storage_gb: int | None = None
    maximum_ecpu_per_second: int | None = None
    log_delivery: bool = False
    backup_retention_days: int = 15
    database: Literal["instance", "aurora"] = "instance"
    database_instance_class: str | None = None
    database_minimum_capacity: int | None = None
    database_maximum_capacity: int | None = None
    database_multi_az: bool = False
    database_backup_retention_days: int = 7
    deletion_protection: bool = False
    cache_optional: bool = True
    removal: Literal["snapshot", "destroy"] = "snapshot"
    instance_type: str = "t4g.micro"

    def __post_init__(self) -> None:
        """Refuse options of another kind of cache or database, and what RDS refuses."""
        super().__post_init__()
        if self.cache != "cluster-mode-enabled":
            self._refuse("cache", "cluster-mode-enabled", "shards")
        if self.cache == "serverless":
            self._refuse("cache", "cluster-mode-disabled", "node_type", "replicas", "log_delivery")
        else:
            self._refuse("cache", "serverless", "maximum_storage_gb", "maximum_ecpu_per_second")
        if self.database == "aurora":
            self._refuse("database", "instance", "database_instance_class")
        else:
            self._refuse("database", "aurora", "database_minimum_capacity", "database_maximum_capacity")
        self._check_database()

    def _refuse(self, kind: str, other: str, *names: str) -> None:
        """Raise an error for fields that this kind of cache or database does not have."""
        for name in names:
            value = getattr(self, name)
            if value is not None and value is not False:
                raise ValueError(
                    f"{self.name}: {name} must be left out with {kind} {getattr(self, kind)}, got {value}; leave it "
                    f"out, or choose -c {kind}={other}"
                )

    def _check_database(self) -> None:
        least, days = int(self.database == "aurora"), self.database_backup_retention_days
        if not least <= days <= LONGEST_RETENTION:
            raise ValueError(
                f"{self.name}: database_backup_retention_days must be {least} to {LONGEST_RETENTION} with database "
                f"{self.database}, got {days}; choose a number in that range"
            )
        self._check_capacity()
        name = self.database_instance_class
        if name is not None and not is_instance_class(name):
            raise ValueError(
                f"{self.name}: database_instance_class must have the form db.family.size, got {name!r}; write it like "
                "-c database_instance_class=db.t4g.micro"
            )
        if self.vpc_id is not None and len(set(self.availability_zones)) < 2:
            raise ValueError(
                f"{self.name}: availability_zones must name at least 2 different zones for a database, got "
                f"{','.join(self.availability_zones)}; add a subnet in another zone"
            )

    @property
    def _capacity(self) -> tuple[int, int]:
        least, most = self.database_minimum_capacity, self.database_maximum_capacity
        return (_LEAST_CAPACITY if least is None else least, _MOST_CAPACITY if most is None else most)

    def _check_capacity(self) -> None:
        (least, most), bounds = self._capacity, facts.load("database")["capacity_units"]
        if not bounds["least_maximum"] <= most <= bounds["max"]:
            raise ValueError(
                f"{self.name}: database_maximum_capacity must be {bounds['least_maximum']} to {bounds['max']}, got "
                f"{most}; choose a number in that range"
            )
        if not 0 <= least <= most:
            raise ValueError(
                f"{self.name}: database_minimum_capacity must be 0 to database_maximum_capacity ({most}), got {least}; "
                "choose a number in that range, or raise database_maximum_capacity"
            )

    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the cache in the same way as the deployment of its kind."""
        return self._cache_deployment().create_cache(stack, vpc, vpc_subnets)

    def create_database(
        self, scope: Construct, place: Place, environment: cdk.Environment | None
    ) -> DatabaseTarget | None:
        """Create the stack of the database."""
        stack = DatabaseStack(
            scope,
            f"{self.stack_prefix}-Database",
            termination_protection=self.termination_protection,
            env=environment,
        )
        options = DatabaseOptions(
            instance_class=self.database_instance_class or _INSTANCE_CLASSES["demo"],
            capacity=self._capacity,
            copies=self.database_multi_az,
            backup_retention_days=self.database_backup_retention_days,
            deletion_protection=self.deletion_protection,
            removal_policy=REMOVAL[self.removal],
        )
        if self.database == "aurora":
            target = stack.create_cluster(*place(stack), options)
            acknowledge_cluster(stack, options)
        else:
            target = stack.create_instance(*place(stack), options)
            acknowledge_instance(stack, options)
        return target

    def program(self) -> ClientProgram | None:
        """The caching demonstration.

        :raises ValueError: when it is not built.
        """
        if not DEMONSTRATION.is_file():
            raise ValueError(
                f"{self.name}: the caching demonstration is not built, .tools/{DEMONSTRATION.name} is missing; "
                "run 'make demo'"
            )
        return ClientProgram(path=str(DEMONSTRATION), name=_PROGRAM, timeout=cdk.Duration.seconds(_SECONDS))

    @property
    def needs_cache(self) -> bool:
        """Whether the stack of the client fails when the client cannot use the cache."""
        return not self.cache_optional

    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """The settings of a preset for the cache, and for size, backups, standby and protection of the database."""
        fields = self._cache_deployment().preset_fields(preset)
        cache = {key: value for key, value in fields.items() if key in type(self).__dataclass_fields__}
        # The demonstration reads as fast as it can, so that the limit of a preset would throttle what it measures.
        cache.pop("maximum_ecpu_per_second", None)
        production = preset == "production"
        return {
            **cache,
            **self._size_of(preset),
            "database_backup_retention_days": _RETENTION_DAYS[preset],
            "database_multi_az": production,
            "deletion_protection": production,
        }

    def _size_of(self, preset: Preset) -> dict[str, object]:
        if self.database == "instance":
            return {"database_instance_class": _INSTANCE_CLASSES[preset]}
        least, most = _PRODUCTION_CAPACITY if preset == "production" else (_LEAST_CAPACITY, _MOST_CAPACITY)
        return {"database_minimum_capacity": least, "database_maximum_capacity": most}

    def _cache_deployment(self) -> ReplicationGroupDeployment | ServerlessDeployment:
        if self.cache == "serverless":
            return ServerlessDeployment(
                name=self.name,
                engine=self.engine,
                maximum_storage_gb=self.maximum_storage_gb,
                maximum_ecpu_per_second=self.maximum_ecpu_per_second,
                backup_retention_days=self.backup_retention_days,
                removal=self.removal,
            )
        clustered = self.cache == "cluster-mode-enabled"
        return ReplicationGroupDeployment(
            name=self.name,
            cluster_mode="enabled" if clustered else "disabled",
            engine=self.engine,
            node_type=self.node_type or _NODE_TYPE,
            shards=(_SHARDS if self.shards is None else self.shards) if clustered else 1,
            replicas=_REPLICAS if self.replicas is None else self.replicas,
            log_delivery=self.log_delivery,
            backup_retention_days=self.backup_retention_days,
            removal=self.removal,
        )
