"""The facts of databases: each with its source, and those of botocore and the CloudFormation schemas read there."""

import html
import re
from typing import Any

import botocore.session
import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from elasticache_rules import facts

FACTS: dict[str, Any] = facts.load("database")
INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
MODEL = botocore.session.get_session().get_service_model("rds")
CREATE = {INSTANCE: "CreateDBInstance", CLUSTER: "CreateDBCluster"}


def documented(kind: str, member: str) -> str:
    """What botocore says of a parameter of the API, as one line."""
    return plain(MODEL.operation_model(CREATE[kind]).input_shape.members[member].documentation)


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return found


def described(name: str) -> str:
    """What the schema of DB instances says of a property."""
    return plain(schema(INSTANCE)["properties"][name]["description"])


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split("|")]


def test_each_fact_has_a_source() -> None:
    assert list(FACTS["sources"]) == [name for name in FACTS if name not in ("source", "url", "date", "sources")]
    for name, source in FACTS["sources"].items():
        assert re.search(r"botocore|schema|https://", source), name


@pytest.mark.parametrize("kind", [INSTANCE, CLUSTER])
def test_ports_names_windows_and_backups(kind: str) -> None:
    port, days = FACTS["port"], FACTS["backup_retention_days"][kind]
    assert f"Valid Values: {port['min']}-{port['max']} " in documented(kind, "Port")
    assert f"Must be a value from {days['min']} to {days['max']}." in documented(kind, "BackupRetentionPeriod")
    for window in ("PreferredBackupWindow", "PreferredMaintenanceWindow"):
        assert f"Must be at least {FACTS['window_minutes']['min']} minutes." in documented(kind, window)
    name = schema(kind)["properties"]["DBInstanceIdentifier" if kind == INSTANCE else "DBClusterIdentifier"]
    assert FACTS["identifier_length"] == {"min": name["minLength"], "max": name["maxLength"]}


def test_default_ports() -> None:
    names = {"db2": "Db2", "mariadb": "MariaDB", "mysql": "MySQL", "oracle": "Oracle", "postgres": "PostgreSQL"}
    names["sqlserver"] = "Microsoft SQL Server"
    ports = dict(FACTS["default_port"])
    of_clusters = documented(CLUSTER, "Port")
    for engine, name in (("mysql", "MySQL"), ("postgresql", "PostgreSQL")):
        assert f"RDS for {name} and Aurora {name} - {ports.pop(f'aurora-{engine}')} " in f"{of_clusters} "
    found = re.findall(r"RDS for ([A-Za-z0-9 ]+) - (\d+)", documented(INSTANCE, "Port"))
    assert {name: int(port) for name, port in found} == {names[engine]: port for engine, port in ports.items()}


@pytest.mark.parametrize(
    ("engine", "name"), [("postgres", "PostgreSQL"), ("mysql", "MySQL"), ("mariadb", "MariaDB")], ids=lambda it: it
)
def test_storage(engine: str, name: str) -> None:
    assert engine in FACTS["open_source_engines"]
    text = documented(INSTANCE, "AllocatedStorage").partition(f" RDS for {name} Constraints")[2]
    found = re.findall(r"\(((?:gp|io)[^)]+)\): Must be an integer from (\d+) to (\d+)\.", text)[:2]
    bounds = {
        kind.strip(): {"min": int(least), "max": int(most)} for kinds, least, most in found for kind in kinds.split(",")
    }
    assert bounds == FACTS["storage_gib"]


def test_the_default_type_of_storage() -> None:
    ending = f"Default: io1 , if the Iops parameter is specified. Otherwise, {FACTS['default_storage_type']} ."
    assert documented(INSTANCE, "StorageType").endswith(ending)


def test_types_of_storage() -> None:
    types = FACTS["storage_types"]
    found = re.search(r"Valid Values: ([\w |]+) Default", documented(INSTANCE, "StorageType"))
    assert found
    assert words(found[1]) == types[INSTANCE]
    clusters = re.search(
        r"Aurora DB clusters - ([\w |-]+) Multi-AZ DB clusters - ([\w |]+) Default", documented(CLUSTER, "StorageType")
    )
    assert clusters
    assert (words(clusters[1]), words(clusters[2])) == (types["aurora"], types[CLUSTER])


def test_promotion_tiers() -> None:
    tier = FACTS["promotion_tier"]
    assert documented(INSTANCE, "PromotionTier").endswith(f"Valid Values: {tier['min']} - {tier['max']}")


@pytest.mark.parametrize("kind", [INSTANCE, CLUSTER])
def test_authentication_types_of_the_master_user(kind: str) -> None:
    shape = MODEL.operation_model(CREATE[kind]).input_shape.members["MasterUserAuthenticationType"]
    assert shape.enum == FACTS["authentication_types"]


def test_monitoring_intervals() -> None:
    found = re.search(r"Valid Values: ([\d |]+) Default", documented(INSTANCE, "MonitoringInterval"))
    assert found
    assert [int(word) for word in words(found[1])] == FACTS["monitoring_seconds"]


def test_capacity_of_aurora_serverless() -> None:
    members = MODEL.shape_for("ServerlessV2ScalingConfiguration").members
    text = {name: plain(member.documentation) for name, member in members.items()}
    units = FACTS["capacity_units"]
    assert f"the smallest value that you can use is {units['min']}." in text["MinCapacity"]
    assert "half-step increments" in text["MinCapacity"]
    assert units["step"] == 0.5
    assert f"The largest value that you can use is {units['max']} for recent" in text["MaxCapacity"]
    above = re.search(r"must be higher than ([\d.]+) ACUs", str(schema(CLUSTER)["definitions"]))
    assert above
    assert units["least_maximum"] == float(above[1]) + units["step"]
    pause = {key: f"{value:,} seconds".replace("300 ", "300 ") for key, value in FACTS["pause_seconds"].items()}
    assert f"between {pause['min']} (five minutes) and {pause['max']} (one day)" in text["SecondsUntilAutoPause"]


@pytest.mark.parametrize("kind", [INSTANCE, CLUSTER])
def test_logs(kind: str) -> None:
    names = {
        "postgres": "RDS for PostgreSQL",
        "mysql": "RDS for MySQL",
        "mariadb": "RDS for MariaDB",
        "aurora-postgresql": "Aurora PostgreSQL",
        "aurora-mysql": "Aurora MySQL",
    }
    text = documented(kind, "EnableCloudwatchLogsExports")
    logs = {
        engine: words(found[1])
        for engine, name in names.items()
        if (found := re.search(rf"{name} - ((?:[\w.-]+ \| )*[\w.-]+)", text))
    }
    assert {engine: sorted(offered) for engine, offered in FACTS["logs"][kind].items()} == {
        engine: sorted(offered) for engine, offered in logs.items()
    }


def test_engines_with_a_master_user_of_iam() -> None:
    text = described("MasterUserAuthenticationType").partition("only valid for ")[2]
    named = [name.strip() for name in re.split(r",|and", text.partition(" engines")[0]) if name.strip()]
    spelled = {
        "RDS for PostgreSQL": "postgres",
        "RDS for MySQL": "mysql",
        "RDS for MariaDB": "mariadb",
        "Aurora PostgreSQL": "aurora-postgresql",
        "Aurora MySQL": "aurora-mysql",
    }
    assert {spelled[name] for name in named} == set(FACTS["iam_engines"])


@pytest.mark.parametrize("name", FACTS["of_the_cluster"])
def test_settings_that_a_cluster_manages(name: str) -> None:
    text = described(name)
    assert re.search(r"\*Amazon Aurora\* Not applicable|doesn't apply to (the following DB instances: )?.*Aurora", text)
