"""Following the fix of a finding that no construct raises removes it, and leads to no other finding."""

import copy
from typing import Any

import pytest

from elasticache_rules import Template, check_template
from tests.elasticache_rules.examples import ABSENT, EXAMPLES, document, region_of

Change = dict[str, Any]
OPEN = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIp": "10.0.0.0/16"}
SUBNETS = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"Description": "x", "SubnetIds": [{"Ref": "A"}]}}
SUBNET = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}}
TARGETS = "It.TargetTrackingScalingPolicyConfiguration"
ACTION = "It.ScheduledActions.0"
METRIC = {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"}
SLOTS = [{"NodeGroupId": f"000{number}", "Slots": slots} for number, slots in ((1, "0-8191"), (2, "8192-16383"))]


def opened(first: int, last: int) -> dict[str, Any]:
    return {**OPEN, "FromPort": first, "ToPort": last}


# By rule and example: the change that the fix asks for; several where it names alternatives. A path begins with the
# resource; "!" stands before an attribute beside the properties, and the resource alone replaces it as a whole.
FIXES: dict[tuple[str, int], list[Change]] = {
    ("access/generated-secret", 0): [{"Secret.GenerateSecretString.ExcludePunctuation": True}],
    ("access/generated-secret", 2): [{"Secret.GenerateSecretString.IncludeSpace": ABSENT}],
    ("access/generated-secret", 3): [
        {"Secret.GenerateSecretString.PasswordLength": 16},
        {"Secret.GenerateSecretString.PasswordLength": 128},
    ],
    ("access/generated-secret", 5): [
        {"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"}}
    ],
    ("access/generated-secret", 7): [{"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}}],
    ("access/one-group", 0): [{"It.UserGroupIds": ["one"]}],
    ("access/secure-string", 0): [{"It.AuthenticationMode.Passwords.0": "{{resolve:secretsmanager:app}}"}],
    ("backup/window-without-retention", 0): [{"It.SnapshotRetentionLimit": 1}],
    ("backup/window-without-retention", 1): [{"It.SnapshotRetentionLimit": 7}],
    ("serverless/time-without-retention", 0): [{"It.SnapshotRetentionLimit": 1}],
    ("shards/slots-to-restore", 0): [{"It.NodeGroupConfiguration": SLOTS, "It.NumNodeGroups": 2}],
    ("shards/snapshotting-cluster", 0): [{"It.SnapshottingClusterId": ABSENT}],
    ("topology/cluster-mode-group", 0): [
        {"It.ClusterMode": "enabled"},
        {"It.CacheParameterGroupName": "default.valkey9"},
    ],
    ("topology/updates-need-replica", 0): [{"It.ReplicasPerNodeGroup": 1}],
    ("topology/size-stated", 0): [
        {"It.NumCacheClusters": 1},
        {"It.NumNodeGroups": 1, "It.ReplicasPerNodeGroup": 0, "It.CacheParameterGroupName": "default.valkey8"},
    ],
    ("network/ipv6-subnets", 0): [{"A.Ipv6CidrBlock": "2001:db8::/64"}, {"It.NetworkType": "ipv4"}],
    ("network/reachable", 0): [{"Group.SecurityGroupIngress.0": OPEN}],
    ("network/reachable", 2): [{"It.SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}],
    ("network/reachable", 3): [{"Group.SecurityGroupIngress.0": opened(7000, 7000)}],
    ("network/reachable", 6): [{"Group.SecurityGroupIngress.0": opened(6379, 6380)}],
    ("network/reachable", 7): [{"Group.SecurityGroupIngress.0": opened(11211, 11212)}],
    ("network/same-vpc", 0): [{"Group.VpcId": {"Ref": "Vpc"}}, {"A.VpcId": {"Ref": "Other"}}],
    ("network/same-vpc", 2): [{"It.CacheSubnetGroupName": {"Ref": "Subnets"}, "Subnets": SUBNETS, "A": SUBNET}],
    ("network/topic-encryption", 0): [{"Topic.KmsMasterKeyId": ABSENT}],
    ("network/unused-subnet-group", 0): [{"Cache.CacheSubnetGroupName": {"Ref": "It"}}],
    ("network/zones-of-region", 0): [{"It.PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}],
    ("network/ip-discovery", 0): [{"It.NetworkType": "dual_stack"}],
    ("network/ip-discovery", 1): [{"It.NetworkType": "dual_stack"}, {"It.IpDiscovery": "ipv6"}],
    ("network/tags", 0): [{"It.Tags.0.Key": "team"}],
    ("policies/removal", 0): [
        {"It!DeletionPolicy": policy} for policy in ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
    ],
    ("policies/removal", 2): [{"It!DeletionPolicy": "Retain"}],
    ("policies/removal", 3): [{"It!DeletionPolicy": "Retain"}],
    ("references/kind", 0): [{"It.SubnetIds.0": "subnet-0123456789abcdef0"}],
    ("references/kind", 7): [{"It.SecurityGroupIds.0": "sg-0123456789abcdef0"}],
    ("references/kind", 8): [{"It.SecurityGroupIds.0": {"Ref": "Group"}}],
    ("references/kind", 9): [{"It.NotificationTopicArn": {"Ref": "Topic"}}],
    ("references/kind", 10): [{"Node": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {}}}],
    ("references/kind", 12): [{"It.IamInstanceProfile": "client"}],
    ("references/kind", 14): [{"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}}],
    ("references/kind", 15): [
        {"It.LogDeliveryConfigurations.0.DestinationDetails.CloudWatchLogsDetails.LogGroup": {"Ref": "Log"}}
    ],
    ("references/kind", 16): [{"It.RoleARN": "arn:aws:iam::111122223333:role/scaling"}],
    ("references/resolved", 0): [{"It.CacheSubnetGroupName": "shop"}],
    ("references/resolved", 4): [{"It!DependsOn": ABSENT}],
    ("references/by-name", 0): [{"It.CacheSubnetGroupName": {"Ref": "Subnets"}}, {"It!DependsOn": "Subnets"}],
    ("schema/type-exists", 1): [{"It!Type": "AWS::ElastiCache::CacheCluster"}],
    ("client/required", 0): [{"It.MaxCapacity": 5}],
    ("access/authentication", 0): [{"It.AuthenticationMode": {"Type": "iam"}}],
    ("access/token-or-users", 0): [{"It.AuthToken": ABSENT}, {"It.UserGroupIds": ABSENT}],
    ("access/token-shape", 0): [{"It.AuthToken": "{{resolve:secretsmanager:token}}"}],
    ("auto-scaling/namespace", 0): [{"It.ServiceNamespace": "elasticache"}],
    ("cache-cluster/memcached-snapshots", 0): [{"It.SnapshotRetentionLimit": ABSENT}],
    ("cache-cluster/snapshot-arns", 0): [{"It.SnapshotArns": ["arn:aws:s3:::bucket/1"]}],
    ("client/credits", 0): [{"It.CreditSpecification": ABSENT}],
    ("client/instance-type", 0): [{"It.InstanceType": "t4g.nano"}],
    ("client/security-group-rule", 0): [{"It.FromPort": 6379, "It.ToPort": 7000}],
    ("encryption/mode-needs-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("encryption/valkey-states-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("engine/family-known", 0): [{"It.CacheParameterGroupFamily": "redis6.x"}],
    ("global-datastore/members", 0): [
        {"It.Members": [{"ReplicationGroupId": "a", "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}]}
    ],
    ("global-datastore/region", 0): [{"It.Members.0.ReplicationGroupRegion": "us-east-1"}],
    ("log-delivery/details", 0): [
        {
            "It.LogDeliveryConfigurations.0.DestinationDetails": {
                "KinesisFirehoseDetails": {"DeliveryStream": "amazon-elasticache-logs"}
            }
        }
    ],
    ("network/cache-security-groups", 0): [
        {"It.CacheSecurityGroupNames": ABSENT, "It.SecurityGroupIds": ["sg-0123456789abcdef0"]}
    ],
    ("parameters/modifiable", 0): [{"It.Properties.maxmemory": ABSENT}],
    ("parameters/name", 0): [
        {"It.Properties": {"maxmemory-policy": "noeviction"}},
        {"It.Properties.maxmemory-polici": ABSENT},
    ],
    ("parameters/value", 0): [{"It.Properties.maxmemory-policy": "allkeys-lru"}],
    ("rds/backup-retention", 0): [{"It.BackupRetentionPeriod": 35}],
    ("rds/backup-window", 0): [{"It.PreferredBackupWindow": "03:00-03:30"}],
    ("rds/database-name", 0): [{"It.DBName": "shop"}],
    ("rds/encryption-key", 0): [{"It.StorageEncrypted": True}],
    ("rds/identifier", 0): [{"It.DBInstanceIdentifier": "shop-1"}, {"It.DBInstanceIdentifier": ABSENT}],
    ("rds/maintenance-window", 0): [{"It.PreferredMaintenanceWindow": "sun:05:00-sun:05:30"}],
    ("rds/master-username", 0): [{"It.MasterUsername": "shop_admin"}],
    ("rds/pause", 0): [
        {"It.ServerlessV2ScalingConfiguration.SecondsUntilAutoPause": ABSENT},
        {"It.ServerlessV2ScalingConfiguration.MinCapacity": 0},
    ],
    ("rds/port", 0): [{"It.Port": 5433}],
    ("rds/storage-size", 0): [{"It.AllocatedStorage": 20}],
    ("rds/storage-iops", 0): [{"It.Iops": ABSENT}, {"It.AllocatedStorage": 400}],
    ("schema/known", 0): [{"It.Durable": ABSENT}],
    ("schema/required", 0): [{"It.Engine": "valkey"}],
    ("serverless/engine", 0): [{"It.Engine": "valkey"}],
    ("serverless/limits", 0): [{"It.CacheUsageLimits.ECPUPerSecond.Maximum": 1000}],
    ("users/both-modes", 0): [
        {"It.NoPasswordRequired": ABSENT, "It.Passwords": ABSENT},
        {"It.AuthenticationMode": ABSENT, "It.NoPasswordRequired": ABSENT},
    ],
    ("users/authentication-type", 0): [{"It.AuthenticationMode": {"Type": "iam"}}],
    ("topology/one-count-of-nodes", 0): [{"It.NumCacheClusters": ABSENT, "It.ReplicasPerNodeGroup": 1}],
    ("auto-scaling/schedule", 0): [
        {f"{ACTION}.ScalableTargetAction.MinCapacity": 2},
        {f"{ACTION}.ScalableTargetAction.MaxCapacity": 3},
    ],
    ("auto-scaling/schedule", 1): [{f"{ACTION}.ScalableTargetAction.MinCapacity": 1}],
    ("auto-scaling/schedule", 2): [{f"{ACTION}.ScalableTargetAction.MaxCapacity": 5}],
    ("auto-scaling/schedule", 3): [{f"{ACTION}.ScalableTargetAction.MaxCapacity": 1}],
    ("auto-scaling/schedule", 4): [{f"{ACTION}.Schedule": "cron(0 22 * * ? *)"}],
    ("auto-scaling/schedule", 5): [{f"{ACTION}.Schedule": "cron(0 22 * * ? *)"}],
    ("auto-scaling/schedule", 6): [{f"{ACTION}.ScheduledActionName": "night"}],
    ("auto-scaling/schedule", 7): [
        {f"{ACTION}.ScalableTargetAction": {"MinCapacity": 1}},
        {f"{ACTION}.ScalableTargetAction": {"MaxCapacity": 1}},
        {f"{ACTION}.ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1}},
    ],
    ("auto-scaling/policy", 0): [{"It.PolicyType": "TargetTrackingScaling"}],
    ("auto-scaling/policy", 1): [{f"{TARGETS}.PredefinedMetricSpecification": METRIC}],
    ("auto-scaling/policy", 2): [{f"{TARGETS}.TargetValue": 60}],
    ("auto-scaling/policy", 3): [{f"{TARGETS}.CustomizedMetricSpecification": ABSENT}],
    ("auto-scaling/policy", 5): [{f"{TARGETS}.PredefinedMetricSpecification.ResourceLabel": ABSENT}],
    ("auto-scaling/policy", 6): [{TARGETS: {"TargetValue": 60, "PredefinedMetricSpecification": METRIC}}],
}


def applied(whole: dict[str, Any], change: Change) -> dict[str, Any]:
    """The document with a change."""
    result = copy.deepcopy(whole)
    for path, value in change.items():
        resource, mark, attribute = path.partition("!")
        id, _, nested = resource.partition(".")
        if not mark and not nested:
            result["Resources"][id] = value
            continue
        entry: Any = result["Resources"][id]
        *parents, last = [attribute] if mark else ["Properties", *nested.split(".")]
        for name in parents:
            entry = entry[int(name)] if isinstance(entry, list) else entry[name]
        if value == ABSENT:
            del entry[last]
        elif isinstance(entry, list):
            entry[int(last)] = value
        else:
            entry[last] = value
    return result


@pytest.mark.parametrize(
    ("id", "number", "change"),
    [
        pytest.param(id, number, change, id=f"{id}-{number}-{alternative}")
        for (id, number), changes in FIXES.items()
        for alternative, change in enumerate(changes)
    ],
)
def test_a_fix_that_is_applied_removes_the_finding(id: str, number: int, change: Change) -> None:
    base, example = EXAMPLES[id][number]
    whole, region = document(base, example), region_of(id, example)

    def found(content: dict[str, Any]) -> set[str]:
        return {
            f"{finding.rule} {finding}" for finding in check_template(Template.of(content, region=region), only=["It"])
        }

    before = found(whole)
    assert [text for text in before if text.startswith(f"{id} ")]
    assert found(applied(whole, change)) == {text for text in before if not text.startswith(f"{id} ")}
