"""OutpostCluster: the construct with its least privilege, and its function against an emulator of the API."""

from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from moto import mock_aws

from constructs_lib import CacheClient, EngineVersion, MemcachedVersion, Network, NodeType, OutpostCluster
from constructs_lib.caches.outposts_function.handler import begin, look, parameters
from tests.constructs_lib.clients import config_of
from tests.constructs_lib.templates import properties_of, statements_of

OUTPOST = "arn:aws:outposts:eu-west-1:111111111111:outpost/op-0123456789abcdef0"
KIND = "Custom::ElastiCacheOutpostCluster"
PROPERTIES = {
    "ServiceToken": "arn:aws:lambda:eu-west-1:111111111111:function:provider",
    "NamePrefix": "stack-cache-0a1b2c3d",
    "Engine": "redis",
    "EngineVersion": "7.1",
    "CacheNodeType": "cache.m5.large",
    "NumCacheNodes": "1",
    "OutpostMode": "single-outpost",
    "PreferredOutpostArn": OUTPOST,
    "AutoMinorVersionUpgrade": "true",
    "Port": "6379",
}


def cluster(stack: cdk.Stack, vpc: ec2.IVpc, **options: Any) -> OutpostCluster:
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return OutpostCluster(stack, "Cache", vpc=vpc, **{"vpc_subnets": subnets, "outpost_arn": OUTPOST, **options})


class TestConstruct:
    def test_defaults(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        outpost = cluster(stack, vpc)
        properties = properties_of(stack, KIND)
        assert {key: value for key, value in properties.items() if isinstance(value, str | int)} == {
            "AutoMinorVersionUpgrade": True,
            "CacheNodeType": "cache.m5.large",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "NamePrefix": properties["NamePrefix"],
            "NumCacheNodes": 1,
            "OutpostMode": "single-outpost",
            "Port": 6379,
            "PreferredOutpostArn": OUTPOST,
        }
        assert properties["NamePrefix"].startswith("stack-cache-")
        assert stack.resolve(outpost.endpoint.address)["Fn::GetAtt"][1] == "Address"
        assert (
            stack.resolve(outpost.cache_arn)["Fn::Join"][1][0] == "arn:aws:elasticache:eu-west-1:111111111111:cluster:"
        )

    def test_its_rights_are_on_its_own_clusters(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cluster(stack, vpc)
        prefix = properties_of(stack, KIND)["NamePrefix"]
        own = [statement for statement in statements_of(stack) if "elasticache:" in str(statement["Action"])]
        changing = [statement for statement in own if "elasticache:CreateCacheCluster" in statement["Action"]]
        assert len(changing) == 1
        assert changing[0]["Resource"][0] == f"arn:aws:elasticache:eu-west-1:111111111111:cluster:{prefix}-*"
        kinds = {
            (resource if isinstance(resource, str) else resource["Fn::Join"][1][0]).split(":")[5]
            for resource in changing[0]["Resource"]
        }
        assert kinds == {"cluster", "subnetgroup", "parametergroup"}
        looking = [statement for statement in own if statement["Action"] == "elasticache:DescribeCacheClusters"]
        assert [statement["Resource"] for statement in looking] == [
            f"arn:aws:elasticache:eu-west-1:111111111111:cluster:{prefix}-*"
        ]
        assert not any(action == "*" for statement in statements_of(stack) for action in statement["Action"])

    def test_memcached(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        outpost = cluster(stack, vpc, engine=MemcachedVersion.V1_6_22, nodes=3, cluster_name="pages")
        properties = properties_of(stack, KIND)
        assert (properties["Engine"], properties["NumCacheNodes"], properties["Port"], properties["ClusterName"]) == (
            "memcached",
            3,
            11211,
            "pages",
        )
        assert outpost.connection_settings()["nodes"] == 3

    def test_its_client(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network")
        outpost = cluster(stack, network.vpc)
        CacheClient(stack, "Client", vpc=network.vpc, cache=outpost)
        config = config_of(stack)
        assert (config["tls"], config["authentication"], config["endpoints"][0]["role"]) == (False, "none", "primary")
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::EC2::SecurityGroupIngress", {"FromPort": 6379}
        )


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "family": (
        lambda s, v: cluster(s, v, node_type=NodeType.R7G_LARGE),
        "Stack/Cache: node_type must be of the families that Outposts have: m5, r5, got 'cache.r7g.large'; use "
        "cache.m5.large, as far as the Outpost has room for it",
    ),
    "arn": (
        lambda s, v: cluster(s, v, outpost_arn="op-0123456789abcdef0"),
        "Stack/Cache: outpost_arn must be the ARN of an Outpost: "
        "arn:aws:outposts:<region>:<account>:outpost/op-<id>, got 'op-0123456789abcdef0'; copy it from the console, or "
        "from aws outposts list-outposts",
    ),
    "valkey": (
        lambda s, v: cluster(s, v, engine=EngineVersion.VALKEY_8_2),
        "Stack/Cache: engine must be redis or memcached, for a cluster, got 'valkey'; choose one of the two",
    ),
    "two-redis-nodes": (
        lambda s, v: cluster(s, v, nodes=2),
        "Stack/Cache: nodes must be 1 for redis, got 2; use one node, or memcached",
    ),
    "port": (
        lambda s, v: cluster(s, v, port=80),
        "Stack/Cache: port must be 1150 to 8004 or 8006 to 65535, got 80; use 6379, the default",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The API, answered by an emulator in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("elasticache", region_name="eu-west-1")


def event(kind: str, request: str = "0a1b2c3d-0000", **changes: Any) -> dict[str, Any]:
    properties = {key: value for key, value in {**PROPERTIES, **changes}.items() if value is not None}
    return {"RequestType": kind, "RequestId": request, "LogicalResourceId": "Cache", "ResourceProperties": properties}


def ids(client: Any) -> list[str]:
    return sorted(cluster["CacheClusterId"] for cluster in client.describe_cache_clusters()["CacheClusters"])


class TestFunction:
    def test_create_then_look_then_delete(self, client: Any) -> None:
        answer = begin(event("Create"), client)
        assert answer == {"PhysicalResourceId": "stack-cache-0a1b2c3d-0a1b2c3d"}
        (found,) = client.describe_cache_clusters()["CacheClusters"]
        assert (found["PreferredOutpostArn"], found["CacheNodeType"], found["NumCacheNodes"]) == (
            OUTPOST,
            "cache.m5.large",
            1,
        )
        assert look({**event("Create"), **answer}, Ready(client))["Data"] == {
            "Address": "cache.example",
            "Port": "6379",
            "ClusterName": answer["PhysicalResourceId"],
        }
        assert begin({**event("Delete"), **answer}, client) == answer
        assert look({**event("Delete"), **answer}, client) == {"IsComplete": ids(client) == []}

    def test_a_repeated_create_makes_one(self, client: Any) -> None:
        assert begin(event("Create"), client) == begin(event("Create"), client)
        assert len(ids(client)) == 1

    def test_a_fixed_name(self, client: Any) -> None:
        assert begin(event("Create", ClusterName="Pages"), client) == {"PhysicalResourceId": "pages"}
        with pytest.raises(client.exceptions.CacheClusterAlreadyExistsFault):
            begin(event("Create", ClusterName="Pages"), client)

    def test_what_cannot_be_changed_makes_a_new_one(self, client: Any) -> None:
        old = begin(event("Create"), client)
        update = {
            **event("Update", "ffffffff-0000", CacheNodeType="cache.r5.large"),
            **old,
            "OldResourceProperties": PROPERTIES,
        }
        new = begin(update, client)
        assert new != old
        assert len(ids(client)) == 2

    def test_a_cluster_with_a_fixed_name_cannot_be_replaced(self, client: Any) -> None:
        named = {**PROPERTIES, "ClusterName": "pages"}
        update = {
            **event("Update", CacheNodeType="cache.r5.large", ClusterName="pages"),
            "PhysicalResourceId": "pages",
            "OldResourceProperties": named,
        }
        with pytest.raises(ValueError, match="replaces the cluster") as caught:
            begin(update, client)
        assert str(caught.value) == (
            "a change of CacheNodeType replaces the cluster, and the name pages is in use; set another cluster_name, "
            "or leave it out"
        )

    def test_no_change_calls_nothing(self, client: Any) -> None:
        calls = Recorder(client)
        update = {**event("Update"), "PhysicalResourceId": "it", "OldResourceProperties": PROPERTIES}
        assert begin(update, calls) == {"PhysicalResourceId": "it"}
        assert calls.made == []

    def test_what_can_be_changed_is(self, client: Any) -> None:
        calls = Recorder(client)
        update = {
            **event("Update", PreferredMaintenanceWindow="sun:01:00-sun:02:00"),
            "PhysicalResourceId": "it",
            "OldResourceProperties": PROPERTIES,
        }
        begin(update, calls)
        assert calls.made == [
            {
                "CacheClusterId": "it",
                "ApplyImmediately": True,
                "PreferredMaintenanceWindow": "sun:01:00-sun:02:00",
            }
        ]

    def test_fewer_nodes_name_those_that_go(self, client: Any) -> None:
        memcached = {"Engine": "memcached", "EngineVersion": "1.6.22", "NumCacheNodes": "3", "Port": "11211"}
        old = begin(event("Create", **memcached), client)
        calls = Recorder(client)
        update = {
            **event("Update", **{**memcached, "NumCacheNodes": "1"}),
            **old,
            "OldResourceProperties": {**PROPERTIES, **memcached},
        }
        begin(update, calls)
        assert calls.made[0]["NumCacheNodes"] == 1
        assert calls.made[0]["CacheNodeIdsToRemove"] == ["0002", "0003"]

    def test_a_missing_cluster_fails_an_update_and_completes_a_delete(self, client: Any) -> None:
        gone = {"PhysicalResourceId": "gone"}
        assert look({**event("Delete"), **gone}, client) == {"IsComplete": True}
        assert begin({**event("Delete"), **gone}, client) == gone
        with pytest.raises(RuntimeError, match="cluster gone does not exist; it was deleted outside of CloudFormation"):
            look({**event("Create"), **gone}, client)

    @pytest.mark.parametrize("status", ["create-failed", "incompatible-network"])
    def test_a_cluster_that_fails(self, client: Any, status: str) -> None:
        answer = begin(event("Create"), client)
        with pytest.raises(
            RuntimeError, match=f"cannot become available, because its status is {status}; see its events"
        ):
            look({**event("Create"), **answer}, Ready(client, status))

    def test_a_cluster_that_is_being_created(self, client: Any) -> None:
        answer = begin(event("Create"), client)
        assert look({**event("Create"), **answer}, Ready(client, "creating")) == {"IsComplete": False}

    def test_text_becomes_numbers_and_booleans(self) -> None:
        assert parameters(PROPERTIES) == {
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.m5.large",
            "NumCacheNodes": 1,
            "OutpostMode": "single-outpost",
            "PreferredOutpostArn": OUTPOST,
            "AutoMinorVersionUpgrade": True,
            "Port": 6379,
        }


class Ready:
    """The API with a status and an endpoint, which the emulator does not return."""

    def __init__(self, client: Any, status: str = "available") -> None:
        self._client, self._status = client, status
        self.exceptions = client.exceptions

    def describe_cache_clusters(self, CacheClusterId: str, ShowCacheNodeInfo: bool) -> dict[str, Any]:
        (found,) = self._client.describe_cache_clusters(CacheClusterId=CacheClusterId)["CacheClusters"]
        endpoint = {"Address": "cache.example", "Port": found.get("Port", 6379)}
        return {
            "CacheClusters": [{**found, "CacheClusterStatus": self._status, "CacheNodes": [{"Endpoint": endpoint}]}]
        }


class Recorder:
    """The API, which records modifications."""

    def __init__(self, client: Any) -> None:
        self._client, self.made = client, list[dict[str, Any]]()
        self.exceptions = client.exceptions

    def describe_cache_clusters(self, CacheClusterId: str, ShowCacheNodeInfo: bool) -> dict[str, Any]:
        (found,) = self._client.describe_cache_clusters(CacheClusterId=CacheClusterId)["CacheClusters"]
        nodes = [{"CacheNodeId": f"{number:04d}"} for number in range(1, found["NumCacheNodes"] + 1)]
        return {"CacheClusters": [{**found, "CacheNodes": nodes}]}

    def modify_cache_cluster(self, **parameters: Any) -> None:
        self.made.append(parameters)
