"""Parameters that a construct passes on: each value is in the template, or in a result."""

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from constructs_lib import (
    Access,
    AlarmThresholds,
    CacheAlarms,
    CacheClient,
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    GlobalDatastoreSet,
    GlobalRegion,
    IamUser,
    InstanceConnectEndpoint,
    LogDelivery,
    LogDestination,
    LogFormat,
    MemcachedCluster,
    MemcachedVersion,
    Network,
    NodeType,
    OutpostCluster,
    ParameterGroup,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    ServerlessEngineName,
    Snapshot,
    SubnetGroup,
    TransitEncryption,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import GROUP, primary_of
from tests.constructs_lib.templates import properties_of, resource_of
from tests.constructs_lib.test_outpost_cluster import OUTPOST

KEY = "arn:aws:kms:eu-central-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"


def one_subnet(stack: cdk.Stack) -> ec2.SubnetSelection:
    subnet = ec2.Subnet.from_subnet_attributes(
        stack, "Subnet", subnet_id="subnet-0a1b2c3d4e5f60799", availability_zone="eu-west-1c"
    )
    return ec2.SubnetSelection(subnets=[subnet])


def nodes_group(stack: cdk.Stack) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, "Nodes", "sg-0123456789abcdef0")


class TestValues:
    def test_what_of_and_the_constructor_make_is_equal(self) -> None:
        assert EngineVersion(engine=Engine.REDIS, version="7.1") == EngineVersion.of("redis", "7.1")
        assert MemcachedVersion(version="1.6.22") == MemcachedVersion.of("1.6.22")
        assert NodeType(name="cache.r7g.large") == NodeType.of("cache.r7g.large")
        assert ServerlessEngine(engine=ServerlessEngineName.VALKEY, major_version="8") == ServerlessEngine.VALKEY_8

    def test_a_passwords_access_string(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        access = Access.password(access_string="on ~app:* +@read")
        ReplicationGroup(stack, "Cache", vpc=vpc, access=access)
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::User", {"AccessString": "on ~app:* +@read"}
        )

    def test_a_logs_format_and_retention(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        to = LogDestination.log_group(retention=logs.RetentionDays.ONE_WEEK)
        ReplicationGroup(stack, "Cache", vpc=vpc, logs=[LogDelivery.slow_log(to=to, log_format=LogFormat.TEXT)])
        (delivery,) = properties_of(stack, GROUP)["LogDeliveryConfigurations"]
        assert delivery["LogFormat"] == "text"
        assert properties_of(stack, "AWS::Logs::LogGroup")["RetentionInDays"] == 7

    @pytest.mark.parametrize(("swap", "threshold"), [(1000, 1000), (None, None)])
    def test_swap_of_memcached(self, stack: cdk.Stack, vpc: ec2.IVpc, swap: int | None, threshold: int | None) -> None:
        cache = MemcachedCluster(stack, "Cache", vpc=vpc)
        CacheAlarms(stack, "Alarms", cache=cache, thresholds=AlarmThresholds(swap_bytes=swap))
        alarms = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
        result = {
            alarm["Properties"]["Threshold"] for alarm in alarms if alarm["Properties"]["MetricName"] == "SwapUsage"
        }
        assert result == (set() if threshold is None else {threshold})

    @pytest.mark.parametrize(("percent", "alarms"), [(50, 1), (None, 0)])
    def test_ecpu_of_a_limit(self, stack: cdk.Stack, vpc: ec2.IVpc, percent: float | None, alarms: int) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc, usage_limits=UsageLimits(maximum_ecpu_per_second=2000))
        CacheAlarms(stack, "Alarms", cache=cache, thresholds=AlarmThresholds(ecpu_percent=percent))
        resources = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
        assert sum("Elasti" in str(alarm) and "ProcessingUnits" in str(alarm) for alarm in resources) == alarms


class TestPlaces:
    def test_a_subnet_group_in_chosen_subnets(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        SubnetGroup(stack, "Subnets", vpc=vpc, vpc_subnets=one_subnet(stack))
        assert properties_of(stack, "AWS::ElastiCache::SubnetGroup")["SubnetIds"] == ["subnet-0a1b2c3d4e5f60799"]

    def test_a_serverless_cache_in_chosen_subnets(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc, vpc_subnets=one_subnet(stack))
        assert properties_of(stack, "AWS::ElastiCache::ServerlessCache")["SubnetIds"] == ["subnet-0a1b2c3d4e5f60799"]

    def test_a_rotation_in_chosen_subnets(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache, vpc_subnets=one_subnet(stack))
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::Lambda::Function", {"VpcConfig": {"SubnetIds": ["subnet-0a1b2c3d4e5f60799"]}}
        )

    def test_an_instance_connect_endpoint(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        InstanceConnectEndpoint(stack, "Endpoint", vpc=vpc, subnet=vpc.isolated_subnets[0])
        properties = properties_of(stack, "AWS::EC2::InstanceConnectEndpoint")
        assert properties["SubnetId"] == "subnet-0a1b2c3d4e5f60711"
        assert properties_of(stack, "AWS::EC2::SecurityGroup")["VpcId"] == "vpc-0123456789abcdef0"

    def test_a_client_of_another_type_without_a_command_line(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network")
        CacheClient(
            stack,
            "Client",
            vpc=network.vpc,
            cache=ReplicationGroup(stack, "Cache", vpc=network.vpc),
            instance_type=ec2.InstanceType("t4g.small"),
            command_line_client=False,
        )
        properties = properties_of(stack, "AWS::EC2::Instance")
        assert properties["InstanceType"] == "t4g.small"
        # The two that are optional: the heartbeat and the command line.
        assert str(properties["UserData"]).count("if false; then") == 2

    def test_an_outpost_cluster_with_everything(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        group = ParameterGroup(stack, "Own", engine=EngineVersion.REDIS_7_1)
        OutpostCluster(
            stack,
            "Cache",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            outpost_arn=OUTPOST,
            security_groups=[nodes_group(stack)],
            parameter_group=group,
            maintenance_window="sun:05:00-sun:06:00",
            auto_minor_version_upgrade=False,
        )
        properties = properties_of(stack, "Custom::ElastiCacheOutpostCluster")
        assert properties["SecurityGroupIds"] == ["sg-0123456789abcdef0"]
        assert properties["CacheParameterGroupName"] == stack.resolve(group.parameter_group_name)
        assert (properties["PreferredMaintenanceWindow"], properties["AutoMinorVersionUpgrade"]) == (
            "sun:05:00-sun:06:00",
            False,
        )


class TestImports:
    def test_a_replication_group_with_every_attribute(self, stack: cdk.Stack) -> None:
        cache = ReplicationGroup.from_replication_group_attributes(
            stack,
            "Cache",
            replication_group_id="demo",
            security_groups=[nodes_group(stack)],
            engine=EngineVersion.VALKEY_8_2,
            cluster_mode=ClusterMode.compatible(),
            primary_endpoint_address="primary.example",
            reader_endpoint_address="reader.example",
            configuration_endpoint_address="all.example",
            port=7000,
            transit_encryption=TransitEncryption.DISABLED,
        )
        assert cache.reader_endpoint.socket_address == "reader.example:7000"
        assert cache.configuration_endpoint.socket_address == "all.example:7000"
        assert cache.uses_tls is False

    def test_a_memcached_cluster_with_every_attribute(self, stack: cdk.Stack) -> None:
        cache = MemcachedCluster.from_memcached_cluster_attributes(
            stack,
            "Cache",
            cluster_name="pages",
            configuration_endpoint_address="pages.example",
            security_groups=[nodes_group(stack)],
            version=MemcachedVersion.V1_6_22,
            nodes=1,
            port=11999,
            transit_encryption=False,
        )
        assert (cache.configuration_endpoint.port, cache.uses_tls) == (11999, False)

    def test_a_user_groups_id(self, stack: cdk.Stack) -> None:
        UserGroup(
            stack,
            "Group",
            engine=Engine.VALKEY,
            users=[IamUser(stack, "User", engine=Engine.VALKEY)],
            user_group_id="team",
        )
        assert properties_of(stack, "AWS::ElastiCache::UserGroup")["UserGroupId"] == "team"


@pytest.mark.parametrize(
    ("policy", "attribute"), [(cdk.RemovalPolicy.DESTROY, "Delete"), (cdk.RemovalPolicy.RETAIN, "Retain")]
)
def test_the_removal_of_snapshots(stack: cdk.Stack, vpc: ec2.IVpc, policy: cdk.RemovalPolicy, attribute: str) -> None:
    group = ReplicationGroup(stack, "Cache", vpc=vpc)
    Snapshot(stack, "Copy", replication_group=group, removal_policy=policy)
    cache = ServerlessCache(stack, "Serverless", vpc=vpc)
    ServerlessCacheSnapshot(stack, "ServerlessCopy", serverless_cache=cache, removal_policy=policy)
    for kind in ("AWS::ElastiCache::Snapshot", "AWS::ElastiCache::ServerlessCacheSnapshot"):
        assert resource_of(stack, kind)["DeletionPolicy"] == attribute


class TestGlobal:
    def test_a_secondary_in_places_of_the_callers(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        datastore = GlobalDatastore(stack, "Global", primary=primary_of(stack, vpc))
        GlobalDatastoreSecondary(
            other,
            "Secondary",
            global_datastore=datastore,
            vpc=existing_vpc(other),
            subnet_group=SubnetGroup.from_subnet_group_name(other, "Subnets", "shared"),
            security_groups=[nodes_group(other)],
            port=7001,
        )
        properties = properties_of(other, GROUP)
        assert (properties["CacheSubnetGroupName"], properties["SecurityGroupIds"], properties["Port"]) == (
            "shared",
            ["sg-0123456789abcdef0"],
            7001,
        )

    def test_a_secondary_in_chosen_subnets(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        datastore = GlobalDatastore(stack, "Global", primary=primary_of(stack, vpc))
        GlobalDatastoreSecondary(
            other, "Secondary", global_datastore=datastore, vpc=existing_vpc(other), vpc_subnets=one_subnet(other)
        )
        assert properties_of(other, "AWS::ElastiCache::SubnetGroup")["SubnetIds"] == ["subnet-0a1b2c3d4e5f60799"]

    def test_a_set_and_its_regions_with_everything(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        topic = sns.Topic.from_topic_arn(other, "Topic", "arn:aws:sns:eu-central-1:111111111111:events")
        GlobalDatastoreSet(
            "Orders",
            regions=[
                GlobalRegion(scope=stack, vpc=vpc, vpc_subnets=one_subnet(stack), access=Access.none()),
                GlobalRegion(
                    scope=other,
                    vpc=existing_vpc(other),
                    subnet_group=SubnetGroup.from_subnet_group_name(other, "Subnets", "shared"),
                    security_groups=[nodes_group(other)],
                    kms_key=kms.Key.from_key_arn(other, "Key", KEY),
                    maintenance_window="sun:05:00-sun:06:00",
                    logs=[LogDelivery.engine_log()],
                    notification_topic=topic,
                ),
            ],
            node_type=NodeType.R7G_XLARGE,
            transit_encryption=TransitEncryption.PREFERRED,
            id_suffix="orders",
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        here, there = properties_of(stack, GROUP), properties_of(other, GROUP)
        assert (here["CacheNodeType"], here["TransitEncryptionMode"]) == ("cache.r7g.xlarge", "preferred")
        assert "UserGroupIds" not in here
        assert properties_of(stack, "AWS::ElastiCache::SubnetGroup")["SubnetIds"] == ["subnet-0a1b2c3d4e5f60799"]
        suffix = properties_of(stack, "AWS::ElastiCache::GlobalReplicationGroup")["GlobalReplicationGroupIdSuffix"]
        assert suffix == "orders"
        assert {name: there[name] for name in ("CacheSubnetGroupName", "SecurityGroupIds", "KmsKeyId")} == {
            "CacheSubnetGroupName": "shared",
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
            "KmsKeyId": KEY,
        }
        assert there["PreferredMaintenanceWindow"] == "sun:05:00-sun:06:00"
        assert there["NotificationTopicArn"] == topic.topic_arn
        assert [log["LogType"] for log in there["LogDeliveryConfigurations"]] == ["engine-log"]
        assert {resource_of(scope, GROUP)["DeletionPolicy"] for scope in (stack, other)} == {"Retain"}
