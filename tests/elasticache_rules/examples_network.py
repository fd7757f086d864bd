"""Examples of the rules about networks, references and the resources around a cache."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT, Table, log, logs

VPC = {"type": "AWS::EC2::VPC", "CidrBlock": "10.0.0.0/16"}
CLASSIC = "AWS::ElastiCache::SecurityGroup"


def subnet(vpc: object = "vpc-1", **properties: object) -> dict[str, Any]:
    return {"type": "AWS::EC2::Subnet", "VpcId": vpc, **properties}


def security_group(*ingress: object, vpc: object = "vpc-1", **beside: object) -> dict[str, Any]:
    return {"of": "security-group", "VpcId": vpc, "SecurityGroupIngress": list(ingress), **beside}


def opens(first: object, last: object = None, protocol: object = "tcp") -> dict[str, Any]:
    ports = {"FromPort": first, "ToPort": first if last is None else last}
    return {"IpProtocol": protocol, **ports, "CidrIp": "10.0.0.0/16"}


def behind(*groups: str, **others: object) -> dict[str, Any]:
    """A replication group's security groups."""
    return {"SecurityGroupIds": [{"Fn::GetAtt": [name, "GroupId"]} for name in groups], **others}


def within(vpc: object, *, name: str = "CacheSubnetGroupName") -> dict[str, Any]:
    return {name: {"Ref": "Subnets"}, "+Subnets": {"of": "subnets", "SubnetIds": [{"Ref": "A"}]}, "+A": subnet(vpc)}


def ingress(port: int, group: object) -> dict[str, Any]:
    return {"of": "ingress", "GroupId": group, "FromPort": port, "ToPort": port}


def both_ways(first: object, second: object) -> dict[str, Any]:
    return {"+One": security_group(first), "+Two": security_group(second)}


SAME = {"Ref": "Vpc"}
OPEN = opens(6379)
PORTS = {name: value for name, value in OPEN.items() if name != "CidrIp"}
OTHER_VPC = {"+Vpc": VPC, "+Other": VPC}
V6 = {"NetworkType": "dual_stack", **within(SAME), "+Vpc": VPC}
TOPIC_ARN = "arn:aws:sns:us-east-1:111122223333:events"
TAGS = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]
GET_ATT = "Fn::GetAtt"

MORE: Table = {
    "network/cache-security-groups": [("memcached", {"CacheSecurityGroupNames": ["default"]})],
    "network/ip-discovery": [("group", {"NetworkType": "ipv6", "IpDiscovery": "ipv4"})],
    "network/ipv6-subnets": [("group", V6)],
    "network/ipv6-version": [("redis", {"CacheNodeType": "cache.r4.large", "NetworkType": "ipv6"})],
    "network/key-region": [("snapshot", {"KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/1"})],
    "network/notification-topic": [("group", {"NotificationTopicArn": "arn:aws:sns:eu-west-1:111122223333:events"})],
    "network/one-vpc": [("subnets", {"SubnetIds": ["subnet-0a1b2c3d4e5f60711"] * 2})],
    "network/port": [
        ("group", {"Port": 1149}),
        ("group", {"Port": 65536}),
        ("memcached", {"Port": 80}),
    ],
    "network/reachable": [
        ("group", behind("Group", **{"+Group": security_group(opens(6380, 6390))})),
        ("group", behind("Group", **{"+Group": security_group(opens(6370, 6378), opens(6379, protocol="udp"))})),
        ("group", {"+Group": security_group(OPEN)}),
        ("group", behind("Group", Port=7000, **{"+Group": security_group(OPEN)})),
        (
            "redis",
            behind("Group", **{"+Group": {"of": "security-group"}, "+Rule": ingress(6379, "sg-0123456789abcdef0")}),
        ),
        (
            "redis",
            behind(
                "Group",
                **{
                    "+Group": security_group(),
                    "+Other": security_group(OPEN),
                    "+Rule": ingress(6379, {"Ref": "Other"}),
                },
            ),
        ),
        ("serverless", behind("Group", **{"+Group": security_group(OPEN)})),
        (
            "serverless",
            behind("Group", Engine="memcached", MajorEngineVersion="1.6", **{"+Group": security_group(OPEN)}),
        ),
    ],
    "network/same-vpc": [
        (
            "group",
            behind("Group", **OTHER_VPC, **within(SAME), **{"+Group": security_group(OPEN, vpc={"Ref": "Other"})}),
        ),
        ("group", behind("Group", **OTHER_VPC, **within("vpc-1"), **{"+Group": security_group(OPEN, vpc=SAME)})),
        ("group", behind("Group", **{"+Vpc": VPC, "+Group": security_group(OPEN, vpc=SAME)})),
        (
            "serverless",
            behind(
                "Group",
                SubnetIds=[{"Ref": "A"}],
                **{"+A": subnet("vpc-2"), "+Group": security_group(opens(6379, 6380))},
            ),
        ),
        (
            "instance",
            behind("Group", SubnetId={"Ref": "A"}, **{"+A": subnet("vpc-2"), "+Group": security_group(OPEN)}),
        ),
        (
            "group",
            {**within("vpc-1"), "+Vpc": VPC, "SecurityGroupIds": [{GET_ATT: ["Vpc", "DefaultSecurityGroup"]}]},
        ),
    ],
    "network/tags": [
        ("group", {"Tags": TAGS}),
        ("group", {"Tags": [{"Key": "k" * 129, "Value": "v"}]}),
        ("group", {"Tags": [{"Key": "", "Value": "v"}]}),
        ("group", {"Tags": [{"Key": "k", "Value": "v" * 257}]}),
        ("group", {"Tags": [{"Key": "k", "Value": "v"}] * 2}),
    ],
    "network/topic-encryption": [
        (
            "group",
            {
                "NotificationTopicArn": {"Ref": "Topic"},
                "+Topic": {"type": "AWS::SNS::Topic", "KmsMasterKeyId": "alias/aws/sns"},
            },
        )
    ],
    "network/unused-subnet-group": [("subnets", {"+Cache": "redis"})],
    "network/zones-of-region": [
        ("group", {"PreferredCacheClusterAZs": ["us-east-1a", "eu-west-1b"]}),
        ("memcached", {"PreferredAvailabilityZone": "us-west-2a"}),
        ("instance", {"AvailabilityZone": "us-west-2a"}),
        (
            "shards",
            {"NodeGroupConfiguration": [{"PrimaryAvailabilityZone": "us-west-2a", "ReplicaCount": 1}]},
        ),
    ],
    "placement/preferred-zones": [
        ("cluster", {"PreferredCacheClusterAZs": ["us-east-1a"]}),
        ("shards", {"PreferredCacheClusterAZs": ["us-east-1a"]}),
        (
            "group",
            {
                "NumCacheClusters": ABSENT,
                "NumNodeGroups": 1,
                "ReplicasPerNodeGroup": 1,
                "PreferredCacheClusterAZs": ["us-east-1a"],
            },
        ),
        ("group", {"NumCacheClusters": 3, "PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}),
    ],
    "placement/zones-have-subnets": [
        (
            "shards",
            {
                **within("vpc-1"),
                "+A": subnet(AvailabilityZone="us-east-1a"),
                "NodeGroupConfiguration": [{"ReplicaCount": 1, "ReplicaAvailabilityZones": ["us-east-1f"]}],
            },
        )
    ],
    "policies/removal": [
        ("group", {"@DeletionPolicy": "Keep"}),
        ("group", {"@UpdateReplacePolicy": "RetainExceptOnCreate"}),
        ("serverless", {"@DeletionPolicy": "Snapshot"}),
        ("memcached", {"@DeletionPolicy": "Snapshot"}),
    ],
    "references/attribute": [
        ("user", {"AccessString": {GET_ATT: ["Cache", "RedisEndpoint.Address"]}, "+Cache": "cluster"}),
        ("group", {"!It": {GET_ATT: ["It", "Arn"]}}),
        ("subnets", {"Description": {"Fn::Sub": "of ${Other.Arn}"}, "+Other": "parameters"}),
        ("subnets", {"Description": {GET_ATT: "Other.Name"}, "+Other": {"of": "subnets"}}),
    ],
    "references/by-name": [
        ("group", {"CacheSubnetGroupName": "net", "+Subnets": {"of": "subnets", "CacheSubnetGroupName": "Net"}}),
        (
            "group",
            {
                "CacheSubnetGroupName": "net",
                "@DependsOn": ["Other"],
                "+Other": "user",
                "+Subnets": {"of": "subnets", "CacheSubnetGroupName": "net"},
            },
        ),
        ("users", {"UserIds": ["app"]}),
        ("target", {"+Cache": {"of": "cluster", "ReplicationGroupId": "sessions"}}),
    ],
    "references/circular": [
        (
            "security-group",
            {
                "SecurityGroupIngress": [{**PORTS, "SourceSecurityGroupId": {"Ref": "Other"}}],
                "+Other": {
                    "of": "security-group",
                    "SecurityGroupEgress": [{**PORTS, "DestinationSecurityGroupId": {"Ref": "It"}}],
                },
            },
        ),
        (
            "user",
            {"UserName": {"Fn::Sub": "${It}"}, "AuthenticationMode": {"Type": "password", "Passwords": ["x" * 16]}},
        ),
        ("user", {"@DependsOn": "It"}),
        (
            "group",
            {
                "CacheSubnetGroupName": {"Ref": "Subnets"},
                "NotificationTopicArn": {"Ref": "Other"},
                "+Subnets": "subnets",
                "+Other": {"type": "AWS::SNS::Topic", "@DependsOn": "It"},
            },
        ),
    ],
    "references/endpoint": [
        ("user", {"AccessString": {GET_ATT: ["Cache", "PrimaryEndPoint.Address"]}, "+Cache": "cluster"}),
        ("user", {"AccessString": {GET_ATT: ["Cache", "ReaderEndPoint.Address"]}, "+Cache": "shards"}),
        (
            "user",
            {
                "AccessString": {"Fn::Join": ["", ["on ", {GET_ATT: ["Cache", "ConfigurationEndPoint.Address"]}]]},
                "+Cache": "group",
            },
        ),
        ("user", {"AccessString": {GET_ATT: ["Cache", "RedisEndpoint.Address"]}, "+Cache": "memcached"}),
        ("user", {"AccessString": {GET_ATT: ["Cache", "ConfigurationEndpoint.Port"]}, "+Cache": "node"}),
    ],
    "references/kind": [
        ("subnets", {"SubnetIds": ["10.0.1.0/24"]}),
        ("subnets", {"SubnetIds": [{"Ref": "Vpc"}], "+Vpc": VPC}),
        ("serverless", {"SubnetIds": [{"Ref": "Subnets"}], "+Subnets": "subnets"}),
        ("group", {"CacheSubnetGroupName": {"Ref": "A"}, "+A": subnet()}),
        ("group", {"CacheParameterGroupName": {"Fn::Sub": "${Subnets}"}, "+Subnets": "subnets"}),
        ("group", {"UserGroupIds": [{"Ref": "User"}], "+User": "user"}),
        ("users", {"UserIds": [{"Ref": "Team"}], "+Team": {"of": "users", "UserGroupId": "other", "UserIds": ["a"]}}),
        ("group", {"SecurityGroupIds": ["cache-clients"]}),
        ("group", {"SecurityGroupIds": [{GET_ATT: ["Group", "VpcId"]}], "+Group": security_group(OPEN)}),
        ("group", {"NotificationTopicArn": {GET_ATT: ["Topic", "TopicName"]}, "+Topic": {"type": "AWS::SNS::Topic"}}),
        ("snapshot", {"ReplicationGroupId": {"Ref": "Node"}, "+Node": "node"}),
        ("serverless-snapshot", {"ServerlessCacheName": {"Ref": "Cache"}, "+Cache": "group"}),
        ("instance", {"IamInstanceProfile": "arn:aws:iam::111122223333:instance-profile/client"}),
        ("instance", {"SubnetId": {"Ref": "Table"}, "+Table": {"type": "AWS::DynamoDB::Table"}}),
        ("redis", {"AuthToken": {"Ref": "Secret"}, "+Secret": {"type": "AWS::SecretsManager::Secret"}}),
        (
            "group",
            logs(log("slow-log", DestinationDetails={"CloudWatchLogsDetails": {"LogGroup": {GET_ATT: ["Log", "Arn"]}}}))
            | {"+Log": {"type": "AWS::Logs::LogGroup"}},
        ),
        ("target", {"RoleARN": "scaling"}),
        ("subnets", {"SubnetIds": [{GET_ATT: ["Vpc", "CidrBlock"]}], "+Vpc": VPC}),
    ],
    "references/resolved": [
        ("group", {"CacheSubnetGroupName": {"Ref": "Nothing"}}),
        ("group", {"CacheSubnetGroupName": {GET_ATT: ["Nothing", "Name"]}}),
        ("group", {"ReplicationGroupDescription": {"Fn::Sub": "of ${Nothing}"}}),
        ("group", {"!It": {"Fn::Join": [":", [{"Ref": "It"}, {"Ref": "Nothing"}]]}}),
        ("group", {"@DependsOn": "Nothing"}),
        ("group", {"@DependsOn": ["User", "Nothing"], "+User": "user"}),
    ],
    "schema/type-exists": [
        ("node", {"@Type": CLASSIC}),
        ("node", {"@Type": "AWS::ElastiCache::Cluster"}),
    ],
}
