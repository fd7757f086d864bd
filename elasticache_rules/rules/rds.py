"""Databases of RDS: names, ports, users, backups and windows, of instances and clusters."""

import re
from collections.abc import Iterator

from elasticache_rules import facts, windows
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.rds_common import (
    API,
    CLUSTER,
    CLUSTER_PARAMETER_GROUP,
    INSTANCE,
    PARAMETER_GROUP,
    REFERENCE,
    SUBNET_GROUP,
    engine_of,
    is_postgres,
)
from elasticache_rules.template import Resource

_INSTANCE = f"{REFERENCE}dbinstance.html"
_CREATE = f"{API}API_CreateDBInstance.html"
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*\Z")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9A-Za-z_-]{1,40}){0,4}\Z")
_IAM = "iam-db-auth"


@rule("rds/identifier", INSTANCE, CLUSTER, source=_CREATE)
def identifier(database: Resource) -> Iterator[Violation]:
    """An identifier has 1 to 63 letters, digits and single hyphens, and begins with a letter."""
    prop = "DBInstanceIdentifier" if database.type == INSTANCE else "DBClusterIdentifier"
    # On an instance, DBClusterIdentifier names the cluster that it belongs to.
    text, longest = database.text(prop), facts.load("database")["identifier_length"]["max"]
    if text is not None and (len(text) > longest or not _IDENTIFIER.match(text)):
        yield Violation(
            property=prop,
            value=text,
            must=f"have 1 to {longest} letters, digits and single inner hyphens, and begin with a letter",
            fix="rename it, or leave it out so that CloudFormation names it",
        )


@rule("rds/port", INSTANCE, CLUSTER, source=_INSTANCE)
def port(database: Resource) -> Iterator[Violation]:
    """The port is 1150 to 65535."""
    number, bounds = database.integer("Port"), facts.load("database")["port"]
    if number is not None and not bounds["min"] <= number <= bounds["max"]:
        yield Violation(
            property="Port",
            value=number,
            must=f"be {bounds['min']} to {bounds['max']}",
            fix="choose a port in that range, such as 5433",
        )


@rule("rds/engine-version", INSTANCE, CLUSTER, source=_INSTANCE)
def engine_version(database: Resource) -> Iterator[Violation]:
    """An engine version begins with a numeric major version."""
    value = database.text("EngineVersion")
    if value is not None and not _VERSION.match(value):
        yield Violation(
            property="EngineVersion", value=value, must="begin with a number, like 17 or 17.5", fix="write the version"
        )


@rule("rds/backup-retention", INSTANCE, CLUSTER, source=_INSTANCE)
def backup_retention(database: Resource) -> Iterator[Violation]:
    """Backups are kept for 0 to 35 days, those of a cluster for at least one."""
    days, bounds = (
        database.integer("BackupRetentionPeriod"),
        facts.load("database")["backup_retention_days"][database.type],
    )
    if days is not None and not bounds["min"] <= days <= bounds["max"]:
        yield Violation(
            property="BackupRetentionPeriod",
            value=days,
            must=f"be {bounds['min']} to {bounds['max']} days",
            fix="choose a number in that range",
        )


@rule("rds/backup-window", INSTANCE, CLUSTER, source=_INSTANCE)
def backup_window(database: Resource) -> Iterator[Violation]:
    """The backup window is hh24:mi-hh24:mi, of at least 30 minutes."""
    text = database.text("PreferredBackupWindow")
    if text is not None:
        yield from _window("PreferredBackupWindow", text, windows.parse_daily(text), "hh24:mi-hh24:mi", "03:00-03:30")


@rule("rds/maintenance-window", INSTANCE, CLUSTER, source=_INSTANCE)
def maintenance_window(database: Resource) -> Iterator[Violation]:
    """The maintenance window is ddd:hh24:mi-ddd:hh24:mi, of at least 30 minutes."""
    prop, form = "PreferredMaintenanceWindow", "ddd:hh24:mi-ddd:hh24:mi"
    text = database.text(prop)
    if text is not None:
        yield from _window(prop, text, windows.parse_weekly(text), form, "sun:05:00-sun:05:30")


def _window(prop: str, text: str, window: windows.Window | None, form: str, example: str) -> Iterator[Violation]:
    least = facts.load("database")["window_minutes"]["min"]
    if window is None:
        yield Violation(property=prop, value=text, must=f"have the form {form}", fix=f"write it like {example}, in UTC")
    elif window.length < least:
        yield Violation(property=prop, value=text, must=f"last at least {least} minutes", fix="end it later")


@rule("rds/windows-overlap", INSTANCE, CLUSTER, source=_INSTANCE)
def windows_overlap(database: Resource) -> Iterator[Violation]:
    """The backup window and the maintenance window do not overlap."""
    daily = windows.parse_daily(database.text("PreferredBackupWindow") or "")
    weekly = windows.parse_weekly(database.text("PreferredMaintenanceWindow") or "")
    if daily is not None and weekly is not None and daily.overlaps(weekly):
        yield Violation(
            property="PreferredBackupWindow",
            value=database.get("PreferredBackupWindow"),
            must=f"not overlap the maintenance window ({database.get('PreferredMaintenanceWindow')})",
            fix="move one of the two",
        )


@rule("rds/master-username", INSTANCE, CLUSTER, source=_INSTANCE)
def master_username(database: Resource) -> Iterator[Violation]:
    """The master user of PostgreSQL has 1 to 63 letters, digits and underscores, and no reserved name."""
    value = database.text("MasterUsername")
    if value is None or not is_postgres(database):
        return
    if not _NAME.match(value):
        yield Violation(
            property="MasterUsername",
            value=value,
            must="have 1 to 63 letters, digits and underscores, and begin with a letter",
            fix="choose another name",
        )
        return
    names, prefix = facts.load("database")["reserved_users"], facts.load("database")["reserved_user_prefix"]
    if value.lower() in names or value.lower().startswith(prefix):
        yield Violation(
            property="MasterUsername",
            value=value,
            must=f"not be {' or '.join(names)} and not begin with {prefix}, which are reserved",
            fix="choose another name, such as shop_admin",
        )


@rule("rds/database-name", INSTANCE, CLUSTER, source=_INSTANCE)
def database_name(database: Resource) -> Iterator[Violation]:
    """The first database of PostgreSQL has 1 to 63 letters, digits and underscores."""
    prop = "DBName" if database.type == INSTANCE else "DatabaseName"
    text = database.text(prop)
    if text is not None and is_postgres(database) and not _NAME.match(text):
        yield Violation(
            property=prop,
            value=text,
            must="have 1 to 63 letters, digits and underscores, and begin with a letter",
            fix="choose another name",
        )


@rule(
    "rds/iam-master", INSTANCE, CLUSTER, source=_INSTANCE, absent=("RDS::DBInstance.EnableIAMDatabaseAuthentication",)
)
def iam_master(database: Resource) -> Iterator[Violation]:
    """A master user that signs in with IAM has no password, and needs IAM authentication."""
    if database.text("MasterUserAuthenticationType") != _IAM:
        return
    for prop in ("MasterUserPassword", "ManageMasterUserPassword"):
        if database.has(prop) and database.boolean(prop) is not False:
            yield Violation(
                property=prop,
                value="a password",
                must=f"be absent with MasterUserAuthenticationType {_IAM}",
                fix="leave it out, or use MasterUserAuthenticationType password",
            )
    if database.lacks("EnableIAMDatabaseAuthentication") or (
        database.boolean("EnableIAMDatabaseAuthentication") is False
    ):
        yield Violation(
            property="EnableIAMDatabaseAuthentication",
            value=database.get("EnableIAMDatabaseAuthentication"),
            must=f"be true with MasterUserAuthenticationType {_IAM}",
            fix="set it to true",
        )


@rule("rds/iam-engine", INSTANCE, CLUSTER, source=_INSTANCE)
def iam_engine(database: Resource) -> Iterator[Violation]:
    """IAM authentication is for PostgreSQL, MySQL and MariaDB."""
    engine, offered = engine_of(database), facts.load("database")["iam_engines"]
    wanted = database.boolean("EnableIAMDatabaseAuthentication") is True
    if wanted and engine is not None and engine not in offered:
        yield Violation(
            property="EnableIAMDatabaseAuthentication",
            value=True,
            must=f"be false with the engine {engine}",
            fix=f"leave it out, or use one of {', '.join(offered)}",
        )


@rule("rds/master-password-twice", INSTANCE, CLUSTER, source=_INSTANCE)
def master_password_twice(database: Resource) -> Iterator[Violation]:
    """The password is either set or managed by RDS in Secrets Manager, not both."""
    if database.boolean("ManageMasterUserPassword") is True and database.has("MasterUserPassword"):
        yield Violation(
            property="MasterUserPassword",
            value="a password",
            must="be absent with ManageMasterUserPassword",
            fix="keep one of the two",
        )


@rule("rds/log-exports", INSTANCE, CLUSTER, source=_INSTANCE)
def log_exports(database: Resource) -> Iterator[Violation]:
    """The published logs are logs of the engine."""
    engine, exports = engine_of(database), database.items("EnableCloudwatchLogsExports")
    offered = facts.load("database")["logs"][database.type].get(engine or "")
    for log in exports or [] if offered else []:
        if isinstance(log, str) and log not in offered:
            yield Violation(
                property="EnableCloudwatchLogsExports",
                value=log,
                must=f"be logs of {engine}: {', '.join(offered)}",
                fix="remove it",
            )


@rule("rds/subnet-group-zones", SUBNET_GROUP, source=f"{API}API_CreateDBSubnetGroup.html")
def subnet_group_zones(group: Resource) -> Iterator[Violation]:
    """A subnet group of databases has subnets in at least two Availability Zones, even for a single instance."""
    ids = group.items("SubnetIds")
    if ids is None:
        return
    subnets = [group.template.follow(value) for value in ids]
    zones = [subnet.text("AvailabilityZone") for subnet in subnets if subnet is not None]
    known = [zone for zone in zones if zone is not None]
    if len(ids) < 2 or (len(known) == len(ids) and len(set(known)) < 2):
        yield Violation(
            property="SubnetIds",
            value=f"{counted(len(ids), 'subnet')} in {', '.join(sorted(set(known))) or 'zones that are not known'}",
            must="be in at least two Availability Zones",
            fix="add a subnet of another zone",
        )


@rule("rds/parameter-values", PARAMETER_GROUP, CLUSTER_PARAMETER_GROUP, source=f"{API}API_ModifyDBParameterGroup.html")
def parameter_values(group: Resource) -> Iterator[Violation]:
    """The parameter rds.force_ssl is 0 or 1."""
    parameters = group.get("Parameters")
    value = parameters.get("rds.force_ssl") if isinstance(parameters, dict) else None
    if isinstance(value, str | int) and str(value) not in ("0", "1"):
        yield Violation(
            property="Parameters.rds.force_ssl", value=value, must="be 0 or 1", fix="use 1, so that TLS is required"
        )


@rule("rds/parameter-group-family", INSTANCE, CLUSTER, source=_CREATE)
def parameter_group_family(database: Resource) -> Iterator[Violation]:
    """The parameter group has the family of the engine and its major version."""
    prop = "DBParameterGroupName" if database.type == INSTANCE else "DBClusterParameterGroupName"
    group, version, engine = database.target(prop), database.text("EngineVersion"), engine_of(database)
    family = group.text("Family") if group is not None else None
    if family is None or version is None or engine is None or not is_postgres(database):
        return
    wanted = f"{engine}{version.partition('.')[0]}"
    if _VERSION.match(version) and family != wanted:
        yield Violation(
            property=prop,
            value=family,
            must=f"be of the family {wanted}, which {engine} {version} needs",
            fix=f"create the parameter group with the family {wanted}",
        )
