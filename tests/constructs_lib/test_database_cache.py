"""DatabaseCache: where the cache of a database is, who reaches it, and every error."""

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from constructs_lib import (
    AlarmThresholds,
    DatabaseCache,
    EngineVersion,
    Network,
    ReplicationGroup,
    ServerlessCache,
    ServerlessEngine,
    presets,
)
from tests.conftest import ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.databases import AURORA, POSTGRES, instance_of

ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


def cluster_of(stack: cdk.Stack, network: Network) -> rds.DatabaseCluster:
    return rds.DatabaseCluster(
        stack,
        "Database",
        engine=AURORA,
        writer=rds.ClusterInstance.serverless_v2("Writer"),
        vpc=network.vpc,
        vpc_subnets=ISOLATED,
        iam_authentication=True,
    )


def imported_of(stack: cdk.Stack, resource_id: str | None = None) -> rds.IDatabaseInstance:
    return rds.DatabaseInstance.from_database_instance_attributes(
        stack,
        "Imported",
        instance_identifier="shop",
        instance_endpoint_address="shop.abc.eu-west-1.rds.amazonaws.com",
        port=5432,
        security_groups=[],
        instance_resource_id=resource_id,
    )


def subnet_ids(stack: cdk.Stack, kind: str) -> list[Any]:
    (found,) = assertions.Template.from_stack(stack).find_resources(kind).values()
    ids: list[Any] = found["Properties"]["SubnetIds"]
    return ids


@pytest.mark.parametrize("create", [instance_of, cluster_of])
def test_the_cache_is_in_the_subnets_of_the_database(stack: cdk.Stack, network: Network, create: Any) -> None:
    made = DatabaseCache(stack, "It", database=create(stack, network))
    assert isinstance(made.cache, ReplicationGroup)
    assert len(subnet_ids(stack, "AWS::RDS::DBSubnetGroup")) == 2
    assert subnet_ids(stack, "AWS::ElastiCache::SubnetGroup") == subnet_ids(stack, "AWS::RDS::DBSubnetGroup")


def test_only_the_subnets_of_the_database_are_taken(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0, max_azs=3)
    database = rds.DatabaseInstance(
        stack,
        "Database",
        engine=POSTGRES,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnets=vpc.isolated_subnets[:2]),
    )
    DatabaseCache(stack, "It", database=database)
    assert len(vpc.isolated_subnets) == 3
    assert len(subnet_ids(stack, "AWS::ElastiCache::SubnetGroup")) == 2


def test_by_default_it_is_encrypted_and_asks_for_iam_tokens(stack: cdk.Stack, network: Network) -> None:
    DatabaseCache(stack, "It", database=instance_of(stack, network))
    (group,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup").values()
    found = group["Properties"]
    assert (found["AtRestEncryptionEnabled"], found["TransitEncryptionEnabled"]) == (True, True)
    assert (found["Engine"], found["CacheNodeType"], found["MultiAZEnabled"]) == ("valkey", "cache.t4g.micro", True)
    assert found["SnapshotRetentionLimit"] == 1
    assert "UserGroupIds" in found
    assert "KmsKeyId" not in found


@pytest.mark.parametrize(
    ("preset", "kind"),
    [
        (presets.demo(EngineVersion.VALKEY_8_2), "AWS::ElastiCache::ReplicationGroup"),
        (presets.demo(ServerlessEngine.of("valkey", "8")), "AWS::ElastiCache::ServerlessCache"),
    ],
)
def test_the_key_of_the_database_encrypts_the_cache(stack: cdk.Stack, network: Network, preset: Any, kind: str) -> None:
    key, other = kms.Key(stack, "Key"), kms.Key(stack, "Other")
    database = instance_of(stack, network, storage_encryption_key=key)
    DatabaseCache(stack, "It", database=database, preset=preset)
    DatabaseCache(stack, "Given", database=database, preset=preset, kms_key=other)
    found = assertions.Template.from_stack(stack).find_resources(kind)
    assert {name[:2]: resource["Properties"]["KmsKeyId"] for name, resource in found.items()} == {
        "It": {"Fn::GetAtt": [stack.get_logical_id(_resource(key)), "Arn"]},
        "Gi": {"Fn::GetAtt": [stack.get_logical_id(_resource(other)), "Arn"]},
    }


@pytest.mark.parametrize(
    "arn", ["arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555", "alias/shop"]
)
def test_the_key_of_a_cluster_encrypts_the_cache_if_it_has_an_arn(stack: cdk.Stack, network: Network, arn: str) -> None:
    database = cluster_of(stack, network)
    resource = database.node.default_child
    assert isinstance(resource, rds.CfnDBCluster)
    resource.storage_encrypted, resource.kms_key_id = True, arn
    DatabaseCache(stack, "It", database=database)
    (group,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup").values()
    assert group["Properties"].get("KmsKeyId") == (arn if arn.startswith("arn:") else None)


def test_the_key_of_a_database_in_another_stack(stack: cdk.Stack, network: Network) -> None:
    database = instance_of(stack, network, storage_encryption_key=kms.Key(stack, "Key"))
    caching = cdk.Stack(cdk.App.of(stack), "Caching", env=ENV)
    DatabaseCache(caching, "It", database=database)
    (group,) = assertions.Template.from_stack(caching).find_resources("AWS::ElastiCache::ReplicationGroup").values()
    assert list(group["Properties"]["KmsKeyId"]) in (["Fn::ImportValue"], ["Fn::GetStackOutput"])


def _resource(key: kms.Key) -> cdk.CfnElement:
    resource = key.node.default_child
    assert isinstance(resource, cdk.CfnElement)
    return resource


def test_a_serverless_cache_without_authentication(stack: cdk.Stack, network: Network) -> None:
    preset = presets.demo(ServerlessEngine.of("memcached", "1.6"))
    made = DatabaseCache(stack, "It", database=instance_of(stack, network), preset=preset)
    assert isinstance(made.cache, ServerlessCache)
    assert made.cache.access.user_group is None


def test_clients_of_the_database_reach_the_cache_and_nobody_else(stack: cdk.Stack, network: Network) -> None:
    database = instance_of(stack, network)
    client = ec2.SecurityGroup(stack, "Client", vpc=network.vpc, allow_all_outbound=False)
    late = ec2.SecurityGroup(stack, "Late", vpc=network.vpc)
    made = DatabaseCache(stack, "It", database=database, clients=[client])
    made.connections.allow_default_port_from(late, "late")
    found = assertions.Template.from_stack(stack).find_resources("AWS::EC2::SecurityGroupIngress")
    rules = [each["Properties"] for each in found.values()]
    assert {(each["FromPort"], each["ToPort"]) for each in rules} == {(6379, 6379)}
    sources = {each["SourceSecurityGroupId"]["Fn::GetAtt"][0] for each in rules}
    assert {each[:5].rstrip("0123456789ABCDEF") for each in sources} == {"Clien", "Late"}
    assertions.Template.from_stack(stack).resource_count_is("AWS::EC2::SecurityGroupEgress", 1)


def rules(stack: cdk.Stack) -> dict[str, int]:
    """The number of rules for the port of the cache, by type."""
    template = assertions.Template.from_stack(stack)
    kinds = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
    return {kind: len(template.find_resources(kind, {"Properties": {"FromPort": 6379}})) for kind in kinds}


@pytest.mark.parametrize("beside", [True, False], ids=["beside the database", "in a stack of its own"])
def test_a_client_of_another_stack_makes_no_cycle(stack: cdk.Stack, network: Network, beside: bool) -> None:
    """A client beside the database exists before the cache; another one may use the endpoint of the cache."""
    database, app = instance_of(stack, network), stack.node.root
    assert isinstance(app, cdk.App)
    where = stack if beside else cdk.Stack(app, "Application", env=ENV)
    client = ec2.SecurityGroup(where, "Client", vpc=network.vpc, allow_all_outbound=False)
    caching = cdk.Stack(app, "Caching", env=ENV)
    made = DatabaseCache(caching, "It", database=database, clients=[client])
    assert isinstance(made.cache, ReplicationGroup)
    if not beside:
        cdk.CfnOutput(where, "Endpoint", value=made.cache.primary_endpoint.address)
    app.synth()
    both = {"AWS::EC2::SecurityGroupIngress": 1, "AWS::EC2::SecurityGroupEgress": 1}
    assert rules(caching if beside else where) == both


def test_alarms(stack: cdk.Stack, network: Network) -> None:
    topic = sns.Topic(stack, "Topic")
    made = DatabaseCache(
        stack,
        "It",
        database=instance_of(stack, network),
        topic=topic,
        thresholds=AlarmThresholds(cpu_percent=55),
    )
    found = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    assert len(found) == len(made.alarms.alarms) > 4
    assert all(each["Properties"]["AlarmActions"] for each in found.values())


def actions_of(stack: cdk.Stack) -> dict[str, Any]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("RoleDefaultPolicy"))
    return {each["Action"]: each["Resource"] for each in policy["Properties"]["PolicyDocument"]["Statement"]}


def test_a_role_connects_to_the_cache_alone_or_to_both(stack: cdk.Stack, network: Network) -> None:
    made = DatabaseCache(stack, "It", database=instance_of(stack, network))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    made.grant_connect(role)
    assert set(actions_of(stack)) == {"elasticache:Connect"}


@pytest.mark.parametrize("create", [instance_of, cluster_of])
def test_a_grant_names_the_user_of_the_database(stack: cdk.Stack, network: Network, create: Any) -> None:
    made = DatabaseCache(stack, "It", database=create(stack, network))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    granted = made.grant_connect(role, database_user="shop")
    assert granted.success
    found = actions_of(stack)
    assert set(found) == {"elasticache:Connect", "rds-db:connect"}
    assert found["rds-db:connect"]["Fn::Join"][1][-1] == "/shop"


@pytest.mark.parametrize("name", ["*", "sh?p", "1shop", "s" * 64])
def test_a_user_that_a_policy_would_take_for_others_is_refused(stack: cdk.Stack, network: Network, name: str) -> None:
    made = DatabaseCache(stack, "It", database=instance_of(stack, network))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    expected = (
        "Stack/It: database_user must have 1 to 63 letters, digits and _.@+-, and begin with a letter or _, got "
        f"{name!r}; choose another name"
    )
    with pytest.raises(ValueError, match="^" + re.escape(expected) + "$"):
        made.grant_connect(role, database_user=name)
    # Nothing of the refused grant is left.
    made.grant_connect(role, database_user="s" * 63)
    assert actions_of(stack)["rds-db:connect"]["Fn::Join"][1][-1] == f"/{'s' * 63}"


def test_l1_resources_are_imported_by_their_attributes(stack: cdk.Stack, network: Network) -> None:
    """The error says how, and what it says works."""
    instance = rds.CfnDBInstance(stack, "Instance", engine="postgres", db_instance_class="db.t4g.micro")
    cluster = rds.CfnDBCluster(stack, "Cluster", engine="aurora-postgresql")
    for resource in (instance, cluster):
        expected = (
            f"Stack/It: database must be an IDatabaseInstance or an IDatabaseCluster, got a {type(resource).__name__}; "
            "use rds.DatabaseInstance.from_database_instance_attributes(...) or "
            "rds.DatabaseCluster.from_database_cluster_attributes(...)"
        )
        with pytest.raises(ValueError, match="^" + re.escape(expected) + "$"):
            DatabaseCache(stack, "It", database=resource)  # type: ignore[arg-type]
        stack.node.try_remove_child("It")
    group = ec2.SecurityGroup(stack, "Group", vpc=network.vpc)
    imported: tuple[rds.IDatabaseInstance | rds.IDatabaseCluster, ...] = (
        rds.DatabaseInstance.from_database_instance_attributes(
            stack,
            "ImportedInstance",
            instance_identifier=instance.ref,
            instance_endpoint_address=instance.attr_endpoint_address,
            instance_resource_id=instance.attr_dbi_resource_id,
            port=cdk.Token.as_number(instance.attr_endpoint_port),
            security_groups=[group],
        ),
        rds.DatabaseCluster.from_database_cluster_attributes(
            stack,
            "ImportedCluster",
            cluster_identifier=cluster.ref,
            cluster_resource_identifier=cluster.attr_db_cluster_resource_id,
        ),
    )
    for number, database in enumerate(imported):
        made = DatabaseCache(stack, f"It{number}", database=database, vpc=network.vpc, vpc_subnets=ISOLATED)
        role = iam.Role(stack, f"Role{number}", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        made.grant_connect(role, database_user="shop")
    policies = str(assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    for id in ("'Instance', 'DbiResourceId'", "'Cluster', 'DBClusterResourceId'"):
        assert id in policies


def test_an_imported_database(stack: cdk.Stack) -> None:
    vpc = existing_vpc(stack)
    database = imported_of(stack, "db-ABC123")
    made = DatabaseCache(stack, "It", database=database, vpc=vpc, vpc_subnets=ISOLATED)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    made.grant_connect(role, database_user="shop")
    assert made.database is database
    assert set(actions_of(stack)) == {"elasticache:Connect", "rds-db:connect"}


def test_the_vpc_may_be_given_as_well(stack: cdk.Stack, network: Network) -> None:
    DatabaseCache(stack, "It", database=instance_of(stack, network), vpc=network.vpc)
    assert len(subnet_ids(stack, "AWS::ElastiCache::SubnetGroup")) == 2


def test_an_imported_database_needs_its_vpc(stack: cdk.Stack) -> None:
    expected = "Stack/It: vpc must be given for an imported database, got None; pass the VPC and the subnets of the"
    with pytest.raises(ValueError, match="^" + re.escape(expected)):
        DatabaseCache(stack, "It", database=imported_of(stack))


def test_an_imported_database_needs_its_subnets(stack: cdk.Stack) -> None:
    vpc, database = existing_vpc(stack), imported_of(stack)
    expected = "Stack/It: vpc_subnets must be given for a database that is imported or has a subnet group made elsewher"
    with pytest.raises(ValueError, match="^" + re.escape(expected)):
        DatabaseCache(stack, "It", database=database, vpc=vpc)


def test_another_vpc_is_refused(stack: cdk.Stack, network: Network) -> None:
    expected = "Stack/It: vpc must be the one of the database (Stack/Network/Vpc), got Stack/Vpc; leave it out"
    database, other = instance_of(stack, network), existing_vpc(stack)
    with pytest.raises(ValueError, match="^" + re.escape(expected) + "$"):
        DatabaseCache(stack, "It", database=database, vpc=other)


def test_a_database_of_another_region_is_refused(stack: cdk.Stack, network: Network) -> None:
    database = instance_of(stack, network)
    there = cdk.Stack(stack.node.root, "There", env=cdk.Environment(account="111111111111", region="us-east-1"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^There/It: database must be in the region of the stack \(us-east-1\), got"):
        DatabaseCache(there, "It", database=database)


@pytest.mark.parametrize("imported", [True, False])
def test_a_database_without_iam_cannot_be_granted(stack: cdk.Stack, network: Network, imported: bool) -> None:
    database = imported_of(stack) if imported else instance_of(stack, network, iam_authentication=False)
    made = DatabaseCache(stack, "It", database=database, vpc=network.vpc, vpc_subnets=ISOLATED if imported else None)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    expected = f"Stack/It: {database.node.path} cannot be connected to with IAM; create it with iam_authentication=True"
    with pytest.raises(ValueError, match="^" + re.escape(expected)):
        made.grant_connect(role, database_user="shop")
