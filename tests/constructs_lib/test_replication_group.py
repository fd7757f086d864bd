"""ReplicationGroup: defaults, props, endpoints, every error, import, grants, metrics, peers."""

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    NodeType,
    NoPasswordUser,
    ParameterGroup,
    ReplicationGroup,
    ReplicationGroupBase,
    SubnetGroup,
    TransitEncryption,
    UserGroup,
)
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.conftest import existing_vpc

GROUP = "AWS::ElastiCache::ReplicationGroup"


def properties(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the one replication group; reading the template validates it as well."""
    (found,) = assertions.Template.from_stack(stack).find_resources(GROUP).values()
    props: dict[str, Any] = found["Properties"]
    return props


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


ERRORS: list[tuple[str, Callable[[cdk.Stack, ec2.IVpc], object], str]] = [
    (
        "multi-az-without-replica",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, cluster_mode=ClusterMode.disabled(replicas=0), multi_az=True),
        "Stack/Cache: multi_az must be False on a single node, got True; leave it out, or add a replica with "
        "cluster_mode=ClusterMode.disabled(replicas=1)",
    ),
    (
        "failover-on-a-single-node",
        lambda s, v: ReplicationGroup(
            s, "Cache", vpc=v, cluster_mode=ClusterMode.disabled(replicas=0), automatic_failover=True
        ),
        "Stack/Cache: automatic_failover must be False on a single node, got True; leave it out, or add a replica "
        "with cluster_mode=ClusterMode.disabled(replicas=1)",
    ),
    (
        "cluster-without-failover",
        lambda s, v: ReplicationGroup(
            s, "Cache", vpc=v, cluster_mode=ClusterMode.enabled(shards=2), automatic_failover=False
        ),
        "Stack/Cache: automatic_failover must be True with cluster mode enabled, got False; leave it out",
    ),
    (
        "port",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, port=8005),
        "Stack/Cache: port must be 1150 to 8004 or 8006 to 65535, got 8005; use 6379, the default",
    ),
    (
        "id",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, replication_group_id="my_cache"),
        "Stack/Cache: replication_group_id must be an identifier: begin with a letter, hold only alphanumeric "
        "characters and single hyphens, and not end with a hyphen, got 'my_cache'; rename it, or leave it out",
    ),
    (
        "long-id",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, replication_group_id="c" * 41),
        f"Stack/Cache: replication_group_id must have at most 40 characters, got '{'c' * 41}'; shorten it",
    ),
    (
        "maintenance-window",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, maintenance_window="sunday 5am"),
        "Stack/Cache: maintenance_window must have the form ddd:hh24:mi-ddd:hh24:mi, got 'sunday 5am'; "
        "write it like sun:05:00-sun:06:00, in UTC",
    ),
    (
        "windows-overlap-over-midnight",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            backup=Backup(window="23:30-00:30"),
            maintenance_window="mon:00:00-mon:01:00",
        ),
        "Stack/Cache: backup.window must not overlap the maintenance window (mon:00:00-mon:01:00), "
        "got '23:30-00:30'; move one of the two",
    ),
    (
        "iam-before-7",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, engine=EngineVersion.REDIS_6_2),
        "Stack/Cache: access is Access.iam(), which needs redis 7.0 or later, and engine is redis 6.2; use a later "
        "version, access=Access.password(), access=Access.auth_token() or access=Access.none()",
    ),
    (
        "users-without-tls",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, transit_encryption=TransitEncryption.DISABLED),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with users (access, by default "
        "Access.iam()), got TransitEncryption.DISABLED; set it to TransitEncryption.REQUIRED, or pass "
        "access=Access.none()",
    ),
    (
        "token-without-tls",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.auth_token(),
            transit_encryption=TransitEncryption.DISABLED,
        ),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with an AUTH token, got "
        "TransitEncryption.DISABLED; set it to TransitEncryption.REQUIRED, or pass access=Access.none()",
    ),
    (
        "token-with-preferred",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.auth_token(),
            transit_encryption=TransitEncryption.PREFERRED,
        ),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with users or an AUTH token, got "
        "TransitEncryption.PREFERRED; set it to TransitEncryption.REQUIRED once all clients use TLS, or pass "
        "access=Access.none()",
    ),
    (
        "version",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, engine=EngineVersion.of("redis", "7.1.5")),
        "Stack/Cache: engine must be a version of redis that the service offers (4.0.10, 5.0.6, 6.0, 6.2, 7.0, 7.1), "
        "got '7.1.5'; choose one of them, such as 7.1",
    ),
    (
        "node-type-of-the-region",
        lambda s, v: ReplicationGroup(
            cdk.Stack(cdk.Stage.of(s), "Far", env=cdk.Environment(region="ap-southeast-7")),
            "Cache",
            vpc=v,
            node_type=NodeType.of("cache.c7gn.xlarge"),
        ),
        "Far/Cache: node_type must be a node type that ap-southeast-7 has, got 'cache.c7gn.xlarge'; "
        "use another, such as cache.r7g.xlarge",
    ),
    (
        "key-without-encryption",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, kms_key=kms.Key(s, "Key"), at_rest_encryption=False),
        "Stack/Cache: at_rest_encryption must be True with a KMS key, got False; set it to True, or leave out kms_key",
    ),
    (
        "family",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            parameter_group=ParameterGroup(s, "P", engine=EngineVersion.VALKEY_8_2),
        ),
        "Stack/Cache: parameter_group must be of family redis7, which redis 7.1 needs, got 'valkey8'; "
        "use a parameter group of family redis7",
    ),
    (
        "shards-without-cluster-enabled",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            cluster_mode=ClusterMode.enabled(shards=3),
            parameter_group=ParameterGroup.from_parameter_group_name(s, "P", "default.redis7"),
        ),
        "Stack/Cache: parameter_group must be a parameter group with cluster-enabled=yes for 3 shards, got "
        "'default.redis7'; set cluster-enabled to yes in it, or leave parameter_group out",
    ),
    (
        "group-of-the-other-engine",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.user_group(
                UserGroup(s, "G", engine=Engine.VALKEY, users=[IamUser(s, "U", engine=Engine.VALKEY)])
            ),
        ),
        "Stack/Cache: access must be a user group of engine redis on a redis replication group, got Stack/G; create "
        "the user group with engine=Engine.REDIS, or use a valkey version as engine",
    ),
    (
        "subnets-twice",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            vpc_subnets=ec2.SubnetSelection(),
            subnet_group=SubnetGroup.from_subnet_group_name(s, "S", "shared"),
        ),
        "Stack/Cache: vpc_subnets must be absent with subnet_group, got both; leave one of them out, because a "
        "subnet group names its own subnets",
    ),
    (
        "parameters-twice",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            parameters={},
            parameter_group=ParameterGroup.from_parameter_group_name(s, "P", "default.redis7"),
        ),
        "Stack/Cache: parameters must be absent with parameter_group, got both; set them in that parameter group",
    ),
    (
        "cluster-enabled-against-the-mode",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, parameters={"cluster-enabled": "yes"}),
        "Stack/Cache: parameters set cluster-enabled=yes, and cluster_mode is disabled; leave cluster-enabled out, "
        "because cluster_mode sets it",
    ),
    (
        "no-subnets",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=ec2.Vpc.from_vpc_attributes(
                s, "Bare", vpc_id="vpc-0123456789abcdef0", availability_zones=["eu-west-1a"]
            ),
        ),
        "Stack/Cache/SubnetGroup: vpc_subnets must name at least one subnet, got a VPC with neither isolated nor "
        "private subnets; pass vpc_subnets, or a VPC that has them",
    ),
]


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(
    stack: cdk.Stack,
    vpc: ec2.IVpc,
    make: Callable[[cdk.Stack, ec2.IVpc], object],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=";") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


def test_the_callers_own_line_is_on_the_stack(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="port must") as caught:
        ReplicationGroup(stack, "Cache", vpc=vpc, port=80)
    assert __file__ in [str(entry.path) for entry in caught.traceback]


class TestWarnings:
    def test_an_unknown_version_is_taken_with_a_warning(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.of("valkey", "9.2"))
        (found,) = assertions.Annotations.from_stack(stack).find_warning(
            "/Stack/Cache", assertions.Match.string_like_regexp("engine must be a version that is known here")
        )
        assert "[ack: elasticache-constructs:engine/version]" in str(found.entry.data)

    def test_more_than_ninety_nodes_need_a_quota(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=46))
        assertions.Annotations.from_stack(stack).has_warning(
            "/Stack/Cache", assertions.Match.string_like_regexp("fit the quota.*and this is 92")
        )

    def test_a_common_cache_warns_of_nothing(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        assert assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value()) == []


class TestEndpoints:
    def test_disabled(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        id = stack.get_logical_id(cache.node.default_child)  # type: ignore[arg-type]
        assert stack.resolve(cache.primary_endpoint.address) == {"Fn::GetAtt": [id, "PrimaryEndPoint.Address"]}
        assert stack.resolve(cache.reader_endpoint.address) == {"Fn::GetAtt": [id, "ReaderEndPoint.Address"]}
        assert cache.primary_endpoint.port == 6379
        with pytest.raises(ValueError, match="configuration_endpoint") as caught:
            _ = cache.configuration_endpoint
        assert str(caught.value) == (
            "Stack/Cache: there is no configuration_endpoint with cluster mode disabled; use primary_endpoint or "
            "reader_endpoint"
        )

    def test_enabled(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=2), port=7000)
        id = stack.get_logical_id(cache.node.default_child)  # type: ignore[arg-type]
        assert stack.resolve(cache.configuration_endpoint.address) == {
            "Fn::GetAtt": [id, "ConfigurationEndPoint.Address"]
        }
        assert cache.configuration_endpoint.port == 7000
        for name in ("primary", "reader"):
            with pytest.raises(ValueError, match=f"no {name}_endpoint") as caught:
                getattr(cache, f"{name}_endpoint")
            assert str(caught.value) == (
                f"Stack/Cache: there is no {name}_endpoint with cluster mode enabled; use configuration_endpoint"
            )

    def test_compatible_has_all_three(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.compatible())
        result = {cache.primary_endpoint, cache.reader_endpoint, cache.configuration_endpoint}
        assert len(result) == 3


def imported(stack: cdk.Stack, **changes: Any) -> ReplicationGroupBase:
    given: dict[str, Any] = {
        "replication_group_id": "demo",
        "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        "engine": EngineVersion.REDIS_7_1,
        "cluster_mode": ClusterMode.disabled(),
        "primary_endpoint_address": "master.demo.example",
        "access": Access.users([IamUser.from_user_id(stack, "Imported User", "app")]),
        **changes,
    }
    return ReplicationGroup.from_replication_group_attributes(stack, "Imported", **given)


class TestImport:
    def test_attributes(self, stack: cdk.Stack) -> None:
        cache = imported(stack)
        assert cache.replication_group_id == "demo"
        assert cache.primary_endpoint.socket_address == "master.demo.example:6379"
        assert cache.transit_encryption is TransitEncryption.REQUIRED
        assert cache.engine == EngineVersion.REDIS_7_1
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        arn = "arn:aws:elasticache:eu-west-1:111111111111:replicationgroup:demo"
        assert cache.replication_group_arn == arn

    def test_an_address_that_was_not_given(self, stack: cdk.Stack) -> None:
        with pytest.raises(ValueError, match="reader_endpoint") as caught:
            _ = imported(stack).reader_endpoint
        assert str(caught.value) == (
            "Stack/Imported: reader_endpoint_address is not known, because the resource is imported; import it with "
            "from_replication_group_attributes(..., reader_endpoint_address=...)"
        )

    def test_it_makes_nothing(self, stack: cdk.Stack) -> None:
        imported(stack)
        cdk.CfnWaitConditionHandle(stack, "Something")
        assertions.Template.from_stack(stack).resource_count_is(GROUP, 0)


class TestGrants:
    def _role(self, stack: cdk.Stack) -> iam.Role:
        return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))

    def _statements(self, stack: cdk.Stack) -> list[dict[str, Any]]:
        (policy,) = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
        return statements

    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html: both the cache and the user.
    @pytest.mark.parametrize("own", [True, False])
    def test_iam_lists_the_cache_and_its_user(self, stack: cdk.Stack, vpc: ec2.IVpc, own: bool) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc) if own else imported(stack)
        grant = cache.grants.connect(self._role(stack)) if own else cache.grant_connect(self._role(stack))
        assert grant.success
        (statement,) = self._statements(stack)
        assert statement["Action"] == "elasticache:Connect"
        text = json.dumps(statement["Resource"])
        assert ":elasticache:eu-west-1:111111111111:replicationgroup:" in text
        assert ":elasticache:eu-west-1:111111111111:user:" in text
        assert len(statement["Resource"]) == 2
        assert "*" not in text

    def test_a_token_means_its_secret(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        cache.grants.connect(self._role(stack))
        (statement,) = self._statements(stack)
        assert statement["Action"] == "secretsmanager:GetSecretValue"
        assert cache.access.secret is not None
        assert statement["Resource"] == stack.resolve(cache.access.secret.secret_arn)

    def test_a_secret_with_a_key_of_its_own_is_decrypted_through_secrets_manager_alone(
        self, stack: cdk.Stack, vpc: ec2.IVpc
    ) -> None:
        key = kms.Key(stack, "Key")
        secret = secretsmanager.Secret(stack, "Token", encryption_key=key)
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token(secret))
        cache.grants.connect(self._role(stack))
        (statement,) = self._statements(stack)
        assert statement["Action"] == "secretsmanager:GetSecretValue"
        (found,) = assertions.Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
        decrypt = found["Properties"]["KeyPolicy"]["Statement"][-1]
        assert decrypt["Action"] == "kms:Decrypt"
        assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
        assert "Role" in json.dumps(decrypt["Principal"])

    def test_a_secret_known_by_its_name_alone_is_named_with_its_suffix(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        secret = secretsmanager.Secret.from_secret_name_v2(stack, "Token", "token")
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token(secret))
        cache.grants.connect(self._role(stack))
        (statement,) = self._statements(stack)
        assert str(statement["Resource"]).endswith(":secret:token-??????")

    def test_other_users_cannot_be_granted(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = NoPasswordUser(stack, "User", user_name="default", access_string="on ~* +@all")
        group = UserGroup(stack, "Users", engine=Engine.REDIS, users=[user])
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        with pytest.raises(ValueError, match=r"grants\.connect") as caught:
            cache.grants.connect(self._role(stack))
        assert str(caught.value) == (
            "Stack/Cache: grants.connect needs a cache with IAM, password or AUTH token access, and the access is "
            "users; pass the credentials to the client in another way, or use Access.iam(), or Access.users([...]) for "
            "an imported cache"
        )


class TestMetrics:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html, CacheMetrics.HostLevel.html
    @pytest.mark.parametrize(
        ("method", "name", "statistic"),
        [
            ("cpu_utilization", "CPUUtilization", "Average"),
            ("engine_cpu_utilization", "EngineCPUUtilization", "Average"),
            ("database_memory_usage_percentage", "DatabaseMemoryUsagePercentage", "Average"),
            ("curr_connections", "CurrConnections", "Average"),
            ("evictions", "Evictions", "Sum"),
            ("cache_hits", "CacheHits", "Sum"),
            ("cache_misses", "CacheMisses", "Sum"),
        ],
    )
    def test_official_names_and_dimensions(self, stack: cdk.Stack, method: str, name: str, statistic: str) -> None:
        metric: cloudwatch.Metric = getattr(imported(stack).metrics, method)()
        assert (metric.namespace, metric.metric_name, metric.statistic) == (
            "AWS/ElastiCache",
            name,
            statistic,
        )
        assert metric.dimensions == {"CacheClusterId": "demo-001", "CacheNodeId": "0001"}

    def test_replication_lag_is_of_a_replica(self, stack: cdk.Stack) -> None:
        metric = imported(stack).metrics.replication_lag()
        assert metric.dimensions == {"CacheClusterId": "demo-002", "CacheNodeId": "0001"}

    def test_nodes_of_a_cluster_carry_their_shard(self, stack: cdk.Stack) -> None:
        cache = imported(stack, cluster_mode=ClusterMode.enabled(shards=3))
        metric = cache.metrics.metric("Evictions", shard=3, node=2)
        assert metric.dimensions == {"CacheClusterId": "demo-0003-002", "CacheNodeId": "0001"}

    def test_a_shard_outside_cluster_mode_is_refused(self, stack: cdk.Stack) -> None:
        with pytest.raises(ValueError, match="shard") as caught:
            imported(stack).metrics.metric("Evictions", shard=2)
        assert str(caught.value) == ("metric: shard must be 1 unless cluster mode is enabled, got 2; leave it out")

    def test_an_alarm_accepts_the_metric(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        cloudwatch.Alarm(
            stack,
            "Alarm",
            metric=cache.metrics.engine_cpu_utilization(),
            threshold=90,
            evaluation_periods=3,
        )
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::CloudWatch::Alarm", {"MetricName": "EngineCPUUtilization"}
        )


class TestPeers:
    @pytest.mark.parametrize("own", [True, False])
    def test_a_client_in_another_stack_gets_its_rules_in_its_own_stack(
        self, app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc, own: bool
    ) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc) if own else imported(stack)
        cdk.CfnWaitConditionHandle(stack, "NotEmpty")
        other = cdk.Stack(app, "Other", env=ENV)
        client = ec2.Connections(
            security_groups=[ec2.SecurityGroup(other, "Client", vpc=existing_vpc(other), allow_all_outbound=False)]
        )
        client.allow_to_default_port(cache)
        template = assertions.Template.from_stack(other)
        for kind in ("Ingress", "Egress"):
            template.has_resource_properties(
                f"AWS::EC2::SecurityGroup{kind}", {"FromPort": 6379, "ToPort": 6379, "IpProtocol": "tcp"}
            )
        assert [dependency.stack_name for dependency in stack.dependencies] == []

    def test_the_cache_can_be_the_one_that_allows(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        cache.connections.allow_default_port_from(ec2.Peer.ipv4("10.0.0.0/16"))
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": [assertions.Match.object_like({"CidrIp": "10.0.0.0/16", "FromPort": 6379})]},
        )


@settings(max_examples=25)
@given(
    version=st.sampled_from(["redis 7.0", "redis 7.1", "valkey 7.2", "valkey 8.2", "valkey 9.1"]),
    mode=st.one_of(
        st.builds(ClusterMode.disabled, replicas=st.integers(0, 5)),
        st.builds(ClusterMode.compatible, replicas=st.integers(0, 5)),
        st.builds(ClusterMode.enabled, shards=st.integers(1, 80), replicas_per_shard=st.integers(0, 5)),
    ),
    id=st.text(
        st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/"),
        min_size=1,
        max_size=40,
    ),
    days=st.integers(0, 35),
)
def test_what_is_accepted_is_a_valid_template(version: str, mode: ClusterMode, id: str, days: int) -> None:
    """Reading the template runs the built-in validation, whose findings are errors under the flags of cdk.json."""
    engine, _, number = version.partition(" ")
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=ENV)
    if cdk.Token.is_unresolved(id):
        return
    cache = ReplicationGroup(
        stack,
        id,
        vpc=existing_vpc(stack, "The Vpc"),
        engine=EngineVersion.of(engine, number),
        cluster_mode=mode,
        backup=Backup(retention=cdk.Duration.days(days)),
    )
    rendered = properties(stack)
    assert rendered["TransitEncryptionEnabled"]
    assert rendered["AtRestEncryptionEnabled"]
    assert rendered["MultiAZEnabled"] <= rendered["AutomaticFailoverEnabled"]
    assert rendered["MultiAZEnabled"] == (mode.replicas_per_shard > 0)
    (user,) = cache.access.users
    assert len(user.user_name) <= 40
    assert user.user_name == user.user_name.lower()


class TestTokens:
    """Every check skips tokens."""

    def test_a_parameter_as_id_and_port(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        id = cdk.CfnParameter(stack, "Id").value_as_string
        port = cdk.CfnParameter(stack, "Port", type="Number").value_as_number
        ReplicationGroup(stack, "Cache", vpc=vpc, replication_group_id=id, port=port)  # type: ignore[arg-type]  # a token of CDK
        rendered = properties(stack)
        assert rendered["ReplicationGroupId"] == {"Ref": "Id"}
        assert rendered["Port"] == {"Ref": "Port"}
