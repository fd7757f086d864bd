"""Examples of values behind functions: the types of parameters, lookups with unknown keys, and conditions in others."""

from typing import Any

from tests.elasticache_rules.examples_access import Table
from tests.elasticache_rules.examples_groups import shard, shards
from tests.elasticache_rules.examples_sections import token

Case = tuple[str, dict[str, Any]]
GIVEN = {"Ref": "Given"}
ACCOUNT = {"Ref": "AWS::AccountId"}
STORED = "AWS::SSM::Parameter::Value"
TCP = {"FromPort": 6379, "ToPort": 6379, "CidrIp": "10.0.0.0/16"}
CONDITIONS = {
    "First": {"Fn::Equals": [ACCOUNT, "111122223333"]},
    "Second": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "shop"]},
}


def given(base: str, name: str, value: object, kind: str) -> Case:
    """A property with a parameter of a type."""
    return (base, {name: value, "/Parameters": {"Given": {"Type": kind}}})


def named(base: str, name: str, text: str) -> Case:
    """A name with a parameter in it."""
    return given(base, name, {"Fn::Sub": text}, "String")


def of_another(base: str, type_name: str, **properties: object) -> Case:
    """A resource of another type with a reference to a VPC."""
    return (base, {"@Type": type_name, **properties, "+Vpc": {"type": "AWS::EC2::VPC", "CidrBlock": "10.0.0.0/16"}})


def looked_up(name: str, key: object, *values: object) -> Case:
    """A property from a mapping that has these values."""
    mapping = {f"key{number}": {"Value": value} for number, value in enumerate(values)}
    return ("group", {name: {"Fn::FindInMap": ["Values", key, "Value"]}, "/Mappings": {"Values": mapping}})


def nested(*ports: object) -> Case:
    """The port of a group behind a condition within another."""
    inner = {"Fn::If": ["Second", *ports[:2]]}
    return ("group", {"Port": {"Fn::If": ["First", inner, ports[2]]}, "/Conditions": CONDITIONS})


MORE: Table = {
    "client/security-group": [("security-group", {"SecurityGroupIngress": [TCP]})],
    "client/user-data": [("instance", {"UserData": "#!/bin/sh\nexit 0\n"})],
    "client/required": [("subnet", {"VpcId": None})],
    "names/identifier": [
        named("group", "ReplicationGroupId", "${Given}_cache"),
        named("group", "ReplicationGroupId", "1-${Given}"),
        named("users", "UserGroupId", "team.${Given}"),
        named("group", "ReplicationGroupId", f"{'c' * 40}-${{Given}}"),
    ],
    "network/port": [nested(80, 443, 22), looked_up("Port", ACCOUNT, 80, 443)],
    "references/function": [
        ("group", {"EngineVersion": {"Fn::Select": [-1, ["8.0", "8.2"]]}}),
        ("group", {"EngineVersion": {"Fn::Concat": ["8", "2"]}}),
        ("group", {"EngineVersion": {"Fn::Join": [".", "8", "2"]}}),
        ("group", {"EngineVersion": {"Fn::Join": "8.2"}}),
        ("group", {"Port": {"Fn::If": ["First", 6379]}, "/Conditions": CONDITIONS}),
        ("group", {"SnapshotRetentionLimit": {"Fn::FindInMap": ["Values", "Value"]}}),
        ("group", {"EngineVersion": {"Fn::Sub": ["8.2"]}}),
        ("group", {"SecurityGroupIds": {"Fn::Split": ["sg-1,sg-2"]}}),
        ("subnet", {"CidrBlock": {"Fn::Cidr": ["10.0.0.0/16"]}}),
        ("group", {"Tags": [{"Key": "of", "Value": {"Fn::Sub": ["${A}", {"A": {"Fn::GetAtt": ["It"]}}]}}]}),
        ("group", {"Tags": [{"Key": "of", "Value": {"Fn::GetAtt": "It"}}]}),
        ("group", {"!It": {"Fn::GetAtt": "It"}}),
    ],
    "references/kind": [
        given("subnets", "SubnetIds", [GIVEN, "subnet-0a1b2c3d4e5f60711"], "AWS::EC2::VPC::Id"),
        given("subnets", "SubnetIds", GIVEN, "List<AWS::EC2::SecurityGroup::Id>"),
        given("group", "SecurityGroupIds", GIVEN, f"{STORED}<List<AWS::EC2::SecurityGroup::GroupName>>"),
        given("group", "KmsKeyId", GIVEN, "AWS::EC2::KeyPair::KeyName"),
        ("group", {"PreferredCacheClusterAZs": ["use1-az1", "use1-az2"]}),
        of_another("instance", "AWS::EC2::InstanceConnectEndpoint", SubnetId={"Ref": "Vpc"}),
        of_another("instance", "AWS::EC2::SubnetRouteTableAssociation", SubnetId="rtb-1", RouteTableId="rtb-1"),
        of_another("instance", "AWS::EC2::LaunchTemplate", LaunchTemplateData={"SecurityGroupIds": ["default"]}),
        of_another("instance", "AWS::CloudFormation::WaitCondition", Handle={"Ref": "Vpc"}),
    ],
    "access/generated-secret": [
        (
            "redis",
            {
                "AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}::::}}"},
                "+Secret": {"type": "AWS::SecretsManager::Secret", "GenerateSecretString": {"PasswordLength": 32}},
            },
        ),
    ],
    "network/ipv6-subnets": [
        (
            "serverless",
            {
                "NetworkType": "ipv6",
                "SubnetIds": [{"Ref": "A"}, "subnet-0a1b2c3d4e5f60722"],
                "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1"},
            },
        ),
    ],
    "network/same-vpc": [
        (
            "instance",
            {
                "@Type": "AWS::EC2::InstanceConnectEndpoint",
                "SubnetId": {"Ref": "A"},
                "SecurityGroupIds": [{"Ref": "Firewall"}],
                "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1"},
                "+Firewall": {"of": "security-group", "VpcId": "vpc-2"},
            },
        ),
    ],
    "schema/type-exists": [
        ("node", {"@Type": ""}),
        ("node", {"@Type": "AWS::Elasticache::CacheCluster"}),
        ("node", {"@Type": "", "@type": "AWS::ElastiCache::CacheCluster"}),
    ],
    "schema/type": [
        given("group", "SecurityGroupIds", GIVEN, "String"),
        given("group", "SecurityGroupIds", [GIVEN], "List<AWS::EC2::SecurityGroup::Id>"),
        given("group", "CacheNodeType", GIVEN, "CommaDelimitedList"),
        given("group", "SnapshotRetentionLimit", GIVEN, "CommaDelimitedList"),
        given("user", "AuthenticationMode", GIVEN, f"{STORED}<String>"),
        ("group", {"SecurityGroupIds": {"Fn::ImportValue": "groups"}}),
        ("group", {"SecurityGroupIds": ACCOUNT}),
        ("group", {"SecurityGroupIds": [{"Fn::Split": [",", {"Fn::ImportValue": "groups"}]}]}),
        ("group", {"UserGroupIds": [{"Fn::Split": [",", {"Fn::ImportValue": "groups"}]}]}),
        ("parameters", {"Properties": {"timeout": [20]}}),
        ("parameters", {"Properties": {"timeout": None}}),
    ],
}
ACCEPTED: Table = {
    "client/user-data": [("instance", {"UserData": "IyEvYmlu\nL3No\n"})],
    "names/identifier": [
        named("group", "ReplicationGroupId", "${Given}-cache-${Given}"),
        named("group", "ReplicationGroupId", f"{'c' * 39}-${{Given}}"),
    ],
    "network/port": [
        nested(80, 443, 6380),
        looked_up("Port", ACCOUNT, 80, 6380),
        looked_up("Port", ACCOUNT, 6380, 80),
    ],
    "network/tags": [("group", {"Tags": [{"Key": "k", "Value": "v"}]})],
    "parameters/secret-length": [token(MinLength=128)],
    "references/function": [
        ("group", {"EngineVersion": {"Fn::Select": [0, ["8.0", "8.2"]]}}),
        ("group", {"EngineVersion": {"Fn::Select": [1, ["8.0", "8.2"]]}}),
        ("group", {"EngineVersion": {"Fn::Select": [{"Fn::ImportValue": "index"}, ["8.0", "8.2"]]}}),
        ("group", {"EngineVersion": {"Fn::Select": [5, {"Fn::Split": [",", {"Fn::ImportValue": "versions"}]}]}}),
        ("group", {"EngineVersion": {"Fn::Select": {"Fn::ImportValue": "arguments"}}}),
        ("group", {"EngineVersion": {"Fn::GetStackOutput": {"StackName": "shared", "OutputName": "Version"}}}),
        ("group", {"EngineVersion": {"Fn::Concat": ["8", "2"]}, "/Transform": "Org::Macro"}),
        ("group", {"EngineVersion": {"Fn::Concat": ["8", "2"]}, "ReplicationGroupDescription": "${self:service}"}),
        ("group", {"ReplicationGroupDescription": {"Fn::Sub": ["of ${A}", {"A": {"Ref": "AWS::StackName"}}]}}),
        ("group", {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Fn::Concat": ["a"]}}}),
        ("group", {"+Topic": {"type": "AWS::SNS::Topic", "TopicName": {"Fn::Concat": ["a", "b"]}}}),
    ],
    "references/kind": [
        given("subnets", "SubnetIds", GIVEN, "List<AWS::EC2::Subnet::Id>"),
        given("subnets", "SubnetIds", GIVEN, f"{STORED}<List<AWS::EC2::Subnet::Id>>"),
        given("group", "SecurityGroupIds", [GIVEN], "AWS::EC2::SecurityGroup::Id"),
        given("group", "SecurityGroupIds", [GIVEN], "AWS::SSM::Parameter::Name"),
        given("group", "PreferredCacheClusterAZs", GIVEN, "List<AWS::EC2::AvailabilityZone::Name>"),
        ("group", {"PreferredCacheClusterAZs": ["us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"]}),
        of_another("instance", "AWS::EC2::LaunchTemplate", LaunchTemplateData={"SecurityGroupIds": ["sg-1"]}),
    ],
    "references/resolved": [
        ("group", {"SecurityGroupIds": [{"Ref": "NetworkGroup"}], "+Network": {"type": "Org::Net::Vpc::MODULE"}}),
    ],
    "shards/slots": [shards(shard("0-0,2-16383"), shard("1-1"))],
    "shards/snapshotting-cluster": [("group", {"SnapshottingClusterId": "cache-001", "NumNodeGroups": 1})],
    "schema/type-exists": [("node", {"@Type": "", "/Transform": "AWS::Serverless-2016-10-31"})],
    "schema/type": [
        given("group", "SecurityGroupIds", GIVEN, "CommaDelimitedList"),
        given("group", "SecurityGroupIds", GIVEN, f"{STORED}<CommaDelimitedList>"),
        given("group", "CacheNodeType", GIVEN, "String"),
        given("group", "SnapshotRetentionLimit", GIVEN, "Number"),
        ("group", {"SecurityGroupIds": GIVEN, "/Parameters": {"Given": {}}}),
        ("group", {"SecurityGroupIds": {"Ref": "G" * 300}, "/Parameters": {"G" * 300: {"Type": "String"}}}),
        ("group", {"SecurityGroupIds": {"Ref": "AWS::NotificationARNs"}}),
        ("group", {"SecurityGroupIds": {"Ref": 5}}),
        ("group", {"SecurityGroupIds": {"Fn::Split": [",", {"Fn::ImportValue": "groups"}]}}),
        (
            "group",
            {"SecurityGroupIds": GIVEN, "/Parameters": {"Given": {"Type": "String"}}, "/Transform": "Org::Macro"},
        ),
        ("group", {"SecurityGroupIds": ACCOUNT, "/Transform": "Org::Macro"}),
        ("group", {"CacheNodeType": {"Fn::Select": [0, {"Fn::ImportValue": "types"}]}}),
        ("parameters", {"Properties": {"timeout": 20, "maxmemory-samples": "10"}}),
    ],
}
