"""Templates for pictures: a cache in a VPC with clients, of any size."""

import copy
from collections.abc import Mapping
from typing import Any

from elasticache_operations.picture.building import build
from elasticache_operations.picture.model import Cache, Picture
from elasticache_operations.picture.sources import Source, source_of
from elasticache_rules.documents import Document

Resources = dict[str, dict[str, Any]]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def zone(position: int) -> dict[str, Any]:
    """The Availability Zone at a position in the list of the region, as the CDK writes it."""
    return {"Fn::Select": [position, {"Fn::GetAZs": ""}]}


def network(zones: int = 2, *, named: bool = False) -> Resources:
    """A VPC with an isolated subnet in each zone."""
    result: Resources = {
        "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
        "CacheGroup": resource("EC2::SecurityGroup", GroupDescription="cache", VpcId={"Ref": "Vpc"}),
        "ClientGroup": resource("EC2::SecurityGroup", GroupDescription="client", VpcId={"Ref": "Vpc"}),
        "In": resource(
            "EC2::SecurityGroupIngress",
            GroupId={"Fn::GetAtt": ["CacheGroup", "GroupId"]},
            SourceSecurityGroupId={"Fn::GetAtt": ["ClientGroup", "GroupId"]},
            IpProtocol="tcp",
            FromPort=6379,
            ToPort=6379,
        ),
        "Subnets": resource(
            "ElastiCache::SubnetGroup",
            Description="subnets",
            SubnetIds=[{"Ref": f"Subnet{number}"} for number in range(zones)],
        ),
    }
    for number in range(zones):
        result[f"Subnet{number}"] = resource(
            "EC2::Subnet",
            VpcId={"Ref": "Vpc"},
            CidrBlock=f"10.0.{number}.0/24",
            AvailabilityZone=f"eu-west-1{'abcdef'[number]}" if named else zone(number),
        )
        result[f"Table{number}"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
        result[f"Association{number}"] = resource(
            "EC2::SubnetRouteTableAssociation",
            SubnetId={"Ref": f"Subnet{number}"},
            RouteTableId={"Ref": f"Table{number}"},
        )
    return result


def group(**properties: Any) -> dict[str, Any]:
    """A replication group in the network."""
    return resource(
        "ElastiCache::ReplicationGroup",
        **{
            "ReplicationGroupDescription": "cache",
            "Engine": "valkey",
            "EngineVersion": "8.2",
            "CacheNodeType": "cache.r7g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "SnapshotRetentionLimit": 7,
            "SecurityGroupIds": [{"Fn::GetAtt": ["CacheGroup", "GroupId"]}],
            "CacheSubnetGroupName": {"Ref": "Subnets"},
            **properties,
        },
    )


def sharded(shards: int, replicas: int = 1, **properties: Any) -> dict[str, Any]:
    """A replication group in cluster mode."""
    result = group(NumNodeGroups=shards, ReplicasPerNodeGroup=replicas, ClusterMode="enabled", **properties)
    del result["Properties"]["NumCacheClusters"]
    return {**result, "UpdatePolicy": {"UseOnlineResharding": True}}


def instance(subnet: int = 0, **properties: Any) -> dict[str, Any]:
    """A client in one zone."""
    return resource(
        "EC2::Instance",
        **{
            "InstanceType": "t4g.nano",
            "SecurityGroupIds": [{"Fn::GetAtt": ["ClientGroup", "GroupId"]}],
            "SubnetId": {"Ref": f"Subnet{subnet}"},
            **properties,
        },
    )


def function(*subnets: int, **properties: Any) -> dict[str, Any]:
    """A client in several zones."""
    return resource(
        "Lambda::Function",
        **{
            "Runtime": "python3.13",
            "VpcConfig": {
                "SecurityGroupIds": [{"Fn::GetAtt": ["ClientGroup", "GroupId"]}],
                "SubnetIds": [{"Ref": f"Subnet{number}"} for number in subnets],
            },
            **properties,
        },
    )


def user(access_string: str = "on ~* &* +@all", **properties: Any) -> dict[str, Any]:
    """A user of the cache."""
    return resource(
        "ElastiCache::User",
        **{
            "Engine": "valkey",
            "UserId": "app",
            "UserName": "app",
            "AccessString": access_string,
            "AuthenticationMode": {"Type": "iam"},
            **properties,
        },
    )


def standard(**more: dict[str, Any]) -> Resources:
    """A VPC of two zones with a cache and a client."""
    return {**network(), "Cache": group(), "Client": instance(), **more}


def changed(resources: Resources, logical_id: str, **properties: Any) -> Resources:
    """The resources with other properties of one; None removes a property."""
    result = copy.deepcopy(resources)
    entry = result[logical_id]["Properties"]
    entry.update(properties)
    result[logical_id]["Properties"] = {name: value for name, value in entry.items() if value is not None}
    return result


def source(*stacks: Resources | Mapping[str, Any], region: str | None = "eu-west-1", **named: Resources) -> Source:
    """A source of stacks, which are called Stack0, Stack1 and so on, or by name."""
    documents = [
        Document(f"{name}.template.json", content if "Resources" in content else {"Resources": content}, region)
        for name, content in ({f"Stack{number}": stack for number, stack in enumerate(stacks)} | named).items()
    ]
    return source_of(documents, "templates")


def picture(*stacks: Resources | Mapping[str, Any], **options: Any) -> Picture:
    """The picture of stacks."""
    return build(source(*stacks, **options))


def cache(*stacks: Resources | Mapping[str, Any], **options: Any) -> Cache:
    """The only cache of stacks."""
    (only,) = picture(*stacks, **options).caches
    return only
