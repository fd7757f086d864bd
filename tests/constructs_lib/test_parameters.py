"""Typed parameters: the classes are current, match the facts, and are refused for another family."""

from dataclasses import fields

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    EngineVersion,
    MemcachedCluster,
    MemcachedVersion,
    ParameterGroup,
    ReplicationGroup,
    parameters,
)
from elasticache_rules import facts
from scripts.parameter_classes import FAMILIES, class_name, sources
from tests.constructs_lib.templates import properties_of

GROUP = "AWS::ElastiCache::ParameterGroup"


def test_the_classes_are_current() -> None:
    for path, text in sources().items():
        assert path.read_text() == text, f"{path.name} is stale; run 'make facts'"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_class_has_its_family_and_every_modifiable_parameter(family: str) -> None:
    kind = getattr(parameters, class_name(family))
    known = facts.load("parameters")["families"][FAMILIES[family]]
    expected = {name for name, parameter in known.items() if parameter["modifiable"] and name != "cluster-enabled"}
    result = {field.metadata["name"] for field in fields(kind)}
    assert result == expected
    assert kind.family == family
    assert kind().render() == {}


def test_values_are_rendered_for_the_service(stack: cdk.Stack) -> None:
    ParameterGroup(
        stack,
        "It",
        engine=EngineVersion.REDIS_7_1,
        parameters=parameters.Redis7Parameters(
            maxmemory_policy="allkeys-lru", timeout=300, lazyfree_lazy_eviction=True, activedefrag=False
        ),
    )
    assert properties_of(stack, GROUP)["Properties"] == {
        "activedefrag": "no",
        "lazyfree-lazy-eviction": "yes",
        "maxmemory-policy": "allkeys-lru",
        "timeout": "300",
    }


def test_with_cluster_mode_and_with_memcached(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        engine=EngineVersion.VALKEY_8_2,
        parameters=parameters.Valkey8Parameters(maxmemory_policy="volatile-ttl"),
    )
    MemcachedCluster(
        stack,
        "Pages",
        vpc=vpc,
        version=MemcachedVersion.V1_6_22,
        parameters=parameters.Memcached16Parameters(max_item_size=2097152),
    )
    groups = assertions.Template.from_stack(stack).find_resources(GROUP).values()
    assert sorted(str(group["Properties"]["Properties"]) for group in groups) == [
        "{'max_item_size': '2097152'}",
        "{'maxmemory-policy': 'volatile-ttl'}",
    ]


def test_another_family(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        ReplicationGroup(stack, "Cache", vpc=vpc, parameters=parameters.Valkey8Parameters(timeout=0))
    assert str(caught.value) == (
        "Stack/Cache: parameters must be of the family redis7, got those of valkey8; use the class of redis7, or "
        "another engine version"
    )


def test_a_value_out_of_range(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        ParameterGroup(stack, "It", engine=EngineVersion.REDIS_7_1, parameters=parameters.Redis7Parameters(timeout=10))
    assert str(caught.value).startswith("Stack/It: parameters")
    assert "got '10'" in str(caught.value)
