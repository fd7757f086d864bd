"""Tokens in value objects: each reaches the template, or the error says that the value must be known at synth."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ssm as ssm

from constructs_lib import (
    Access,
    AlarmThresholds,
    Backup,
    CacheAlarms,
    ClusterMode,
    EngineVersion,
    IpDiscovery,
    MemcachedCluster,
    MemcachedVersion,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessEngine,
    Shard,
    UsageLimits,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.templates import conditional

Stack = cdk.Stack


SOURCES: dict[str, Callable[[Stack], str]] = {
    "CloudFormation parameter": lambda s: cdk.CfnParameter(s, "Given").value_as_string,
    "SSM parameter": lambda s: ssm.StringParameter.value_for_string_parameter(s, "/given"),
    "mapping": lambda s: cdk.CfnMapping(s, "Map", mapping={"a": {"b": "x"}}).find_in_map(cdk.Aws.REGION, "b"),
    "condition": lambda s: cdk.Token.as_string(conditional(s, "a", "b")),
    "condition as it is": lambda s: conditional(s, "a", "b"),  # type: ignore[dict-item, return-value]
}


def _of_group(s: Stack, **props: Any) -> None:
    ReplicationGroup(s, "It", vpc=existing_vpc(s), **props)


# A value object with a token, and the property that contains it in the template.
VALUES: dict[str, tuple[Callable[[Stack, Any], object], str]] = {
    "NodeType": (lambda s, t: _of_group(s, node_type=NodeType.of(t)), "CacheNodeType"),
    "EngineVersion": (
        lambda s, t: _of_group(
            s,
            engine=EngineVersion.of("redis", t),
            parameter_group=ParameterGroup.from_parameter_group_name(s, "Shared", "shared"),
        ),
        "EngineVersion",
    ),
    "MemcachedVersion": (
        lambda s, t: MemcachedCluster(
            s,
            "It",
            vpc=existing_vpc(s),
            version=MemcachedVersion.of(t),
            parameter_group=ParameterGroup.from_parameter_group_name(s, "Shared", "shared"),
        ),
        "EngineVersion",
    ),
    "ServerlessEngine": (
        lambda s, t: ServerlessCache(s, "It", vpc=existing_vpc(s), engine=ServerlessEngine.of("valkey", t)),
        "MajorEngineVersion",
    ),
    "Backup.window": (lambda s, t: _of_group(s, backup=Backup(window=t)), "SnapshotWindow"),
    "Shard.slots": (
        lambda s, t: _of_group(s, cluster_mode=ClusterMode.per_shard([Shard(slots=t), Shard(slots="8192-16383")])),
        "NodeGroupConfiguration",
    ),
    "ClusterMode.zones": (
        lambda s, t: _of_group(s, cluster_mode=ClusterMode.disabled(zones=[t, "eu-west-1b"])),
        "PreferredCacheClusterAZs",
    ),
    "RestoreFrom": (lambda s, t: _of_group(s, restore_from=RestoreFrom.snapshot(t)), "SnapshotName"),
    "access_string": (lambda s, t: _of_group(s, access=Access.iam(access_string=t)), "AccessString"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize(("make", "name"), VALUES.values(), ids=VALUES)
def test_a_string_token_in_a_value_object(
    stack: Stack, source: Callable[[Stack], Any], make: Callable[[Stack, Any], object], name: str
) -> None:
    # CDK checks the name of an SSM parameter as if it were the value.
    if hasattr(cdk, "Validations"):  # the check is newer than the lower bound
        cdk.Validations.of(stack).acknowledge(
            cdk.Acknowledgment(id="CloudFormation-Validate::E9006", reason="only the deployment knows it")
        )
    token = source(stack)
    if not isinstance(token, str) and name == "SnapshotName":
        token = cdk.Token.as_string(token)  # RestoreFrom.snapshot tells a name and a construct apart itself
    make(stack, token)
    resources = assertions.Template.from_stack(stack).to_json()["Resources"].values()
    result = [resource["Properties"][name] for resource in resources if name in resource["Properties"]]
    assert any(word in str(result) for word in ("'Ref': ", "Fn::FindInMap", "Fn::If")), result


NUMBERS: dict[str, tuple[Callable[[Stack, float], object], str]] = {
    "Backup": (lambda s, t: _of_group(s, backup=Backup(retention=cdk.Duration.days(t))), "SnapshotRetentionLimit"),
    "UsageLimits.storage": (
        lambda s, t: ServerlessCache(
            s, "It", vpc=existing_vpc(s), usage_limits=UsageLimits(maximum_storage=cdk.Size.gibibytes(t))
        ),
        "CacheUsageLimits",
    ),
    "UsageLimits.ecpu": (
        lambda s, t: ServerlessCache(
            s,
            "It",
            vpc=existing_vpc(s),
            usage_limits=UsageLimits(maximum_ecpu_per_second=t),  # type: ignore[arg-type]
        ),
        "CacheUsageLimits",
    ),
    "AlarmThresholds": (
        lambda s, t: CacheAlarms(
            s,
            "Alarms",
            cache=ReplicationGroup(s, "It", vpc=existing_vpc(s)),
            thresholds=AlarmThresholds(replication_lag_seconds=t),
        ),
        "Threshold",
    ),
}


@pytest.mark.parametrize(("make", "name"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_token_in_a_value_object(stack: Stack, make: Callable[[Stack, float], object], name: str) -> None:
    make(stack, cdk.CfnParameter(stack, "Given", type="Number").value_as_number)
    resources = assertions.Template.from_stack(stack).to_json()["Resources"].values()
    result = [resource["Properties"][name] for resource in resources if name in resource["Properties"]]
    assert "{'Ref': 'Given'}" in str(result), result


UNKNOWN: dict[str, tuple[Callable[[Any], object], str]] = {
    "shards": (lambda t: ClusterMode.enabled(shards=t), "ClusterMode: shards must be known at synth, got a token"),
    "replicas": (lambda t: ClusterMode.disabled(replicas=t), "ClusterMode: replicas must be known at synth, got"),
    "replicas_per_shard": (
        lambda t: ClusterMode.enabled(shards=2, replicas_per_shard=t),
        "ClusterMode: replicas_per_shard must be known at synth, got a token",
    ),
    "shard": (lambda t: Shard(replicas=t), "Shard: replicas must be known at synth, got a token; use a literal value"),
    "percent": (
        lambda t: AlarmThresholds(memory_percent=t),
        "AlarmThresholds: memory_percent must be known at synth, got a token; use a literal value",
    ),
    "mebibytes": (
        lambda t: UsageLimits(maximum_storage=cdk.Size.mebibytes(t)),
        "UsageLimits: maximum_storage must be in GB if it is a token",
    ),
}


@pytest.mark.parametrize(("make", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_number_that_must_be_known(stack: Stack, make: Callable[[Any], object], message: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        make(cdk.CfnParameter(stack, "Given", type="Number").value_as_number)
    assert str(caught.value).startswith(message)


def test_a_list_that_must_be_known(stack: Stack) -> None:
    zones = cdk.CfnParameter(stack, "Given", type="CommaDelimitedList").value_as_list
    for make in (
        lambda: ClusterMode.disabled(replicas=0, zones=zones),
        lambda: Shard(replicas=1, replica_zones=tuple(zones)),
    ):
        with pytest.raises(ValueError, match=r"zones must be known at synth, got a token; use a literal value"):
            make()


def test_an_engine_version_token_needs_a_parameter_group(stack: Stack) -> None:
    token = cdk.CfnParameter(stack, "Given").value_as_string
    with pytest.raises(ValueError, match="version must be known") as caught:
        _of_group(stack, engine=EngineVersion.of("redis", token))
    assert str(caught.value) == (
        "EngineVersion: version must be known at synth for a new parameter group, got a token; pass parameter_group to "
        "the cache, or use a literal value"
    )


def test_words_of_an_enum(stack: Stack) -> None:
    given: Any = cdk.CfnParameter(stack, "Given").value_as_string
    _of_group(stack, ip_discovery=given)
    (found,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup").values()
    assert found["Properties"]["IpDiscovery"] == {"Ref": "Given"}
    assert [member.value for member in IpDiscovery] == ["ipv4", "ipv6"]
