"""Tokens in props: each prop takes one into the template, or its error says that the value must be known at synth."""

import inspect
import json
import typing
from collections.abc import Callable, Sequence
from typing import Any, get_args

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

import constructs_lib
from constructs_lib import (
    CacheClient,
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    MemcachedCluster,
    Network,
    NodeType,
    NoPasswordUser,
    OutpostCluster,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    Snapshot,
    SubnetGroup,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.templates import conditional

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


def _token(hint: Any, stack: Stack | None) -> object | None:
    """A token of a type; without a stack, whether such a token exists."""
    kinds: dict[Any, Callable[[Stack], object]] = {
        str: lambda s: cdk.CfnParameter(s, "Given").value_as_string,
        int: lambda s: cdk.CfnParameter(s, "Given", type="Number").value_as_number,
        float: lambda s: cdk.CfnParameter(s, "Given", type="Number").value_as_number,
        bool: lambda s: conditional(s, True, False),
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


Given = Callable[[Stack, Any], tuple[str, object]]
