"""ServerlessCache: grants, metrics, an import as a peer, its client and its snapshots."""

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from constructs_lib import (
    Access,
    CacheClient,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    Network,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    Snapshot,
    UserGroup,
)
from tests.constructs_lib.clients import config_of
from tests.constructs_lib.templates import SERVERLESS_CACHE, resource_of, statements_of


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
        caches = assertions.Template.from_stack(stack).find_resources(SERVERLESS_CACHE).values()
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
