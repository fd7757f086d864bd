"""Checks of the RDS controls: what a template must contain."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import Check, Deployed, Finding

INSTANCE: Final = "AWS::RDS::DBInstance"
CLUSTER: Final = "AWS::RDS::DBCluster"
DEFAULT_PORTS: Final = ("3306", "5432", "1433", "1521", "50000")


Properties = Mapping[str, Any]


def instances(passes: Callable[[Properties], bool]) -> Check:
    """A check of the DB instances that belong to no cluster."""

    def check(found: Deployed) -> Iterator[Finding]:
        for instance in found.of(INSTANCE):
            if "DBClusterIdentifier" not in instance.properties:
                yield instance.name, passes(instance.properties)

    return check


def several_members(found: Deployed) -> Iterator[Finding]:
    """Each cluster has at least two DB instances."""
    for cluster in found.of(CLUSTER):
        members = [
            instance
            for instance in found.of(INSTANCE)
            if instance.properties.get("DBClusterIdentifier") == {"Ref": cluster.logical_id}
        ]
        yield cluster.name, len(members) > 1


def tls_required(found: Deployed) -> Iterator[Finding]:
    """Each parameter group of PostgreSQL requires TLS."""
    for group in found.of("AWS::RDS::DBParameterGroup"):
        if group.properties["Family"].startswith("postgres"):
            yield group.name, group.properties.get("Parameters", {}).get("rds.force_ssl") == "1"


def kept_for_a_week(properties: Properties) -> bool:
    """Automated backups are kept for at least seven days."""
    return int(properties.get("BackupRetentionPeriod", 1)) >= 7


def publishes(log: str) -> Callable[[Properties], bool]:
    """A check that a log is exported to CloudWatch Logs."""
    return lambda properties: log in properties.get("EnableCloudwatchLogsExports", [])


def other_port(properties: Properties) -> bool:
    """The port is not the default port of an engine."""
    return str(properties.get("Port", DEFAULT_PORTS[0])) not in DEFAULT_PORTS


def own_user(properties: Properties) -> bool:
    """The master user does not have a default name."""
    return properties.get("MasterUsername", "postgres") not in ("postgres", "admin")


def true(name: str) -> Callable[[Properties], bool]:
    """A check that a property is true."""
    return lambda properties: properties.get(name) is True
