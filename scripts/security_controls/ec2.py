"""EC2: the instance with its volume, and the launch template."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import (
    AtRuntime,
    ByDefault,
    Check,
    Claim,
    Control,
    Deployed,
    Finding,
    NotApplicable,
    NotMet,
    each_of,
)

_INSTANCE: Final = "AWS::EC2::Instance"
_TEMPLATE: Final = "AWS::EC2::LaunchTemplate"
_ACCOUNT: Final = "a setting of the account and region, which a stack of one application should not change"
_PARAVIRTUAL: Final = ("c1.", "c3.", "hs1.", "m1.", "m2.", "m3.", "t1.")


def _volumes(deployed: Deployed) -> Iterator[Finding]:
    for instance in deployed.of(_INSTANCE):
        devices = instance.properties.get("BlockDeviceMappings", [])
        yield instance.name, bool(devices) and all(device["Ebs"].get("Encrypted") is True for device in devices)
    for volume in deployed.of("AWS::EC2::Volume"):
        yield volume.name, volume.properties.get("Encrypted") is True


def _backed_up(deployed: Deployed) -> Iterator[Finding]:
    selected = bool(deployed.of("AWS::Backup::BackupSelection"))
    for instance in deployed.of(_INSTANCE):
        yield instance.name, selected


def _no_public_address(deployed: Deployed) -> Iterator[Finding]:
    for instance in deployed.of(_INSTANCE):
        interfaces = instance.properties.get("NetworkInterfaces", [])
        yield instance.name, not any(interface.get("AssociatePublicIpAddress") for interface in interfaces)


def _data(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    data: Mapping[str, Any] = properties["LaunchTemplateData"]
    return data


def _control(number: int, title: str, claim: Claim, check: Check | None = None) -> Control:
    return Control(f"EC2.{number}", title, claim, check)


CONTROLS: Final = (
    _control(
        1,
        "Amazon EBS snapshots should not be publicly restorable",
        NotApplicable("no snapshots of volumes", ("AWS::DLM::LifecyclePolicy",)),
    ),
    _control(3, "Attached Amazon EBS volumes should be encrypted at-rest", ByDefault("`CacheClient`"), _volumes),
    _control(
        4,
        "Stopped EC2 instances should be removed after a specified time period",
        AtRuntime("the instance runs until its stack is deleted"),
    ),
    _control(7, "EBS default encryption should be enabled", NotApplicable(_ACCOUNT)),
    _control(
        8,
        "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)",
        ByDefault("`CacheClient`"),
        each_of(_INSTANCE, passes=lambda p: p.get("MetadataOptions", {}).get("HttpTokens") == "required"),
    ),
    _control(
        9,
        "Amazon EC2 instances should not have a public IPv4 address",
        ByDefault("`CacheClient` refuses public subnets"),
        _no_public_address,
    ),
    _control(
        12, "Unused Amazon EC2 EIPs should be removed", NotApplicable("no Elastic IP address", ("AWS::EC2::EIP",))
    ),
    _control(
        17,
        "Amazon EC2 instances should not use multiple ENIs",
        ByDefault("`CacheClient` has one network interface"),
        each_of(_INSTANCE, passes=lambda p: len(p.get("NetworkInterfaces", [])) <= 1),
    ),
    _control(
        24,
        "Amazon EC2 paravirtual instance types should not be used",
        ByDefault("`CacheClient(instance_type=)`, t4g.nano"),
        each_of(_INSTANCE, passes=lambda p: not str(p.get("InstanceType")).startswith(_PARAVIRTUAL)),
    ),
    _control(
        25,
        "Amazon EC2 launch templates should not assign public IPs to network interfaces",
        ByDefault("the launch template has no network interface"),
        each_of(
            _TEMPLATE,
            passes=lambda p: not any(e.get("AssociatePublicIpAddress") for e in _data(p).get("NetworkInterfaces", [])),
        ),
    ),
    _control(
        28,
        "EBS volumes should be covered by a backup plan",
        NotMet("the volume contains only the test and its report, and a new configuration replaces it"),
        _backed_up,
    ),
    _control(
        170,
        "EC2 launch templates should use Instance Metadata Service Version 2 (IMDSv2)",
        ByDefault("`CacheClient`"),
        each_of(_TEMPLATE, passes=lambda p: _data(p).get("MetadataOptions", {}).get("HttpTokens") == "required"),
    ),
    _control(
        173,
        "EC2 Spot Fleet requests with launch parameters should enable encryption for attached EBS volumes",
        NotApplicable("no Spot Fleet", ("AWS::EC2::SpotFleet",)),
    ),
    _control(
        180,
        "EC2 network interfaces should have source/destination checking enabled",
        ByDefault("EC2 checks by default, and no template disables it"),
        each_of(_INSTANCE, passes=lambda p: p.get("SourceDestCheck", True) is True),
    ),
    _control(
        181,
        "EC2 launch templates should enable encryption for attached EBS volumes",
        ByDefault("the launch template has no volume; that of the instance is encrypted"),
        each_of(
            _TEMPLATE,
            passes=lambda p: all(
                e.get("Ebs", {}).get("Encrypted") is not False for e in _data(p).get("BlockDeviceMappings", [])
            ),
        ),
    ),
    _control(182, "Block public access settings should be enabled for Amazon EBS snapshots", NotApplicable(_ACCOUNT)),
)
