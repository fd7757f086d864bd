"""MemcachedCluster: defaults, props, every error, import, metrics, peers, and its client."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from constructs_lib import (
    Access,
    Authentication,
    CacheClient,
    EngineVersion,
    IpDiscovery,
    MemcachedCluster,
    MemcachedVersion,
    Network,
    NetworkType,
    NodeType,
    ParameterGroup,
    SubnetGroup,
)
from tests.constructs_lib.clients import config_of, user_data
from tests.constructs_lib.templates import properties_of, resource_of, statements_of

CLUSTER = "AWS::ElastiCache::CacheCluster"


class TestDefaults:
    def test_two_nodes_in_two_zones_with_tls(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        MemcachedCluster(stack, "Cache", vpc=vpc)
        properties = properties_of(stack, CLUSTER)
        assert {key: value for key, value in properties.items() if isinstance(value, str | int)} == {
            "AZMode": "cross-az",
            "AutoMinorVersionUpgrade": True,
            "CacheNodeType": "cache.t4g.micro",
            "Engine": "memcached",
            "EngineVersion": "1.6.22",
            "NumCacheNodes": 2,
            "Port": 11211,
            "TransitEncryptionEnabled": True,
        }

    def test_what_comes_with_it(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        MemcachedCluster(stack, "Cache", vpc=vpc)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::ElastiCache::ParameterGroup", {"CacheParameterGroupFamily": "memcached1.6"}
        )
        template.resource_count_is("AWS::ElastiCache::SubnetGroup", 1)
        template.resource_count_is("AWS::EC2::SecurityGroup", 1)
        assert resource_of(stack, CLUSTER)["DeletionPolicy"] == "Delete"

    def test_one_node_has_no_mode(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        MemcachedCluster(stack, "Cache", vpc=vpc, nodes=1)
        assert "AZMode" not in properties_of(stack, CLUSTER)


class TestProps:
    @pytest.mark.parametrize(
        ("zones", "expected"),
        [
            (["eu-west-1a"], {"AZMode": "single-az", "PreferredAvailabilityZone": "eu-west-1a"}),
            (
                ["eu-west-1a", "eu-west-1b"],
                {"AZMode": "cross-az", "PreferredAvailabilityZones": ["eu-west-1a", "eu-west-1b"]},
            ),
            (
                ["eu-west-1a", "eu-west-1a"],
                {"AZMode": "single-az", "PreferredAvailabilityZones": ["eu-west-1a", "eu-west-1a"]},
            ),
        ],
    )
    def test_zones(self, stack: cdk.Stack, vpc: ec2.IVpc, zones: list[str], expected: dict[str, Any]) -> None:
        MemcachedCluster(stack, "Cache", vpc=vpc, zones=zones)
        properties = properties_of(stack, CLUSTER)
        assert {key: value for key, value in properties.items() if "Zone" in key or key == "AZMode"} == expected

    def test_everything(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        topic = sns.Topic(stack, "Topic")
        MemcachedCluster(
            stack,
            "Cache",
            vpc=vpc,
            version=MemcachedVersion.V1_6_17,
            node_type=NodeType.M7G_LARGE,
            nodes=3,
            cluster_name="pages",
            subnet_group=SubnetGroup.from_subnet_group_name(stack, "Subnets", "quiet"),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
            parameters={"max_item_size": "2097152"},
            port=11311,
            maintenance_window="sun:23:00-mon:01:30",
            auto_minor_version_upgrade=False,
            network_type=NetworkType.DUAL_STACK,
            ip_discovery=IpDiscovery.IPV4,
            notification_topic=topic,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        properties = properties_of(stack, CLUSTER)
        parameter_group = properties.pop("CacheParameterGroupName")
        assert "Ref" in parameter_group
        assert properties == {
            "AZMode": "cross-az",
            "AutoMinorVersionUpgrade": False,
            "CacheNodeType": "cache.m7g.large",
            "CacheSubnetGroupName": "quiet",
            "ClusterName": "pages",
            "Engine": "memcached",
            "EngineVersion": "1.6.17",
            "IpDiscovery": "ipv4",
            "NetworkType": "dual_stack",
            "NotificationTopicArn": stack.resolve(topic.topic_arn),
            "NumCacheNodes": 3,
            "Port": 11311,
            "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
            "TransitEncryptionEnabled": True,
            "VpcSecurityGroupIds": ["sg-0123456789abcdef0"],
        }
        assert resource_of(stack, CLUSTER)["DeletionPolicy"] == "Retain"

    def test_an_old_version_has_no_tls(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        MemcachedCluster(stack, "Cache", vpc=vpc, version=MemcachedVersion.of("1.5.16"), transit_encryption=False)
        assert "TransitEncryptionEnabled" not in properties_of(stack, CLUSTER)


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "no-nodes": (
        lambda s, v: MemcachedCluster(s, "Cache", vpc=v, nodes=0),
        "Stack/Cache: nodes must be at least 1, got 0; use one node or more",
    ),
    "zones": (
        lambda s, v: MemcachedCluster(s, "Cache", vpc=v, nodes=3, zones=["eu-west-1a", "eu-west-1b"]),
        "Stack/Cache: zones must name one zone, or one zone for each of 3 nodes, got 2; list one zone per node; a "
        "zone may be repeated",
    ),
    "tls-before-its-version": (
        lambda s, v: MemcachedCluster(s, "Cache", vpc=v, version=MemcachedVersion.of("1.5.16")),
        "Stack/Cache: transit_encryption must be False before memcached 1.6.12, got True with memcached 1.5.16; use a "
        "later version, or set it to False",
    ),
    "snapshot": (
        lambda s, v: MemcachedCluster(s, "Cache", vpc=v, removal_policy=cdk.RemovalPolicy.SNAPSHOT),
        "Stack/Cache: removal_policy must not be RemovalPolicy.SNAPSHOT for memcached, got "
        "RemovalPolicy.SNAPSHOT; use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN, because memcached has no "
        "snapshots",
    ),
    "family": (
        lambda s, v: MemcachedCluster(
            s, "Cache", vpc=v, parameter_group=ParameterGroup(s, "Other", engine=EngineVersion.REDIS_7_1)
        ),
        "Stack/Cache: parameter_group must be of family memcached1.6, which memcached 1.6.22 needs, got 'redis7'; "
        "use a parameter group of family memcached1.6",
    ),
    "port": (
        lambda s, v: MemcachedCluster(s, "Cache", vpc=v, port=80),
        "Stack/Cache: port must be 1150 to 8004 or 8006 to 65535, got 80; use 11211, the default",
    ),
    "both-groups": (
        lambda s, v: MemcachedCluster(
            s,
            "Cache",
            vpc=v,
            vpc_subnets=ec2.SubnetSelection(),
            subnet_group=SubnetGroup.from_subnet_group_name(s, "Subnets", "quiet"),
        ),
        "Stack/Cache: vpc_subnets must be absent with subnet_group, got both; leave one of them out, because a subnet "
        "group names its own subnets",
    ),
    "version": (
        lambda s, v: MemcachedVersion.of("1.6"),
        "MemcachedVersion: version must have the form 1.6.22, got '1.6'; use one of 1.4.5, 1.4.14, 1.4.24, "
        "1.4.33, 1.4.34, 1.5.10, 1.5.16, 1.6.6, 1.6.12, 1.6.17, 1.6.22",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


def test_grant_connect_is_refused(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = MemcachedCluster(stack, "Cache", vpc=vpc)
    assert cache.access.authentication is Authentication.NONE
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    with pytest.raises(ValueError, match=r"Stack/Cache: grants\.connect needs a cache with IAM"):
        cache.grants.connect(role)
    assert isinstance(Access.none(), Access)


def test_names_and_endpoint(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = MemcachedCluster(stack, "Cache", vpc=vpc)
    (logical_id,) = assertions.Template.from_stack(stack).find_resources(CLUSTER)
    assert stack.resolve(cache.configuration_endpoint.address) == {
        "Fn::GetAtt": [logical_id, "ConfigurationEndpoint.Address"]
    }
    assert cache.configuration_endpoint.port == 11211
    assert stack.resolve(cache.cache_name) == {"Ref": logical_id}
    assert stack.resolve(cache.cache_arn) == {
        "Fn::Join": ["", ["arn:aws:elasticache:eu-west-1:111111111111:cluster:", {"Ref": logical_id}]]
    }
    assert (cache.nodes, cache.version, cache.uses_tls) == (2, MemcachedVersion.V1_6_22, True)


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        ("cpu_utilization", "CPUUtilization", "Average"),
        ("swap_usage", "SwapUsage", "Average"),
        ("evictions", "Evictions", "Sum"),
        ("curr_connections", "CurrConnections", "Average"),
        ("get_hits", "GetHits", "Sum"),
        ("get_misses", "GetMisses", "Sum"),
    ],
)
def test_metrics(stack: cdk.Stack, vpc: ec2.IVpc, method: str, name: str, statistic: str) -> None:
    cache = MemcachedCluster(stack, "Cache", vpc=vpc)
    made = getattr(cache.metrics, method)(node=2)
    assert (made.namespace, made.metric_name, made.statistic) == ("AWS/ElastiCache", name, statistic)
    assert made.dimensions == {"CacheClusterId": cache.cluster_name, "CacheNodeId": "0002"}
    assert getattr(cache.metrics, method)().dimensions == {"CacheClusterId": cache.cluster_name}


def test_import_as_a_peer(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = MemcachedCluster.from_memcached_cluster_attributes(
        stack,
        "Cache",
        cluster_name="pages",
        configuration_endpoint_address="pages.cfg.example",
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Nodes", "sg-0123456789abcdef0")],
        version=MemcachedVersion.V1_6_22,
        nodes=3,
    )
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc, allow_all_outbound=False)
    client.connections.allow_to_default_port(cache)
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 11211, "ToPort": 11211}
    )
    assert cache.cluster_arn == "arn:aws:elasticache:eu-west-1:111111111111:cluster:pages"
    assert cache.configuration_endpoint.socket_address == "pages.cfg.example:11211"


def test_its_client_tests_every_node(stack: cdk.Stack) -> None:
    network = Network(stack, "Network")
    cache = MemcachedCluster(stack, "Cache", vpc=network.vpc, nodes=3)
    CacheClient(stack, "Client", vpc=network.vpc, cache=cache)
    config = config_of(stack)
    assert {key: config[key] for key in ("engine", "engine_version", "nodes", "tls", "authentication")} == {
        "engine": "memcached",
        "engine_version": "1.6.22",
        "nodes": 3,
        "tls": True,
        "authentication": "none",
    }
    assert [endpoint["role"] for endpoint in config["endpoints"]] == ["configuration"]
    assert "if false; then" in user_data(stack)
    assert "elasticache:Connect" not in str(statements_of(stack))
