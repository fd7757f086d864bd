"""Tokens: each prop takes one into the template, or its error says that the value must be known at synth."""

import inspect
import json
import typing
from collections.abc import Callable, Sequence
from typing import Any, get_args

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm

import constructs_lib
from constructs_lib import (
    Access,
    AlarmThresholds,
    Backup,
    CacheAlarms,
    CacheClient,
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    IpDiscovery,
    MemcachedCluster,
    MemcachedVersion,
    Network,
    NodeType,
    NoPasswordUser,
    OutpostCluster,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    Shard,
    Snapshot,
    SubnetGroup,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc

Stack = cdk.Stack


def _secondary(s: Stack) -> dict[str, Any]:
    app: Any = s.node.root
    there = Stack(app, "There", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    primary = ReplicationGroup(there, "Primary", vpc=existing_vpc(there), node_type=NodeType.R7G_LARGE)
    datastore = GlobalDatastore(there, "Global", primary=primary, id_suffix="orders")
    return {"vpc": existing_vpc(s), "global_datastore": datastore}


def _primary(s: Stack, mode: ClusterMode | None = None) -> ReplicationGroup:
    return ReplicationGroup(s, "Primary", vpc=existing_vpc(s), node_type=NodeType.R7G_LARGE, cluster_mode=mode)


# The other props that each construct needs.
BASES: dict[type, Callable[[Stack], dict[str, Any]]] = {
    ReplicationGroup: lambda s: {"vpc": existing_vpc(s)},
    MemcachedCluster: lambda s: {"vpc": existing_vpc(s)},
    ServerlessCache: lambda s: {"vpc": existing_vpc(s)},
    GlobalDatastore: lambda s: {"primary": _primary(s, ClusterMode.enabled(shards=2)), "id_suffix": "orders"},
    GlobalDatastoreSecondary: _secondary,
    OutpostCluster: lambda s: {
        "vpc": existing_vpc(s),
        "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        "outpost_arn": "arn:aws:outposts:eu-west-1:111111111111:outpost/op-0123456789abcdef0",
    },
    SubnetGroup: lambda s: {"vpc": existing_vpc(s)},
    ParameterGroup: lambda s: {"engine": EngineVersion.REDIS_7_1},
    IamUser: lambda s: {"engine": Engine.VALKEY},
    PasswordUser: lambda s: {"engine": Engine.VALKEY},
    NoPasswordUser: lambda s: {},
    UserGroup: lambda s: {"engine": Engine.VALKEY, "users": [IamUser(s, "User", engine=Engine.VALKEY)]},
    Snapshot: lambda s: {"replication_group": _primary(s)},
    ServerlessCacheSnapshot: lambda s: {
        "serverless_cache": ServerlessCache(s, "Serverless", vpc=existing_vpc(s)),
    },
    Network: lambda s: {},
    CacheClient: lambda s: {"vpc": existing_vpc(s), "cache": ReplicationGroup(s, "Cache", vpc=existing_vpc(s, "V"))},
    CredentialRotation: lambda s: {
        "vpc": existing_vpc(s),
        "cache": ReplicationGroup(s, "Cache", vpc=existing_vpc(s, "V")),
        "user": PasswordUser(s, "User", engine=Engine.REDIS),
    },
}

# Additional props that a prop needs.
WITH: dict[tuple[type, str], dict[str, Any]] = {
    (ReplicationGroup, "snapshotting_cluster_id"): {"cluster_mode": ClusterMode.disabled()},
    (ReplicationGroup, "durability"): {
        "engine": EngineVersion.VALKEY_9_0,
        "cluster_mode": ClusterMode.enabled(shards=2),
        "node_type": NodeType.R7G_LARGE,
    },
    (ReplicationGroup, "data_tiering"): {"node_type": NodeType.of("cache.r6gd.xlarge")},
}


def props_of(kind: type) -> list[inspect.Parameter]:
    own = inspect.signature(kind.__init__).parameters.values()  # type: ignore[misc]  # a class of this library
    return [parameter for parameter in own if parameter.name not in ("self", "scope", "id")]


def options(kind: type, name: str) -> list[Any]:
    hint = typing.get_type_hints(kind.__init__, vars(constructs_lib))[name]  # type: ignore[misc]
    if typing.get_origin(hint) is typing.Literal:
        return [hint]
    return [option for option in (get_args(hint) or (hint,)) if option is not type(None)]


def literals() -> list[Any]:
    """Every prop of a construct that is a text, a number, a switch, a word of an enum, or a list of texts."""
    return [
        pytest.param(kind, prop.name, id=f"{kind.__name__}-{prop.name}")
        for kind in BASES
        for prop in props_of(kind)
        if any(_token(option, None) is not None for option in options(kind, prop.name))
    ]


def _if(s: Stack, first: object, second: object) -> cdk.IResolvable:
    """One of two values, selected by a condition."""
    cdk.CfnCondition(s, "Given", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    return cdk.Fn.condition_if("Given", first, second)


def _token(hint: Any, stack: Stack | None) -> object | None:
    """A token of a type; without a stack, whether such a token exists."""
    kinds: dict[Any, Callable[[Stack], object]] = {
        str: lambda s: cdk.CfnParameter(s, "Given").value_as_string,
        int: lambda s: cdk.CfnParameter(s, "Given", type="Number").value_as_number,
        float: lambda s: cdk.CfnParameter(s, "Given", type="Number").value_as_number,
        bool: lambda s: _if(s, True, False),
        Sequence[str]: lambda s: cdk.CfnParameter(s, "Given", type="CommaDelimitedList").value_as_list,
    }
    is_word = isinstance(hint, type) and issubclass(hint, str)
    make = kinds.get(hint) or (kinds[str] if is_word or typing.get_origin(hint) is typing.Literal else None)
    return make if make is None or stack is None else make(stack)


# Props that determine the resources or the properties in the template.
KNOWN_AT_SYNTH = {
    (ReplicationGroup, "transit_encryption"),
    (MemcachedCluster, "nodes"),
    (MemcachedCluster, "zones"),
    (MemcachedCluster, "transit_encryption"),
    (OutpostCluster, "nodes"),
    (ServerlessCache, "connection_type"),
    (GlobalDatastoreSecondary, "replicas_per_shard"),
    (IamUser, "engine"),
    (PasswordUser, "engine"),
    (UserGroup, "engine"),
    (Snapshot, "node"),
    (CacheClient, "on_failure"),
    (CacheClient, "command_line_client"),
    (CacheClient, "session_manager"),
    (CacheClient, "cache_optional"),
    *(
        (Network, prop.name)
        for prop in props_of(Network)
        if prop.name not in ("flow_log_retention", "bootstrap_qualifier")
    ),
}


@pytest.mark.parametrize(("kind", "name"), literals())
def test_a_token_reaches_the_template_or_the_error_says_that_it_must_be_known(
    stack: Stack, kind: Any, name: str
) -> None:
    token = next(made for made in (_token(option, stack) for option in options(kind, name)) if made is not None)
    props = {**BASES[kind](stack), **WITH.get((kind, name), {}), name: token}
    if (kind, name) in KNOWN_AT_SYNTH:
        with pytest.raises(ValueError, match=rf"^\S+: {name} must be known at synth, got a token; use a literal value"):
            kind(stack, "It", **props)
        return
    kind(stack, "It", **props)
    resources = json.dumps(assertions.Template.from_stack(stack).to_json()["Resources"])
    assert any(text in resources for text in ('{"Ref": "Given"}', '"Fn::If": ["Given"', "Given}")), resources


def test_the_walk_is_complete() -> None:
    assert len(literals()) > 60
    assert {literal.values for literal in literals()} >= KNOWN_AT_SYNTH


SOURCES: dict[str, Callable[[Stack], str]] = {
    "CloudFormation parameter": lambda s: cdk.CfnParameter(s, "Given").value_as_string,
    "SSM parameter": lambda s: ssm.StringParameter.value_for_string_parameter(s, "/given"),
    "mapping": lambda s: cdk.CfnMapping(s, "Map", mapping={"a": {"b": "x"}}).find_in_map(cdk.Aws.REGION, "b"),
    "condition": lambda s: cdk.Token.as_string(_if(s, "a", "b")),
    "condition as it is": lambda s: _if(s, "a", "b"),  # type: ignore[dict-item, return-value]
}

Given = Callable[[Stack, Any], tuple[str, object]]


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
