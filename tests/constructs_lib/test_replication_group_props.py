"""ReplicationGroup: defaults, props and access."""

import json

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    SubnetGroup,
    TransitEncryption,
    UserGroup,
)
from tests.constructs_lib.replication_groups import GROUP, properties


class TestDefaults:
    def test_secure_and_cheap(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        rendered = properties(stack)
        assert {key: rendered[key] for key in rendered if isinstance(rendered[key], str | int | bool)} == {
            "AtRestEncryptionEnabled": True,
            "AutoMinorVersionUpgrade": True,
            "AutomaticFailoverEnabled": True,
            "CacheNodeType": "cache.t4g.micro",
            "ClusterMode": "disabled",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "MultiAZEnabled": True,
            "NumCacheClusters": 2,
            "Port": 6379,
            "ReplicationGroupDescription": "Cache in stack Stack",
            "SnapshotRetentionLimit": 15,
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
        }

    def test_what_is_not_promised_is_not_rendered(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        absent = (
            "ReplicationGroupId",
            "KmsKeyId",
            "AuthToken",
            "SnapshotWindow",
            "PreferredMaintenanceWindow",
            "NumNodeGroups",
            "ReplicasPerNodeGroup",
        )
        assert not set(absent) & set(properties(stack))

    def test_a_snapshot_is_taken_on_removal_and_on_replacement(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        assertions.Template.from_stack(stack).has_resource(
            GROUP, {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"}
        )

    def test_the_created_resources(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::ElastiCache::SubnetGroup",
            {"SubnetIds": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"]},
        )
        template.has_resource_properties(
            "AWS::ElastiCache::ParameterGroup",
            {"CacheParameterGroupFamily": "redis7", "Properties": assertions.Match.absent()},
        )
        template.has_resource_properties(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupEgress": [assertions.Match.object_like({"CidrIp": "255.255.255.255/32"})]},
        )

    def test_the_default_user_of_redis_is_off(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::ElastiCache::User",
            {
                "UserName": "default",
                "AccessString": "off -@all",
                "AuthenticationMode": {"Type": "no-password-required"},
                "Engine": "redis",
            },
        )
        users = template.find_resources("AWS::ElastiCache::User").values()
        (iam_user,) = [u["Properties"] for u in users if u["Properties"]["AuthenticationMode"]["Type"] == "iam"]
        assert iam_user["UserId"] == iam_user["UserName"]
        assert iam_user["AccessString"].startswith("on ~* &* +@all -@dangerous")

    def test_valkey_needs_no_default_user(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2)
        template = assertions.Template.from_stack(stack)
        template.resource_count_is("AWS::ElastiCache::User", 1)
        template.has_resource_properties("AWS::ElastiCache::UserGroup", {"Engine": "valkey"})


class TestProps:
    def test_cluster_mode_enabled(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=3, replicas_per_shard=2))
        rendered = properties(stack)
        assert (rendered["NumNodeGroups"], rendered["ReplicasPerNodeGroup"], rendered["ClusterMode"]) == (
            3,
            2,
            "enabled",
        )
        assert "NumCacheClusters" not in rendered
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties("AWS::ElastiCache::ParameterGroup", {"Properties": {"cluster-enabled": "yes"}})
        template.has_resource(GROUP, {"UpdatePolicy": {"UseOnlineResharding": True}})

    def test_cluster_mode_enabled_without_replicas(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=0))
        rendered = properties(stack)
        assert (rendered["AutomaticFailoverEnabled"], rendered["MultiAZEnabled"]) == (True, False)

    def test_cluster_mode_compatible(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.compatible(replicas=1))
        rendered = properties(stack)
        assert (rendered["NumNodeGroups"], rendered["ClusterMode"]) == (1, "compatible")

    def test_a_single_node(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.disabled(replicas=0))
        rendered = properties(stack)
        assert (rendered["NumCacheClusters"], rendered["AutomaticFailoverEnabled"], rendered["MultiAZEnabled"]) == (
            1,
            False,
            False,
        )

    def test_failover_off_turns_multi_az_off(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        # The built-in validation refuses this for redis (E3026), where the service allows it.
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, automatic_failover=False)
        assert properties(stack)["MultiAZEnabled"] is False

    def test_everything_else(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        key = kms.Key(stack, "Key")
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            engine=EngineVersion.VALKEY_9_1,
            node_type=NodeType.R7G_LARGE,
            description="Sessions",
            replication_group_id="sessions",
            parameters={"maxmemory-policy": "noeviction"},
            port=7000,
            kms_key=key,
            backup=Backup(retention=cdk.Duration.days(35), window="03:00-04:00"),
            maintenance_window="sun:05:00-sun:06:00",
            multi_az=False,
            auto_minor_version_upgrade=False,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        template = assertions.Template.from_stack(stack)
        template.has_resource(GROUP, {"DeletionPolicy": "Delete"})
        template.has_resource_properties(
            GROUP,
            {
                "Engine": "valkey",
                "EngineVersion": "9.1",
                "CacheNodeType": "cache.r7g.large",
                "ReplicationGroupDescription": "Sessions",
                "ReplicationGroupId": "sessions",
                "Port": 7000,
                "KmsKeyId": stack.resolve(key.key_arn),
                "SnapshotRetentionLimit": 35,
                "SnapshotWindow": "03:00-04:00",
                "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
                "MultiAZEnabled": False,
                "AutoMinorVersionUpgrade": False,
            },
        )
        template.has_resource_properties(
            "AWS::ElastiCache::ParameterGroup",
            {"CacheParameterGroupFamily": "valkey9", "Properties": {"maxmemory-policy": "noeviction"}},
        )

    def test_given_groups_are_used(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        subnets = SubnetGroup(stack, "Subnets", vpc=vpc, subnet_group_name="shared")
        parameters = ParameterGroup(stack, "Parameters", engine=EngineVersion.REDIS_7_1)
        security_group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")
        cache = ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            subnet_group=subnets,
            parameter_group=parameters,
            security_groups=[security_group],
        )
        rendered = properties(stack)
        assert rendered["CacheSubnetGroupName"] == stack.resolve(subnets.subnet_group_name)
        assert rendered["CacheParameterGroupName"] == stack.resolve(parameters.parameter_group_name)
        assert rendered["SecurityGroupIds"] == ["sg-0123456789abcdef0"]
        assert cache.node.try_find_child("SecurityGroup") is None

    def test_imported_groups_are_used(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            subnet_group=SubnetGroup.from_subnet_group_name(stack, "Subnets", "shared"),
            parameter_group=ParameterGroup.from_parameter_group_name(stack, "Parameters", "default.redis7"),
        )
        rendered = properties(stack)
        assert (rendered["CacheSubnetGroupName"], rendered["CacheParameterGroupName"]) == (
            "shared",
            "default.redis7",
        )

    def test_an_older_version_has_neither_mode_property(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.REDIS_6_2, access=Access.auth_token())
        assert not {"ClusterMode", "TransitEncryptionMode"} & set(properties(stack))

    def test_vpc_subnets_choose(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Mixed",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["eu-west-1a"],
            private_subnet_ids=["subnet-0a1b2c3d4e5f60711"],
            private_subnet_route_table_ids=["rtb-0a1b2c3d4e5f60711"],
            isolated_subnet_ids=["subnet-0a1b2c3d4e5f60722"],
            isolated_subnet_route_table_ids=["rtb-0a1b2c3d4e5f60722"],
        )
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            multi_az=False,
        )
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::SubnetGroup", {"SubnetIds": ["subnet-0a1b2c3d4e5f60711"]}
        )


class TestAccess:
    def test_a_token_is_generated_and_referred_to(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::SecretsManager::Secret",
            {"GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True}},
        )
        rendered = properties(stack)
        assert "UserGroupIds" not in rendered
        assert "{{resolve:secretsmanager:" in json.dumps(rendered["AuthToken"])
        assert "secret" not in repr(cache.access)

    def test_a_given_token(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        secret = secretsmanager.Secret(stack, "Token")
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token(secret))
        assert cache.access.secret is secret
        assertions.Template.from_stack(stack).resource_count_is("AWS::SecretsManager::Secret", 1)

    def test_a_given_user_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = IamUser(stack, "User", engine=Engine.REDIS, access_string="on ~app:* +@read")
        group = UserGroup(stack, "Users", engine=Engine.REDIS, users=[user])
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        assert properties(stack)["UserGroupIds"] == [stack.resolve(group.user_group_id)]
        assert cache.access.users == (user,)

    def test_none(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.none(), transit_encryption=TransitEncryption.DISABLED)
        rendered = properties(stack)
        assert rendered["TransitEncryptionEnabled"] is False
        assert not {"UserGroupIds", "AuthToken", "TransitEncryptionMode"} & set(rendered)

    def test_own_access_string(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.iam(access_string="on ~app:* +@read"))
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::User", {"AccessString": "on ~app:* +@read"}
        )
