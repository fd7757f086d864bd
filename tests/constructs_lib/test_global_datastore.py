"""GlobalDatastore and its secondaries: properties, references across regions, and every error."""

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Durability,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    LogDelivery,
    NodeType,
    ParameterGroup,
    RegionalZones,
    ReplicationGroup,
)
from elasticache_rules import facts
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import GROUP, primary_of
from tests.constructs_lib.templates import properties_of, statements_of

GLOBAL = "AWS::ElastiCache::GlobalReplicationGroup"


class TestPrimary:
    def test_defaults(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        primary = primary_of(stack, vpc)
        datastore = GlobalDatastore(stack, "Global", primary=primary)
        assert properties_of(stack, GLOBAL) == {
            "GlobalReplicationGroupDescription": "Global Datastore with its primary in stack Stack",
            "Members": [
                {
                    "ReplicationGroupId": stack.resolve(primary.replication_group_id),
                    "ReplicationGroupRegion": "eu-west-1",
                    "Role": "PRIMARY",
                }
            ],
        }
        assert datastore.primary is primary
        cdk.Tags.of(datastore).add("team", "orders")

    def test_everything_of_a_cluster(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        primary = primary_of(stack, vpc, engine=EngineVersion.VALKEY_8_1, cluster_mode=ClusterMode.enabled(shards=2))
        group = ParameterGroup(stack, "Next", engine=EngineVersion.VALKEY_9_0, parameters={"cluster-enabled": "yes"})
        GlobalDatastore(
            stack,
            "Global",
            primary=primary,
            id_suffix="orders",
            description="Orders",
            automatic_failover=True,
            node_type=NodeType.R7G_XLARGE,
            engine=EngineVersion.VALKEY_9_0,
            parameter_group=group,
            shards=3,
            zones=[
                RegionalZones(
                    replication_group_id="orders-fra",
                    region="eu-central-1",
                    zones_by_shard={"0003": ("eu-central-1a", "eu-central-1b")},
                )
            ],
        )
        properties = properties_of(stack, GLOBAL)
        assert properties.pop("Members")
        assert properties == {
            "AutomaticFailoverEnabled": True,
            "CacheNodeType": "cache.r7g.xlarge",
            "CacheParameterGroupName": stack.resolve(group.parameter_group_name),
            "Engine": "valkey",
            "EngineVersion": "9.0",
            "GlobalNodeGroupCount": 3,
            "GlobalReplicationGroupDescription": "Orders",
            "GlobalReplicationGroupIdSuffix": "orders",
            "RegionalConfigurations": [
                {
                    "ReplicationGroupId": "orders-fra",
                    "ReplicationGroupRegion": "eu-central-1",
                    "ReshardingConfigurations": [
                        {"NodeGroupId": "0003", "PreferredAvailabilityZones": ["eu-central-1a", "eu-central-1b"]}
                    ],
                }
            ],
        }


class TestSecondary:
    def test_it_says_nothing_that_it_inherits(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        datastore = GlobalDatastore(stack, "Global", primary=primary_of(stack, vpc))
        GlobalDatastoreSecondary(other, "Secondary", global_datastore=datastore, vpc=existing_vpc(other))
        properties = properties_of(other, GROUP)
        assert not set(facts.load("features")["secondary_must_not_set"]) & set(properties)
        assert "AutomaticFailoverEnabled" not in properties
        assert {key: value for key, value in properties.items() if isinstance(value, str | int)} == {
            "MultiAZEnabled": True,
            "NumCacheClusters": 2,
            "Port": 6379,
            "ReplicationGroupDescription": "Secondary of a Global Datastore in stack Other",
            "SnapshotRetentionLimit": 15,
        }

    def test_the_id_comes_from_the_other_region_without_a_custom_resource(
        self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack
    ) -> None:
        datastore = GlobalDatastore(stack, "Global", primary=primary_of(stack, vpc))
        GlobalDatastoreSecondary(other, "Secondary", global_datastore=datastore, vpc=existing_vpc(other))
        reference = properties_of(other, GROUP)["GlobalReplicationGroupId"]
        assert reference["Fn::GetStackOutput"]["Region"] == "eu-west-1"
        everything = json.dumps(assertions.Template.from_stack(other).to_json())
        assert "Custom::" not in everything
        assert "AWS::Lambda::Function" not in everything
        assert other.dependencies == [stack]

    def test_everything_of_a_cluster(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        primary = primary_of(stack, vpc, cluster_mode=ClusterMode.enabled(shards=3), port=7000)
        datastore = GlobalDatastore(stack, "Global", primary=primary)
        topic = sns.Topic(other, "Topic")
        key = "arn:aws:kms:eu-central-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
        secondary = GlobalDatastoreSecondary(
            other,
            "Secondary",
            global_datastore=datastore,
            vpc=existing_vpc(other),
            replicas_per_shard=2,
            description="Copy",
            replication_group_id="orders-fra",
            kms_key=kms.Key.from_key_arn(other, "Key", key),
            backup=Backup(retention=cdk.Duration.days(3), window="03:00-04:00"),
            maintenance_window="sun:23:00-mon:01:30",
            multi_az=False,
            logs=[LogDelivery.slow_log()],
            notification_topic=topic,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        properties = properties_of(other, GROUP)
        assert {key: value for key, value in properties.items() if isinstance(value, str | int)} == {
            "KmsKeyId": key,
            "MultiAZEnabled": False,
            "Port": 7000,
            "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
            "ReplicasPerNodeGroup": 2,
            "ReplicationGroupDescription": "Copy",
            "ReplicationGroupId": "orders-fra",
            "SnapshotRetentionLimit": 3,
            "SnapshotWindow": "03:00-04:00",
        }
        assert properties["LogDeliveryConfigurations"][0]["LogType"] == "slow-log"
        assert secondary.configuration_endpoint.port == 7000
        assert (secondary.cluster_mode.shards, secondary.engine) == (3, EngineVersion.REDIS_7_1)

    def test_users_and_grants_are_its_regions_own(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        datastore = GlobalDatastore(stack, "Global", primary=primary_of(stack, vpc))
        secondary = GlobalDatastoreSecondary(other, "It", global_datastore=datastore, vpc=existing_vpc(other))
        secondary.grants.connect(iam.Role(other, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
        (statement,) = statements_of(other)
        assert all("eu-central-1" in json.dumps(arn) for arn in statement["Resource"])
        assert secondary.primary_endpoint.port == 6379
        assert secondary.reader_endpoint.port == 6379

    def test_of_an_imported_global_datastore(self, other: cdk.Stack, app: cdk.App) -> None:
        home = cdk.Stack(app, "Home", env=cdk.Environment(account="111111111111", region="eu-west-1"))
        cdk.CfnWaitConditionHandle(home, "Something")
        primary = ReplicationGroup.from_replication_group_attributes(
            home,
            "Primary",
            replication_group_id="orders",
            security_groups=[],
            engine=EngineVersion.VALKEY_8_2,
            cluster_mode=ClusterMode.disabled(),
        )
        datastore = GlobalDatastore.from_global_replication_group_id(other, "Global", "ldgnf-orders", primary=primary)
        GlobalDatastoreSecondary(other, "It", global_datastore=datastore, vpc=existing_vpc(other))
        assert properties_of(other, GROUP)["GlobalReplicationGroupId"] == "ldgnf-orders"


def _agnostic(stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> object:
    anywhere = cdk.Stack(cdk.App(), "Anywhere")
    primary = primary_of(anywhere, ec2.Vpc(anywhere, "Vpc"), vpc_subnets=ec2.SubnetSelection())
    return GlobalDatastore(anywhere, "Global", primary=primary)


Make = Callable[[cdk.Stack, ec2.IVpc, cdk.Stack], object]

ERRORS: dict[str, tuple[Make, str]] = {
    "small-nodes": (
        lambda s, v, o: GlobalDatastore(s, "It", primary=primary_of(s, v, node_type=NodeType.T4G_MICRO)),
        "Stack/It: primary must have a node type of a family that Global Datastore takes (m5, m6g, m7g, m8g, r5, r6g, "
        "r6gd, r7g, r8g, c7gn, c8gn), large or larger, got 'cache.t4g.micro'; use cache.r7g.large or larger",
    ),
    "shards-without-cluster-mode": (
        lambda s, v, o: GlobalDatastore(s, "It", primary=primary_of(s, v), shards=3),
        "Stack/It: shards must be absent unless the primary has cluster mode enabled, got 3; leave it out",
    ),
    "durability": (
        lambda s, v, o: GlobalDatastore(
            s,
            "It",
            primary=primary_of(
                s,
                v,
                engine=EngineVersion.VALKEY_9_0,
                cluster_mode=ClusterMode.enabled(shards=2),
                durability=Durability.SYNC,
            ),
        ),
        "Stack/It: primary must have neither durability nor IPv6, got Durability.SYNC; leave durability and "
        "network_type out of the primary",
    ),
    "another-engine": (
        lambda s, v, o: GlobalDatastore(s, "It", primary=primary_of(s, v), engine=EngineVersion.VALKEY_9_0),
        "Stack/It: engine must be a version of redis, which the primary runs, got valkey 9.0; choose one, or leave it "
        "out",
    ),
    "any-region": (
        _agnostic,
        "Anywhere/Global: primary must be in a stack whose region is known at synth, got Anywhere/Primary in an "
        "environment-agnostic stack; pass env=cdk.Environment(account=..., region=...) to its stack",
    ),
    "the-same-region": (
        lambda s, v, o: GlobalDatastoreSecondary(
            s, "It", global_datastore=GlobalDatastore(s, "Global", primary=primary_of(s, v)), vpc=v
        ),
        "Stack/It: global_datastore must have its primary in another region, got Stack/Primary in eu-west-1; put the "
        "secondary's stack into another region",
    ),
    "token": (
        lambda s, v, o: GlobalDatastoreSecondary(
            o,
            "It",
            global_datastore=GlobalDatastore(s, "Global", primary=primary_of(s, v)),
            vpc=existing_vpc(o),
            access=Access.auth_token(),
        ),
        "Other/It: access must be users or none for a secondary, got Access.auth_token(); use Access.iam(); a "
        "secondary inherits an AUTH token and cannot set one",
    ),
    "iam-before-7": (
        lambda s, v, o: GlobalDatastoreSecondary(
            o,
            "It",
            global_datastore=GlobalDatastore(
                s, "Global", primary=primary_of(s, v, engine=EngineVersion.REDIS_6_2, access=Access.auth_token())
            ),
            vpc=existing_vpc(o),
        ),
        "Other/It: access is Access.iam(), which needs redis 7.0 or later, and engine is redis 6.2; use a later "
        "version, access=Access.password() or access=Access.none()",
    ),
    "six-replicas": (
        lambda s, v, o: GlobalDatastoreSecondary(
            o,
            "It",
            global_datastore=GlobalDatastore(s, "Global", primary=primary_of(s, v)),
            vpc=existing_vpc(o),
            replicas_per_shard=6,
        ),
        "Other/It: replicas_per_shard must be 1 to 5, because a secondary inherits automatic failover, got 6; leave it "
        "out for one replica",
    ),
    "no-replica": (
        lambda s, v, o: GlobalDatastoreSecondary(
            o,
            "It",
            global_datastore=GlobalDatastore(s, "Global", primary=primary_of(s, v)),
            vpc=existing_vpc(o),
            replicas_per_shard=0,
        ),
        "Other/It: replicas_per_shard must be 1 to 5, because a secondary inherits automatic failover, got 0; leave it "
        "out for one replica",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(message)}\Z"):
        make(stack, vpc, other)
