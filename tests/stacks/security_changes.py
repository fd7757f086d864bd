"""Changes of a template by which a control that is met fails, and by which one that is not met passes."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scripts.security_controls import Deployed

_REMOVED: Final = object()
_GROUP: Final = "AWS::ElastiCache::ReplicationGroup"
_INSTANCE: Final = "AWS::EC2::Instance"
_LAUNCH: Final = "AWS::EC2::LaunchTemplate"
_SECURITY: Final = "AWS::EC2::SecurityGroup"
_POLICY: Final = "AWS::IAM::Policy"
_FUNCTION: Final = "AWS::Lambda::Function"
_ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
_BUCKET: Final = "AWS::S3::Bucket"


@dataclass(frozen=True, slots=True)
class Change:
    """A property of each resource of a type.

    :param path: its name, and those inside of it after dots.
    :param case: of security_cases.
    """

    kind: str
    path: str
    value: Any
    case: str = "default"

    def apply(self, found: Deployed) -> Deployed:
        """The templates with the change."""
        templates = copy.deepcopy(dict(found.templates))
        changed = 0
        for template in templates.values():
            for resource in template["Resources"].values():
                if resource["Type"] == self.kind:
                    self._set(resource["Properties"])
                    changed += 1
        assert changed, f"{self.case} has no {self.kind}"
        return replace(found, templates=templates)

    def _set(self, properties: dict[str, Any]) -> None:
        *outer, last = self.path.split(".")
        for name in outer:
            properties = properties.setdefault(name, {})
        if self.value is _REMOVED:
            del properties[last]
        else:
            properties[last] = self.value


def _open(cidr: Mapping[str, str], first: int, last: int, protocol: str = "tcp") -> list[dict[str, Any]]:
    return [{**cidr, "IpProtocol": protocol, "FromPort": first, "ToPort": last}]


def _statement(action: str | list[str], resource: str = "*") -> list[dict[str, Any]]:
    return [{"Effect": "Allow", "Action": action, "Resource": resource}]


_V4: Final = {"CidrIp": "0.0.0.0/0"}
_V6: Final = {"CidrIpv6": "::/0"}
_INGRESS: Final = "SecurityGroupIngress"
_STATEMENT: Final = "PolicyDocument.Statement"

_DATABASE: Final = "AWS::RDS::DBInstance"
_AURORA: Final = "AWS::RDS::DBCluster"


def _database(path: str, value: Any) -> list[Change]:
    return [Change(_DATABASE, path, value, "rds-behind-cache")]


def _cluster(path: str, value: Any) -> list[Change]:
    return [Change(_AURORA, path, value, "aurora-behind-serverless")]


_OF_DATABASES: Final[dict[str, list[Change]]] = {
    "RDS.2": [*_database("PubliclyAccessible", True), *_database("PubliclyAccessible", _REMOVED)],
    "RDS.3": [*_database("StorageEncrypted", False), *_database("StorageEncrypted", _REMOVED)],
    "RDS.9": [
        *_database("EnableCloudwatchLogsExports", ["postgresql"]),
        *_database("EnableCloudwatchLogsExports", ["upgrade"]),
    ],
    "RDS.10": _database("EnableIAMDatabaseAuthentication", False),
    "RDS.11": [*_database("BackupRetentionPeriod", 6), *_database("BackupRetentionPeriod", _REMOVED)],
    "RDS.12": _cluster("EnableIAMDatabaseAuthentication", _REMOVED),
    "RDS.13": _database("AutoMinorVersionUpgrade", False),
    "RDS.16": _cluster("CopyTagsToSnapshot", False),
    "RDS.17": _database("CopyTagsToSnapshot", _REMOVED),
    "RDS.23": [*_database("Port", "5432"), *_database("Port", _REMOVED)],
    "RDS.24": [*_cluster("MasterUsername", "postgres"), *_cluster("MasterUsername", "admin")],
    "RDS.25": [*_database("MasterUsername", "postgres"), *_database("MasterUsername", "admin")],
    "RDS.27": _cluster("StorageEncrypted", False),
    "RDS.28": _cluster("Tags", _REMOVED),
    "RDS.30": _database("Tags", []),
    "RDS.33": [Change("AWS::RDS::DBSubnetGroup", "Tags", [], "rds-behind-cache")],
    "RDS.36": _database("EnableCloudwatchLogsExports", ["upgrade"]),
    "RDS.37": _cluster("EnableCloudwatchLogsExports", []),
    "RDS.38": [
        Change("AWS::RDS::DBParameterGroup", "Parameters", {"rds.force_ssl": "0"}, "rds-behind-cache"),
        Change("AWS::RDS::DBParameterGroup", "Parameters", {}, "rds-behind-cache"),
    ],
    "RDS.50": _cluster("BackupRetentionPeriod", 6),
}

BREAKS: Final[dict[str, list[Change]]] = {
    **_OF_DATABASES,
    "ElastiCache.1": [Change(_GROUP, "SnapshotRetentionLimit", 0), Change(_GROUP, "SnapshotRetentionLimit", _REMOVED)],
    "ElastiCache.2": [Change(_GROUP, "AutoMinorVersionUpgrade", False)],
    "ElastiCache.3": [
        Change(_GROUP, "AutomaticFailoverEnabled", False),
        Change(_GROUP, "AutomaticFailoverEnabled", False, "global-datastore"),
    ],
    "ElastiCache.4": [Change(_GROUP, "AtRestEncryptionEnabled", False)],
    "ElastiCache.5": [Change(_GROUP, "TransitEncryptionEnabled", False)],
    "ElastiCache.7": [
        Change(_GROUP, "CacheSubnetGroupName", _REMOVED),
        Change("AWS::ElastiCache::CacheCluster", "CacheSubnetGroupName", "default", "memcached-without-options"),
    ],
    "EC2.3": [Change(_INSTANCE, "BlockDeviceMappings", [{"Ebs": {"Encrypted": False}}])],
    "EC2.6": [Change("AWS::EC2::FlowLog", "ResourceId", {"Ref": "Another"})],
    "EC2.8": [
        Change(_INSTANCE, "MetadataOptions.HttpTokens", "optional"),
        Change(_INSTANCE, "MetadataOptions", _REMOVED),
    ],
    "EC2.9": [Change(_INSTANCE, "NetworkInterfaces", [{"AssociatePublicIpAddress": True}])],
    "EC2.13": [
        Change(_SECURITY, _INGRESS, _open(_V4, 22, 22)),
        Change(_SECURITY, _INGRESS, _open(_V6, 0, 22)),
        Change("AWS::EC2::SecurityGroupIngress", "CidrIp", "0.0.0.0/0", "every-switch"),
        Change(_SECURITY, _INGRESS, [{**_V4, "IpProtocol": "-1"}]),
    ],
    "EC2.14": [Change(_SECURITY, _INGRESS, _open(_V6, 3389, 3389))],
    "EC2.15": [Change("AWS::EC2::Subnet", "MapPublicIpOnLaunch", True)],
    "EC2.17": [Change(_INSTANCE, "NetworkInterfaces", [{}, {}])],
    "EC2.18": [
        Change(_SECURITY, _INGRESS, _open(_V4, 6379, 6379)),
        Change(_SECURITY, _INGRESS, _open(_V4, 80, 443)),
        Change(_SECURITY, _INGRESS, [{**_V6, "IpProtocol": "-1"}]),
    ],
    "EC2.19": [Change(_SECURITY, _INGRESS, _open(_V4, 9000, 9200))],
    "EC2.22": [Change(_INSTANCE, "SecurityGroupIds", [])],
    "EC2.24": [Change(_INSTANCE, "InstanceType", "m1.small")],
    "EC2.25": [Change(_LAUNCH, "LaunchTemplateData.NetworkInterfaces", [{"AssociatePublicIpAddress": True}])],
    "EC2.38": [Change(_INSTANCE, "Tags", [])],
    "EC2.42": [Change("AWS::EC2::RouteTable", "Tags", [])],
    "EC2.43": [Change(_SECURITY, "Tags", [])],
    "EC2.44": [Change("AWS::EC2::Subnet", "Tags", [])],
    "EC2.45": [Change(_INSTANCE, "Tags", []), Change(_INSTANCE, "PropagateTagsToVolumeOnCreation", False)],
    "EC2.46": [Change("AWS::EC2::VPC", "Tags", [])],
    "EC2.48": [Change("AWS::EC2::FlowLog", "Tags", [])],
    "EC2.53": [Change(_SECURITY, _INGRESS, _open(_V4, 3389, 3389)), Change(_SECURITY, _INGRESS, _open(_V4, 22, 22))],
    "EC2.54": [Change(_SECURITY, _INGRESS, _open(_V6, 3389, 3389)), Change(_SECURITY, _INGRESS, _open(_V6, 22, 22))],
    "EC2.170": [
        Change(_LAUNCH, "LaunchTemplateData.MetadataOptions.HttpTokens", "optional"),
        Change(_LAUNCH, "LaunchTemplateData.MetadataOptions", _REMOVED),
    ],
    "EC2.175": [Change(_LAUNCH, "TagSpecifications", [])],
    "EC2.180": [Change(_INSTANCE, "SourceDestCheck", False)],
    "EC2.181": [Change(_LAUNCH, "LaunchTemplateData.BlockDeviceMappings", [{"Ebs": {"Encrypted": False}}])],
    "SecretsManager.5": [Change("AWS::SecretsManager::Secret", "Tags", [], "password")],
    "CloudWatch.16": [Change("AWS::Logs::LogGroup", "RetentionInDays", 180)],
    "CloudWatch.17": [Change("AWS::CloudWatch::Alarm", "ActionsEnabled", False, "alarms")],
    "KMS.2": [
        Change(_POLICY, _STATEMENT, _statement("kms:Decrypt")),
        Change(_POLICY, _STATEMENT, _statement(["s3:GetObject", "kms:*"])),
    ],
    "KMS.4": [Change("AWS::KMS::Key", "EnableKeyRotation", False, "token-single-node")],
    "KMS.5": [Change("AWS::KMS::Key", "KeyPolicy.Statement", [{"Principal": {"AWS": "*"}}], "token-single-node")],
    "IAM.1": [
        Change(_POLICY, _STATEMENT, _statement("*")),
        Change("AWS::IAM::Role", "Policies", [{"PolicyDocument": {"Statement": _statement(["*"])}}]),
    ],
    "IAM.21": [Change(_POLICY, _STATEMENT, _statement("elasticache:*", "arn:aws:elasticache:::x"))],
    "IAM.24": [Change("AWS::IAM::Role", "Tags", [])],
    "Lambda.1": [Change("AWS::Lambda::Permission", "Principal", "*", "rotation")],
    "Lambda.2": [Change(_FUNCTION, "Runtime", "python3.8", "rotation")],
    "Lambda.3": [Change(_FUNCTION, "VpcConfig", _REMOVED, "rotation")],
    "Lambda.5": [Change(_FUNCTION, "VpcConfig.SubnetIds", ["subnet-1"], "rotation")],
    "Lambda.6": [Change(_FUNCTION, "Tags", [], "rotation")],
    "StepFunctions.1": [Change("AWS::StepFunctions::StateMachine", "LoggingConfiguration", _REMOVED, "outposts")],
    "S3.5": [Change("AWS::S3::BucketPolicy", "PolicyDocument.Statement", [], "alarms")],
    "S3.8": [Change(_BUCKET, "PublicAccessBlockConfiguration.BlockPublicPolicy", False, "alarms")],
}
"""By control, what makes it fail where it is met by default."""

_SERVICES: Final = {
    "EC2.10": "ec2",
    "EC2.55": "ecr.api",
    "EC2.56": "ecr.dkr",
    "EC2.58": "ssm-contacts",
    "EC2.60": "ssm-incidents",
}
MAKES: Final[dict[str, Change]] = {
    **{
        control: Change(_ENDPOINT, "ServiceName", f"com.amazonaws.eu-west-1.{service}", "every-switch")
        for control, service in _SERVICES.items()
    },
    "EC2.35": Change(_LAUNCH, "LaunchTemplateData.TagSpecifications", [{"ResourceType": "network-interface"}]),
    "Lambda.7": Change(_FUNCTION, "TracingConfig.Mode", "Active", "rotation"),
    "DataFirehose.1": Change(
        "AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamEncryptionConfigurationInput", {}, "alarms"
    ),
    "S3.9": Change(_BUCKET, "LoggingConfiguration", {}, "alarms"),
    "RDS.6": Change(_DATABASE, "MonitoringInterval", 60, "rds-behind-cache"),
    "S3.13": Change(_BUCKET, "LifecycleConfiguration", {}, "alarms"),
}
"""By control, what makes it pass where it is not met."""
