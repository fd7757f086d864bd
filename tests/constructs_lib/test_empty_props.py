"""Empty texts and lists: each is a value of its own, or is refused, and none is taken for a missing one."""

import inspect
import re
import typing
from collections.abc import Sequence
from typing import Any, get_args

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_elasticache as elasticache

import constructs_lib
from constructs_lib import (
    ClusterMode,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    Shard,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.public_callables import callables

Stack = cdk.Stack


def empties() -> list[Any]:
    """Every text and list that is optional, of every public callable, and every text of an import."""
    result = []
    for owner, name in callables():
        if owner.__module__.startswith("constructs_lib.parameters"):
            continue  # an empty text is a value of the engine's
        function = getattr(owner, name)
        hints = typing.get_type_hints(function, localns=vars(constructs_lib))
        for parameter in inspect.signature(function).parameters.values():
            kinds = get_args(hints.get(parameter.name)) or (hints.get(parameter.name),)
            imported = name.startswith("from_") and parameter.default is parameter.empty and parameter.name != "id"
            if parameter.default is not None and not imported:
                continue
            # An imported cache may have no security group.
            lists = parameter.default is None and not name.startswith("from_")
            candidates: tuple[object, ...] = ("", []) if lists else ("",)
            for empty in candidates:
                if str in kinds if empty == "" else any(typing.get_origin(k) in (Sequence, tuple) for k in kinds):
                    result.append(
                        pytest.param(owner, name, parameter.name, empty, id=f"{owner.__name__}.{name}-{parameter.name}")
                    )
    return result


@pytest.mark.parametrize(("owner", "name", "prop", "empty"), empties())
def test_an_empty_value_is_not_a_missing_one(stack: Stack, owner: type, name: str, prop: str, empty: object) -> None:
    function = getattr(owner, name)
    placed = {"scope", "id"} <= set(inspect.signature(function).parameters)
    itself: list[object] = [] if isinstance(vars(owner)[name], staticmethod | classmethod) else [object.__new__(owner)]
    place = (stack, "It") if placed else ()
    with pytest.raises(ValueError, match="must not be empty") as caught:
        function(*itself, *place, **{prop: empty})
    who = "Stack/It" if placed else owner.__name__
    optional = inspect.signature(function).parameters[prop].default is None
    fix = "leave it out for the default" if optional else "pass what exists"
    assert str(caught.value) == f"{who}: {prop} must not be empty, got {empty!r}; {fix}"


def test_the_walk_of_empty_values_is_complete() -> None:
    walked = {(case.values[0], case.values[2]) for case in empties()}
    assert len(walked) > 50
    for kind, prop in (
        (ServerlessCache, "serverless_cache_name"),
        (IamUser, "user_id"),
        (PasswordUser, "user_name"),
        (UserGroup, "user_group_id"),
        (ReplicationGroup, "description"),
        (ReplicationGroup, "security_groups"),
    ):
        assert (kind, prop) in walked


def test_an_empty_parameter_is_a_value(stack: Stack) -> None:
    given = constructs_lib.parameters.Redis7Parameters(notify_keyspace_events="")
    ParameterGroup(stack, "It", engine=EngineVersion.REDIS_7_1, parameters=given)
    resource = elasticache.CfnParameterGroup.__name__
    (found,) = (
        assertions.Template.from_stack(stack)
        .find_resources(f"AWS::ElastiCache::{resource.removeprefix('Cfn')}")
        .values()
    )
    assert found["Properties"]["Properties"] == {"notify-keyspace-events": ""}


def test_an_empty_list_is_the_default_only_where_the_default_is_none_of_them() -> None:
    result = {
        parameter.name
        for owner, name in callables()
        for parameter in inspect.signature(getattr(owner, name)).parameters.values()
        if parameter.default == () and not owner.__module__.startswith("constructs_lib.parameters")
    }
    # No logs, no users that are known, no targets of an event, no clients yet.
    assert result == {"logs", "users", "targets", "clients"}


def test_no_zones_are_not_the_zones_that_the_service_chooses(stack: Stack) -> None:
    for make, who in (
        (lambda: ClusterMode.disabled(zones=[]), "ClusterMode: zones"),
        (lambda: Shard(replica_zones=()), "Shard: replica_zones"),
        (lambda: MemcachedCluster(stack, "It", vpc=existing_vpc(stack), zones=[]), "Stack/It: zones"),
    ):
        with pytest.raises(ValueError, match="must not be empty") as caught:
            make()
        assert re.fullmatch(
            rf"{who} must not be empty, got (\[\]|\(\)); leave it out for the default", str(caught.value)
        )
