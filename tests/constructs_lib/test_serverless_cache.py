"""ServerlessCache: defaults, props, earlier names of props, every error, and warnings."""

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Engine,
    IamUser,
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
from tests.constructs_lib.templates import SERVERLESS_CACHE, properties_of, resource_of

GB = cdk.Size.gibibytes


class TestDefaults:
    def test_valkey_with_iam_and_a_last_snapshot(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc)
        properties = properties_of(stack, SERVERLESS_CACHE)
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
        assert "UserGroupId" not in properties_of(stack, SERVERLESS_CACHE)
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
        properties = properties_of(stack, SERVERLESS_CACHE)
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
        assert properties_of(stack, SERVERLESS_CACHE)["CacheUsageLimits"] == expected

    @pytest.mark.parametrize(
        ("policy", "expected"), [(cdk.RemovalPolicy.DESTROY, "Delete"), (cdk.RemovalPolicy.RETAIN, "Retain")]
    )
    def test_removal(self, stack: cdk.Stack, vpc: ec2.IVpc, policy: cdk.RemovalPolicy, expected: str) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc, removal_policy=policy)
        resource = resource_of(stack, SERVERLESS_CACHE)
        assert resource["DeletionPolicy"] == expected
        assert "FinalSnapshotName" not in resource["Properties"]

    def test_an_existing_user_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[user])
        cache = ServerlessCache(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        assert properties_of(stack, SERVERLESS_CACHE)["UserGroupId"] == stack.resolve(group.user_group_id)
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
    assert properties_of(stack, SERVERLESS_CACHE)["DailySnapshotTime"] == start
