"""The pictures of running caches, from recorded answers of AWS."""

from collections.abc import Mapping
from typing import Any

import pytest

from elasticache_operations.aws import Aws
from elasticache_operations.errors import CommandError, InputError
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


def drawn(aws: Recorded, name: str = "orders") -> Picture:
    source, problems = read_source([f"cache:{name}"], None, Aws(create=aws.session))
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
    operations = set()
    for name, aws in (("orders", recorded()), ("carts", serverless()), ("pages", memcached())):
        drawn(aws, name)
        operations |= aws.operations
    assert operations == {(call.service, call.operation) for call in running.CALLS}


SERVERLESS: dict[str, Any] = {
    "ServerlessCacheName": "carts",
    "Status": "available",
    "Engine": "valkey",
    "MajorEngineVersion": "8",
    "FullEngineVersion": "8.1",
    "CacheUsageLimits": {"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Minimum": 1000}},
    "SecurityGroupIds": ["sg-1"],
    "SubnetIds": ["subnet-b", "subnet-a"],
    "UserGroupId": "people",
    "SnapshotRetentionLimit": 1,
    "Endpoint": {"Address": "carts.example.com", "Port": 6379},
}
PLACES = [
    {"SubnetId": f"subnet-{name}", "VpcId": "vpc-2", "AvailabilityZone": f"eu-west-1{name}", "CidrBlock": block}
    for name, block in (("b", "10.0.1.0/24"), ("a", "10.0.0.0/24"))
]
MEMCACHED: dict[str, Any] = {
    "CacheClusterId": "pages",
    "Engine": "memcached",
    "EngineVersion": "1.6.22",
    "CacheNodeType": "cache.t4g.small",
    "NumCacheNodes": 3,
    "ConfigurationEndpoint": {"Address": "pages.example.com", "Port": 11311},
    "CacheSubnetGroupName": "inside",
    "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
    "TransitEncryptionEnabled": True,
    "CacheNodes": [
        {"CacheNodeId": f"000{number}", "CustomerAvailabilityZone": f"eu-west-1{zone}", "Endpoint": {"Port": 11311}}
        for number, zone in enumerate("bab", start=1)
    ],
}


def with_answers(**answers: Any) -> Recorded:
    """A region without replication groups and with other caches.

    :param answers: of the operations of ElastiCache and EC2 that differ from those of the replication group.
    """
    services = {"DescribeSubnets": "ec2", "DescribeSecurityGroups": "ec2"}
    none: dict[str, Any] = {"DescribeReplicationGroups": {"ReplicationGroups": []}}
    none["DescribeServerlessCaches"] = {"ServerlessCaches": []}
    none["DescribeCacheClusters"] = {"CacheClusters": []}
    changed = {(services.get(name, "elasticache"), name): answer for name, answer in {**none, **answers}.items()}
    return Recorded({**recorded().answers, **changed}, region="eu-west-1")


def serverless(**more: Any) -> Recorded:
    caches = {"ServerlessCaches": [{**SERVERLESS, "ServerlessCacheName": "other"}, {**SERVERLESS, **more}]}
    permissions = [{"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6380, "UserIdGroupPairs": [{"GroupId": "sg-9"}]}]
    groups = {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-2", "IpPermissions": permissions}]}
    return with_answers(
        DescribeServerlessCaches=caches, DescribeSubnets={"Subnets": PLACES}, DescribeSecurityGroups=groups
    )


def memcached(**more: Any) -> Recorded:
    permissions = [{"IpProtocol": "tcp", "FromPort": 11311, "ToPort": 11311, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}]
    groups = {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": permissions}]}
    return with_answers(DescribeCacheClusters={"CacheClusters": [{**MEMCACHED, **more}]}, DescribeSecurityGroups=groups)


def test_a_running_serverless_cache_is_drawn() -> None:
    model = drawn(serverless(), "carts")
    (cache,) = model.caches
    facts = dict(cache.facts)
    assert (cache.name, cache.title) == ("carts", "Valkey 8 serverless cache")
    assert facts["Endpoints"] == "endpoint, reader endpoint; port 6379 and 6380"
    assert facts["Limits"] == "storage: at most 10 GB, requests: at least 1,000 ECPU per second"
    assert facts["Snapshots"] == "kept for 1 day"
    assert facts["Authentication"] == "IAM token"
    assert facts["At rest"] == "encrypted with the key of the service"
    (vpc,) = model.regions[0].vpcs
    assert (model.regions[0].name, vpc.title) == ("eu-west-1", "VPC vpc-2")
    assert [(column.zone, column.subnets) for column in vpc.columns] == [
        ("eu-west-1a", ("subnet 10.0.0.0/24",)),
        ("eu-west-1b", ("subnet 10.0.1.0/24",)),
    ]
    assert [(client.name, client.routes[0].label) for client in vpc.clients] == [
        ("sg-9", "TCP 6379 and 6380, TLS, IAM token")
    ]
    assert [user.name for user in model.users] == ["app", "default"]


def test_a_running_serverless_cache_may_lack_users_limits_and_subnets() -> None:
    """The default VPC of the account, without a user group and without limits."""
    few: dict[str, Any] = {"UserGroupId": None, "CacheUsageLimits": None, "SubnetIds": [], "KmsKeyId": "arn:aws:kms:x"}
    aws = serverless()
    caches: Any = aws.answers["elasticache", "DescribeServerlessCaches"]
    caches["ServerlessCaches"][1] = {name: value for name, value in {**SERVERLESS, **few}.items() if value is not None}
    model = drawn(aws, "carts")
    facts = dict(model.caches[0].facts)
    assert facts["Authentication"] == "none"
    assert facts["Limits"] == "storage: no limit, requests: no limit"
    assert facts["At rest"] == "encrypted with a customer managed key"
    assert model.regions[0].vpcs[0].title == "VPC vpc-2"
    assert model.users == ()
    assert ("ec2", "DescribeSubnets") not in aws.operations


def test_a_running_memcached_cluster_is_drawn() -> None:
    model = drawn(memcached(), "pages")
    (cache,) = model.caches
    facts = dict(cache.facts)
    assert (cache.name, cache.title) == ("pages", "Memcached 1.6.22 cluster")
    assert cache.shards is not None
    assert [node.zone for node in cache.shards[0].nodes] == ["eu-west-1b", "eu-west-1a", "eu-west-1b"]
    assert facts["Nodes"] == "3 \N{MULTIPLICATION SIGN} cache.t4g.small"
    assert facts["Endpoints"] == "configuration endpoint; port 11311"
    assert facts["In transit"] == "TLS required"
    (vpc,) = model.regions[0].vpcs
    assert vpc.title == "VPC vpc-1"
    assert [client.name for client in vpc.clients] == ["10.1.0.0/16"]
    assert dict(drawn(memcached(TransitEncryptionEnabled=False), "pages").caches[0].facts)["In transit"] == "no TLS"


def test_a_single_node_is_drawn_with_the_port_of_its_node() -> None:
    node = {"Engine": "redis", "EngineVersion": "7.1.0", "NumCacheNodes": 1}
    aws = memcached(**node, CacheNodes=[{"CacheNodeId": "0001", "Endpoint": {"Port": 7001}}])
    listed: Any = aws.answers["elasticache", "DescribeCacheClusters"]
    for name in ("ConfigurationEndpoint", "CacheSubnetGroupName"):
        del listed["CacheClusters"][0][name]
    model = drawn(aws, "pages")
    facts = dict(model.caches[0].facts)
    assert facts["Endpoints"] == "endpoint of the node; port 7001"
    assert facts["Engine"] == "Redis OSS 7.1.0"
    assert ("elasticache", "DescribeCacheSubnetGroups") not in aws.operations


def test_a_cluster_that_is_being_created_has_the_default_port() -> None:
    aws = memcached()
    listed: Any = aws.answers["elasticache", "DescribeCacheClusters"]
    for name in ("ConfigurationEndpoint", "CacheNodes"):
        del listed["CacheClusters"][0][name]
    assert drawn(aws, "pages").caches[0].ports == (11211,)


def test_a_replication_group_of_the_default_vpc_is_drawn() -> None:
    aws = recorded()
    node = {name: value for name, value in NODE.items() if name != "CacheSubnetGroupName"}
    permitted = {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-3", "IpPermissions": PERMISSIONS}]}
    answers = {
        **aws.answers,
        ("elasticache", "DescribeCacheClusters"): {"CacheClusters": [node]},
        ("ec2", "DescribeSecurityGroups"): permitted,
    }
    model = drawn(Recorded(answers, region="eu-west-1"))
    assert model.regions[0].vpcs[0].title == "VPC vpc-3"


def test_a_cache_that_does_not_exist_is_an_error_with_the_names_that_do() -> None:
    with pytest.raises(InputError, match="cache:NAME must be one of the valid values, got 'cart'; use other, carts"):
        drawn(serverless(), "cart")
    with pytest.raises(InputError, match="cache:cart must be a cache, but the region has none; check --region"):
        drawn(with_answers(), "cart")
    with pytest.raises(InputError, match="cache:pages is a node of the replication group orders; use cache:orders"):
        drawn(memcached(ReplicationGroupId="orders"), "pages")
    with pytest.raises(InputError, match="cache:cart must be a cache, but the region has none"):
        drawn(memcached(ReplicationGroupId="orders"), "cart")


def test_a_call_that_is_refused_is_an_error() -> None:
    refused = Recorded({("elasticache", "DescribeReplicationGroups"): refusal("AccessDenied")})
    with pytest.raises(CommandError, match="DescribeReplicationGroups in us-east-1 failed"):
        drawn(refused)
