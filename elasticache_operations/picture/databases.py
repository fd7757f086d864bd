"""The RDS databases of a picture: engine, instances, zones, storage, encryption, and how clients authenticate."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticache_operations.picture.caches import OPEN, plural
from elasticache_operations.picture.model import INSTANCE as ALONE
from elasticache_operations.picture.model import PRIMARY, READER, STANDBY, WRITER, Database, Node, Shard
from elasticache_operations.picture.network import Key, Subnet, key_of, subnets
from elasticache_operations.picture.sources import Source
from elasticache_rules import facts
from elasticache_rules.rules.rds_common import (
    CLUSTER,
    CLUSTER_PARAMETER_GROUP,
    INSTANCE,
    PARAMETER_GROUP,
    SUBNET_GROUP,
    engine_of,
    is_member,
)
from elasticache_rules.template import Resource, as_integer

_ENGINES: Final = {
    "aurora-mysql": "Aurora MySQL",
    "aurora-postgresql": "Aurora PostgreSQL",
    "db2": "Db2",
    "mariadb": "MariaDB",
    "mysql": "MySQL",
    "oracle": "Oracle",
    "postgres": "PostgreSQL",
    "sqlserver": "SQL Server",
}
"""The names of the engines; RDS names an edition after its engine and a hyphen."""
_TLS: Final = ("rds.force_ssl", "require_secure_transport")
"""The parameters that make a database refuse connections without TLS."""
_READERS: Final = 2
"""The readable standbys of a Multi-AZ DB cluster."""


def databases(source: Source) -> Iterator[Resource]:
    """The databases: clusters, and DB instances that belong to none."""
    for resource in source.of_type(INSTANCE, CLUSTER):
        if resource.type == CLUSTER or not is_member(resource):
            yield resource


def database(source: Source, resource: Resource, key: str) -> Database:
    """The database that a resource describes.

    :param key: unique in the picture.
    """
    members = _members(source, resource)
    engine = engine_of(resource) or ""
    name, port = _engine(engine)
    full = f"{name} {resource.text('EngineVersion') or ''}".strip()
    kind = "cluster" if resource.type == CLUSTER else "read replica" if _is_copy(resource) else "database"
    nodes = _nodes(resource, members)
    classes = _classes(resource, members)
    secure = _requires_tls(resource)
    ports = _ports(resource, port)
    every = {
        "Stack": source.identity(resource)[0],
        "Region": (resource.template.region or "of the deploy") if len(source.regions) > 1 else "",
        "Engine": full,
        "Instances": classes,
        "Capacity": _capacity(resource),
        "Storage": _storage(resource),
        "Zones": _zones(resource, nodes),
        "At rest": _at_rest(resource),
        "In transit": "TLS required" if secure else "",
        "Authentication": _proof(resource),
        "Backups": _backups(resource),
        "Public": "publicly accessible" if resource.boolean("PubliclyAccessible") else "",
        "Port": " and ".join(map(str, ports)),
    }
    shown = {name: value for name, value in every.items() if value}
    parts = [shown[name] for name in ("Instances", "Capacity", "Storage", "Zones") if name in shown]
    parts += [f"{name.lower()}: {shown[name]}" for name in ("At rest", "Authentication", "Backups") if name in shown]
    parts += [shown[name] for name in ("In transit", "Public") if name in shown]
    return Database(
        key=key,
        identity=source.identity(resource),
        title=f"{full} {kind}",
        name=source.title(resource),
        engine=full,
        sentence=f"{full}: {kind}{f' of {classes}' if classes else ''}, {_at_rest(resource)}",
        summary=tuple(parts),
        facts=tuple(shown.items()),
        shards=(Shard(1, nodes),) if nodes else (),
        ports=ports,
        tls=secure,
        proof=_proof(resource),
    )


def database_subnets(resource: Resource) -> list[Subnet]:
    """The subnets of a database; empty where they are only known at deployment."""
    group = resource.target("DBSubnetGroupName")
    return subnets(group.template, group.get("SubnetIds")) if group is not None and group.type == SUBNET_GROUP else []


def database_groups(resource: Resource) -> tuple[Key, ...]:
    """The security groups of a database."""
    values = resource.items("VpcSecurityGroupIds" if resource.type == CLUSTER else "VPCSecurityGroups") or []
    return tuple(key for value in values if (key := key_of(resource.template, value)) is not None)


def _engine(engine: str) -> tuple[str, int]:
    """The name of an engine and its default port."""
    known = next((item for item in _ENGINES if engine == item or engine.startswith(f"{item}-")), "")
    return _ENGINES.get(known, engine or "RDS"), facts.load("database")["default_port"].get(known, 0)


def _members(source: Source, cluster: Resource) -> list[Resource]:
    if cluster.type != CLUSTER:
        return []
    found = [item for item in source.of_type(INSTANCE) if item.target("DBClusterIdentifier") is cluster]
    return sorted(found, key=lambda item: item.integer("PromotionTier") or 0)


def _is_copy(resource: Resource) -> bool:
    return resource.has("SourceDBInstanceIdentifier") or resource.has("SourceDBClusterIdentifier")


def _nodes(resource: Resource, members: Sequence[Resource]) -> tuple[Node, ...]:
    """The instances, with the zones that the template states."""
    if resource.type == CLUSTER and resource.has("DBClusterInstanceClass"):
        return (Node(WRITER), *[Node(READER)] * _READERS)
    if resource.type == CLUSTER:
        return tuple(
            Node(READER if number else WRITER, item.text("AvailabilityZone")) for number, item in enumerate(members)
        )
    if resource.boolean("MultiAZ"):
        return Node(PRIMARY), Node(STANDBY)
    return (Node(READER if _is_copy(resource) else ALONE, resource.text("AvailabilityZone")),)


def _classes(resource: Resource, members: Sequence[Resource]) -> str:
    """The instances by class."""
    if resource.type == INSTANCE:
        listed = [resource.text("DBInstanceClass")] * (2 if resource.boolean("MultiAZ") else 1)
    elif resource.has("DBClusterInstanceClass"):
        listed = [resource.text("DBClusterInstanceClass")] * (_READERS + 1)
    else:
        listed = [item.text("DBInstanceClass") for item in members]
    counts = {name: listed.count(name) for name in dict.fromkeys(listed)}
    words = (f"{count} \N{MULTIPLICATION SIGN} {name or f'instance class {OPEN}'}" for name, count in counts.items())
    return ", ".join(words)


def _capacity(resource: Resource) -> str:
    scaling = resource.get("ServerlessV2ScalingConfiguration")
    bounds = [scaling.get(name) if isinstance(scaling, Mapping) else None for name in ("MinCapacity", "MaxCapacity")]
    return f"{bounds[0]:g} to {bounds[1]:g} ACU" if all(isinstance(item, int | float) for item in bounds) else ""


def _storage(resource: Resource) -> str:
    size = as_integer(resource.get("AllocatedStorage"))
    return "" if size is None else f"{size:,} GiB {resource.text('StorageType') or ''}".strip()


def _zones(resource: Resource, nodes: Sequence[Node]) -> str:
    named = list(dict.fromkeys(node.zone for node in nodes if node.zone))
    if named and all(node.zone for node in nodes):
        return f"{'zone' if len(named) == 1 else 'zones'} {', '.join(named)}"
    if resource.type == CLUSTER and resource.has("DBClusterInstanceClass"):
        return "RDS chooses three zones"
    if resource.type == INSTANCE and resource.boolean("MultiAZ"):
        return "RDS chooses two zones"
    return "RDS chooses the zone" if len(nodes) == 1 else "RDS chooses the zones" if nodes else ""


def _at_rest(resource: Resource) -> str:
    if resource.boolean("StorageEncrypted"):
        key = "a customer managed key" if resource.has("KmsKeyId") else "the key of the service"
        return f"encrypted with {key}"
    unknown = resource.has("StorageEncrypted") and resource.boolean("StorageEncrypted") is None
    inherited = resource.has("SnapshotIdentifier") or resource.has("DBSnapshotIdentifier") or _is_copy(resource)
    return OPEN if unknown else "as its source is" if inherited else "not encrypted"


def _requires_tls(resource: Resource) -> bool:
    """Whether the parameter group in the templates makes the database refuse connections without TLS."""
    cluster = resource.type == CLUSTER
    group = resource.target("DBClusterParameterGroupName" if cluster else "DBParameterGroupName")
    if group is None or group.type != (CLUSTER_PARAMETER_GROUP if cluster else PARAMETER_GROUP):
        return False
    values: Any = group.get("Parameters")
    return isinstance(values, Mapping) and any(str(values.get(name)).upper() in ("1", "ON") for name in _TLS)


def _proof(resource: Resource) -> str:
    if resource.text("MasterUserAuthenticationType") == "iam-db-auth":
        return "IAM token"
    word = "password in Secrets Manager" if resource.boolean("ManageMasterUserPassword") else "password"
    return f"{word} or IAM token" if resource.boolean("EnableIAMDatabaseAuthentication") else word


def _backups(resource: Resource) -> str:
    days = resource.integer("BackupRetentionPeriod")
    if days is None:
        return OPEN if resource.has("BackupRetentionPeriod") else ""
    return f"kept for {plural(days, 'day')}" if days else "none"


def _ports(resource: Resource, default: int) -> tuple[int, ...]:
    port = as_integer(resource.get("Port")) if resource.has("Port") else default
    return (port,) if port else ()
