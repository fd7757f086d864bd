"""Changes that the fixes of rules ask for: networks, clients, references and the schema."""

from tests.elasticache_rules.examples import ABSENT, BASE
from tests.elasticache_rules.fixes_parts import (
    A_VPC,
    GROUP,
    OPEN,
    OUTPOST,
    PARAMETERS,
    PORTS,
    SUBNET,
    SUBNETS,
    TEAM,
    Fixes,
    opened,
)

FIXES: Fixes = {
    ("client/architecture", 0): [
        {"It.ImageId": "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"},
        {"It.InstanceType": "t4g.nano"},
    ],
    ("client/architecture", 1): [
        {"It.ImageId": "{{resolve:ssm:/aws/service/al2023-ami-arm64}}"},
        {"It.InstanceType": "t3.nano"},
    ],
    ("client/architecture", 2): [
        {"It.ImageId": "{{resolve:ssm:/aws/service/al2023-ami-arm64}}"},
        {"It.InstanceType": "t3.nano"},
    ],
    ("client/credits", 0): [{"It.CreditSpecification": ABSENT}],
    ("client/instance-type", 0): [{"It.InstanceType": "t4g.nano"}],
    ("client/network-interfaces", 0): [
        {"It.SubnetId": ABSENT, "It.NetworkInterfaces.0.SubnetId": "subnet-0a1b2c3d4e5f60711"}
    ],
    ("client/network-interfaces", 1): [
        {"It.SecurityGroupIds": ABSENT, "It.NetworkInterfaces.0.GroupSet": ["sg-0123456789abcdef0"]}
    ],
    ("client/security-group-names", 0): [
        {"It.SecurityGroups": ABSENT, "It.SecurityGroupIds": ["sg-0123456789abcdef0"]}
    ],
    ("client/required", 0): [{"It.MaxCapacity": 5}],
    ("client/security-group", 0): [{"It.GroupName": "cache"}],
    ("client/security-group", 1): [{"It.GroupDescription": "d" * 255}],
    ("client/security-group", 2): [{"It.GroupDescription": "._-:/()#,@[]+=&;{}!$*"}],
    ("client/security-group", 3): [{"It.SecurityGroupIngress.0": opened(2, 3)}],
    ("client/security-group", 4): [{"It.SecurityGroupIngress.0.ToPort": 65535}],
    ("client/security-group", 6): [
        {"It.SecurityGroupIngress.0": OPEN},
        {"It.SecurityGroupIngress.0.IpProtocol": "-1"},
    ],
    ("client/security-group", 7): [{"It.SecurityGroupIngress.0.Description": "d" * 255}],
    ("client/security-group", 8): [{"It.SecurityGroupIngress.0.Description": "it is (1)"}],
    ("client/security-group", 9): [{"It.SecurityGroupIngress.0.CidrIp": "10.0.0.0/16"}],
    ("client/security-group-rule", 0): [{"It.FromPort": 6379, "It.ToPort": 7000}],
    ("client/security-group", 12): [
        {"It.SecurityGroupIngress.0.CidrIp": "10.0.0.0/16"},
        {"It.SecurityGroupIngress.0.SourceSecurityGroupId": "sg-0123456789abcdef1"},
    ],
    ("client/security-group", 13): [
        {"It.SecurityGroupIngress": [OPEN, {**PORTS, "SourceSecurityGroupId": "sg-0123456789abcdef1"}]},
        {"It.SecurityGroupIngress.0.SourceSecurityGroupId": ABSENT},
    ],
    ("client/security-group", 16): [{"It.SecurityGroupIngress.0.CidrIpv6": "2001:db8::/64"}],
    ("client/security-group-rule", 2): [
        {"It.CidrIp": "10.0.0.0/16"},
        {"It.SourceSecurityGroupId": "sg-0123456789abcdef1"},
    ],
    ("client/security-group-rule", 3): [{"It.SourceSecurityGroupId": ABSENT}, {"It.CidrIp": ABSENT}],
    ("client/security-group-rule", 1): [{"It.FromPort": 6379}],
    ("client/user-data", 0): [{"It.UserData": {"Fn::Base64": "#!/bin/sh\naws s3 cp s3://bucket/long.sh - | sh\n"}}],
    ("network/cache-security-groups", 1): [
        {"It.CacheSecurityGroupNames": ABSENT, "It.VpcSecurityGroupIds": ["sg-0123456789abcdef0"]}
    ],
    ("network/cache-security-groups", 0): [
        {"It.CacheSecurityGroupNames": ABSENT, "It.SecurityGroupIds": ["sg-0123456789abcdef0"]}
    ],
    ("network/ip-discovery", 0): [{"It.NetworkType": "dual_stack"}],
    ("network/ip-discovery", 1): [{"It.NetworkType": "dual_stack"}, {"It.IpDiscovery": "ipv6"}],
    ("network/ipv6-subnets", 0): [{"A.Ipv6CidrBlock": "2001:db8::/64"}, {"It.NetworkType": "ipv4"}],
    ("network/ipv6-version", 0): [{"It.EngineVersion": "6.2"}, {"It.NetworkType": "ipv4"}],
    ("network/ipv6-version", 1): [{"It.CacheNodeType": "cache.r7g.large"}, {"It.NetworkType": "ipv4"}],
    ("network/key-region", 0): [{"It.KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/1"}],
    ("network/notification-topic", 0): [{"It.NotificationTopicArn": "arn:aws:sns:us-east-1:111122223333:cache-events"}],
    ("network/notification-topic", 1): [{"It.NotificationTopicArn": "arn:aws:sns:us-east-1:111122223333:events"}],
    ("network/one-vpc", 0): [{"B.VpcId": "vpc-1"}],
    ("network/one-vpc", 1): [{"It.SubnetIds": ["subnet-0a1b2c3d4e5f60711"]}],
    ("network/port", 0): [{"It.Port": 6379}],
    ("network/reachable", 0): [{"Group.SecurityGroupIngress.0": OPEN}],
    ("network/reachable", 2): [{"It.SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}],
    ("network/reachable", 3): [{"Group.SecurityGroupIngress.0": opened(7000, 7000)}],
    ("network/reachable", 6): [{"Group.SecurityGroupIngress.0": opened(6379, 6380)}],
    ("network/reachable", 7): [{"Group.SecurityGroupIngress.0": opened(11211, 11212)}],
    ("network/same-vpc", 0): [{"Group.VpcId": {"Ref": "Vpc"}}, {"A.VpcId": {"Ref": "Other"}}],
    ("network/same-vpc", 2): [{"It.CacheSubnetGroupName": {"Ref": "Subnets"}, "Subnets": SUBNETS, "A": SUBNET}],
    ("network/subnets", 0): [{"It.SubnetIds": ["subnet-0a1b2c3d4e5f60711"]}],
    ("network/tags", 0): [{"It.Tags.0.Key": "team"}],
    ("network/tags", 1): [{"It.Tags": [{"Key": f"k{number}", "Value": "v"} for number in range(50)]}],
    ("network/tags", 2): [{"It.Tags.0.Key": "k" * 128}],
    ("network/tags", 3): [{"It.Tags.0.Key": "k"}],
    ("network/tags", 4): [{"It.Tags.0.Value": "v" * 256}],
    ("network/tags", 5): [{"It.Tags": [{"Key": "k", "Value": "v"}]}],
    ("network/topic-encryption", 0): [{"Topic.KmsMasterKeyId": ABSENT}],
    ("network/unused-subnet-group", 0): [{"Cache.CacheSubnetGroupName": {"Ref": "It"}}],
    ("network/zones-of-region", 0): [{"It.PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}],
    ("outposts/arn", 0): [{"It.PreferredOutpostArn": OUTPOST}],
    ("outposts/engine", 0): [{"It.NumCacheNodes": 1}, {"It.Engine": "memcached", "It.EngineVersion": "1.6.22"}],
    ("outposts/engine", 1): [{"It.NumCacheNodes": 1}],
    ("outposts/engine", 2): [{"It.Engine": "redis"}, {"It.Engine": "memcached"}],
    ("outposts/mode", 0): [{"It.OutpostMode": "single-outpost"}],
    ("outposts/node-type", 0): [{"It.CacheNodeType": "cache.m5.large"}],
    ("outposts/not-there", 0): [{"It.SnapshotRetentionLimit": ABSENT}],
    ("outposts/not-there", 1): [{"It.AZMode": ABSENT}],
    ("policies/removal", 0): [
        {"It!DeletionPolicy": policy} for policy in ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
    ],
    ("policies/removal", 1): [{"It!UpdateReplacePolicy": policy} for policy in ("Delete", "Retain", "Snapshot")],
    ("policies/removal", 2): [{"It!DeletionPolicy": "Retain"}],
    ("policies/removal", 3): [{"It!DeletionPolicy": "Retain"}],
    ("references/attribute", 0): [
        {"It.AccessString": {"Ref": "Cache"}},
        {"It.AccessString": {"Fn::GetAtt": ["Cache", "ConfigurationEndPoint.Address"]}},
    ],
    ("references/attribute", 2): [
        {"It.Description": {"Fn::Sub": "of ${Other}"}},
        {"It.Description": {"Fn::Sub": "of ${Other.CacheParameterGroupName}"}},
    ],
    ("references/attribute", 3): [{"It.Description": {"Ref": "Other"}}],
    ("references/by-name", 0): [{"It.CacheSubnetGroupName": {"Ref": "Subnets"}}, {"It!DependsOn": "Subnets"}],
    ("references/circular", 0): [
        {"It.SecurityGroupIngress": ABSENT},
        {
            "It.SecurityGroupIngress": ABSENT,
            "Rule": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {**PORTS, "GroupId": {"Ref": "It"}, "SourceSecurityGroupId": {"Ref": "Other"}},
            },
        },
    ],
    ("references/endpoint", 0): [{"It.AccessString": {"Fn::GetAtt": ["Cache", "ConfigurationEndPoint.Address"]}}],
    ("references/endpoint", 2): [
        {"It.AccessString": {"Fn::Join": ["", ["on ", {"Fn::GetAtt": ["Cache", "PrimaryEndPoint.Address"]}]]}}
    ],
    ("references/endpoint", 3): [{"It.AccessString": {"Fn::GetAtt": ["Cache", "ConfigurationEndpoint.Address"]}}],
    ("references/endpoint", 4): [{"It.AccessString": {"Fn::GetAtt": ["Cache", "RedisEndpoint.Port"]}}],
    ("references/kind", 0): [{"It.SubnetIds.0": "subnet-0123456789abcdef0"}],
    ("references/kind", 1): [{"It.SubnetIds": [{"Ref": "A"}], "A": SUBNET}],
    ("references/kind", 20): [{"It.ImageId": "ami-0123456789abcdef0"}],
    ("references/kind", 21): [{"It.SubnetIds": [{"Ref": "One"}, {"Ref": "Two"}]}],
    ("references/kind", 22): [{"It.SecurityGroupIngress.0.CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}],
    ("references/kind", 3): [{"It.CacheSubnetGroupName": {"Ref": "Subnets"}, "Subnets": SUBNETS}],
    ("references/kind", 4): [
        {"It.CacheParameterGroupName": {"Ref": "Parameters"}, "Parameters": PARAMETERS, "Subnets": ABSENT}
    ],
    ("references/kind", 5): [{"It.UserGroupIds.0": {"Ref": "Team"}, "Team": TEAM}],
    ("references/kind", 6): [{"It.UserIds.0": {"Ref": "User"}}],
    ("references/kind", 7): [{"It.SecurityGroupIds.0": "sg-0123456789abcdef0"}],
    ("references/kind", 8): [{"It.SecurityGroupIds.0": {"Ref": "Group"}}],
    ("references/kind", 9): [{"It.NotificationTopicArn": {"Ref": "Topic"}}],
    ("references/kind", 10): [{"Node": GROUP}],
    ("references/kind", 11): [{"Cache": BASE["serverless"]}],
    ("references/kind", 12): [{"It.IamInstanceProfile": "client"}],
    ("references/kind", 14): [{"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}}],
    ("references/kind", 15): [
        {"It.LogDeliveryConfigurations.0.DestinationDetails.CloudWatchLogsDetails.LogGroup": {"Ref": "Log"}}
    ],
    ("references/kind", 16): [{"It.RoleARN": "arn:aws:iam::111122223333:role/scaling"}],
    ("references/resolved", 0): [{"It.CacheSubnetGroupName": "shop"}, {"Nothing": SUBNETS, "A": SUBNET, "Vpc": A_VPC}],
    ("references/resolved", 6): [
        {"It!Condition": "Wanted"},
        {"/Conditions/Nothing": {"Fn::Equals": ["a", "a"]}},
    ],
    ("references/resolved", 4): [{"It!DependsOn": "Vpc", "Vpc": A_VPC}, {"It!DependsOn": ABSENT}],
    ("schema/choice", 0): [{"It.TransitEncryptionMode": "preferred"}, {"It.TransitEncryptionMode": "required"}],
    ("schema/choice", 1): [{"It.AZMode": "cross-az"}, {"It.AZMode": "single-az"}],
    ("schema/known", 0): [{"It.Durable": ABSENT}, {"It.Durable": ABSENT, "It.Durability": "disabled"}],
    ("schema/known", 2): [{"It.cacheNodeType": ABSENT, "It.CacheNodeType": "cache.r7g.large"}],
    ("schema/known", 4): [{"It.Status": ABSENT}],
    ("schema/pattern", 0): [{"It.NodeGroupConfiguration.0.NodeGroupId": "1"}],
    ("schema/pattern", 1): [{"It.NodeGroupConfiguration.0.NodeGroupId": "1234"}],
    ("schema/pattern", 2): [{"It.ServerlessCacheSnapshotName": "nightly"}],
    ("schema/pattern", 3): [{"It.UserName": "a"}],
    ("schema/required", 0): [{"It.Engine": "valkey"}],
    ("schema/unique", 0): [{"It.UserIds": ["one"]}],
    ("schema/type", 0): [{"It.SnapshotRetentionLimit": 7}],
    ("schema/type", 1): [{"It.Tags": [{"Key": "team", "Value": "web"}]}],
    ("schema/type", 3): [{"It.MultiAZEnabled": True}],
    ("schema/type", 4): [{"It.ReplicationGroupDescription": "x"}],
    ("schema/type", 7): [{"It.SubnetIds": [{"Ref": "A"}]}],
    ("schema/type-exists", 0): [{"It": BASE["security-group"]}],
    ("schema/type-exists", 1): [{"It!Type": "AWS::ElastiCache::CacheCluster"}, {"It": GROUP}],
}
