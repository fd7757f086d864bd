"""Prevents the emulator from starting programs, and from creating resources whose service starts programs."""

from typing import Any, Final

from local_cloud import spawning
from local_cloud.internals import Emulator

# The types that the app's deployments and the CDK bootstrap use, and related types that are only recorded.
RESOURCE_TYPES: Final = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::EC2::Instance",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::LaunchTemplate",
        "AWS::EC2::Route",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::ECR::Repository",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::GlobalReplicationGroup",
        "AWS::ElastiCache::ParameterGroup",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::ElastiCache::SubnetGroup",
        "AWS::ElastiCache::User",
        "AWS::ElastiCache::UserGroup",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBClusterParameterGroup",
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBParameterGroup",
        "AWS::RDS::DBSubnetGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
        "AWS::SecretsManager::SecretTargetAttachment",
    }
)


def confine(emulator: Emulator) -> None:
    """Disable everything that the local cloud does not use, until the process ends."""
    provisioners = emulator.provisioners
    for kind in set(provisioners._RESOURCE_HANDLERS) - RESOURCE_TYPES:
        del provisioners._RESOURCE_HANDLERS[kind]
    provisioners._custom_resource_create = _no_custom_resource
    spawning.refuse_others()


def _no_custom_resource(logical_id: str, *more: Any) -> Any:
    raise ValueError(
        f"{logical_id} is a custom resource, whose function would run outside the sandbox; remove it from the template"
    )
