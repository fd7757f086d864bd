"""ReplicationGroup: endpoints, import, grants, metrics and peers."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    Access,
    ClusterMode,
    Engine,
    EngineVersion,
    NoPasswordUser,
    ReplicationGroup,
    TransitEncryption,
    UserGroup,
)
from tests.conftest import ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import GROUP, imported


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
