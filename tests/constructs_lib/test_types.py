"""Wrong Python types for every prop of every public class, and the values that a type accepts."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

import constructs_lib
from constructs_lib import (
    Backup,
    CacheClient,
    CacheGrants,
    ClusterMode,
    Durability,
    Engine,
    EngineVersion,
    GlobalDatastore,
    IamUser,
    LogDelivery,
    MemcachedCluster,
    NetworkType,
    NodeType,
    ParameterGroup,
    PropTypeError,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessEngine,
    Snapshot,
    SubnetGroup,
    TransitEncryption,
    UsageLimits,
)
from tests.constructs_lib.public_callables import callables
from tests.constructs_lib.templates import properties_of

CACHE = "AWS::ElastiCache::ReplicationGroup"


class Wrong:
    """A value of a type that no prop accepts."""


def props() -> Iterator[Any]:
    for owner, name in callables():
        function = getattr(owner, name)
        for parameter in _parameters(function):
            # A class with factories alone has a constructor that takes anything and refuses it.
            if parameter.name not in ("self", "scope", "_", "__"):
                yield pytest.param(owner, name, parameter, id=f"{owner.__name__}.{name}-{parameter.name}")


def _parameters(function: Callable[..., object]) -> Iterator[inspect.Parameter]:
    """The parameters, with each of the keyword arguments that a `TypedDict` names."""
    for parameter in inspect.signature(function).parameters.values():
        options = get_args(get_type_hints(function, localns=vars(constructs_lib)).get(parameter.name))
        if parameter.kind is not parameter.VAR_KEYWORD or not options:
            yield parameter
            continue
        for name in get_type_hints(options[0]):
            yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)


def refusal(owner: type, name: str, parameter: inspect.Parameter, scope: Construct, value: object) -> str:
    """The error of a prop for a value."""
    function = getattr(owner, name)
    placed = {"scope", "id"} <= set(inspect.signature(function).parameters) and parameter.name != "id"
    place = (scope, "It") if placed else ()
    with pytest.raises(PropTypeError) as caught:
        function(*_self(owner, name), *place, **{parameter.name: value})
    return str(caught.value)


def _self(owner: type, name: str) -> list[object]:
    """The object, for what is called on one; it is refused before it is used."""
    return (
        [] if isinstance(inspect.getattr_static(owner, name), staticmethod | classmethod) else [object.__new__(Wrong)]
    )


@pytest.mark.parametrize(("owner", "name", "parameter"), list(props()))
def test_a_wrong_type_is_named_with_path_prop_wanted_type_and_value(
    stack: cdk.Stack, owner: type, name: str, parameter: inspect.Parameter
) -> None:
    if parameter.kind is parameter.VAR_POSITIONAL:
        assert parameter.name in VARIADIC, "add it to test_each_of_several"
        return
    message = refusal(owner, name, parameter, stack, Wrong())
    has_path = {"scope", "id"} <= set(inspect.signature(getattr(owner, name)).parameters) and parameter.name != "id"
    place = "Stack/It" if has_path else owner.__name__
    assert re.fullmatch(rf"{place}: {parameter.name} must be .+, got a Wrong; .+", message), message


def _role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))


VARIADIC: dict[str, Callable[[cdk.Stack], object]] = {
    "patterns": lambda s: constructs_lib.AccessString.on().keys("a", Wrong()),  # type: ignore[arg-type]
    "what": lambda s: constructs_lib.AccessString.on().allow("get", Wrong()),  # type: ignore[arg-type]
    "numbers": lambda s: constructs_lib.AccessString.on().databases(1, Wrong()),  # type: ignore[arg-type]
    "snapshots": lambda s: RestoreFrom.serverless_snapshot("arn:aws:x", Wrong()),  # type: ignore[arg-type]
    "actions": lambda s: IamUser(s, "User", engine=Engine.VALKEY).grant(_role(s), "elasticache:Connect", Wrong()),  # type: ignore[arg-type]
    "keys": lambda s: RestoreFrom.s3(s3.Bucket.from_bucket_name(s, "Bucket", "seeds"), "a", Wrong()),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("name", "make"), list(VARIADIC.items()), ids=VARIADIC)
def test_each_of_several(stack: cdk.Stack, name: str, make: Callable[[cdk.Stack], object]) -> None:
    with pytest.raises(PropTypeError, match=rf"^[\w/]+: {name} must be .+, got a Wrong; "):
        make(stack)


def test_the_walk_reaches_the_whole_library() -> None:
    walked = {owner for owner, _ in callables()}
    assert {ReplicationGroup, ServerlessCache, CacheClient, Backup, GlobalDatastore, CacheGrants} <= walked
    assert len(list(props())) > 700


MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "node-type": (
        {"node_type": "cache.t4g.micro"},
        "node_type must be a NodeType, got 'cache.t4g.micro'; use NodeType.of('cache.t4g.micro')",
    ),
    "engine-enum": (
        {"engine": Engine.VALKEY},
        "engine must be an EngineVersion, got Engine.VALKEY; use EngineVersion.of or EngineVersion.latest",
    ),
    "engine-none": ({"engine": None}, "engine must be an EngineVersion, got None; leave it out for the default"),
    "cluster-mode": (
        {"cluster_mode": "enabled"},
        "cluster_mode must be a ClusterMode, got 'enabled'; use ClusterMode.disabled or ClusterMode.enabled or "
        "ClusterMode.per_shard or ClusterMode.compatible",
    ),
    "access": (
        {"access": "iam"},
        "access must be an Access, got 'iam'; use Access.iam or Access.password or Access.auth_token or "
        "Access.user_group or Access.users or Access.none",
    ),
    "backup": (
        {"backup": 7},
        "backup must be a Backup, got 7; use Backup(retention=cdk.Duration.days(...)) or Backup.disabled()",
    ),
    "transit-bool": (
        {"transit_encryption": True},
        "transit_encryption must be a TransitEncryption, got True; use one of required, preferred, disabled",
    ),
    "transit-word": (
        {"transit_encryption": "on"},
        "transit_encryption must be a TransitEncryption, got 'on'; use one of required, preferred, disabled",
    ),
    "key": (
        {"kms_key": "arn:aws:kms:eu-west-1:111111111111:key/1"},
        "kms_key must be an IKey, got 'arn:aws:kms:eu-west-1:111111111111:key/1'; use kms.Key.from_key_arn(self, "
        "'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1')",
    ),
    "security-group-ids": (
        {"security_groups": ["sg-1"]},
        "security_groups[0] must be an ISecurityGroup, got 'sg-1'; use ec2.SecurityGroup.from_security_group_id(self, "
        "'SecurityGroup', 'sg-1')",
    ),
    "one-log": (
        {"logs": LogDelivery.slow_log()},
        "logs must be a list of LogDelivery, got a LogDelivery; put it in a list: [...]",
    ),
    "subnet-type": (
        {"vpc_subnets": ec2.SubnetType.PUBLIC},
        "vpc_subnets must be a SubnetSelection, got SubnetType.PUBLIC; use ec2.SubnetSelection(...)",
    ),
    "port": ({"port": "6379"}, "port must be an int, got '6379'; pass an int"),
    "port-bool": ({"port": True}, "port must be an int, got True; pass an int"),
    "multi-az": ({"multi_az": "yes"}, "multi_az must be True or False, got 'yes'; pass True or False"),
    "removal-policy": (
        {"removal_policy": "destroy"},
        "removal_policy must be a RemovalPolicy, got 'destroy'; use one of RemovalPolicy.DESTROY, "
        "RemovalPolicy.RETAIN, RemovalPolicy.SNAPSHOT, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE",
    ),
    "parameter": (
        {"parameters": {"timeout": None}},
        "parameters['timeout'] must be a str or a number or True or False, got None; pass a str",
    ),
}


@pytest.mark.parametrize(("props", "message"), MESSAGES.values(), ids=MESSAGES)
def test_messages(stack: cdk.Stack, props: dict[str, Any], message: str) -> None:
    with pytest.raises(PropTypeError) as caught:
        ReplicationGroup(stack, "Cache", **props)
    assert str(caught.value) == f"Stack/Cache: {message}"
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)


def test_another_interface_is_refused(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    for other in (kms.Key(stack, "Key"), kms.Key.from_key_arn(stack, "Other", "arn:aws:kms:eu-west-1:1:key/1"), stack):
        with pytest.raises(PropTypeError, match=r"vpc must be an IVpc, got an? \w+; pass an IVpc"):
            ReplicationGroup(stack, "Cache", vpc=other)  # type: ignore[arg-type]
    with pytest.raises(PropTypeError, match="kms_key must be an IKey, got an IVpc; pass an IKey"):
        ReplicationGroup(stack, "Cache", vpc=vpc, kms_key=vpc)  # type: ignore[arg-type]


class TestAccepted:
    def test_string_enums_take_their_values(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache: Any = ReplicationGroup
        cache_under_test = cache(
            stack,
            "Cache",
            vpc=vpc,
            engine=EngineVersion.VALKEY_8_2,
            transit_encryption="preferred",
            network_type="ipv4",
            durability="default",
        )
        assert cache_under_test.transit_encryption is TransitEncryption.PREFERRED
        properties = properties_of(stack, CACHE)
        assert (properties["TransitEncryptionMode"], properties["NetworkType"], properties["Durability"]) == (
            "preferred",
            NetworkType.IPV4.value,
            Durability.DEFAULT.value,
        )
        user: Any = IamUser
        assert user(stack, "User", engine="valkey").user_name

    def test_parameters_take_numbers_and_booleans(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ParameterGroup(
            stack, "Group", engine=EngineVersion.REDIS_7_1, parameters={"timeout": 300, "activedefrag": True}
        )
        properties = properties_of(stack, "AWS::ElastiCache::ParameterGroup")
        assert properties["Properties"] == {"timeout": "300", "activedefrag": "yes"}

    def test_a_struct_may_be_a_mapping_as_in_cdk(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        group: Any = SubnetGroup
        group(stack, "Group", vpc=vpc, vpc_subnets={"subnet_type": ec2.SubnetType.PRIVATE_ISOLATED})
        assert len(properties_of(stack, "AWS::ElastiCache::SubnetGroup")["SubnetIds"]) == 2

    def test_an_interface_may_be_implemented_in_python(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        @jsii.implements(iam.IGrantable)
        class Application(Construct):
            def __init__(self, scope: Construct, id: str) -> None:
                super().__init__(scope, id)
                self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))

            @property
            def grant_principal(self) -> iam.IPrincipal:
                return self._role

        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        grant = cache.grants.connect(Application(stack, "Application"))
        assert grant.success

    def test_an_object_that_cdk_gives_back_from_the_tree(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        found: Any = stack.node.find_child("Vpc")
        alias = kms.Alias.from_alias_name(stack, "Alias", "alias/cache")
        MemcachedCluster(stack, "Cache", vpc=found)
        ServerlessCache(stack, "Serverless", vpc=ec2.Vpc(stack, "Own"), engine=ServerlessEngine.VALKEY_8, kms_key=alias)
        Snapshot(stack, "Copy", replication_group=ReplicationGroup(stack, "Other", vpc=vpc), kms_key=alias)

    def test_tuples_are_lists(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        mode = ClusterMode.disabled(replicas=1, zones=("eu-west-1a", "eu-west-1b"))
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=mode, logs=(LogDelivery.slow_log(),))

    def test_a_size_and_an_int_for_a_number(self) -> None:
        assert UsageLimits(maximum_storage=cdk.Size.gibibytes(5)).maximum_storage is not None
        assert constructs_lib.AlarmThresholds(cpu_percent=80).cpu_percent == 80
        assert NodeType.of("cache.t4g.micro") == NodeType.T4G_MICRO
