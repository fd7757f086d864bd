"""ServerlessCache: defaults, props, every error, import, grants, metrics, peers, its client and its snapshots."""

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Access,
    Backup,
    CacheClient,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    Network,
    NetworkType,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    Snapshot,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.templates import properties_of, resource_of, statements_of
from tests.constructs_lib.test_client import config_of

CACHE = "AWS::ElastiCache::ServerlessCache"
GB = cdk.Size.gibibytes


class TestDefaults:
    def test_valkey_with_iam_and_a_last_snapshot(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc)
        properties = properties_of(stack, CACHE)
        name = properties["ServerlessCacheName"]
        assert name.startswith("stack-cache-")
        assert {key: value for key, value in properties.items() if isinstance(value, str | int)} == {
            "Description": "Cache in stack Stack",
            "Engine": "valkey",
            "MajorEngineVersion": "8",
            "ServerlessCacheName": name,
            "SnapshotRetentionLimit": 15,
        }
        assert properties["SubnetIds"] == ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"]
        assert "CacheUsageLimits" not in properties
        assert "Ref" in properties["UserGroupId"]
        assert cache.uses_tls is True

    def test_redis_gets_a_default_user_that_is_off(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc, engine=ServerlessEngine.REDIS_7)
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::User", {"UserName": "default", "AccessString": "off -@all"}
        )

    def test_memcached_has_no_users_and_its_own_ports(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc, engine=ServerlessEngine.MEMCACHED_1_6)
        assert "UserGroupId" not in properties_of(stack, CACHE)
        assert (cache.endpoint.port, cache.reader_endpoint.port) == (11211, 11212)


class TestProps:
    def test_everything(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        key = kms.Key.from_key_arn(
            stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
        )
        ServerlessCache(
            stack,
            "Cache",
            vpc=vpc,
            engine=ServerlessEngine.VALKEY_9,
            serverless_cache_name="orders",
            description="Orders",
            usage_limits=UsageLimits(
                minimum_storage=GB(2),
                maximum_storage=GB(10),
                minimum_ecpu_per_second=1000,
                maximum_ecpu_per_second=5000,
            ),
            access=Access.password(),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
            kms_key=key,
            backup=Backup(retention=cdk.Duration.days(3), window="04:00-05:00"),
            restore_from=RestoreFrom.s3(s3.Bucket.from_bucket_name(stack, "Bucket", "seeds"), "a.rdb"),
            network_type=NetworkType.DUAL_STACK,
            connection_type="public",
            final_snapshot_name="orders-last",
        )
        properties = properties_of(stack, CACHE)
        assert properties.pop("UserGroupId")
        assert properties == {
            "CacheUsageLimits": {
                "DataStorage": {"Maximum": 10, "Minimum": 2, "Unit": "GB"},
                "ECPUPerSecond": {"Maximum": 5000, "Minimum": 1000},
            },
            "ConnectionType": "public",
            "DailySnapshotTime": "04:00",
            "Description": "Orders",
            "Engine": "valkey",
            "FinalSnapshotName": "orders-last",
            "KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef",
            "MajorEngineVersion": "9",
            "NetworkType": "dual_stack",
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
            "ServerlessCacheName": "orders",
            "SnapshotArnsToRestore": ["arn:aws:s3:::seeds/a.rdb"],
            "SnapshotRetentionLimit": 3,
            "SubnetIds": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"],
        }

    @pytest.mark.parametrize(
        ("limits", "expected"),
        [
            (UsageLimits(maximum_storage=GB(1)), {"DataStorage": {"Maximum": 1, "Unit": "GB"}}),
            (UsageLimits(minimum_ecpu_per_second=1000), {"ECPUPerSecond": {"Minimum": 1000}}),
        ],
    )
    def test_some_limits(self, stack: cdk.Stack, vpc: ec2.IVpc, limits: UsageLimits, expected: dict[str, Any]) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc, usage_limits=limits)
        assert properties_of(stack, CACHE)["CacheUsageLimits"] == expected

    @pytest.mark.parametrize(
        ("policy", "expected"), [(cdk.RemovalPolicy.DESTROY, "Delete"), (cdk.RemovalPolicy.RETAIN, "Retain")]
    )
    def test_removal(self, stack: cdk.Stack, vpc: ec2.IVpc, policy: cdk.RemovalPolicy, expected: str) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc, removal_policy=policy)
        resource = resource_of(stack, CACHE)
        assert resource["DeletionPolicy"] == expected
        assert "FinalSnapshotName" not in resource["Properties"]

    def test_an_existing_user_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[user])
        cache = ServerlessCache(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        assert properties_of(stack, CACHE)["UserGroupId"] == stack.resolve(group.user_group_id)
        assert cache.access.users == (user,)


def _redis_takes_valkey_users(stack: cdk.Stack, vpc: ec2.IVpc) -> object:
    user = IamUser(stack, "User", engine=Engine.VALKEY)
    group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[user])
    return ServerlessCache(stack, "Cache", vpc=vpc, engine=ServerlessEngine.REDIS_7, access=Access.user_group(group))


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "public-before-valkey-9": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, connection_type="public"),
        "Stack/Cache: connection_type must be vpc for anything before valkey 9, got 'public'; use valkey 9, or a "
        "connection within the VPC",
    ),
    "retention": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, backup=Backup(retention=cdk.Duration.days(36))),
        "Backup: retention must be 0 to 35 whole days, got 36; choose a number in that range",
    ),
    "description": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, description="d" * 256),
        f"Stack/Cache: description must have at most 255 characters, got '{'d' * 256}'; shorten it",
    ),
    "token": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, access=Access.auth_token()),
        "Stack/Cache: access must be users or Access.none() for a serverless cache, got Access.auth_token(); use "
        "Access.iam(), which is the default",
    ),
    "users-of-memcached": (
        lambda s, v: ServerlessCache(
            s,
            "Cache",
            vpc=v,
            engine=ServerlessEngine.MEMCACHED_1_6,
            access=Access.user_group(UserGroup.from_user_group_id(s, "Users", "app")),
        ),
        "Stack/Cache: access must be Access.none() for memcached, got Access.user_group(...); leave it out",
    ),
    "iam-of-memcached": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, engine=ServerlessEngine.MEMCACHED_1_6, access=Access.iam()),
        "Stack/Cache: access must be Access.none() for memcached, got Access.iam(); leave it out",
    ),
    "iam-before-7": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, engine=ServerlessEngine.of("redis", "6")),
        "Stack/Cache: access is Access.iam(), which needs redis 7.0 or later, and engine is serverless redis 6; use a "
        "later version, access=Access.password() or access=Access.none()",
    ),
    "redis-with-valkey-users": (
        _redis_takes_valkey_users,
        "Stack/Cache: access must be a user group of engine redis for a redis cache, got Stack/Users; create the user "
        "group with engine=Engine.REDIS, or use a valkey version as engine",
    ),
    "final-snapshot": (
        lambda s, v: ServerlessCache(
            s, "Cache", vpc=v, final_snapshot_name="last", removal_policy=cdk.RemovalPolicy.DESTROY
        ),
        "Stack/Cache: final_snapshot_name must be absent unless removal_policy is RemovalPolicy.SNAPSHOT, got 'last'; "
        "leave one of them out",
    ),
    "snapshot-name": (
        lambda s, v: ServerlessCache(s, "Cache", vpc=v, restore_from=RestoreFrom.snapshot("nightly")),
        "Stack/Cache: restore_from must name ARNs, got the snapshot name nightly; use "
        "RestoreFrom.serverless_snapshot(...) or RestoreFrom.s3(...)",
    ),
    "storage": (
        lambda s, v: UsageLimits(maximum_storage=GB(5001)),
        "UsageLimits: maximum_storage must be 1 to 5,000 GB, got 5,001; choose a number in that range, or leave it out",
    ),
    "part-of-a-gigabyte": (
        lambda s, v: UsageLimits(maximum_storage=cdk.Size.mebibytes(1500)),
        "UsageLimits: maximum_storage must be a whole number of GB, got 1.46484; use cdk.Size.gibibytes(...)",
    ),
    "ecpu": (
        lambda s, v: UsageLimits(minimum_ecpu_per_second=10),
        "UsageLimits: minimum_ecpu_per_second must be 1,000 to 15,000,000, got 10; choose a number in that range, or "
        "leave it out",
    ),
    "order": (
        lambda s, v: UsageLimits(minimum_storage=GB(5), maximum_storage=GB(2)),
        "UsageLimits: minimum_storage must not exceed maximum_storage (2 GB), got 5; lower minimum_storage, "
        "or raise maximum_storage",
    ),
    "engine": (
        lambda s, v: ServerlessEngine.of("keydb", "1"),
        "ServerlessEngine: engine must be one of valkey, redis, memcached, got 'keydb'; choose one of them",
    ),
    "snapshot-of-a-cluster's-node": (
        lambda s, v: Snapshot(
            s,
            "It",
            replication_group=ReplicationGroup(s, "Cache", vpc=v, cluster_mode=ClusterMode.enabled(shards=2)),
            node=2,
        ),
        "Stack/It: node must be absent with cluster mode enabled, got 2; leave it out, because the "
        "snapshot contains all shards",
    ),
    "serverless-snapshot-name": (
        lambda s, v: ServerlessCacheSnapshot(
            s, "It", serverless_cache=ServerlessCache(s, "Cache", vpc=v), snapshot_name="Nightly"
        ),
        "Stack/It: snapshot_name must match the pattern ^[a-z][a-z0-9]*(-[a-z0-9]+)*$, got 'Nightly'; correct the "
        "value",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(message)}\Z"):
        make(stack, vpc)


def test_what_is_not_certain_is_a_warning(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    ServerlessCache(stack, "Cache", vpc=vpc, serverless_cache_name="orders cache")
    warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    assert any("Stack/Cache: serverless_cache_name must" in str(warning.entry.data) for warning in warnings)


def test_a_name_that_is_too_long_is_an_error(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="serverless_cache_name must have at most 40 alphanumeric characters"):
        ServerlessCache(stack, "Cache", vpc=vpc, serverless_cache_name="o" * 41)
    ServerlessCache(stack, "Other", vpc=vpc, serverless_cache_name="o" * 40)


class TestGrants:
    def test_both_arns(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc)
        cache.grants.connect(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))
        (statement,) = statements_of(stack)
        prefix = "arn:aws:elasticache:eu-west-1:111111111111:"
        assert statement["Action"] == "elasticache:Connect"
        assert [resource["Fn::Join"][1][0] for resource in statement["Resource"]] == [
            f"{prefix}serverlesscache:",
            f"{prefix}user:",
        ]

    def test_one_user_of_several(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        users = [IamUser(stack, name, engine=Engine.VALKEY, user_id=name) for name in ("reader", "writer")]
        group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=users)
        cache = ServerlessCache(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        cache.grants.connect(role, user=users[0])
        (statement,) = statements_of(stack)
        assert len(statement["Resource"]) == 2
        assert "writer" not in str(statement)

    def test_password(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc, access=Access.password())
        cache.grants.connect(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))
        (statement,) = statements_of(stack)
        assert statement["Action"] == "secretsmanager:GetSecretValue"


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        ("bytes_used_for_cache", "BytesUsedForCache", "Maximum"),
        ("elasticache_processing_units", "ElastiCacheProcessingUnits", "Sum"),
        ("throttled_cmds", "ThrottledCmds", "Sum"),
        ("evictions", "Evictions", "Sum"),
        ("cache_hit_rate", "CacheHitRate", "Average"),
        ("curr_connections", "CurrConnections", "Average"),
        ("successful_read_request_latency", "SuccessfulReadRequestLatency", "Average"),
        ("successful_write_request_latency", "SuccessfulWriteRequestLatency", "Average"),
    ],
)
def test_metrics(stack: cdk.Stack, vpc: ec2.IVpc, method: str, name: str, statistic: str) -> None:
    cache = ServerlessCache(stack, "Cache", vpc=vpc)
    made = getattr(cache.metrics, method)()
    assert (made.namespace, made.metric_name, made.statistic) == ("AWS/ElastiCache", name, statistic)
    assert made.dimensions == {"clusterId": cache.serverless_cache_name}


def test_import_as_a_peer_opens_both_ports(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    user = IamUser.from_user_id(stack, "User", "app")
    cache = ServerlessCache.from_serverless_cache_attributes(
        stack,
        "Cache",
        serverless_cache_name="orders",
        endpoint_address="orders.serverless.example",
        reader_endpoint_address="orders.serverless.example",
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        engine=ServerlessEngine.VALKEY_8,
        access=Access.users([user]),
    )
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc, allow_all_outbound=False)
    client.connections.allow_to_default_port(cache)
    assert cache.endpoint.socket_address == "orders.serverless.example:6379"
    assert cache.reader_endpoint.socket_address == "orders.serverless.example:6380"
    assert cache.cache_arn == "arn:aws:elasticache:eu-west-1:111111111111:serverlesscache:orders"
    cache.grant_connect(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))
    (statement,) = statements_of(stack)
    assert statement["Resource"] == [
        "arn:aws:elasticache:eu-west-1:111111111111:serverlesscache:orders",
        "arn:aws:elasticache:eu-west-1:111111111111:user:app",
    ]
    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 6379, "ToPort": 6380}
    )
    template.has_resource_properties("AWS::EC2::SecurityGroup", {"GroupDescription": "Stack/Client"})


class TestClient:
    def test_the_settings_of_its_client_say_serverless(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network")
        cache = ServerlessCache(stack, "Cache", vpc=network.vpc)
        CacheClient(stack, "Client", vpc=network.vpc, cache=cache)
        config = config_of(stack)
        assert {key: config[key] for key in ("serverless", "cluster_mode", "shards", "authentication")} == {
            "serverless": True,
            "cluster_mode": "enabled",
            "shards": 0,
            "authentication": "iam",
        }
        assert [(endpoint["role"], endpoint["port"]) for endpoint in config["endpoints"]] == [
            ("configuration", 6379),
            ("reader", 6380),
        ]

    def test_with_a_password(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network", secrets_manager_endpoint=True)
        cache = ServerlessCache(stack, "Cache", vpc=network.vpc, access=Access.password())
        CacheClient(stack, "Client", vpc=network.vpc, cache=cache)
        config = config_of(stack)
        assert (config["authentication"], config["secret_key"]) == ("password", "password")
        assert config["user"] == cache.access.users[0].user_name


class TestSnapshots:
    def test_of_a_serverless_cache(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        key = kms.Key.from_key_arn(
            stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
        )
        cache = ServerlessCache(stack, "Cache", vpc=vpc)
        snapshot = ServerlessCacheSnapshot(stack, "Copy", serverless_cache=cache, snapshot_name="nightly", kms_key=key)
        ServerlessCache(stack, "Other", vpc=vpc, restore_from=RestoreFrom.serverless_snapshot(snapshot))
        kind = "AWS::ElastiCache::ServerlessCacheSnapshot"
        resource = resource_of(stack, kind)
        assert resource["DeletionPolicy"] == "Retain"
        assert resource["Properties"] == {
            "KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef",
            "ServerlessCacheName": stack.resolve(cache.serverless_cache_name),
            "ServerlessCacheSnapshotName": "nightly",
        }
        caches = assertions.Template.from_stack(stack).find_resources(CACHE).values()
        (arn,) = next(cache for cache in caches if "SnapshotArnsToRestore" in cache["Properties"])["Properties"][
            "SnapshotArnsToRestore"
        ]
        assert arn["Fn::Join"][1][0] == "arn:aws:elasticache:eu-west-1:111111111111:serverlesscachesnapshot:"

    def test_of_a_replication_group_and_of_its_replica(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup.from_replication_group_attributes(
            stack,
            "Cache",
            replication_group_id="orders",
            security_groups=[],
            engine=EngineVersion.REDIS_7_1,
            cluster_mode=ClusterMode.disabled(),
        )
        Snapshot(stack, "Whole", replication_group=cache, snapshot_name="whole")
        key = kms.Key.from_key_arn(
            stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
        )
        Snapshot(stack, "Replica", replication_group=cache, node=2, snapshot_name="replica", kms_key=key)
        resources = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::Snapshot").values()
        assert sorted((item["Properties"] for item in resources), key=lambda value: value["SnapshotName"]) == [
            {
                "CacheClusterId": "orders-002",
                "KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef",
                "SnapshotName": "replica",
            },
            {"ReplicationGroupId": "orders", "SnapshotName": "whole"},
        ]
        assert {item["DeletionPolicy"] for item in resources} == {"Retain"}

    def test_imports(self, stack: cdk.Stack) -> None:
        prefix = "arn:aws:elasticache:eu-west-1:111111111111:"
        node = Snapshot.from_snapshot_name(stack, "A", "nightly")
        serverless = ServerlessCacheSnapshot.from_serverless_cache_snapshot_name(stack, "B", "nightly")
        assert node.snapshot_arn == f"{prefix}snapshot:nightly"
        assert serverless.serverless_cache_snapshot_arn == f"{prefix}serverlesscachesnapshot:nightly"
        assert RestoreFrom.snapshot(node).snapshot_name == "nightly"


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ({"snapshot_retention_days": 7}, "snapshot_retention_days was replaced; write backup=Backup(retention="),
        (
            {"daily_snapshot_time": "04:00"},
            'daily_snapshot_time was replaced; write backup=Backup(window="04:00-05:00")',
        ),
    ],
)
def test_earlier_names_of_props(stack: cdk.Stack, vpc: ec2.IVpc, given: dict[str, Any], instead: str) -> None:
    with pytest.raises(TypeError) as caught:
        ServerlessCache(stack, "Cache", vpc=vpc, **given)
    assert str(caught.value).startswith(f"ServerlessCache: {instead}")


def test_the_earlier_name_of_the_users_of_an_import(stack: cdk.Stack) -> None:
    given: dict[str, Any] = {"serverless_cache_name": "sessions", "iam_users": []}
    with pytest.raises(TypeError) as caught:
        ServerlessCache.from_serverless_cache_attributes(stack, "Cache", **given)
    assert str(caught.value) == (
        "ServerlessCache.from_serverless_cache_attributes: iam_users was replaced; write access=Access.users([...])"
    )


def test_snapshots_are_taken_at_the_start_of_the_window(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    window = cdk.CfnParameter(stack, "Window").value_as_string
    ServerlessCache(stack, "Cache", vpc=vpc, backup=Backup(window=window))
    start = {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Window"}]}]}
    assert properties_of(stack, CACHE)["DailySnapshotTime"] == start
