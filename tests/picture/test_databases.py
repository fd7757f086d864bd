"""RDS databases in pictures: their properties, their place, and who reaches them."""

from typing import Any

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import WIDTHS, draw
from elasticache_operations.picture.markup import markdown, mermaid
from elasticache_operations.picture.page import page
from tests.picture.databases import aurora, beside, db, member, only, several
from tests.picture.geometry import faults, read
from tests.picture.pages import parse
from tests.picture.templates import changed, function, picture, resource, source, standard

TIMES = "\N{MULTIPLICATION SIGN}"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
INSTANCES: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("engine", {}, "Engine", "PostgreSQL 17.6"),
    ("MySQL", {"Engine": "mysql", "EngineVersion": "8.4"}, "Engine", "MySQL 8.4"),
    ("MariaDB", {"Engine": "mariadb"}, "Engine", "MariaDB 17.6"),
    ("edition", {"Engine": "oracle-ee", "EngineVersion": None}, "Engine", "Oracle"),
    ("SQL Server", {"Engine": "sqlserver-se"}, "Engine", "SQL Server 17.6"),
    ("Db2", {"Engine": "db2-se"}, "Engine", "Db2 17.6"),
    ("other engine", {"Engine": "custom"}, "Engine", "custom 17.6"),
    ("unknown engine", {"Engine": {"Ref": "Engine"}}, "Engine", "RDS 17.6"),
    ("class", {}, "Instances", "1 \N{MULTIPLICATION SIGN} db.t4g.micro"),
    ("standby", {"MultiAZ": True}, "Instances", "2 \N{MULTIPLICATION SIGN} db.t4g.micro"),
    ("unknown class", {"DBInstanceClass": {"Ref": "X"}}, "Instances", f"1 {TIMES} instance class known at deployment"),
    ("storage", {}, "Storage", "20 GiB gp3"),
    ("large storage", {"AllocatedStorage": 2000, "StorageType": None}, "Storage", "2,000 GiB"),
    ("unknown storage", {"AllocatedStorage": {"Ref": "Size"}}, "Storage", None),
    ("zone", {"AvailabilityZone": "eu-west-1b"}, "Zones", "zone eu-west-1b"),
    ("no zone", {}, "Zones", "RDS chooses the zone"),
    ("two zones", {"MultiAZ": True}, "Zones", "RDS chooses two zones"),
    ("at rest", {}, "At rest", "encrypted with the key of the service"),
    ("own key", {"KmsKeyId": KEY}, "At rest", "encrypted with a customer managed key"),
    ("not at rest", {"StorageEncrypted": False}, "At rest", "not encrypted"),
    ("at rest absent", {"StorageEncrypted": None}, "At rest", "not encrypted"),
    ("at rest unknown", {"StorageEncrypted": {"Ref": "Rest"}}, "At rest", "known at deployment"),
    ("restored", {"StorageEncrypted": None, "DBSnapshotIdentifier": "x"}, "At rest", "as its source is"),
    ("read replica", {"StorageEncrypted": None, "SourceDBInstanceIdentifier": "x"}, "At rest", "as its source is"),
    ("no TLS", {}, "In transit", None),
    ("password", {}, "Authentication", "password"),
    ("secret", {"ManageMasterUserPassword": True}, "Authentication", "password in Secrets Manager"),
    ("token too", {"EnableIAMDatabaseAuthentication": True}, "Authentication", "password or IAM token"),
    ("token alone", {"MasterUserAuthenticationType": "iam-db-auth"}, "Authentication", "IAM token"),
    ("backups", {}, "Backups", "kept for 7 days"),
    ("one backup", {"BackupRetentionPeriod": 1}, "Backups", "kept for 1 day"),
    ("no backups", {"BackupRetentionPeriod": 0}, "Backups", "none"),
    ("backups absent", {"BackupRetentionPeriod": None}, "Backups", None),
    ("backups unknown", {"BackupRetentionPeriod": {"Ref": "Days"}}, "Backups", "known at deployment"),
    ("public", {"PubliclyAccessible": True}, "Public", "publicly accessible"),
    ("not public", {"PubliclyAccessible": False}, "Public", None),
    ("port", {}, "Port", "5432"),
    ("own port", {"Port": "5433"}, "Port", "5433"),
    ("port of the engine", {"Engine": "sqlserver-ee"}, "Port", "1433"),
    ("unknown port", {"Port": {"Ref": "Port"}}, "Port", None),
    ("port of another engine", {"Engine": "custom"}, "Port", None),
]


@pytest.mark.parametrize(
    ("properties", "label", "value"), [case[1:] for case in INSTANCES], ids=[case[0] for case in INSTANCES]
)
def test_a_property_is_shown(properties: dict[str, Any], label: str, value: str | None) -> None:
    shown = only(changed(beside(db()), "Db", **properties))
    assert dict(shown.facts).get(label) == value
    if value and label not in ("Engine", "Port"):
        assert any(value in part for part in shown.summary)


@pytest.mark.parametrize(
    ("database", "roles", "title"),
    [
        (db(), [("instance", None)], "PostgreSQL 17.6 database"),
        (db(AvailabilityZone="eu-west-1a"), [("instance", "eu-west-1a")], "PostgreSQL 17.6 database"),
        (db(MultiAZ=True), [("primary", None), ("standby", None)], "PostgreSQL 17.6 database"),
        (db(SourceDBInstanceIdentifier="x"), [("reader", None)], "PostgreSQL 17.6 read replica"),
        (
            aurora(Engine="postgres", DBClusterInstanceClass="db.m8g.large"),
            [("writer", None), ("reader", None), ("reader", None)],
            "PostgreSQL 17.5 cluster",
        ),
    ],
)
def test_the_instances_have_roles(database: dict[str, Any], roles: list[tuple[str, str | None]], title: str) -> None:
    shown = only(beside(database))
    assert shown.title == title
    assert shown.shards is not None
    assert [(node.role, node.zone) for shard in shown.shards for node in shard.nodes] == roles


def test_an_aurora_cluster_has_its_members_in_the_order_of_their_promotion_tiers() -> None:
    shown = only(
        beside(
            aurora(ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 16}),
            Late=member(PromotionTier=1, DBInstanceClass="db.serverless", AvailabilityZone="eu-west-1b"),
            Early=member(PromotionTier=0, AvailabilityZone="eu-west-1a"),
        )
    )
    facts = dict(shown.facts)
    assert shown.title == "Aurora PostgreSQL 17.5 cluster"
    assert shown.shards is not None
    assert [(node.role, node.zone) for node in shown.shards[0].nodes] == [
        ("writer", "eu-west-1a"),
        ("reader", "eu-west-1b"),
    ]
    assert facts["Instances"] == "1 \N{MULTIPLICATION SIGN} db.r8g.large, 1 \N{MULTIPLICATION SIGN} db.serverless"
    assert facts["Capacity"] == "0.5 to 16 ACU"
    assert facts["Zones"] == "zones eu-west-1a, eu-west-1b"
    assert facts["Port"] == "5432"
    assert dict(only(beside(aurora(Engine="aurora-mysql"))).facts)["Port"] == "3306"


@pytest.mark.parametrize(("members", "words"), [(0, None), (1, "RDS chooses the zone"), (2, "RDS chooses the zones")])
def test_zones_of_a_cluster_that_the_template_does_not_state(members: int, words: str | None) -> None:
    listed = {f"Member{number}": member() for number in range(members)}
    shown = only(beside(aurora(), **listed))
    assert dict(shown.facts).get("Zones") == words
    assert bool(shown.shards) == bool(members)
    several = only(beside(aurora(Engine="mysql", DBClusterInstanceClass="db.m8g.large")))
    assert dict(several.facts)["Zones"] == "RDS chooses three zones"
    assert dict(several.facts)["Instances"] == "3 \N{MULTIPLICATION SIGN} db.m8g.large"


@pytest.mark.parametrize(
    ("database", "kind", "prop", "parameters", "required"),
    [
        (db(), "DBParameterGroup", "DBParameterGroupName", {"rds.force_ssl": "1"}, True),
        (db(), "DBParameterGroup", "DBParameterGroupName", {"rds.force_ssl": 0}, False),
        (db(), "DBParameterGroup", "DBParameterGroupName", {}, False),
        (db(), "DBClusterParameterGroup", "DBParameterGroupName", {"rds.force_ssl": "1"}, False),
        (aurora(), "DBClusterParameterGroup", "DBClusterParameterGroupName", {"require_secure_transport": "ON"}, True),
        (aurora(), "DBParameterGroup", "DBClusterParameterGroupName", {"require_secure_transport": "ON"}, False),
    ],
)
def test_tls_is_required_by_the_parameter_group(
    database: dict[str, Any], kind: str, prop: str, parameters: dict[str, Any], required: bool
) -> None:
    group = resource(f"RDS::{kind}", Family="x", Description="x", Parameters=parameters)
    resources = changed(beside(database, Parameters=group), "Db", **{prop: {"Ref": "Parameters"}})
    shown = only(resources)
    assert shown.tls == required
    assert dict(shown.facts).get("In transit") == ("TLS required" if required else None)
    (_, client) = picture(resources).clients[0]
    assert client.routes[1].label == f"TCP 5432, {'TLS, ' if required else ''}password"


def test_a_client_reaches_a_database_by_the_security_groups() -> None:
    (_, client), *_ = picture(beside(db())).clients
    assert [(route.store, route.label) for route in client.routes] == [
        ("cache-1", "TCP 6379, TLS, no authentication"),
        ("database-1", "TCP 5432, password"),
    ]
    (_, client), *_ = picture(changed(beside(db()), "DbIn", FromPort=5433, ToPort=5433)).clients
    assert [route.store for route in client.routes] == ["cache-1"]
    closed = changed(beside(db()), "ClientGroup", SecurityGroupEgress=[])
    assert [route.store for _, client in picture(closed).clients for route in client.routes] == []


def test_whoever_reaches_the_database_alone_is_drawn_after_the_clients_of_the_cache() -> None:
    groups = {
        "Other": resource("EC2::SecurityGroup", GroupDescription="x", VpcId={"Ref": "Vpc"}),
        "OtherIn": resource(
            "EC2::SecurityGroupIngress",
            GroupId={"Fn::GetAtt": ["DbGroup", "GroupId"]},
            SourceSecurityGroupId={"Fn::GetAtt": ["Other", "GroupId"]},
            IpProtocol="tcp",
            FromPort=5432,
            ToPort=5432,
        ),
    }
    config = {
        "SecurityGroupIds": [{"Fn::GetAtt": ["Other", "GroupId"]}],
        "SubnetIds": [{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
    }
    others = {f"Job{number}": function(0, 1, VpcConfig=config) for number in range(4)}
    model = picture(beside(db(), **groups, **others))
    assert [(client.name, [route.store for route in client.routes]) for _, client in model.clients][:2] == [
        ("Client", ["cache-1", "database-1"]),
        ("Job0", ["database-1"]),
    ]
    drawn = [text for text, _ in read(draw(model, 760)).texts]
    assert "EC2 instance t4g.nano" in drawn, "the client of the cache has one zone, and the others two"
    assert "and 1 more client, in the table" in drawn


def test_addresses_that_may_connect_to_a_database_are_drawn() -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.9.0.0/16"}
    model = picture(changed(beside(db()), "DbGroup", SecurityGroupIngress=[rule]))
    assert ("10.9.0.0/16", ["database-1"]) in [
        (client.name, [route.store for route in client.routes]) for _, client in model.clients
    ]


def test_a_database_of_another_vpc_or_without_a_cache_is_no_part_of_the_picture() -> None:
    elsewhere = {
        "Vpc2": resource("EC2::VPC", CidrBlock="10.1.0.0/16"),
        "Subnet9": resource("EC2::Subnet", VpcId={"Ref": "Vpc2"}, CidrBlock="10.1.0.0/24"),
    }
    moved = changed(beside(db(), **elsewhere), "DbSubnets", SubnetIds=[{"Ref": "Subnet9"}])
    assert picture(moved).databases == ()
    alone = {name: entry for name, entry in beside(db()).items() if name != "Cache"}
    assert picture(alone).databases == ()
    default = changed(beside(db()), "Db", DBSubnetGroupName=None, VPCSecurityGroups=None)
    assert picture(default).databases == ()
    with_group = changed(beside(db()), "Db", DBSubnetGroupName="theirs")
    assert len(picture(with_group).databases) == 1, "the security group shows the VPC"


def test_a_database_in_the_default_vpc_is_drawn_with_a_cache_there() -> None:
    resources = changed(beside(db()), "Db", DBSubnetGroupName=None, VPCSecurityGroups=None)
    resources = changed(resources, "Cache", CacheSubnetGroupName=None, SecurityGroupIds=None)
    (vpc,) = picture(resources).regions[0].vpcs
    assert (vpc.title, len(vpc.databases)) == ("Default VPC of the account", 1)


def test_the_subnets_of_a_database_are_columns() -> None:
    resources = changed(beside(db()), "Subnets", SubnetIds=[{"Ref": "Subnet0"}])
    assert len(picture(resources).regions[0].vpcs[0].columns) == 2


@pytest.mark.parametrize("width", [*WIDTHS, 500, 1600])
def test_databases_are_drawn_without_a_fault(width: int) -> None:
    drawing = read(draw(picture(several()), width))
    assert not list(faults(drawing))
    cache, *databases = sorted(drawing.of("cache", "database"), key=lambda box: box.top)
    assert (cache.kind, [box.kind for box in databases]) == ("cache", ["database", "database"])
    words = [text for text, _ in drawing.texts]
    assert [words.count(role) for role in ("primary", "standby", "writer", "reader")] == [2, 1, 1, 1]


def test_a_single_instance_has_no_arrow_of_replication() -> None:
    assert draw(picture(beside(db())), 760).count('class="line copies"') == 1
    assert draw(picture(beside(db(MultiAZ=True))), 760).count('class="line copies"') == 2


def test_the_page_has_a_table_of_the_databases() -> None:
    text = page(picture(several()))
    elements = parse(text).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert {"database-1", "database-2"} <= set(ids)
    assert {str(attributes["href"]) for tag, attributes in elements if tag == "a"} <= {f"#{id}" for id in ids}
    assert "<h2>Databases</h2>" in text
    assert "A standby of a database takes no reads." in text
    assert "A standby of a database takes no reads." not in page(picture(beside(db())))
    assert "<h2>Databases</h2>" not in page(picture(standard()))
    assert "Db: TCP 5432, password" in text


def test_the_sentence_names_the_databases() -> None:
    assert picture(beside(db())).sentence.endswith(
        f"PostgreSQL 17.6: database of 1 {TIMES} db.t4g.micro, encrypted with the key of the service, in eu-west-1; "
        "reached by 1 EC2 instance."
    )
    assert "2 databases, each PostgreSQL 17.6" in picture(beside(db(), Second=db())).sentence


def test_the_other_formats_have_the_databases() -> None:
    model = picture(several())
    assert 'database1[("PostgreSQL 17.6 database: primary, standby")]' in mermaid(model)
    assert '  client1 -->|"TCP 5432, password"| database1' in mermaid(model)
    assert 'database1[("Aurora PostgreSQL 17.5 cluster")]' in mermaid(picture(beside(aurora())))
    assert "<summary>Databases</summary>" in markdown(model)
    assert "Db: TCP 5432, password" in markdown(model)
    assert "<summary>Databases</summary>" not in markdown(picture(standard()))


def test_a_change_marks_the_database() -> None:
    before = beside(db())
    delta = delta_of(source(before), source(changed(before, "Db", BackupRetentionPeriod=9)))
    assert [item.change for item in delta.after.databases] == ["changed in place"]
    assert draw(delta.after, 760).count('class="database changed"') == 1
    assert [item.change for item in delta_of(source(standard()), source(before)).after.databases] == ["added"]
