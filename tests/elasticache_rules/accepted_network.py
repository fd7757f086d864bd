"""Valid neighbours of the examples about networks, references and clients."""

from tests.elasticache_rules.examples_access import Table
from tests.elasticache_rules.examples_network import (
    GET_ATT,
    OPEN,
    SAME,
    TAGS,
    TOPIC_ARN,
    V6,
    VPC,
    behind,
    ingress,
    opens,
    security_group,
    subnet,
    within,
)

ACCEPTED: Table = {
    "network/ip-discovery": [
        ("group", {"NetworkType": "dual_stack", "IpDiscovery": "ipv4"}),
        ("group", {"NetworkType": {"Fn::ImportValue": "n"}, "IpDiscovery": "ipv6"}),
    ],
    "network/ipv6-subnets": [
        ("group", {**V6, "+A": subnet(Ipv6CidrBlock="2001:db8::/64")}),
        ("group", {**V6, "+Block": {"type": "AWS::EC2::SubnetCidrBlock", "SubnetId": {"Ref": "A"}}}),
        ("group", {**V6, "+Subnets": {"of": "subnets", "SubnetIds": ["subnet-1"]}}),
        ("group", {**V6, "NetworkType": "ipv4"}),
    ],
    "network/ipv6-version": [("redis", {"CacheNodeType": "r7g", "NetworkType": "ipv6"})],
    "network/key-region": [("group", {"KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/1"})],
    "network/notification-topic": [("group", {"NotificationTopicArn": TOPIC_ARN})],
    "network/one-vpc": [
        (
            "subnets",
            {"SubnetIds": [{"Ref": "A"}, {"Ref": "B"}, {"Fn::ImportValue": "c"}], "+A": subnet(), "+B": subnet()},
        ),
        (
            "subnets",
            {"SubnetIds": [{"Ref": "A"}, {"Ref": "B"}], "+A": subnet(), "+B": subnet({"Fn::ImportValue": "v"})},
        ),
    ],
    "network/port": [
        ("group", {"Port": 1150}),
        ("group", {"Port": 8004}),
        ("group", {"Port": 8006}),
        ("group", {"Port": 65535}),
    ],
    "network/reachable": [
        ("group", behind("Group", **{"+Group": security_group(OPEN)})),
        ("group", behind("Group", **{"+Group": security_group(opens(0, 6379))})),
        ("group", behind("Group", **{"+Group": security_group(opens(6379, 65535, protocol=6))})),
        ("group", behind("Group", **{"+Group": security_group({"IpProtocol": -1})})),
        ("group", behind("Group", **{"+Group": security_group({"IpProtocol": "-1"})})),
        ("group", behind("Group", **{"+Group": security_group({"Fn::ImportValue": "rule"})})),
        (
            "group",
            behind("Group", **{"+Group": {"of": "security-group", "SecurityGroupIngress": {"Fn::ImportValue": "r"}}}),
        ),
        ("group", behind("Group", **{"+Group": security_group(opens({"Fn::ImportValue": "port"}))})),
        (
            "group",
            behind("Group", **{"+Group": security_group(), "+Rule": ingress(6379, {GET_ATT: ["Group", "GroupId"]})}),
        ),
        ("group", behind("Group", **{"+Group": security_group(), "+Rule": ingress(6379, {"Fn::ImportValue": "g"})})),
        ("group", behind("Group", Port={"Fn::ImportValue": "p"}, **{"+Group": security_group()})),
        ("group", behind("Group", **{"+Group": security_group(**{"@Condition": "C"})})),
        ("group", {"SecurityGroupIds": ["sg-0123456789abcdef0"]}),
        (
            "group",
            behind(
                "Group",
                **{
                    "+Group": security_group(),
                    "+Stack": {"type": "AWS::CloudFormation::Stack", "Parameters": {"Group": {"Ref": "Group"}}},
                },
            ),
        ),
        ("serverless", behind("Group", **{"+Group": security_group(opens(6379, 6380))})),
        ("memcached", {"VpcSecurityGroupIds": [{"Ref": "Group"}], "+Group": security_group(opens(11211))}),
    ],
    "network/same-vpc": [
        ("group", behind("Group", **within(SAME), **{"+Vpc": VPC, "+Group": security_group(OPEN, vpc=SAME)})),
        ("group", behind("Group", **within("vpc-1"), **{"+Group": security_group(OPEN)})),
        ("group", behind("Group", **{"+Group": security_group(OPEN)})),
        ("group", {**within("vpc-1"), "SecurityGroupIds": [{"Ref": "User"}], "+User": "user"}),
        (
            "group",
            behind(
                "Group", **within(SAME), **{"+Vpc": VPC, "+Group": security_group(OPEN, vpc={"Fn::ImportValue": "v"})}
            ),
        ),
        ("group", {"CacheSubnetGroupName": "net", "SecurityGroupIds": ["sg-0123456789abcdef0"]}),
    ],
    "network/tags": [
        ("group", {"Tags": [*TAGS[:50]]}),
        ("group", {"Tags": [{"Key": "k" * 128, "Value": "v" * 256}]}),
        ("group", {"Tags": [{"Key": {"Fn::ImportValue": "k"}, "Value": "v"}, {"Fn::ImportValue": "tag"}]}),
    ],
    "network/topic-encryption": [
        ("group", {"NotificationTopicArn": {"Ref": "Topic"}, "+Topic": {"type": "AWS::SNS::Topic"}})
    ],
    "network/unused-subnet-group": [
        ("subnets", {"+Cache": {"of": "redis", "CacheSubnetGroupName": {"Ref": "It"}}}),
        ("subnets", {"+Cache": {"of": "redis", "CacheSubnetGroupName": "net"}, "CacheSubnetGroupName": "net"}),
    ],
    "network/zones-of-region": [
        ("group", {"PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}),
        ("group", {"PreferredCacheClusterAZs": ["first", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]}),
    ],
    "placement/multi-az-subnets": [
        ("group", {**within("vpc-1"), "+A": subnet(AvailabilityZone={"Fn::ImportValue": "zone"})}),
        ("group", {**within("vpc-1"), "+Subnets": {"of": "subnets"}}),
    ],
    "placement/preferred-zones": [("group", {"PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]})],
    "placement/zones-have-subnets": [
        (
            "memcached",
            {**within("vpc-1"), "+A": subnet(AvailabilityZone="us-east-1a"), "PreferredAvailabilityZone": "us-east-1a"},
        )
    ],
    "policies/removal": [
        ("group", {"@DeletionPolicy": "Snapshot", "@UpdateReplacePolicy": "Snapshot"}),
        ("user", {"@DeletionPolicy": "RetainExceptOnCreate", "@UpdateReplacePolicy": ["Retain"]}),
    ],
    "references/attribute": [
        ("subnets", {"Description": {GET_ATT: ["Cache", "PrimaryEndPoint.Address"]}, "+Cache": "redis"}),
        ("subnets", {"Description": {GET_ATT: ["Cache", "RedisEndpoint"]}, "+Cache": "node"}),
        ("subnets", {"Description": {GET_ATT: ["Cache", "ReadEndPoint.Addresses.List"]}, "+Cache": "redis"}),
        ("subnets", {"Description": {GET_ATT: ["Table", "Anything"]}, "+Table": {"type": "AWS::DynamoDB::Table"}}),
    ],
    "references/by-name": [
        (
            "group",
            {
                "CacheSubnetGroupName": "net",
                "@DependsOn": "Subnets",
                "+Subnets": {"of": "subnets", "CacheSubnetGroupName": "net"},
            },
        ),
        ("group", {"ReplicationGroupId": "one"}),
    ],
    "references/circular": [
        ("group", {"CacheSubnetGroupName": {"Ref": "Subnets"}, "@DependsOn": "Subnets", "+Subnets": "subnets"}),
        (
            "user",
            {
                "+One": {"type": "AWS::EC2::VPC", "A": {"Ref": "Two"}, "B": {"Ref": "Three"}},
                "+Two": {"type": "AWS::EC2::VPC", "A": {"Ref": "Three"}},
                "+Three": {"type": "AWS::EC2::VPC", "A": {"Ref": "Two"}},
                "+Four": {"type": "AWS::EC2::VPC", "A": {"Ref": "One"}, "B": {"Ref": "It"}},
            },
        ),
    ],
    "references/endpoint": [
        ("subnets", {"Description": {GET_ATT: ["Cache", "ConfigurationEndPoint.Address"]}, "+Cache": "cluster"}),
        (
            "user",
            {
                "AccessString": {GET_ATT: ["Cache", "PrimaryEndPoint.Address"]},
                "+Cache": {"of": "cluster", "NumNodeGroups": 1, "ClusterMode": "compatible"},
            },
        ),
        ("subnets", {"Description": {GET_ATT: ["Cache", "PrimaryEndPoint.Address"]}, "+Cache": "redis"}),
        ("subnets", {"Description": {GET_ATT: ["Cache", "ConfigurationEndpoint.Address"]}, "+Cache": "memcached"}),
        ("subnets", {"Description": {GET_ATT: ["Cache", "RedisEndpoint.Address"]}, "+Cache": "node"}),
        ("subnets", {"Description": {GET_ATT: ["Cache", "Endpoint.Address"]}, "+Cache": "serverless"}),
    ],
    "references/kind": [
        ("subnets", {"SubnetIds": [{GET_ATT: ["Own", "SubnetId"]}], "+Own": {"type": "Custom::Subnet"}}),
        ("subnets", {"SubnetIds": [{"Ref": "Own"}], "+Own": {"type": "Custom::Subnet"}}),
        (
            "group",
            {"SecurityGroupIds": [{GET_ATT: ["Eks", "ClusterSecurityGroupId"]}], "+Eks": {"type": "AWS::EKS::Cluster"}},
        ),
        ("group", {"SecurityGroupIds": [{GET_ATT: ["Vpc", "DefaultSecurityGroup"]}], "+Vpc": VPC}),
        ("subnets", {"SubnetIds": {"Fn::ImportValue": "subnets"}}),
        ("group", {"KmsKeyId": {GET_ATT: ["Key", "Arn"]}, "+Key": {"type": "AWS::KMS::Key"}}),
    ],
    "references/resolved": [
        ("group", {"@DependsOn": ["User"], "+User": "user"}),
        ("group", {"ReplicationGroupDescription": "${self:custom.name}", "CacheSubnetGroupName": {"Ref": "Elsewhere"}}),
        ("group", {"+Topic": {"type": "AWS::SNS::Topic", "TopicName": {"Ref": "Elsewhere"}}}),
    ],
}
