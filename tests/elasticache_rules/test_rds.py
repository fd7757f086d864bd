"""The rules of databases on both sides of each bound, and on each branch."""

from typing import Any

import pytest

from elasticache_rules import Template, check_template
from tests.elasticache_rules.examples import ABSENT, resources

SUBNET = {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "us-east-1a"}}
CAPACITY = "ServerlessV2ScalingConfiguration"
UNKNOWN = {"Ref": "Parameter"}


def rule_ids(base: str, others: dict[str, Any] | None = None, **change: Any) -> list[str]:
    document = {**resources(base, change), **(others or {})}
    findings = check_template(Template.of({"Resources": document}, region="us-east-1"))
    return [finding.rule for finding in findings if finding.rule.startswith("rds/")]


@pytest.mark.parametrize(
    ("base", "prop", "good", "bad", "rule"),
    [
        ("database", "Port", [1150, "65535", 5432], [1149, 65536, "0"], "rds/port"),
        ("aurora", "Port", [1150, 65535], [1149, 65536], "rds/port"),
        ("database", "BackupRetentionPeriod", [0, 35], [-1, 36], "rds/backup-retention"),
        ("aurora", "BackupRetentionPeriod", [1, 35], [0, 36], "rds/backup-retention"),
        (
            "database",
            "PreferredBackupWindow",
            ["03:00-03:30", "23:45-00:15"],
            ["03:00-03:29", "3:00-4:00", "24:00-24:30", "23:45-00:14"],
            "rds/backup-window",
        ),
        (
            "database",
            "PreferredMaintenanceWindow",
            ["sun:05:00-sun:05:30", "sun:23:45-mon:00:15"],
            ["sun:05:00-sun:05:29", "sunday:05:00-06:00", ""],
            "rds/maintenance-window",
        ),
        (
            "database",
            "DBInstanceIdentifier",
            ["a", "a" * 63, "Shop-1"],
            ["", "a" * 64, "1shop", "shop-", "a--b", "a_b", "shop\n"],
            "rds/identifier",
        ),
        ("aurora", "DBClusterIdentifier", ["shop-1"], ["shop-"], "rds/identifier"),
        ("database", "DBName", ["s", "a" * 63, "my_shop1"], ["1s", "a" * 64, "my-shop", ""], "rds/database-name"),
        ("aurora", "DatabaseName", ["shop"], ["my-shop"], "rds/database-name"),
        (
            "database",
            "MasterUsername",
            ["postgres", "a" * 63, "shop_admin", "pgshop", "rds_superuser"],
            ["Admin", "rdsadmin", "pg_shop", "PG_shop", "1a", "a" * 64, "shop-admin"],
            "rds/master-username",
        ),
        ("database", "EngineVersion", ["17", "17.5", "16.3-R2"], ["latest", "v17", "", ".17"], "rds/engine-version"),
        (
            "database",
            "DBInstanceClass",
            ["db.t4g.micro", "db.x2iedn.32xlarge", "db.r5.6xlarge.tpc2.mem2x", "db.r7g-x.large", "DB.T4G.MICRO"],
            ["t4g.micro", "db.t4g", "db.t4g.", "db", "", "db.t4g.micro\n", "cache.t4g.micro", "db.1.large"],
            "rds/instance-class",
        ),
        ("aurora", "DBClusterInstanceClass", ["db.m6gd.xlarge"], ["m6gd.xlarge"], "rds/instance-class"),
        ("member", "DBInstanceClass", ["db.serverless", "db.r7g.large"], ["serverless"], "rds/instance-class"),
        ("database", "StorageType", ["gp2", "gp3", "standard"], ["GP3", "ssd", "aurora", "", "gp"], "rds/storage-type"),
        ("aurora", "StorageType", ["aurora", "aurora-iopt1"], ["gp3", "aurora-iopt2"], "rds/storage-type"),
        ("member", "StorageType", ["aurora", "aurora-iopt1"], [], "rds/storage-type"),
        ("aurora", "MasterUserAuthenticationType", ["password"], ["iam", ""], "rds/authentication-type"),
        ("database", "MasterUserAuthenticationType", ["iam-db-auth"], ["IAM-DB-AUTH"], "rds/authentication-type"),
        ("member", "PromotionTier", [0, 15, "1"], [-1, 16, "16"], "rds/promotion-tier"),
        ("database", "AllocatedStorage", ["20", 65536], ["19", 65537], "rds/storage-size"),
        ("database", "MaxAllocatedStorage", [22, 1000], [20, 21, 19], "rds/storage-growth"),
        ("database", "MonitoringInterval", [0], [2, 59, 61, -1], "rds/monitoring"),
        (
            "database",
            "EnableCloudwatchLogsExports",
            [["postgresql"], ["iam-db-auth-error"], []],
            [["audit"], ["upgrades"]],
            "rds/log-exports",
        ),
        ("aurora", "EnableCloudwatchLogsExports", [["postgresql"]], [["upgrade"]], "rds/log-exports"),
        (
            "aurora",
            CAPACITY,
            [
                {"MinCapacity": 0, "MaxCapacity": 1},
                {"MinCapacity": 0.5, "MaxCapacity": "1.5"},
                {"MinCapacity": 256, "MaxCapacity": 256},
            ],
            [
                {"MinCapacity": 0, "MaxCapacity": 0.5},
                {"MinCapacity": -0.5, "MaxCapacity": 1},
                {"MinCapacity": 0.25, "MaxCapacity": 1},
                {"MinCapacity": 0, "MaxCapacity": 256.5},
                {"MinCapacity": 2, "MaxCapacity": 1.5},
            ],
            "rds/capacity",
        ),
        (
            "aurora",
            CAPACITY,
            [
                {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 300},
                {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 86400},
                {"MinCapacity": 1, "MaxCapacity": 2},
            ],
            [
                {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 299},
                {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 86401},
                {"MinCapacity": 0.5, "MaxCapacity": 1, "SecondsUntilAutoPause": 300},
            ],
            "rds/pause",
        ),
        ("database-subnets", "SubnetIds", [["subnet-1", "subnet-2"]], [[], ["subnet-1"]], "rds/subnet-group-zones"),
        (
            "database-parameters",
            "Parameters",
            [{"rds.force_ssl": "1"}, {"rds.force_ssl": 0}, {}, {"work_mem": "4MB"}],
            [{"rds.force_ssl": "true"}, {"rds.force_ssl": 2}],
            "rds/parameter-values",
        ),
    ],
)
def test_bounds(base: str, prop: str, good: list[Any], bad: list[Any], rule: str) -> None:
    for value in good:
        assert rule_ids(base, **{prop: value}) == [], value
    for value in bad:
        assert rule_ids(base, **{prop: value}) == [rule], value


@pytest.mark.parametrize(
    "value", [{"Ref": "Parameter"}, {"Fn::Sub": "${Parameter}"}, {"Fn::FindInMap": ["A", "B", "C"]}]
)
@pytest.mark.parametrize(
    "prop",
    [
        "AllocatedStorage",
        "BackupRetentionPeriod",
        "DBInstanceIdentifier",
        "DBName",
        "EnableIAMDatabaseAuthentication",
        "Engine",
        "EngineVersion",
        "MasterUserAuthenticationType",
        "MasterUsername",
        "MonitoringInterval",
        "MultiAZ",
        "Port",
        "PreferredBackupWindow",
        "StorageEncrypted",
        "StorageType",
    ],
)
def test_what_only_the_deployment_knows_is_passed_over(prop: str, value: Any) -> None:
    assert rule_ids("database", **{prop: value}) == []


@pytest.mark.parametrize("engine", ["oracle-se2", "sqlserver-ex"])
def test_other_engines_have_their_own_bounds(engine: str) -> None:
    change: dict[str, Any] = {
        "MasterUserAuthenticationType": ABSENT,
        "EnableIAMDatabaseAuthentication": False,
        "EnableCloudwatchLogsExports": ["alert"],
    }
    assert (
        rule_ids("database", Engine=engine, AllocatedStorage=10, MasterUsername="admin", DBName="a-b", **change) == []
    )


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"MasterUserPassword": "a-password-of-20-letters"}, ["rds/iam-master"]),
        ({"ManageMasterUserPassword": True}, ["rds/iam-master"]),
        ({"ManageMasterUserPassword": False}, []),
        ({"EnableIAMDatabaseAuthentication": False}, ["rds/iam-master"]),
        ({"EnableIAMDatabaseAuthentication": ABSENT}, ["rds/iam-master"]),
        ({"MasterUserAuthenticationType": "password", "MasterUserPassword": "a-password-of-20-letters"}, []),
    ],
)
def test_a_master_user_that_signs_in_with_iam(change: dict[str, Any], rules: list[str]) -> None:
    assert rule_ids("database", **change) == rules


@pytest.mark.parametrize(
    ("base", "engine", "kind", "severities"),
    [
        ("database", "postgres", "gp4", ["warning"]),
        ("database", "postgres", "io3", ["warning"]),
        ("database", "postgres", "gp44", ["error"]),
        ("database", UNKNOWN, "ssd", []),
        ("aurora", "aurora-postgresql", "gp4", ["error"]),
        ("aurora", "postgres", "standard", ["error"]),
        ("aurora", "postgres", "gp3", []),
    ],
)
def test_a_type_of_storage_that_may_have_come_since_is_a_warning(
    base: str, engine: object, kind: str, severities: list[str]
) -> None:
    document = resources(base, {"Engine": engine, "StorageType": kind})
    findings = check_template(Template.of({"Resources": document}, region="us-east-1"))
    assert [finding.severity.value for finding in findings if finding.rule == "rds/storage-type"] == severities


def test_a_password_is_not_shown() -> None:
    for change in ({}, {"MasterUserAuthenticationType": ABSENT, "ManageMasterUserPassword": True}):
        document = resources("database", {"MasterUserPassword": "correct-horse", **change})
        (finding,) = check_template(Template.of({"Resources": document}))
        assert "correct-horse" not in finding.message


def test_a_password_of_a_member_is_not_shown() -> None:
    document = resources("member", {"MasterUserPassword": "correct-horse"})
    (finding,) = check_template(Template.of({"Resources": document}))
    assert finding.rule == "rds/settings-of-the-cluster"
    assert "correct-horse" not in finding.message


@pytest.mark.parametrize(
    ("storage", "rules"),
    [
        ({"StorageType": "gp3", "AllocatedStorage": 399, "Iops": 12000}, ["rds/storage-iops"]),
        ({"StorageType": "gp3", "AllocatedStorage": 399, "StorageThroughput": 500}, ["rds/storage-iops"]),
        ({"StorageType": "gp3", "AllocatedStorage": 400, "Iops": 12000, "StorageThroughput": 500}, []),
        ({"StorageType": "io1", "AllocatedStorage": 100}, ["rds/storage-iops"]),
        ({"StorageType": "io2", "AllocatedStorage": 100, "Iops": 1000}, []),
        ({"StorageType": "io1", "AllocatedStorage": 99, "Iops": 1000}, ["rds/storage-size"]),
        ({"StorageType": ABSENT, "AllocatedStorage": 99, "Iops": 1000}, ["rds/storage-size"]),
        ({"StorageType": ABSENT, "AllocatedStorage": 20}, []),
        ({"StorageType": ABSENT, "AllocatedStorage": 19}, ["rds/storage-size"]),
        ({"StorageType": ABSENT, "AllocatedStorage": 399, "StorageThroughput": 500}, ["rds/storage-iops"]),
        ({"StorageType": ABSENT, "AllocatedStorage": 399, "Iops": 1000, "StorageThroughput": 500}, []),
        ({"AllocatedStorage": 100, "MaxAllocatedStorage": 110}, []),
        ({"AllocatedStorage": 100, "MaxAllocatedStorage": 109}, ["rds/storage-growth"]),
    ],
)
def test_storage(storage: dict[str, Any], rules: list[str]) -> None:
    assert rule_ids("database", **storage) == rules


@pytest.mark.parametrize(
    ("zones", "rules"),
    [
        (("us-east-1a", "us-east-1a"), ["rds/subnet-group-zones"]),
        (("us-east-1a", "us-east-1b"), []),
        (("us-east-1a", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}), []),
    ],
)
def test_zones_of_a_subnet_group(zones: tuple[Any, ...], rules: list[str]) -> None:
    subnets = {
        f"Subnet{number}": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": zone}}
        for number, zone in enumerate(zones)
    }
    assert rule_ids("database-subnets", subnets, SubnetIds=[{"Ref": name} for name in subnets]) == rules


def test_a_subnet_of_elsewhere_may_be_in_another_zone() -> None:
    assert rule_ids("database-subnets", {"Subnet0": SUBNET}, SubnetIds=[{"Ref": "Subnet0"}, "subnet-1"]) == []


@pytest.mark.parametrize(
    ("engine", "version", "family", "rules"),
    [
        ("postgres", "17", "postgres17", []),
        ("postgres", "17.5", "postgres17", []),
        ("postgres", "17", "postgres16", ["rds/parameter-group-family"]),
        ("postgres", "17", "aurora-postgresql17", ["rds/parameter-group-family"]),
        ("mysql", "8.0.40", "mysql8.0", []),
    ],
)
def test_the_family_of_a_parameter_group(engine: str, version: str, family: str, rules: list[str]) -> None:
    group = {"Parameters": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": family}}}
    change: dict[str, Any] = {
        "Engine": engine,
        "EngineVersion": version,
        "DBParameterGroupName": {"Ref": "Parameters"},
        "EnableCloudwatchLogsExports": ABSENT,
    }
    assert rule_ids("database", group, **change) == rules


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"MonitoringInterval": 60}, ["rds/monitoring"]),
        ({"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::111111111111:role/m"}, []),
        ({"MonitoringInterval": 0, "MonitoringRoleArn": "arn:aws:iam::111111111111:role/m"}, ["rds/monitoring"]),
        ({"MonitoringRoleArn": "arn:aws:iam::111111111111:role/m"}, ["rds/monitoring"]),
        ({"MultiAZ": True}, []),
        ({"MultiAZ": False, "AvailabilityZone": "us-east-1a"}, []),
        ({"KmsKeyId": "alias/shop"}, []),
        ({"KmsKeyId": "alias/shop", "StorageEncrypted": ABSENT}, ["rds/encryption-key"]),
        ({"KmsKeyId": "alias/shop", "StorageEncrypted": ABSENT, "DBSnapshotIdentifier": "shop-1"}, []),
        ({"DBInstanceClass": "db.serverless"}, ["rds/serverless-member"]),
        ({"PreferredBackupWindow": "05:30-06:00"}, []),
        ({"PreferredBackupWindow": "05:29-06:00"}, ["rds/windows-overlap"]),
    ],
)
def test_what_goes_together(change: dict[str, Any], rules: list[str]) -> None:
    assert rule_ids("database", **change) == rules


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"DeletionProtection": False}, []),
        ({"DeletionProtection": True}, ["rds/settings-of-the-cluster"]),
        ({"BackupRetentionPeriod": 7}, ["rds/settings-of-the-cluster"]),
        ({"MasterUsername": "shop"}, ["rds/settings-of-the-cluster"]),
        ({"PromotionTier": 1, "AutoMinorVersionUpgrade": True}, []),
    ],
)
def test_an_instance_of_a_cluster(change: dict[str, Any], rules: list[str]) -> None:
    assert rule_ids("member", {"Aurora": resources("aurora")["It"]}, **change) == rules


@pytest.mark.parametrize(("engine", "log", "refused"), [("mysql", "audit", True), ("aurora-mysql", "audit", False)])
def test_a_multi_az_cluster_of_mysql_has_fewer_logs(engine: str, log: str, refused: bool) -> None:
    change: dict[str, Any] = {
        "Engine": engine,
        "EngineVersion": "8.0.40",
        CAPACITY: ABSENT,
        "EnableCloudwatchLogsExports": [log],
    }
    assert ("rds/log-exports" in rule_ids("aurora", **change)) is refused
