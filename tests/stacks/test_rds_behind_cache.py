"""What the deployment rds-behind-cache refuses, and what follows from its options."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from stacks import deployments, rds_behind_cache
from tests.conftest import CONTEXT, ENV, ROOT
from tests.stacks.assembly import VARIANTS, assembly

NETWORK = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60722",
    "availability_zones": "eu-west-1a,eu-west-1b",
}


def choose(**context: object) -> Any:
    return deployments.choose({"deployment": "rds-behind-cache", **context})


@pytest.mark.parametrize(
    ("context", "message", "fixed"),
    [
        (
            {"shards": 3},
            "shards must be left out with cache cluster-mode-disabled, got 3; leave it out, or choose -c "
            "cache=cluster-mode-enabled",
            {"shards": 3, "cache": "cluster-mode-enabled"},
        ),
        (
            {"cache": "serverless", "shards": 3},
            "shards must be left out with cache serverless, got 3; leave it out, or choose -c "
            "cache=cluster-mode-enabled",
            {"shards": 3, "cache": "cluster-mode-enabled"},
        ),
        *(
            (
                {"cache": "serverless", name: value},
                f"{name} must be left out with cache serverless, got {value}; leave it out, or choose -c "
                "cache=cluster-mode-disabled",
                {name: value},
            )
            for name, value in (("node_type", "cache.r7g.large"), ("replicas", 0), ("log_delivery", True))
        ),
        *(
            (
                {name: 5000},
                f"{name} must be left out with cache cluster-mode-disabled, got 5000; leave it out, or choose -c "
                "cache=serverless",
                {name: 5000, "cache": "serverless"},
            )
            for name in ("maximum_storage_gb", "maximum_ecpu_per_second")
        ),
        (
            {"database": "aurora", "database_instance_class": "db.m7g.large"},
            "database_instance_class must be left out with database aurora, got db.m7g.large; leave it out, or choose "
            "-c database=instance",
            {"database_instance_class": "db.m7g.large"},
        ),
        *(
            (
                {name: 2},
                f"{name} must be left out with database instance, got 2; leave it out, or choose -c database=aurora",
                {name: 1, "database": "aurora"},
            )
            for name in ("database_minimum_capacity", "database_maximum_capacity")
        ),
        *(
            (
                {"database": "aurora", "database_maximum_capacity": most},
                f"database_maximum_capacity must be 1 to 256, got {most}; choose a number in that range",
                {"database": "aurora", "database_maximum_capacity": most + fix},
            )
            for most, fix in ((0, 1), (257, -1))
        ),
        *(
            (
                {"database": "aurora", "database_minimum_capacity": least},
                f"database_minimum_capacity must be 0 to database_maximum_capacity (1), got {least}; choose a number "
                "in that range, or raise database_maximum_capacity",
                fixed,
            )
            for least, fixed in (
                (-1, {"database": "aurora", "database_minimum_capacity": 0}),
                (2, {"database": "aurora", "database_minimum_capacity": 2, "database_maximum_capacity": 2}),
            )
        ),
        (
            {"database_backup_retention_days": 36},
            "database_backup_retention_days must be 0 to 35 with database instance, got 36; choose a number in that "
            "range",
            {"database_backup_retention_days": 35},
        ),
        (
            {"database": "aurora", "database_backup_retention_days": 0},
            "database_backup_retention_days must be 1 to 35 with database aurora, got 0; choose a number in that range",
            {"database": "aurora", "database_backup_retention_days": 1},
        ),
        (
            {"database_instance_class": "t4g.micro"},
            "database_instance_class must have the form db.family.size, got 't4g.micro'; write it like "
            "-c database_instance_class=db.t4g.micro",
            {"database_instance_class": "db.t4g.micro"},
        ),
        (
            {**NETWORK, "availability_zones": "eu-west-1a,eu-west-1a"},
            "availability_zones must name at least 2 different zones for a database, got eu-west-1a,eu-west-1a; add a "
            "subnet in another zone",
            NETWORK,
        ),
    ],
)
def test_what_does_not_fit_is_refused(context: dict[str, Any], message: str, fixed: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - compared as a whole below
        choose(**context)
    assert str(refused.value) == f"rds-behind-cache: {message}"
    choose(**fixed)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, ("db.t4g.micro", False, 7, False)),
        ({"preset": "demo"}, ("db.t4g.micro", False, 1, False)),
        ({"preset": "dev-test"}, ("db.t4g.medium", False, 1, False)),
        ({"preset": "production"}, ("db.m7g.large", True, 7, True)),
        ({"preset": "production", "database_multi_az": "false"}, ("db.m7g.large", False, 7, True)),
    ],
)
def test_presets(context: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = choose(**context)
    assert (
        found.database_instance_class or "db.t4g.micro",
        found.database_multi_az,
        found.database_backup_retention_days,
        found.deletion_protection,
    ) == expected


def test_the_page_has_the_presets() -> None:
    text = (ROOT / "docs" / "deployments.md").read_text().partition("## The database of rds-behind-cache")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    shown = dict(zip(rows[0][1:], zip(*[row[1:] for row in rows[2:]], strict=True), strict=True))
    assert list(shown) == ["no preset", "`demo`", "`dev-test`", "`production`"]
    for name, cells in shown.items():
        context = {} if name == "no preset" else {"preset": name.strip("`")}
        found, aurora = choose(**context), choose(**context, database="aurora")
        days, last = found.database_backup_retention_days, found.removal == "snapshot"
        assert cells == (
            found.database_instance_class or "db.t4g.micro",
            f"{aurora.database_minimum_capacity or 0} to {aurora.database_maximum_capacity or 1}",
            "yes" if found.database_multi_az else "no",
            f"{days} day{'s' * (days > 1)}",
            "yes" if found.deletion_protection else "no",
            "last snapshot" if last else "nothing is left",
        ), name


@pytest.mark.parametrize("preset", ["demo", "dev-test", "production"])
def test_each_preset_fits_every_kind(preset: str) -> None:
    for database in ("instance", "aurora"):
        for cache in ("cluster-mode-disabled", "cluster-mode-enabled", "serverless"):
            assert choose(preset=preset, database=database, cache=cache).preset == preset


@pytest.mark.parametrize(
    ("context", "limits"),
    [
        ({}, None),
        ({"preset": "demo"}, {"DataStorage": {"Maximum": 1, "Unit": "GB"}}),
        (
            {"preset": "dev-test", "maximum_ecpu_per_second": "10000"},
            {"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 10000}},
        ),
    ],
)
def test_limits_of_a_serverless_cache(context: dict[str, str], limits: object) -> None:
    """A preset limits the data; a limit of requests would throttle the demonstration."""
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    choose(cache="serverless", **context).build(app, ENV)
    template = assertions.Template.from_stack(cdk.Stack.of(app.node.find_child("RdsBehindCache-Cache")))
    (cache,) = template.find_resources("AWS::ElastiCache::ServerlessCache").values()
    assert cache["Properties"].get("CacheUsageLimits") == limits


@pytest.mark.parametrize(("context", "optional"), [({}, True), ({"cache_optional": "false"}, False)])
def test_the_cache_is_optional_for_the_client(context: dict[str, str], optional: bool) -> None:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    choose(**context).build(app, ENV)
    client = cdk.Stack.of(app.node.find_child("RdsBehindCache-Client"))
    ((_, instance),) = assertions.Template.from_stack(client).find_resources("AWS::EC2::Instance").items()
    assert ("cache_optional" in json.dumps(instance)) is optional


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 300}),
        ({"preset": "dev-test"}, {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 300}),
        ({"preset": "production"}, {"MinCapacity": 1, "MaxCapacity": 8}),
        ({"database_minimum_capacity": "2", "database_maximum_capacity": "4"}, {"MinCapacity": 2, "MaxCapacity": 4}),
    ],
)
def test_capacity_of_aurora(context: dict[str, str], expected: dict[str, int]) -> None:
    """A cluster that pauses makes the next client wait, so that the one of the preset production does not."""
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    choose(database="aurora", **context).build(app, ENV)
    template = assertions.Template.from_stack(cdk.Stack.of(app.node.find_child("RdsBehindCache-Database")))
    (cluster,) = template.find_resources("AWS::RDS::DBCluster").values()
    assert cluster["Properties"]["ServerlessV2ScalingConfiguration"] == expected


@pytest.mark.parametrize(
    ("database", "kind", "family"),
    [
        ("instance", "AWS::RDS::DBInstance", "postgres17"),
        ("aurora", "AWS::RDS::DBCluster", "aurora-postgresql17"),
    ],
)
def test_the_minor_version_is_left_to_rds(database: str, kind: str, family: str) -> None:
    """RDS withdraws each minor version after about a year, and creates no database with it afterwards."""
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    choose(database=database).build(app, ENV)
    template = assertions.Template.from_stack(cdk.Stack.of(app.node.find_child("RdsBehindCache-Database")))
    (found,) = template.find_resources(kind).values()
    assert found["Properties"]["EngineVersion"] == "17"
    groups = {**template.find_resources("AWS::RDS::DBParameterGroup")}
    groups.update(template.find_resources("AWS::RDS::DBClusterParameterGroup"))
    assert [group["Properties"]["Family"] for group in groups.values()] == [family]


WITH_DATABASE = [name for name, variant in VARIANTS.items() if ("deployment", "rds-behind-cache") in variant]


def of_type(templates: dict[str, Any], *types: str) -> list[dict[str, Any]]:
    resources = [resource for template in templates.values() for resource in template["Resources"].values()]
    return [resource for resource in resources if resource["Type"] in types]


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_security_of_the_database(name: str) -> None:
    """Each kind and preset: encrypted, not public, TLS required, IAM alone, and no secret anywhere."""
    templates = assembly(*VARIANTS[name]).templates
    cluster = ("database", "aurora") in VARIANTS[name]
    (database,) = of_type(templates, "AWS::RDS::DBCluster" if cluster else "AWS::RDS::DBInstance")
    found = database["Properties"]
    assert found["StorageEncrypted"] is True
    assert (found["MasterUserAuthenticationType"], found["EnableIAMDatabaseAuthentication"]) == ("iam-db-auth", True)
    assert "MasterUserPassword" not in found
    assert of_type(templates, "AWS::SecretsManager::Secret") == []
    assert all(one["Properties"]["PubliclyAccessible"] is False for one in of_type(templates, "AWS::RDS::DBInstance"))
    (group,) = of_type(templates, "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup")
    assert group["Properties"]["Parameters"]["rds.force_ssl"] == "1"
    assert found["DBClusterParameterGroupName" if cluster else "DBParameterGroupName"] == {"Ref": "Parameters"}
    assert found["DBSubnetGroupName"] == {"Ref": "Subnets"}


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_the_database_is_in_the_subnets_of_the_cache(name: str) -> None:
    """They are the isolated subnets of the network, which have no route but that of the S3 gateway endpoint."""
    templates = assembly(*VARIANTS[name]).templates
    (group,) = of_type(templates, "AWS::RDS::DBSubnetGroup")
    (cache,) = of_type(templates, "AWS::ElastiCache::SubnetGroup", "AWS::ElastiCache::ServerlessCache")
    assert len(group["Properties"]["SubnetIds"]) == 2
    assert group["Properties"]["SubnetIds"] == cache["Properties"]["SubnetIds"]
    assert of_type(templates, "AWS::EC2::Route", "AWS::EC2::InternetGateway", "AWS::EC2::NatGateway") == []


@pytest.mark.parametrize("name", ["rds-behind-cache", "rds-behind-cache-production"])
def test_standby_protection_and_backups_are_in_the_template(name: str) -> None:
    (found,) = of_type(assembly(*VARIANTS[name]).templates, "AWS::RDS::DBInstance")
    production = name.endswith("production")
    assert (found["Properties"]["MultiAZ"], found["Properties"]["DeletionProtection"]) == (production, production)
    assert found["Properties"]["BackupRetentionPeriod"] == 7
    assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")


@pytest.mark.parametrize(("preset", "instances"), [(None, 1), ("production", 2)])
def test_an_aurora_reader_is_the_standby(preset: str | None, instances: int) -> None:
    chosen = VARIANTS["aurora-behind-cache-production" if preset else "aurora-behind-serverless"]
    templates = assembly(*chosen).templates
    assert len(of_type(templates, "AWS::RDS::DBInstance")) == instances
    (cluster,) = of_type(templates, "AWS::RDS::DBCluster")
    assert cluster["Properties"]["DeletionProtection"] is (preset == "production")
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")


def test_without_the_demonstration_the_error_has_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rds_behind_cache, "DEMONSTRATION", tmp_path / "caching-demo.zip")
    expected = (
        "rds-behind-cache: the caching demonstration is not built, .tools/caching-demo.zip is missing; run 'make demo'"
    )
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - compared as a whole below
        choose().program()
    assert str(refused.value) == expected
