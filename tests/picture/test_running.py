"""The picture of a running cache, from recorded answers of AWS."""

from collections.abc import Mapping
from typing import Any

import pytest

from elasticache_operations.aws import Aws
from elasticache_operations.errors import CommandError
from elasticache_operations.picture import running
from elasticache_operations.picture.building import build
from elasticache_operations.picture.model import Picture
from elasticache_operations.picture.sources import read_source
from tests.elasticache_operations.recorded import Recorded, refusal

GROUP: dict[str, Any] = {
    "ReplicationGroupId": "orders",
    "Engine": "valkey",
    "CacheNodeType": "cache.r7g.large",
    "ClusterEnabled": False,
    "AutomaticFailover": "enabled",
    "MultiAZ": "enabled",
    "TransitEncryptionEnabled": True,
    "TransitEncryptionMode": "preferred",
    "AtRestEncryptionEnabled": True,
    "SnapshotRetentionLimit": 3,
    "MemberClusters": ["orders-001", "orders-002"],
    "UserGroupIds": ["people"],
    "NodeGroups": [
        {
            "NodeGroupId": "0001",
            "PrimaryEndpoint": {"Address": "orders.example.com", "Port": 7000},
            "NodeGroupMembers": [
                {"CacheClusterId": "orders-001", "CurrentRole": "replica", "PreferredAvailabilityZone": "eu-west-1a"},
                {"CacheClusterId": "orders-002", "CurrentRole": "primary", "PreferredAvailabilityZone": "eu-west-1b"},
            ],
        }
    ],
}
NODE = {
    "CacheClusterId": "orders-001",
    "EngineVersion": "8.2.1",
    "CacheSubnetGroupName": "inside",
    "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
}
SUBNETS = {
    "CacheSubnetGroupName": "inside",
    "VpcId": "vpc-1",
    "Subnets": [
        {"SubnetIdentifier": f"subnet-{name}", "SubnetAvailabilityZone": {"Name": f"eu-west-1{name}"}} for name in "ab"
    ],
}
PERMISSIONS = [
    {
        "IpProtocol": "tcp",
        "FromPort": 7000,
        "ToPort": 7000,
        "UserIdGroupPairs": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}],
        "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
        "Ipv6Ranges": [{"CidrIpv6": "fd00::/8"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    },
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
]
USERS = {
    "app": {"UserName": "app", "AccessString": "on ~* +@read", "Authentication": {"Type": "iam"}},
    "off": {"UserName": "default", "AccessString": "off -@all", "Authentication": {"Type": "no-password"}},
}


def recorded(**group: Any) -> Recorded:
    def user(parameters: Mapping[str, Any]) -> Any:
        return {"Users": [{"UserId": parameters["UserId"], **USERS[parameters["UserId"]]}]}

    answers: dict[tuple[str, str], Any] = {
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [{**GROUP, **group}]},
        ("elasticache", "DescribeCacheClusters"): {"CacheClusters": [NODE]},
        ("elasticache", "DescribeCacheSubnetGroups"): {"CacheSubnetGroups": [SUBNETS]},
        ("ec2", "DescribeSecurityGroups"): {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": PERMISSIONS}]},
        ("elasticache", "DescribeUserGroups"): {"UserGroups": [{"UserGroupId": "people", "UserIds": ["app", "off"]}]},
        ("elasticache", "DescribeUsers"): user,
    }
    return Recorded(answers, region="eu-west-1")


def drawn(aws: Recorded) -> Picture:
    source, problems = read_source(["cache:orders"], None, Aws(create=aws.session))
    assert problems == []
    return build(source)


def test_a_running_cache_is_drawn_with_its_zones_and_its_primary() -> None:
    aws = recorded()
    model = drawn(aws)
    (cache,) = model.caches
    assert cache.shards is not None
    assert [(node.role, node.zone) for node in cache.shards[0].nodes] == [
        ("primary", "eu-west-1b"),
        ("replica", "eu-west-1a"),
    ]
    facts = dict(cache.facts)
    assert (cache.name, cache.engine) == ("orders", "Valkey 8.2.1")
    assert facts["Nodes"] == "2 \N{MULTIPLICATION SIGN} cache.r7g.large"
    assert facts["Endpoints"] == "primary endpoint, reader endpoint; port 7000"
    assert facts["In transit"] == "TLS preferred"
    assert facts["At rest"] == "encrypted with the key of the service"
    assert facts["Authentication"] == "IAM token"
    assert facts["Snapshots"] == "kept for 3 days"
    assert facts["Failover"] == "automatic across zones"
    (region,) = model.regions
    (vpc,) = region.vpcs
    assert (region.name, vpc.title) == ("eu-west-1", "VPC vpc-1")
    assert [column.zone for column in vpc.columns] == ["eu-west-1a", "eu-west-1b"]
    assert [(item.name, item.may) for item in model.users] == [
        ("app", "only @read; all keys; no channels"),
        ("default", "nothing: the user is off"),
    ]


def test_whoever_may_connect_is_drawn() -> None:
    sources = [(client.title, client.name) for _, client in drawn(recorded()).clients]
    assert sources == [
        ("Members of a security group", "sg-2"),
        ("Addresses", "10.0.0.0/16"),
        ("Addresses", "fd00::/8"),
        ("Addresses of a prefix list", "pl-1"),
    ]


def test_in_cluster_mode_the_service_does_not_say_which_node_is_the_primary() -> None:
    members = [{"CacheClusterId": f"orders-{name}", "PreferredAvailabilityZone": f"eu-west-1{name}"} for name in "ab"]
    shards = [
        {"NodeGroupId": "0001", "Slots": "0-99", "NodeGroupMembers": members},
        {"NodeGroupId": "0002", "Slots": "100-16383", "NodeGroupMembers": members},
    ]
    more = {"ClusterEnabled": True, "NodeGroups": shards, "ConfigurationEndpoint": {"Address": "x", "Port": 6380}}
    (cache,) = drawn(recorded(**more)).caches
    assert cache.shards is not None
    assert [shard.slots for shard in cache.shards] == [((0, 99),), ((100, 16383),)]
    assert {node.zone for shard in cache.shards for node in shard.nodes} == {None}
    assert dict(cache.facts)["Endpoints"] == "configuration endpoint; port 6380"


@pytest.mark.parametrize(
    ("group", "label", "value"),
    [
        ({"MultiAZ": "disabled"}, "Failover", "automatic"),
        ({"AutomaticFailover": "disabled", "MultiAZ": "disabled"}, "Failover", "manual"),
        ({"UserGroupIds": [], "AuthTokenEnabled": True}, "Authentication", "AUTH token"),
        ({"UserGroupIds": []}, "Authentication", "none"),
        ({"KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/1"}, "At rest", "encrypted with a customer managed key"),
        ({"TransitEncryptionEnabled": False}, "In transit", "no TLS"),
    ],
)
def test_settings_of_a_running_cache(group: dict[str, Any], label: str, value: str) -> None:
    assert dict(drawn(recorded(**group)).caches[0].facts)[label] == value


def test_a_secondary_takes_reads_only() -> None:
    for role, first in (("SECONDARY", "reads only"), ("PRIMARY", "primary")):
        info = {"GlobalReplicationGroupId": "abc-orders", "GlobalReplicationGroupMemberRole": role}
        (cache,) = drawn(recorded(GlobalReplicationGroupInfo=info)).caches
        assert cache.shards is not None
        assert cache.shards[0].nodes[0].role == first


def test_the_calls_are_those_of_the_policy() -> None:
    aws = recorded()
    drawn(aws)
    assert aws.operations == {(call.service, call.operation) for call in running.CALLS}


def test_a_cache_that_does_not_exist_is_an_error() -> None:
    missing = Recorded({("elasticache", "DescribeReplicationGroups"): refusal("ReplicationGroupNotFoundFault")})
    with pytest.raises(CommandError, match="DescribeReplicationGroups in us-east-1 failed"):
        drawn(missing)
