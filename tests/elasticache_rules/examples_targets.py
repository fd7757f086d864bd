"""Examples of rules about sources of traffic, targets of scaling, and regions of members."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT, Table

PATH = "TargetTrackingScalingPolicyConfiguration"
METRIC = {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"}
TCP = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379}
GROUP_ID = "sg-0123456789abcdef1"
RANGE = "10.0.0.0/16"
IN_A, IN_B = (
    {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": zone}
    for number, zone in ((1, "us-east-1a"), (2, "us-east-1b"))
)
VPC = {"type": "AWS::EC2::VPC", "CidrBlock": RANGE}
HAS_CONDITIONS = {"/Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}}


def tracked(percent: object) -> tuple[str, dict[str, Any]]:
    return ("policy", {PATH: {"TargetValue": percent, "PredefinedMetricSpecification": METRIC}})


def inbound(**entry: object) -> tuple[str, dict[str, Any]]:
    return ("security-group", {"SecurityGroupIngress": [{**TCP, **entry}]})


def outbound(**entry: object) -> tuple[str, dict[str, Any]]:
    return ("security-group", {"SecurityGroupEgress": [{**TCP, **entry}]})


def primary_in(region: object) -> tuple[str, dict[str, Any]]:
    member = {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": region, "Role": "PRIMARY"}
    return ("global", {"Members": [member]})


MORE: Table = {
    "auto-scaling/policy": [tracked(34), tracked(71)],
    "client/security-group": [
        inbound(),
        inbound(CidrIp=RANGE, SourceSecurityGroupId=GROUP_ID),
        outbound(),
        outbound(CidrIp=RANGE, DestinationSecurityGroupId=GROUP_ID),
        inbound(CidrIpv6="2001:db8::"),
        ("security-group", {"GroupDescription": "ä" * 255}),
    ],
    "client/security-group-rule": [
        ("ingress", {"CidrIp": ABSENT}),
        ("ingress", {"SourceSecurityGroupId": GROUP_ID}),
    ],
    "global-datastore/region": [primary_in("eu-west-1")],
    "network/zones-of-region": [("subnet", {"AvailabilityZone": "eu-west-1a"})],
    "references/kind": [
        ("group", {"NotificationTopicArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "+Queue": {"type": "AWS::SQS::Queue"}}),
        ("group", {"KmsKeyId": {"Fn::GetAtt": ["Queue", "Arn"]}, "+Queue": {"type": "AWS::SQS::Queue"}}),
        ("instance", {"ImageId": "al2023"}),
        ("subnets", {"SubnetIds": [{"Fn::Join": [",", [{"Ref": "One"}, {"Ref": "Two"}]]}], "+One": IN_A, "+Two": IN_B}),
        (
            "security-group",
            {"SecurityGroupIngress": [{**TCP, "CidrIp": {"Ref": "Vpc"}}], "VpcId": {"Ref": "Vpc"}, "+Vpc": VPC},
        ),
        ("subnet", {"CidrBlock": {"Ref": "Vpc"}, "VpcId": {"Ref": "Vpc"}, "+Vpc": VPC}),
    ],
    "access/generated-secret": [
        # As the CDK writes the whole secret.
        (
            "redis",
            {
                "AuthToken": {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:::}}"]]},
                "+Secret": {"type": "AWS::SecretsManager::Secret", "GenerateSecretString": {"PasswordLength": 32}},
            },
        ),
    ],
    "references/resolved": [
        ("group", {"@Condition": "Nothing", **HAS_CONDITIONS}),
        ("group", {"SnapshotRetentionLimit": {"Fn::If": ["Nothing", 1, 2]}, **HAS_CONDITIONS}),
    ],
    "schema/unique": [
        (
            "serverless",
            {
                "SnapshotArnsToRestore": [{"Ref": "Old"}, {"Ref": "Old"}],
                "+Old": {"of": "serverless-snapshot", "ServerlessCacheName": "other"},
            },
        ),
    ],
    "schema/type": [
        ("parameters", {"Properties": ["maxmemory-policy"]}),
        ("group", {"SecurityGroupIds": {"Fn::GetAtt": ["Firewall", "GroupId"]}, "+Firewall": "security-group"}),
    ],
}
ACCEPTED: Table = {
    "auto-scaling/policy": [tracked(35), tracked(70), tracked({"Fn::ImportValue": "percent"})],
    "client/security-group": [
        inbound(SourcePrefixListId="pl-0123456789abcdef0"),
        inbound(SourceSecurityGroupName="clients", SourceSecurityGroupOwnerId="111122223333"),
        inbound(CidrIpv6="2001:db8::/64"),
        outbound(DestinationPrefixListId="pl-0123456789abcdef0"),
        outbound(DestinationSecurityGroupId=GROUP_ID),
        inbound(**{"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/source.json"}}}),
    ],
    "client/security-group-rule": [
        ("ingress", {"CidrIp": ABSENT, "Fn::Transform": {"Name": "AWS::Include"}}),
        ("egress", {"DestinationPrefixListId": ABSENT, "DestinationSecurityGroupId": GROUP_ID}),
    ],
    "global-datastore/region": [primary_in("us-east-1"), primary_in({"Fn::ImportValue": "region"})],
    "network/zones-of-region": [("subnet", {"AvailabilityZone": "us-east-1b"})],
    "node-type/stated": [("taken-over", {})],
    "schema/unique": [
        ("users", {"UserIds": ["one", {"Ref": "User"}, {"Fn::ImportValue": "u"}, {"Fn::ImportValue": "u"}]}),
        ("memcached", {"PreferredAvailabilityZones": ["us-east-1a", "us-east-1a"]}),
    ],
    "references/resolved": [
        ("group", {"@Condition": "Wanted", **HAS_CONDITIONS}),
        ("group", {"@Condition": "Declared in the rest of the template"}),
    ],
    "client/security-group-names": [
        ("instance", {"SubnetId": "subnet-0a1b2c3d4e5f60711"}),
        ("instance", {"SecurityGroupIds": ABSENT, "SubnetId": ABSENT, "SecurityGroups": ["clients"]}),
    ],
    "schema/type": [
        ("group", {"SecurityGroupIds": {"Fn::GetAtt": ["Lookup", "Ids"]}, "+Lookup": {"type": "Custom::Lookup"}}),
        ("group", {"PreferredCacheClusterAZs": {"Fn::GetAtt": ["Vpc", "Zones"]}, "+Vpc": VPC}),
    ],
    "references/kind": [
        (
            "security-group",
            {"SecurityGroupIngress": [{**TCP, "CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}], "+Vpc": VPC},
        ),
        ("subnets", {"SubnetIds": [{"Fn::Sub": "${One}"}], "+One": IN_A}),
        (
            "group",
            {
                "NotificationTopicArn": {"Fn::GetAtt": ["Topic", "Arn"]},
                "+Topic": {"type": "Custom::Topic", "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:f"},
            },
        ),
        (
            "group",
            {
                "NotificationTopicArn": {"Fn::GetAtt": ["Network", "Outputs.Topic"]},
                "+Network": {"type": "AWS::CloudFormation::Stack", "TemplateURL": "https://s3.amazonaws.com/b/n.json"},
            },
        ),
        ("group", {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}, "+Key": {"type": "AWS::KMS::ReplicaKey"}}),
        *(
            ("group", {"NotificationTopicArn": {"Fn::GetAtt": ["Topic", "Arn"]}, "+Topic": {"type": kind}})
            for kind in ("AWS::CloudFormation::CustomResource", "Org::Events::Topic")
        ),
        ("instance", {"ImageId": "ami-0123456789abcdef0"}),
    ],
}
