"""Resources and properties that the changes of fixes.py share."""

from typing import Any

from tests.elasticache_rules.examples import ABSENT, BASE

Change = dict[str, Any]
"""New values by path. A path begins with the resource; "!" stands before an attribute beside the properties, and the
resource alone replaces it as a whole. "/" stands before a section and a name. ABSENT removes what the path leads to."""
Fixes = dict[tuple[str, int], list[Change]]
"""By rule and example: the change that the fix asks for; several where it names alternatives."""


def _resource(type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type}", "Properties": properties}


def _changed(base: str, **properties: Any) -> dict[str, Any]:
    return {"Type": BASE[base]["Type"], "Properties": {**BASE[base]["Properties"], **properties}}


PORTS = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379}
OPEN = {**PORTS, "CidrIp": "10.0.0.0/16"}
A_VPC = _resource("EC2::VPC", CidrBlock="10.0.0.0/16")
SUBNETS = _resource("ElastiCache::SubnetGroup", Description="x", SubnetIds=[{"Ref": "A"}])
SUBNET = _resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24")
OUTPOST = "arn:aws:outposts:us-east-1:111111111111:outpost/op-0123456789abcdef0"
ROLE = "arn:aws:iam::111122223333:role/monitoring"
TARGETS = "It.TargetTrackingScalingPolicyConfiguration"
ACTION = "It.ScheduledActions.0"
METRIC = {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"}
SLOTS = [{"NodeGroupId": f"000{number}", "Slots": slots} for number, slots in ((1, "0-8191"), (2, "8192-16383"))]
SHARDED = {"It.NumCacheClusters": ABSENT, "It.NumNodeGroups": 2, "It.ReplicasPerNodeGroup": 2}
GROUP, GROUP_OF_SHARDS, MEMCACHED, NODE = (BASE[name] for name in ("group", "cluster", "memcached", "node"))
TIERED = _changed("group", CacheNodeType="cache.r6gd.xlarge", DataTieringEnabled=True)
PARAMETERS = _resource("ElastiCache::ParameterGroup", Description="x", CacheParameterGroupFamily="valkey8")
CLUSTERED = _resource(
    "ElastiCache::ParameterGroup",
    Description="x",
    CacheParameterGroupFamily="valkey9",
    Properties={"cluster-enabled": "yes"},
)
TEAM = _resource("ElastiCache::UserGroup", UserGroupId="team", Engine="valkey", UserIds=[{"Ref": "User"}])
OFF = _resource(
    "ElastiCache::User",
    UserId="default-off",
    UserName="default",
    Engine="redis",
    AccessString="off -@all",
    AuthenticationMode={"Type": "no-password-required"},
)


def opened(first: int, last: int) -> dict[str, Any]:
    """A rule of a security group for these ports."""
    return {**OPEN, "FromPort": first, "ToPort": last}


def zone_of(zone: str) -> dict[str, Any]:
    """A subnet in an Availability Zone."""
    return _resource("EC2::Subnet", VpcId="vpc-1", CidrBlock="10.0.9.0/24", AvailabilityZone=zone)
