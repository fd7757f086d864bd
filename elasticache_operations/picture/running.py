"""Reads a running cache, and describes it as the template that the picture is drawn from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.errors import InputError, one_of
from elasticache_rules.documents import Document

PREFIX: Final = "cache:"
_OPERATIONS: Final = (
    ("elasticache", "DescribeReplicationGroups"),
    ("elasticache", "DescribeServerlessCaches"),
    ("elasticache", "DescribeCacheClusters"),
    ("elasticache", "DescribeCacheSubnetGroups"),
    ("elasticache", "DescribeUserGroups"),
    ("elasticache", "DescribeUsers"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeSubnets"),
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

_COPIED_OF_SERVERLESS: Final = (
    "CacheUsageLimits",
    "Engine",
    "KmsKeyId",
    "MajorEngineVersion",
    "SnapshotRetentionLimit",
)
_COPIED_OF_CLUSTER: Final = (
    "CacheNodeType",
    "Engine",
    "EngineVersion",
    "NumCacheNodes",
    "SnapshotRetentionLimit",
    "TransitEncryptionEnabled",
)

Entry = dict[str, Any]


def read_cache(name: str, aws: Aws) -> Document:
    """A running cache with its subnets, security groups and users.

    :param name: of a replication group, a serverless cache, or a cluster of Memcached or of a single node.
    :raises InputError: when there is no such cache, or it is a node of a replication group.
    :raises CommandError: when a call fails.
    """
    resources = _read(name, aws)
    resources["Cache"]["Metadata"] = {"aws:cdk:path": name}
    return Document(f"{PREFIX}{name}", {"Resources": resources}, aws.default_region())


def _read(name: str, aws: Aws) -> dict[str, Entry]:
    groups = {item["ReplicationGroupId"]: item for item in _all(aws, "DescribeReplicationGroups", "ReplicationGroups")}
    if name in groups:
        return _replication_group(groups[name], aws)
    caches = {item["ServerlessCacheName"]: item for item in _all(aws, "DescribeServerlessCaches", "ServerlessCaches")}
    if name in caches:
        return _serverless(caches[name], aws)
    clusters = {
        item["CacheClusterId"]: item
        for item in _all(aws, "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True)
    }
    if name in clusters:
        if group := clusters[name].get("ReplicationGroupId"):
            raise InputError(f"{PREFIX}{name} is a node of the replication group {group}; use {PREFIX}{group}")
        return _cluster(clusters[name], aws)
    names = [*groups, *caches, *(id for id, item in clusters.items() if not item.get("ReplicationGroupId"))]
    if names:
        raise one_of(f"{PREFIX}NAME", name, names)
    raise InputError(f"{PREFIX}{name} must be a cache, but the region has none; check --region and the credentials")


def _all(aws: Aws, operation: str, listed: str, **arguments: Any) -> Iterator[Entry]:
    return aws.pages("elasticache", operation, listed, **arguments)


def _replication_group(group: Mapping[str, Any], aws: Aws) -> dict[str, Entry]:
    (node,) = aws.call("elasticache", "DescribeCacheClusters", CacheClusterId=group["MemberClusters"][0])[
        "CacheClusters"
    ]
    subnets, vpc = _subnets(node.get("CacheSubnetGroupName"), aws)
    groups = _security_groups([item["SecurityGroupId"] for item in node.get("SecurityGroups", ())], vpc, aws)
    users = dict(_users(group.get("UserGroupIds", ()), aws))
    return {"Cache": _cache(group, node, [*groups], in_group="Subnets" in subnets), **subnets, **groups, **users}


def _serverless(cache: Mapping[str, Any], aws: Aws) -> dict[str, Entry]:
    ids = cache.get("SubnetIds") or ()
    found = aws.call("ec2", "DescribeSubnets", SubnetIds=list(ids))["Subnets"] if ids else ()
    subnets = {
        f"Subnet{number}": _resource(
            "EC2::Subnet",
            **{name: item.get(name) for name in ("VpcId", "AvailabilityZone", "CidrBlock")},
        )
        for number, item in enumerate(found)
    }
    vpc = next((item.get("VpcId") for item in found), None)
    groups = _security_groups(cache.get("SecurityGroupIds") or (), vpc, aws)
    group = cache.get("UserGroupId")
    users = dict(_users([group] if group else (), aws))
    entry = _resource(
        "ElastiCache::ServerlessCache",
        **{name: cache.get(name) for name in _COPIED_OF_SERVERLESS},
        SubnetIds=[{"Ref": name} for name in subnets],
        SecurityGroupIds=[{"Ref": name} for name in groups],
        UserGroupId={"Ref": "UserGroup"} if users else None,
    )
    return {"Cache": entry, **subnets, **groups, **users}


def _cluster(cluster: Mapping[str, Any], aws: Aws) -> dict[str, Entry]:
    """A cluster of Memcached, or a single node of Redis OSS that is in no replication group."""
    subnets, vpc = _subnets(cluster.get("CacheSubnetGroupName"), aws)
    groups = _security_groups([item["SecurityGroupId"] for item in cluster.get("SecurityGroups", ())], vpc, aws)
    nodes = cluster.get("CacheNodes") or ()
    endpoint = cluster.get("ConfigurationEndpoint") or next((node.get("Endpoint") for node in nodes), None) or {}
    entry = _resource(
        "ElastiCache::CacheCluster",
        **{name: cluster.get(name) for name in _COPIED_OF_CLUSTER},
        Port=endpoint.get("Port"),
        PreferredAvailabilityZones=[node.get("CustomerAvailabilityZone") for node in nodes] or None,
        CacheSubnetGroupName={"Ref": "Subnets"} if "Subnets" in subnets else None,
        VpcSecurityGroupIds=[{"Ref": name} for name in groups],
    )
    return {"Cache": entry, **subnets, **groups}


def _resource(kind: str, **properties: Any) -> Entry:
    return {
        "Type": f"AWS::{kind}",
        "Properties": {name: value for name, value in properties.items() if value is not None},
    }


def _cache(
    group: Mapping[str, Any], node: Mapping[str, Any], security_groups: Sequence[str], *, in_group: bool
) -> Entry:
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
        CacheSubnetGroupName={"Ref": "Subnets"} if in_group else None,
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


def _subnets(name: str | None, aws: Aws) -> tuple[dict[str, Entry], str | None]:
    """The subnet group with its subnets, and the VPC."""
    if name is None:
        return {}, None
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


def _security_groups(ids: Sequence[str], vpc: str | None, aws: Aws) -> dict[str, Entry]:
    if not ids:
        return {}
    found = aws.call("ec2", "DescribeSecurityGroups", GroupIds=list(ids))["SecurityGroups"]
    names = {item["GroupId"]: f"SecurityGroup{number}" for number, item in enumerate(found)}
    return {
        names[item["GroupId"]]: _resource(
            "EC2::SecurityGroup",
            VpcId=vpc or item.get("VpcId"),
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
