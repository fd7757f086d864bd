"""`elasticache quotas`: what templates need, what an account has, and the command that asks for more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.quota_account import (
    EVERYTHING,
    FACTS,
    NAMES,
    Quotas,
    account,
    by_name,
    group,
    quota,
    quotas,
    resource,
)
from tests.elasticache_operations.recorded import refusal

__all__ = ["quotas"]


def test_the_template_alone(quotas: Quotas) -> None:
    result = quotas(EVERYTHING)
    assert result.status == 0
    assert {each["name"]: (each["added"], each["left"]) for each in result.data["quotas"]} == {
        "nodes per Region": (15, 285),
        "nodes per cluster, cluster mode enabled": (12, 78),
        "nodes per cluster, Memcached": (3, 57),
        "nodes per shard": (2, 4),
        "parameter groups per Region": (1, 299),
        "serverless caches per Region": (1, 39),
        "snapshots per serverless cache and day": (1, 23),
        "subnet groups per Region": (1, 299),
        "subnets per subnet group": (2, 18),
        "user groups per Region": (1, 199),
        "users per Region": (2, 1998),
        "users per user group": (3, 97),
        "user groups per replication group": (1, 0),
        "VPCs per Region": (1, 4),
        "vCPUs of running on-demand standard instances": (2, 3),
        "Elastic IP addresses per Region": (1, 4),
    }
    assert not any("applied" in each or "used" in each for each in result.data["quotas"])
    assert "leave --offline out to read the account" in quotas.text().out


def test_the_account(quotas: Quotas) -> None:
    aws = account(applied=[quota("nodes", 400)])
    result = quotas(EVERYTHING, aws=aws)
    assert result.status == 0
    found = by_name(result)
    assert {
        key: found["nodes per Region"][key] for key in ("default", "applied", "used", "added", "needed", "left")
    } == {**{"default": 300, "applied": 400, "used": 7, "added": 15, "needed": 22, "left": 378}}
    assert {name: each["used"] for name, each in found.items() if "used" in each} == {
        "nodes per Region": 7,
        "parameter groups per Region": 1,
        "serverless caches per Region": 2,
        "subnet groups per Region": 1,
        "user groups per Region": 0,
        "users per Region": 1,
        "VPCs per Region": 1,
        "vCPUs of running on-demand standard instances": 2,
        "Elastic IP addresses per Region": 0,
    }
    assert found["users per Region"]["applied"] == 2000
    assert len([1 for service, _, _ in aws.calls if service == "service-quotas"]) == 9


def test_a_template_without_a_network_reads_no_network(quotas: Quotas) -> None:
    aws = account()
    quotas({"Cache": group()}, aws=aws)
    assert {service for service, _ in aws.operations} == {"elasticache", "service-quotas"}


@pytest.mark.parametrize(("clusters", "left", "status"), [(291, -3, 1), (288, 0, 0), (289, -1, 1)])
def test_a_quota_that_does_not_suffice(quotas: Quotas, clusters: int, left: int, status: int) -> None:
    described = {("elasticache", "DescribeCacheClusters"): {"CacheClusters": [{"NumCacheNodes": 1}] * clusters}}
    resources = {"Cache": group(NumNodeGroups=6, ReplicasPerNodeGroup=1)}
    result = quotas(resources, aws=account(answers=described))
    row = by_name(result)["nodes per Region"]
    assert (result.status, row["left"], row["sufficient"]) == (status, left, not status)
    command = (
        "aws service-quotas request-service-quota-increase --service-code elasticache --quota-code L-DFE45DF3 "
        f"--desired-value {300 - left} --region us-east-1"
    )
    out = quotas.text(aws=account(answers=described)).out
    assert row.get("request") == (command if status else None)
    assert (
        f"nodes per Region must be {300 - left}, is 300; ask for it, some minutes to days:\n  {command}\n" in out
    ) is bool(status)


@pytest.mark.parametrize(
    ("properties", "status", "message"),
    [
        ({"NumNodeGroups": 45, "ReplicasPerNodeGroup": 1}, 0, ""),
        ({"NumNodeGroups": 46, "ReplicasPerNodeGroup": 1}, 1, "must be 92, is 90, for Shop/Cache; ask for it"),
        ({"NumNodeGroups": 251, "ReplicasPerNodeGroup": 1}, 1, "it can be raised to 500 at most, so use fewer"),
        (
            {"NumNodeGroups": 1, "ReplicasPerNodeGroup": 6},
            1,
            "per shard must be 7, is 6, for Shop/Cache; it cannot be",
        ),
        ({"NodeGroupConfiguration": [{"ReplicaCount": 6}, {"ReplicaCount": 0}]}, 1, "nodes per shard must be 7, is 6"),
        ({"NumCacheClusters": 7}, 1, "nodes per shard must be 7, is 6"),
        ({"NumCacheClusters": 6}, 0, ""),
        (
            {"UserGroupIds": ["a", "b"]},
            1,
            "must be 2, is 1, for Shop/Cache; it cannot",
        ),
    ],
)
def test_limits_of_one_resource(quotas: Quotas, properties: Mapping[str, Any], status: int, message: str) -> None:
    assert quotas({"Cache": group(**properties)}).status == status
    assert message in quotas.text().out


def test_an_increase_that_is_requested(quotas: Quotas) -> None:
    described = {("elasticache", "DescribeCacheClusters"): {"CacheClusters": [{"NumCacheNodes": 300}]}}
    requested = [
        {"QuotaCode": "L-DFE45DF3", "DesiredValue": 350.0, "Status": "PENDING"},
        {"QuotaCode": "L-DFE45DF3", "DesiredValue": 900.0, "Status": "DENIED"},
        {"QuotaCode": "L-80E085C7", "DesiredValue": 990.0, "Status": "PENDING"},
    ]
    aws = account(answers=described, pending=requested)
    result = quotas({"Cache": group()}, aws=aws)
    assert by_name(result)["nodes per Region"]["pending"] == 350
    assert "is 300; an increase to 350 is requested already" in quotas.text(aws=aws).out


def test_a_code_whose_name_has_changed(quotas: Quotas) -> None:
    """The name decides, and the command names the code that has it."""
    described = {("elasticache", "DescribeCacheClusters"): {"CacheClusters": [{"NumCacheNodes": 50}]}}
    renamed = [quota("nodes", 900, "Reserved items"), quota("nodes", 40, "Nodes per Region", "L-NEW")]
    result = quotas({"Cache": group()}, aws=account(answers=described, default=renamed))
    row = by_name(result)["nodes per Region"]
    assert (row["default"], row["left"]) == (40, -11)
    assert result.data["warnings"] == [
        "the quota with the code L-DFE45DF3 is named 'Reserved items'; L-NEW is used for nodes per Region"
    ]
    result = quotas({"Cache": group()}, aws=account(default=[quota("nodes", 900, "Reserved items")]))
    assert by_name(result)["nodes per Region"]["default"] == 300
    assert result.data["warnings"][0].endswith("; the default of the facts is used for nodes per Region")


def test_an_applied_quota_names_its_own_code_in_the_command(quotas: Quotas) -> None:
    renamed = [quota("nodes", 900, "Reserved items"), quota("nodes", 5, "Nodes per Region", "L-NEW")]
    row = by_name(quotas({"Cache": group()}, aws=account(applied=renamed)))["nodes per Region"]
    assert (row["code"], row["applied"]) == ("L-NEW", 5)
    assert "--quota-code L-NEW --desired-value 8 " in row["request"]


def test_a_quota_that_is_no_longer_adjustable(quotas: Quotas) -> None:
    fixed = quota("nodes", 5, Adjustable=False)
    aws = account(applied=[fixed])
    row = by_name(quotas({"Cache": group()}, aws=aws))["nodes per Region"]
    assert (row["adjustable"], "request" in row) == (False, False)
    assert "it cannot be raised, so use fewer" in quotas.text(aws=aws).out


@pytest.mark.parametrize(("most", "scope"), [(0, "Shop/Serverless"), (1, "deployed")])
@pytest.mark.parametrize(("number", "status"), [(24, 0), (25, 1)])
def test_snapshots_of_one_serverless_cache(quotas: Quotas, number: int, status: int, most: int, scope: str) -> None:
    """Each cache has a quota of its own, by reference or by name."""
    caches: list[Any] = [{"Ref": "Serverless"}, "deployed"]
    snapshots = {
        f"Snapshot{index}{each}": resource("ServerlessCacheSnapshot", ServerlessCacheName=cache)
        for each, cache in enumerate(caches)
        for index in range(number if each == most else 20)
    }
    result = quotas({"Serverless": resource("ServerlessCache", Engine="valkey"), **snapshots})
    row = by_name(result)["snapshots per serverless cache and day"]
    assert (row["added"], row["scope"], result.status) == (number, scope, status)


def test_what_is_deployed_already_counts_once(quotas: Quotas, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"Resources": {"Cache": group(NumCacheClusters=2), "User": resource("User")}}))
    new = {"Cache": group(NumCacheClusters=3), "User": resource("User")}
    found = by_name(quotas(new, "--against", str(old)))
    assert (found["nodes per Region"]["added"], found["users per Region"]["added"]) == (1, 0)
    assert "counts twice" in quotas.text(aws=account()).out
    assert "counts twice" not in quotas.text("--against", str(old), aws=account()).out


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"NumCacheClusters": {"Ref": "N"}}, {"nodes per Region", "nodes per shard"}),
        (
            {"NumNodeGroups": {"Ref": "N"}, "ReplicasPerNodeGroup": 1},
            {"nodes per Region", "nodes per cluster, cluster mode enabled"},
        ),
        ({"UserGroupIds": {"Ref": "N"}}, {"user groups per replication group"}),
    ],
)
def test_numbers_that_are_only_known_at_the_deploy(
    quotas: Quotas, properties: Mapping[str, Any], names: set[str]
) -> None:
    parameters = {"N": {"Type": "Number"}}
    result = quotas({"Cache": group(**properties)}, Parameters=parameters)
    assert (result.status, result.data["complete"]) == (1, False)
    assert {each["name"] for each in result.data["quotas"] if each.get("unknown") == "Shop/Cache"} == names
    assert "set it with --set PARAMETER=VALUE" in quotas.text().out


def test_templates_without_anything_that_has_a_quota(quotas: Quotas) -> None:
    result = quotas({"Topic": resource("AWS::SNS::Topic")})
    assert (result.status, result.data["quotas"]) == (0, [])
    assert quotas.text().out == "these templates add nothing that has a quota\n"


def test_a_missing_permission_is_named(quotas: Quotas) -> None:
    quotas({"Cache": group()})
    aws = account(answers={("service-quotas", "ListServiceQuotas"): refusal("AccessDeniedException")})
    result = quotas.text(aws=aws)
    assert result.status == 3
    assert "allow servicequotas:ListServiceQuotas in the policy of these credentials" in result.error


def test_each_quota_of_the_facts_has_a_name_with_its_words() -> None:
    for key, fact in FACTS.items():
        assert ("code" in fact) is (key in NAMES)
        assert all(word in NAMES[key].lower() for word in fact["words"] if key in NAMES), key
