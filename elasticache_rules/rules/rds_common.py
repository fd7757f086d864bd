"""Properties of resources that several database rules use."""

from elasticache_rules.template import Resource

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
SUBNET_GROUP = "AWS::RDS::DBSubnetGroup"
PARAMETER_GROUP = "AWS::RDS::DBParameterGroup"
CLUSTER_PARAMETER_GROUP = "AWS::RDS::DBClusterParameterGroup"

REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-"
API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"


def is_member(instance: Resource) -> bool:
    """Whether a DB instance belongs to a cluster, which manages its storage, users and backups."""
    return instance.has("DBClusterIdentifier")


def engine_of(database: Resource) -> str | None:
    """The engine in lower case; None where it is absent or unknown."""
    engine = database.text("Engine")
    return engine.lower() if engine is not None else None


def is_postgres(database: Resource) -> bool:
    """Whether the engine is PostgreSQL, of RDS or Aurora."""
    return engine_of(database) in ("postgres", "aurora-postgresql")
