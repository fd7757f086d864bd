"""The checks of the controls of RDS, on the resources of a template."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import Check, Deployed, Finding

INSTANCE: Final = "AWS::RDS::DBInstance"
CLUSTER: Final = "AWS::RDS::DBCluster"
_DEFAULT_PORTS: Final = ("3306", "5432", "1433", "1521", "50000")


def instances(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """A check of the DB instances that are not members of a cluster."""

    def check(deployed: Deployed) -> Iterator[Finding]:
        for instance in deployed.of(INSTANCE):
            if "DBClusterIdentifier" not in instance.properties:
                yield instance.name, passes(instance.properties)

    return check


def several_members(deployed: Deployed) -> Iterator[Finding]:
    """Whether each cluster has more than one DB instance."""
    for cluster in deployed.of(CLUSTER):
        members = [
            instance
            for instance in deployed.of(INSTANCE)
            if instance.properties.get("DBClusterIdentifier") == {"Ref": cluster.logical_id}
        ]
        yield cluster.name, len(members) > 1


def tls_required(deployed: Deployed) -> Iterator[Finding]:
    """Whether each parameter group of PostgreSQL requires TLS."""
    for group in deployed.of("AWS::RDS::DBParameterGroup"):
        if group.properties["Family"].startswith("postgres"):
            yield group.name, group.properties.get("Parameters", {}).get("rds.force_ssl") == "1"


def kept_for_a_week(properties: Mapping[str, Any]) -> bool:
    """Whether automated backups are kept for at least 7 days."""
    return int(properties.get("BackupRetentionPeriod", 1)) >= 7


def publishes(log: str) -> Callable[[Mapping[str, Any]], bool]:
    """A check that a log is published to CloudWatch Logs."""
    return lambda properties: log in properties.get("EnableCloudwatchLogsExports", [])


def other_port(properties: Mapping[str, Any]) -> bool:
    """Whether the port is not the default port of an engine."""
    return str(properties.get("Port", _DEFAULT_PORTS[0])) not in _DEFAULT_PORTS


def own_user(properties: Mapping[str, Any]) -> bool:
    """Whether the master user does not have a default name."""
    return properties.get("MasterUsername", "postgres") not in ("postgres", "admin")


def is_true(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """A check that a property is true."""
    return lambda properties: properties.get(name) is True
