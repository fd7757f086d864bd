"""Clients of the tests: a client of a replication group, and its user data and configuration in a template."""

import json
import re
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions

from constructs_lib import (
    CacheClient,
    Network,
    ReplicationGroup,
)


def client_of(stack: cdk.Stack, network: Network, cache: dict[str, Any] | None = None, **options: Any) -> CacheClient:
    group = ReplicationGroup(stack, "Cache", vpc=network.vpc, **(cache or {}))
    return CacheClient(stack, "Client", vpc=network.vpc, cache=group, **options)


def one(stack: cdk.Stack, kind: str) -> tuple[str, Mapping[str, Any]]:
    """The one resource of a type: its logical id and itself."""
    ((logical_id, resource),) = assertions.Template.from_stack(stack).find_resources(kind).items()
    return logical_id, resource


def user_data(stack: cdk.Stack) -> str:
    """The user data, with `<Name.Attribute>` where only the deployment knows a value."""
    _, instance = one(stack, "AWS::EC2::Instance")

    def text(value: Any) -> str:
        if isinstance(value, str):
            return value
        ((name, argument),) = value.items()
        if name == "Fn::Join":
            return str(argument[0]).join(text(part) for part in argument[1])
        if name == "Fn::Base64":
            return text(argument)
        return "<" + ".".join(argument if isinstance(argument, list) else [argument]) + ">"

    return text(instance["Properties"]["UserData"])


def config_of(stack: cdk.Stack) -> dict[str, Any]:
    match = re.search(r"config\.json <<'JSON'\n(.*?)\nJSON\n", user_data(stack), re.DOTALL)
    assert match
    config: dict[str, Any] = json.loads(match[1])
    return config
