"""Acknowledgements of cdk-nag findings, on the narrowest construct and only for the deployments that have them."""

from typing import Final

import aws_cdk as cdk
from constructs import IConstruct

from constructs_lib import Backup, CacheBase, CacheClient, CredentialRotation, Network
from stacks.checks import PREFLIGHT_KEY

_AWS: Final = "AwsSolutions"
_HIPAA: Final = "HIPAA.Security"
_NIST: Final = "NIST.800.53.R5"
_PCI: Final = "PCI.DSS.321"

_INLINE_POLICY: Final = (
    "The policy belongs to this role alone and goes with it; a managed policy could be attached elsewhere."
)
_DEFAULT_PORT: Final = "Who reaches the port is decided by security groups, TLS and authentication, not by its number."
# The default retention is the minimum that the packs accept.
_MIN_RETENTION_DAYS: Final = Backup().retention_days


def acknowledge(construct: IConstruct, rule: str, *packs: str, reason: str) -> None:
    """Acknowledge a finding with a reason.

    :param construct: the narrowest construct with the finding.
    :param rule: the name of the rule without its pack.
    :param packs: the packs that report the finding.
    :param reason: the reason, which the validation report shows.
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=f"{pack}::{pack}-{rule}", reason=reason) for pack in packs)
    )


def acknowledge_network(network: Network, *, default_security_group: bool) -> None:
    """Acknowledge the findings of the network.

    :param default_security_group: whether the VPC's default security group keeps its rules.
    """
    vpc = network.vpc
    if default_security_group:
        acknowledge(
            _child(vpc, "Resource"),
            "VPCDefaultSecurityGroupClosed",
            _HIPAA,
            _NIST,
            _PCI,
            reason="Nothing is in the default group; restrict_default_security_group=true removes its rules by a "
            "function that may change that group.",
        )
    acknowledge(
        _child(network, "RefusedPackets", "Resource"),
        "CloudWatchLogGroupEncrypted",
        _HIPAA,
        _NIST,
        _PCI,
        reason="It holds addresses and ports of refused packets, encrypted with the service's own key.",
    )
    acknowledge(
        _child(vpc, "FlowLog", "IAMRole", "DefaultPolicy", "Resource"),
        "IAMNoInlinePolicy",
        _HIPAA,
        _NIST,
        _PCI,
        reason=_INLINE_POLICY,
    )


def acknowledge_memcached(cache: CacheBase, *, port: int) -> None:
    """Acknowledge the findings of a Memcached cluster."""
    if port == 11211:
        acknowledge(_child(cache, "Resource"), "AEC5", _AWS, reason=_DEFAULT_PORT)


def acknowledge_logs(cache: CacheBase, *, delivered: bool) -> None:
    """Acknowledge the findings of the log groups, if logs are delivered."""
    for name in ("SlowLog", "EngineLog") if delivered else ():
        acknowledge(
            _child(cache, name, "Resource"),
            "CloudWatchLogGroupEncrypted",
            _HIPAA,
            _NIST,
            _PCI,
            reason="It holds commands that were slow and messages, encrypted with the service's own key.",
        )


def acknowledge_secret(cache: CacheBase, *, access: str, rotated: bool) -> None:
    """Acknowledge the findings of the secret with the password or the AUTH token, if there is one."""
    if access not in ("auth-token", "password"):
        return
    where = ("AuthToken",) if access == "auth-token" else ("User", "Secret")
    secret = _child(cache, *where, "Resource")
    if not rotated:
        reason = (
            "The deployment leaves rotation out; rotation=true adds it, with two interface endpoints that cost money."
        )
        acknowledge(secret, "SMG4", _AWS, reason=reason)
        acknowledge(secret, "SecretsManagerRotationEnabled", _HIPAA, _NIST, reason=reason)
    acknowledge(
        secret,
        "SecretsManagerUsingKMSKey",
        _HIPAA,
        _NIST,
        _PCI,
        reason="It is encrypted with the service's own key, and read by one role of this account.",
    )


def acknowledge_rotation(rotation: CredentialRotation) -> None:
    """Acknowledge the findings of the rotation function."""
    function = rotation.function
    role = _child(function, "ServiceRole")
    for policy in ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"):
        acknowledge(
            _child(role, "Resource"),
            f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/{policy}]",
            _AWS,
            reason="The managed policy is what Lambda documents for a function in a VPC that writes logs.",
        )
    policy_resource = _child(role, "DefaultPolicy", "Resource")
    acknowledge(
        policy_resource,
        "IAM5[Resource::*]",
        _AWS,
        reason="Of the actions on all resources there is one, GetRandomPassword, which names no resource.",
    )
    acknowledge(policy_resource, "IAMNoInlinePolicy", _HIPAA, _NIST, _PCI, reason=_INLINE_POLICY)
    acknowledge(
        _child(function, "LogGroup", "Resource"),
        "CloudWatchLogGroupEncrypted",
        _HIPAA,
        _NIST,
        _PCI,
        reason="It holds the steps of a rotation and ids of versions, encrypted with the service's own key.",
    )
    acknowledge(
        _child(function, "Resource"),
        "LambdaConcurrency",
        _HIPAA,
        _NIST,
        reason="Secrets Manager calls it for one rotation at a time; a limit would reserve part of the account's.",
    )
    acknowledge(
        _child(function, "Resource"),
        "LambdaDLQ",
        _HIPAA,
        _NIST,
        reason="Secrets Manager repeats a failed rotation and reports it as the event RotationFailed.",
    )


def acknowledge_secondary(cache: CacheBase, *, engine: str, port: int, has_key: bool) -> None:
    """Acknowledge findings about properties that a secondary of a Global Datastore inherits and must not set.

    :param has_key: whether it has a KMS key of its own.
    """
    resource = _child(cache, "Resource")
    reason = "A secondary inherits this from the Global Datastore, and ElastiCache refuses it when it is stated."
    acknowledge(resource, "AEC3", _AWS, reason=reason)
    if str(cache.node.try_get_context(PREFLIGHT_KEY)).lower() == "true":
        findings = {
            "pf-elasticache-user-group-transit-encryption": cache.access.user_group is not None,
            "pf-elasticache-kms-key": has_key,
        }
        cdk.Validations.of(resource).acknowledge(
            *(
                cdk.Acknowledgment(id=f"cdk-preflight::{rule}", reason=reason)
                for rule, has_finding in findings.items()
                if has_finding
            )
        )
    # A secondary sets no engine, so the rule assumes redis.
    if port == 6379 and engine == "valkey":
        acknowledge(resource, "AEC5", _AWS, reason=_DEFAULT_PORT)


def acknowledge_replication_group(
    cache: CacheBase, *, engine: str, port: int, access: str, one_zone: bool, backup_retention_days: int
) -> None:
    """Acknowledge the findings of a replication group.

    :param one_zone: whether no shard has a node in another Availability Zone.
    """
    resource = _child(cache, "Resource")
    # The rule does not check the port for valkey.
    if port == 6379 and engine == "redis":
        acknowledge(resource, "AEC5", _AWS, reason=_DEFAULT_PORT)
    if one_zone:
        acknowledge(resource, "AEC4", _AWS, reason="The deployment asks for no replica in another Availability Zone.")
    if access in ("iam", "password"):
        reason = "Clients are users of a user group (RBAC); the rule looks for an AUTH token, refused beside one."
        acknowledge(resource, "AEC6", _AWS, reason=reason)
    if access == "none":
        acknowledge(resource, "AEC6", _AWS, reason="The deployment asks for a cache without authentication.")
    if backup_retention_days < _MIN_RETENTION_DAYS:
        acknowledge(
            resource,
            "ElastiCacheRedisClusterAutomaticBackup",
            _HIPAA,
            _NIST,
            reason=f"The deployment asks for snapshots of {backup_retention_days} days.",
        )


def acknowledge_client(client: CacheClient, *, session_manager: bool) -> None:
    """Acknowledge the findings of the client.

    :param session_manager: whether its role allows Session Manager.
    """
    instance = _child(client.instance, "Resource")
    monitoring = "An instance that runs one test needs no metrics by the minute, which cost 2 USD a month."
    acknowledge(instance, "EC28", _AWS, reason=monitoring)
    acknowledge(instance, "EC2InstanceDetailedMonitoringEnabled", _HIPAA, reason=monitoring)
    acknowledge(
        instance,
        "EC29",
        _AWS,
        reason="It holds no data, and a new configuration replaces it on purpose, to test again.",
    )
    acknowledge(
        _child(client.role, "DefaultPolicy", "Resource"),
        "IAMNoInlinePolicy",
        _HIPAA,
        _NIST,
        _PCI,
        reason=_INLINE_POLICY,
    )
    if session_manager:
        cdk.Validations.of(_child(client.role, "Resource")).acknowledge(
            cdk.Acknowledgment(
                id=f"{_AWS}::{_AWS}-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
                reason="The managed policy is what Session Manager documents for an instance.",
            )
        )


def _child(construct: IConstruct, *path: str) -> IConstruct:
    for name in path:
        construct = construct.node.find_child(name)
    return construct
