"""RDS: the controls, on DB instances, Aurora clusters and what belongs to them.

An instance of a cluster takes its storage, backups, logs and users from the cluster, where the controls look at them.
"""

from typing import Final

from scripts.security_controls.model import (
    AtRuntime,
    ByDefault,
    ByProp,
    Control,
    NotApplicable,
    NotMet,
    Service,
    each_of,
)
from scripts.security_controls.rds_checks import (
    CLUSTER,
    INSTANCE,
    instances,
    kept_for_a_week,
    other_port,
    own_user,
    publishes,
    several_members,
    tls_required,
    true,
)

_AURORA: Final = ("aurora-behind-serverless", "aurora-behind-cache-production")
_LEAST: Final = "rds-behind-cache-least"
_PRESET: Final = ("preset", "production")


def _of_engines(id: str, title: str, *engines: str) -> Control:
    """A control that evaluates other engines, or the Multi-AZ DB clusters of RDS."""
    reason = "the clusters are of Aurora" if engines[0].startswith("DBCluster") else "the databases are PostgreSQL"
    return Control(id, title, NotApplicable(reason, engines=engines))


def _of_the_account(id: str, title: str) -> Control:
    return Control(id, title, NotApplicable("subscriptions belong to the account", ("AWS::RDS::EventSubscription",)))


# The ids and titles of the user guide, which has no RDS.18 and no RDS.49.
_CONTROLS: Final = (
    Control("RDS.1", "RDS snapshot should be private", AtRuntime("a snapshot is private until somebody shares it")),
    Control(
        "RDS.2",
        "RDS DB Instances should prohibit public access, as determined by the PubliclyAccessible configuration",
        ByDefault("`PubliclyAccessible` is false"),
        each_of(INSTANCE, passes=lambda p: p.get("PubliclyAccessible") is False),
    ),
    Control(
        "RDS.3",
        "RDS DB instances should have encryption at-rest enabled",
        ByDefault("`StorageEncrypted` is true"),
        instances(true("StorageEncrypted")),
    ),
    Control(
        "RDS.4",
        "RDS cluster snapshots and database snapshots should be encrypted at rest",
        AtRuntime("snapshots of an encrypted database are encrypted"),
    ),
    Control(
        "RDS.5",
        "RDS DB instances should be configured with multiple Availability Zones",
        ByProp(
            "a standby doubles the price of the instance; `database_multi_az=true` adds it alone",
            (),
            _PRESET,
            without="rds-behind-cache",
            having="rds-behind-cache-production",
        ),
        instances(true("MultiAZ")),
    ),
    Control(
        "RDS.6",
        "Enhanced monitoring should be configured for RDS DB instances",
        NotMet("enhanced monitoring is billed as CloudWatch Logs, and needs a role of the account"),
        each_of(INSTANCE, passes=lambda p: int(p.get("MonitoringInterval", 0)) > 0),
    ),
    Control(
        "RDS.7",
        "RDS clusters should have deletion protection enabled",
        ByProp(
            "off so that the deployment can be destroyed; `deletion_protection=true` turns it on alone",
            (),
            _PRESET,
            without="aurora-behind-serverless",
            having="aurora-behind-cache-production",
        ),
        each_of(CLUSTER, passes=true("DeletionProtection")),
    ),
    Control(
        "RDS.8",
        "RDS DB instances should have deletion protection enabled",
        ByProp(
            "off so that the deployment can be destroyed; `deletion_protection=true` turns it on alone",
            (),
            _PRESET,
            without="rds-behind-cache",
            having="rds-behind-cache-production",
        ),
        instances(true("DeletionProtection")),
    ),
    Control(
        "RDS.9",
        "RDS DB instances should publish logs to CloudWatch Logs",
        ByDefault("the logs `postgresql` and `upgrade`"),
        instances(lambda p: {"postgresql", "upgrade"} <= set(p.get("EnableCloudwatchLogsExports", []))),
    ),
    Control(
        "RDS.10",
        "IAM authentication should be configured for RDS instances",
        ByDefault("also for the master user, so that there is no password"),
        instances(true("EnableIAMDatabaseAuthentication")),
    ),
    Control(
        "RDS.11",
        "RDS instances should have automatic backups enabled",
        ByDefault(
            "7 days; `preset=demo` and `preset=dev-test` keep 1",
            exceptions={_LEAST: "`database_backup_retention_days=0` turns them off"},
        ),
        instances(kept_for_a_week),
    ),
    Control(
        "RDS.12",
        "IAM authentication should be configured for RDS clusters",
        ByDefault("also for the master user, so that there is no password", only=_AURORA),
        each_of(CLUSTER, passes=true("EnableIAMDatabaseAuthentication")),
    ),
    Control(
        "RDS.13",
        "RDS automatic minor version upgrades should be enabled",
        ByDefault("of each instance"),
        each_of(INSTANCE, passes=true("AutoMinorVersionUpgrade")),
    ),
    _of_engines("RDS.14", "Amazon Aurora clusters should have backtracking enabled", "aurora-mysql"),
    Control(
        "RDS.15",
        "RDS DB clusters should be configured for multiple Availability Zones",
        ByProp(
            "a reader doubles the price; `database_multi_az=true` adds it alone",
            (),
            _PRESET,
            without="aurora-behind-serverless",
            having="aurora-behind-cache-production",
        ),
        several_members,
    ),
    Control(
        "RDS.16",
        "Aurora DB clusters should be configured to copy tags to DB snapshots",
        ByDefault("`CopyTagsToSnapshot` is true", only=_AURORA),
        each_of(CLUSTER, passes=true("CopyTagsToSnapshot")),
    ),
    Control(
        "RDS.17",
        "RDS DB instances should be configured to copy tags to snapshots",
        ByDefault("`CopyTagsToSnapshot` is true"),
        instances(true("CopyTagsToSnapshot")),
    ),
    _of_the_account(
        "RDS.19", "Existing RDS event notification subscriptions should be configured for critical cluster events"
    ),
    _of_the_account(
        "RDS.20",
        "Existing RDS event notification subscriptions should be configured for critical database instance events",
    ),
    _of_the_account(
        "RDS.21",
        "An RDS event notifications subscription should be configured for critical database parameter group events",
    ),
    _of_the_account(
        "RDS.22",
        "An RDS event notifications subscription should be configured for critical database security group events",
    ),
    Control(
        "RDS.23",
        "RDS instances should not use a database engine default port",
        ByDefault("port 5433"),
        instances(other_port),
    ),
    Control(
        "RDS.24",
        "RDS Database clusters should use a custom administrator username",
        ByDefault("`cache_admin`", only=_AURORA),
        each_of(CLUSTER, passes=own_user),
    ),
    Control(
        "RDS.25",
        "RDS database instances should use a custom administrator username",
        ByDefault("`cache_admin`"),
        instances(own_user),
    ),
    Control(
        "RDS.26",
        "RDS DB instances should be protected by a backup plan",
        NotApplicable(
            "plans of AWS Backup belong to the account, beside the backups of RDS", ("AWS::Backup::BackupPlan",)
        ),
    ),
    Control(
        "RDS.27",
        "RDS DB clusters should be encrypted at rest",
        ByDefault("`StorageEncrypted` is true", only=_AURORA),
        each_of(CLUSTER, passes=true("StorageEncrypted")),
    ),
    Control(
        "RDS.28",
        "RDS DB clusters should be tagged",
        ByDefault("the app tags every resource", only=_AURORA),
        each_of(CLUSTER, passes=lambda p: bool(p.get("Tags"))),
    ),
    Control("RDS.29", "RDS DB cluster snapshots should be tagged", AtRuntime("they get the tags of their database")),
    Control(
        "RDS.30",
        "RDS DB instances should be tagged",
        ByDefault("the app tags every resource"),
        each_of(INSTANCE, passes=lambda p: bool(p.get("Tags"))),
    ),
    Control(
        "RDS.31",
        "RDS DB security groups should be tagged",
        NotApplicable("groups of the network before VPCs", ("AWS::RDS::DBSecurityGroup",)),
    ),
    Control("RDS.32", "RDS DB snapshots should be tagged", AtRuntime("they get the tags of their database")),
    Control(
        "RDS.33",
        "RDS DB subnet groups should be tagged",
        ByDefault("the app tags every resource"),
        each_of("AWS::RDS::DBSubnetGroup", passes=lambda p: bool(p.get("Tags"))),
    ),
    _of_engines("RDS.34", "Aurora MySQL DB clusters should publish audit logs to CloudWatch Logs", "aurora-mysql"),
    _of_engines(
        "RDS.35",
        "RDS DB clusters should have automatic minor version upgrade enabled",
        "DBCluster postgres",
        "DBCluster mysql",
    ),
    Control(
        "RDS.36",
        "RDS for PostgreSQL DB instances should publish logs to CloudWatch Logs",
        ByDefault("the logs `postgresql` and `upgrade`"),
        instances(publishes("postgresql")),
    ),
    Control(
        "RDS.37",
        "Aurora PostgreSQL DB clusters should publish logs to CloudWatch Logs",
        ByDefault("the log `postgresql`", only=_AURORA),
        each_of(CLUSTER, passes=publishes("postgresql")),
    ),
    Control(
        "RDS.38",
        "RDS for PostgreSQL DB instances should be encrypted in transit",
        ByDefault("`rds.force_ssl` is 1"),
        tls_required,
    ),
    _of_engines("RDS.39", "RDS for MySQL DB instances should be encrypted in transit", "mysql"),
    _of_engines("RDS.40", "RDS for SQL Server DB instances should publish logs to CloudWatch Logs", "sqlserver"),
    _of_engines("RDS.41", "RDS for SQL Server DB instances should be encrypted in transit", "sqlserver"),
    _of_engines("RDS.42", "RDS for MariaDB DB instances should publish logs to CloudWatch Logs", "mariadb"),
    Control(
        "RDS.43",
        "RDS DB proxies should require TLS encryption for connections",
        NotApplicable("the client connects to the database itself", ("AWS::RDS::DBProxy",)),
    ),
    _of_engines("RDS.44", "RDS for MariaDB DB instances should be encrypted in transit", "mariadb"),
    _of_engines("RDS.45", "Aurora MySQL DB clusters should have audit logging enabled", "aurora-mysql"),
    Control(
        "RDS.46",
        "RDS DB instances should not be deployed in public subnets with routes to internet gateways",
        NotApplicable("no VPC has an internet gateway", ("AWS::EC2::InternetGateway",)),
    ),
    _of_engines(
        "RDS.47",
        "RDS for PostgreSQL DB clusters should be configured to copy tags to DB snapshots",
        "DBCluster postgres",
    ),
    _of_engines(
        "RDS.48", "RDS for MySQL DB clusters should be configured to copy tags to DB snapshots", "DBCluster mysql"
    ),
    Control(
        "RDS.50",
        "RDS DB clusters should have enough backup retention period set",
        ByDefault("7 days; `preset=demo` and `preset=dev-test` keep 1", only=_AURORA),
        each_of(CLUSTER, passes=kept_for_a_week),
    ),
    Control(
        "RDS.51",
        "RDS global clusters should run on a supported Aurora MySQL version",
        NotApplicable("no database is in several regions", ("AWS::RDS::GlobalCluster",)),
    ),
)

SERVICE: Final = Service("RDS, of the deployment rds-behind-cache", "rds-controls", _CONTROLS)
