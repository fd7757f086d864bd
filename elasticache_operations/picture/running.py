"""Reads a running replication group, and describes it as the template that the picture is drawn from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticache_operations.aws import Aws, Call
from elasticache_rules.documents import Document

PREFIX: Final = "cache:"
_OPERATIONS: Final = (
    ("elasticache", "DescribeReplicationGroups"),
    ("elasticache", "DescribeCacheClusters"),
    ("elasticache", "DescribeCacheSubnetGroups"),
    ("elasticache", "DescribeUserGroups"),
    ("elasticache", "DescribeUsers"),
    ("ec2", "DescribeSecurityGroups"),
)
CALLS: Final[Sequence[Call]] = tuple(Call(service, name, when="cache:NAME") for service, name in _OPERATIONS)
_COPIED: Final = (
    *(
        "AtRestEncryptionEnabled",
        "CacheNodeType",
        "Engine",
        "KmsKeyId",
        "SnapshotRetentionLimit",
        "TransitEncryptionMode",
    ),
    "TransitEncryptionEnabled",
)

Entry = dict[str, Any]


def read_cache(name: str, aws: Aws) -> Document:
    """A running replication group with its subnets, security groups and users.

    :param name: its id.
    :raises CommandError: when a call fails.
    """
    (group,) = aws.call("elasticache", "DescribeReplicationGroups", ReplicationGroupId=name)["ReplicationGroups"]
    (node,) = aws.call("elasticache", "DescribeCacheClusters", CacheClusterId=group["MemberClusters"][0])[
        "CacheClusters"
    ]
    subnets, vpc = _subnets(node["CacheSubnetGroupName"], aws)
    groups = _security_groups([item["SecurityGroupId"] for item in node.get("SecurityGroups", ())], aws)
    users = dict(_users(group.get("UserGroupIds", ()), aws))
    cache = _cache(group, node, [*groups])
    resources: dict[str, Entry] = {"Cache": {**cache, "Metadata": {"aws:cdk:path": name}}, **subnets, **groups, **users}
    for entry in groups.values():
        entry["Properties"]["VpcId"] = vpc
    return Document(f"{PREFIX}{name}", {"Resources": resources}, aws.default_region())


def _resource(kind: str, **properties: Any) -> Entry:
    return {
        "Type": f"AWS::{kind}",
        "Properties": {name: value for name, value in properties.items() if value is not None},
    }


def _cache(group: Mapping[str, Any], node: Mapping[str, Any], security_groups: Sequence[str]) -> Entry:
    shards = group["NodeGroups"]
    clustered = bool(group.get("ClusterEnabled"))
    endpoint = group.get("ConfigurationEndpoint") or shards[0].get("PrimaryEndpoint") or {}
    more: Entry = {name: group.get(name) for name in _COPIED}
    if group.get("AuthTokenEnabled"):
        more["AuthToken"] = {"Ref": "Token"}
    if datastore := group.get("GlobalReplicationGroupInfo", {}).get("GlobalReplicationGroupId"):
        secondary = group["GlobalReplicationGroupInfo"].get("GlobalReplicationGroupMemberRole") == "SECONDARY"
        more["GlobalReplicationGroupId"] = datastore if secondary else None
    return _resource(
        "ElastiCache::ReplicationGroup",
        **more,
        EngineVersion=node.get("EngineVersion"),
        Port=endpoint.get("Port"),
        ClusterMode="enabled" if clustered else "disabled",
        NumNodeGroups=len(shards),
        NodeGroupConfiguration=[_shard(shard, clustered=clustered) for shard in shards],
        AutomaticFailoverEnabled=group.get("AutomaticFailover") in ("enabled", "enabling"),
        MultiAZEnabled=group.get("MultiAZ") == "enabled",
        CacheSubnetGroupName={"Ref": "Subnets"},
        SecurityGroupIds=[{"Ref": name} for name in security_groups],
        UserGroupIds=[{"Ref": "UserGroup"}] if group.get("UserGroupIds") else None,
    )


def _shard(shard: Mapping[str, Any], *, clustered: bool) -> Entry:
    """A shard; its zones only where the service says which node is the primary."""
    members = shard.get("NodeGroupMembers", ())
    result: Entry = {"NodeGroupId": shard.get("NodeGroupId"), "ReplicaCount": max(0, len(members) - 1)}
    if clustered and shard.get("Slots"):
        result["Slots"] = shard["Slots"]
    primary = [item for item in members if item.get("CurrentRole") == "primary"]
    if len(primary) == 1:
        result["PrimaryAvailabilityZone"] = primary[0].get("PreferredAvailabilityZone")
        result["ReplicaAvailabilityZones"] = [
            item.get("PreferredAvailabilityZone") for item in members if item is not primary[0]
        ]
    return result


def _subnets(name: str, aws: Aws) -> tuple[dict[str, Entry], str | None]:
    (found,) = aws.call("elasticache", "DescribeCacheSubnetGroups", CacheSubnetGroupName=name)["CacheSubnetGroups"]
    vpc: str | None = found.get("VpcId")
    listed = {
        f"Subnet{number}": _resource(
            "EC2::Subnet", VpcId=vpc, AvailabilityZone=item.get("SubnetAvailabilityZone", {}).get("Name")
        )
        for number, item in enumerate(found.get("Subnets", ()))
    }
    group = _resource("ElastiCache::SubnetGroup", SubnetIds=[{"Ref": key} for key in listed])
    return {**listed, "Subnets": group}, vpc


def _security_groups(ids: Sequence[str], aws: Aws) -> dict[str, Entry]:
    if not ids:
        return {}
    found = aws.call("ec2", "DescribeSecurityGroups", GroupIds=list(ids))["SecurityGroups"]
    names = {item["GroupId"]: f"SecurityGroup{number}" for number, item in enumerate(found)}
    return {
        names[item["GroupId"]]: _resource(
            "EC2::SecurityGroup",
            SecurityGroupIngress=[
                rule for permission in item.get("IpPermissions", ()) for rule in _rules(permission, names)
            ],
        )
        for item in found
    }


def _rules(permission: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Entry]:
    ports = {name: permission.get(name) for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
    for pair in permission.get("UserIdGroupPairs", ()):
        own = names.get(pair["GroupId"])
        yield {**ports, "SourceSecurityGroupId": {"Fn::GetAtt": [own, "GroupId"]} if own else pair["GroupId"]}
    for item in permission.get("IpRanges", ()):
        yield {**ports, "CidrIp": item["CidrIp"]}
    for item in permission.get("Ipv6Ranges", ()):
        yield {**ports, "CidrIpv6": item["CidrIpv6"]}
    for item in permission.get("PrefixListIds", ()):
        yield {**ports, "SourcePrefixListId": item["PrefixListId"]}


def _users(group_ids: Sequence[str], aws: Aws) -> Iterator[tuple[str, Entry]]:
    if not group_ids:
        return
    (group,) = aws.call("elasticache", "DescribeUserGroups", UserGroupId=group_ids[0])["UserGroups"]
    keys = []
    for number, id in enumerate(group.get("UserIds", ())):
        (user,) = aws.call("elasticache", "DescribeUsers", UserId=id)["Users"]
        keys.append(f"User{number}")
        kind = user.get("Authentication", {}).get("Type", "")
        yield (
            keys[-1],
            _resource(
                "ElastiCache::User",
                UserId=id,
                UserName=user.get("UserName"),
                AccessString=user.get("AccessString"),
                AuthenticationMode={"Type": {"no-password": "no-password-required"}.get(kind, kind)},
            ),
        )
    yield "UserGroup", _resource("ElastiCache::UserGroup", UserIds=[{"Ref": key} for key in keys])
