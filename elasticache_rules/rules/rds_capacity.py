"""Databases of RDS: storage, zones and monitoring of an instance, and the capacity of Aurora Serverless v2."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.rds_common import CLUSTER, INSTANCE, REFERENCE, engine_of, is_member
from elasticache_rules.template import Resource, as_integer

_INSTANCE = f"{REFERENCE}dbinstance.html"
_SERVERLESS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html"
_STORAGE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"
# A restored or copied database inherits its encryption.
_ORIGINS = (
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
    "GlobalClusterIdentifier",
    "ReplicationSourceIdentifier",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
)


def _has_own_storage(instance: Resource) -> bool:
    return engine_of(instance) in facts.load("database")["open_source_engines"] and not is_member(instance)


def _storage_type(instance: Resource) -> str | None:
    if instance.lacks("StorageType"):
        return "io1" if not instance.lacks("Iops") else str(facts.load("database")["default_storage_type"])
    return instance.text("StorageType")


@rule(
    "rds/storage-size",
    INSTANCE,
    source=_INSTANCE,
    absent=("RDS::DBInstance.DBClusterIdentifier", "RDS::DBInstance.Iops", "RDS::DBInstance.StorageType"),
)
def storage_size(instance: Resource) -> Iterator[Violation]:
    """The storage of PostgreSQL, MySQL and MariaDB is 20 or 100 to 65,536 GiB."""
    size, kind = instance.integer("AllocatedStorage"), _storage_type(instance)
    bounds = facts.load("database")["storage_gib"].get(kind or "")
    if _has_own_storage(instance) and size is not None and bounds and not bounds["min"] <= size <= bounds["max"]:
        yield Violation(
            property="AllocatedStorage",
            value=size,
            must=f"be {bounds['min']} to {bounds['max']} GiB with {kind}",
            fix="choose a size in that range",
        )


@rule("rds/storage-growth", INSTANCE, source=f"{_STORAGE}", absent=("RDS::DBInstance.DBClusterIdentifier",))
def storage_growth(instance: Resource) -> Iterator[Violation]:
    """The storage autoscaling limit is at least 10 percent above the allocated storage."""
    size, most = instance.integer("AllocatedStorage"), instance.integer("MaxAllocatedStorage")
    percent = facts.load("database")["growth_percent"]
    if _has_own_storage(instance) and size is not None and most is not None and most * 100 < size * (100 + percent):
        yield Violation(
            property="MaxAllocatedStorage",
            value=most,
            must=f"be at least {percent} % more than AllocatedStorage ({size})",
            fix="raise it, or leave it out",
        )


@rule("rds/storage-iops", INSTANCE, source=_STORAGE, absent=("RDS::DBInstance.DBClusterIdentifier",))
def storage_iops(instance: Resource) -> Iterator[Violation]:
    """Below 400 GiB, gp3 has only its baseline IOPS and throughput; io1 needs IOPS."""
    size, kind = instance.integer("AllocatedStorage"), _storage_type(instance)
    least = facts.load("database")["own_iops_from_gib"]
    if not _has_own_storage(instance):
        return
    if kind == "gp3" and size is not None and size < least:
        for prop in ("Iops", "StorageThroughput"):
            if instance.has(prop):
                yield Violation(
                    property=prop,
                    value=instance.get(prop),
                    must=f"be absent with gp3 below {least} GiB",
                    fix=f"leave it out, or allocate {least} GiB",
                )
    if kind in ("io1", "io2") and instance.lacks("Iops"):
        yield Violation(property="Iops", value=None, must=f"be stated with {kind}", fix="state it, or use gp3")


@rule("rds/zone-of-multi-az", INSTANCE, source=_INSTANCE)
def zone_of_multi_az(instance: Resource) -> Iterator[Violation]:
    """A Multi-AZ instance has no Availability Zone property."""
    if instance.boolean("MultiAZ") is True and instance.has("AvailabilityZone"):
        yield Violation(
            property="AvailabilityZone",
            value=instance.get("AvailabilityZone"),
            must="be absent with MultiAZ",
            fix="leave one of the two out",
        )


@rule("rds/monitoring", INSTANCE, source=_INSTANCE, absent=("RDS::DBInstance.MonitoringInterval",))
def monitoring(instance: Resource) -> Iterator[Violation]:
    """Enhanced monitoring has one of seven intervals, and a role when it is on."""
    seconds, offered = instance.integer("MonitoringInterval"), facts.load("database")["monitoring_seconds"]
    if seconds is not None and seconds not in offered:
        yield Violation(
            property="MonitoringInterval",
            value=seconds,
            must=f"be {', '.join(map(str, offered[:-1]))} or {offered[-1]} seconds",
            fix="choose one of them",
        )
    elif seconds and instance.lacks("MonitoringRoleArn"):
        yield Violation(
            property="MonitoringRoleArn",
            value=None,
            must="be stated with MonitoringInterval",
            fix="state the role, or use 0 seconds",
        )
    elif instance.has("MonitoringRoleArn") and (seconds == 0 or instance.lacks("MonitoringInterval")):
        yield Violation(
            property="MonitoringInterval",
            value=seconds,
            must="be another number than 0 with MonitoringRoleArn",
            fix="choose 60 seconds, or leave the role out",
        )


@rule("rds/settings-of-the-cluster", INSTANCE, source=_INSTANCE)
def settings_of_the_cluster(instance: Resource) -> Iterator[Violation]:
    """Settings that a cluster manages are not set on its instances."""
    if not is_member(instance):
        return
    for prop in facts.load("database")["of_the_cluster"]:
        if instance.has(prop) and instance.get(prop) not in (False, "false"):
            yield Violation(
                property=prop,
                value=prop if "Password" in prop else instance.get(prop),
                must="be absent for an instance of a cluster, which manages it",
                fix="state it for the cluster",
            )


@rule(
    "rds/encryption-key",
    INSTANCE,
    CLUSTER,
    source=_INSTANCE,
    absent=(*(f"RDS::DBInstance.{name}" for name in _ORIGINS), "RDS::DBInstance.DBClusterIdentifier"),
)
def encryption_key(database: Resource) -> Iterator[Violation]:
    """A key needs encryption to be on."""
    inherits = is_member(database) or any(not database.lacks(origin) for origin in _ORIGINS)
    off = database.boolean("StorageEncrypted") is False or (database.lacks("StorageEncrypted") and not inherits)
    if database.has("KmsKeyId") and off:
        yield Violation(
            property="StorageEncrypted",
            value=database.get("StorageEncrypted"),
            must="be true with KmsKeyId",
            fix="set it to true",
        )


@rule("rds/capacity", CLUSTER, source=_SERVERLESS)
def capacity(cluster: Resource) -> Iterator[Violation]:
    """The capacity of Aurora Serverless v2 is 0 to 256 units in steps of a half, the maximum at least 1."""
    scaling, bounds = cluster.get("ServerlessV2ScalingConfiguration"), facts.load("database")["capacity_units"]
    if not isinstance(scaling, dict):
        return
    least, most = _number(scaling.get("MinCapacity")), _number(scaling.get("MaxCapacity"))
    for name, number, first in (("MinCapacity", least, bounds["min"]), ("MaxCapacity", most, bounds["least_maximum"])):
        if number is not None and not (first <= number <= bounds["max"] and number % bounds["step"] == 0):
            yield Violation(
                property=f"ServerlessV2ScalingConfiguration.{name}",
                value=number,
                must=f"be {first} to {bounds['max']} in steps of {bounds['step']}",
                fix="choose a number of that range",
            )
    if least is not None and most is not None and least > most:
        yield Violation(
            property="ServerlessV2ScalingConfiguration.MinCapacity",
            value=least,
            must=f"not exceed MaxCapacity ({most:g})",
            fix="lower the minimum, or raise the maximum",
        )


@rule("rds/pause", CLUSTER, source=_SERVERLESS)
def pause(cluster: Resource) -> Iterator[Violation]:
    """A cluster that pauses has the minimum capacity 0, and pauses after 5 minutes to a day."""
    scaling, bounds = cluster.get("ServerlessV2ScalingConfiguration"), facts.load("database")["pause_seconds"]
    seconds = as_integer(scaling.get("SecondsUntilAutoPause")) if isinstance(scaling, dict) else None
    if seconds is None or not isinstance(scaling, dict):
        return
    prop, least = "ServerlessV2ScalingConfiguration.SecondsUntilAutoPause", _number(scaling.get("MinCapacity"))
    if not bounds["min"] <= seconds <= bounds["max"]:
        yield Violation(
            property=prop,
            value=seconds,
            must=f"be {bounds['min']} to {bounds['max']} seconds",
            fix="choose a number in that range",
        )
    elif least:
        yield Violation(
            property=prop,
            value=seconds,
            must=f"be absent with MinCapacity {least:g}, which never pauses",
            fix="leave it out, or use MinCapacity 0",
        )


@rule(
    "rds/serverless-member", INSTANCE, source=_SERVERLESS, absent=("RDS::DBCluster.ServerlessV2ScalingConfiguration",)
)
def serverless_member(instance: Resource) -> Iterator[Violation]:
    """An instance of the class db.serverless belongs to a cluster with a range of capacity."""
    if instance.text("DBInstanceClass") != "db.serverless":
        return
    cluster = instance.target("DBClusterIdentifier")
    if instance.lacks("DBClusterIdentifier"):
        yield Violation(
            property="DBClusterIdentifier", value=None, must="be stated with db.serverless", fix="name the cluster"
        )
    elif cluster is not None and cluster.type == CLUSTER and cluster.lacks("ServerlessV2ScalingConfiguration"):
        yield Violation(
            property="DBClusterIdentifier",
            value=cluster.logical_id,
            must="name a cluster with ServerlessV2ScalingConfiguration",
            fix="state MinCapacity and MaxCapacity of the cluster, or choose another class",
        )


def _number(value: object) -> float | None:
    """Read 0.5 and "0.5" as CloudFormation does; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None
