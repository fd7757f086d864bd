"""`elasticache quotas`: what templates need, what an account has, and the command that asks for more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from elasticache_operations.instance_vcpus import is_standard, vcpus
from elasticache_rules import facts
from tests.elasticache_operations.recorded import Answer, Recorded, refusal
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.schemas import violations

CACHE = "AWS::ElastiCache::"
NAMES = {
    "nodes": "Nodes per Region",
    "cluster_nodes": "Nodes per cluster (Redis OSS cluster mode enabled)",
    "memcached_nodes": "Nodes per cluster (Memcached)",
    "parameter_groups": "Parameter groups per Region",
    "serverless_caches": "Serverless caches per Region",
    "serverless_snapshots": "Serverless snapshots per day per cache",
    "subnet_groups": "Subnet groups per Region",
    "subnets": "Subnets per subnet group",
    "user_groups": "User groups per Region",
    "users": "Users per Region",
    "group_users": "Users per user group",
    "vpcs": "VPCs per Region",
    "addresses": "EC2-VPC Elastic IPs",
    "vcpus": "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
}
FACTS = {each["key"]: each for each in facts.load("quotas")["quotas"]}


def quota(key: str, value: int, name: str = "", code: str = "", **more: Any) -> dict[str, Any]:
    listed = {"QuotaCode": code or FACTS[key]["code"], "QuotaName": name or NAMES[key], "Value": float(value)}
    return {**listed, "Adjustable": True, **more}


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_name if "::" in type_name else f"{CACHE}{type_name}", "Properties": properties}


def group(**properties: Any) -> dict[str, Any]:
    return resource("ReplicationGroup", CacheNodeType="cache.t4g.micro", Engine="valkey", **properties)


EVERYTHING = {
    "Cluster": group(NumNodeGroups=6, ReplicasPerNodeGroup=1, UserGroupIds=[{"Ref": "UserGroup"}]),
    "Memcached": resource("CacheCluster", Engine="memcached", NumCacheNodes=3, CacheNodeType="cache.t4g.micro"),
    "Serverless": resource("ServerlessCache", Engine="valkey"),
    "Snapshot": resource("ServerlessCacheSnapshot", ServerlessCacheName={"Ref": "Serverless"}),
    "Parameters": resource("ParameterGroup"),
    "Subnets": resource("SubnetGroup", SubnetIds=["subnet-1", "subnet-2"]),
    "User": resource("User"),
    "Other": resource("User"),
    "UserGroup": resource("UserGroup", UserIds=["a", "b", "c"]),
    "Vpc": resource("AWS::EC2::VPC"),
    "Address": resource("AWS::EC2::EIP"),
    "Client": resource("AWS::EC2::Instance", InstanceType="t4g.nano"),
}


def account(**changes: Any) -> Recorded:
    """An account with the default quotas.

    :param changes: `applied`, `default` and `pending` quotas, and other answers by operation.
    """

    def listed(given: str) -> Answer:
        quotas = changes.get(given, [])

        def answer(params: Mapping[str, Any]) -> dict[str, Any]:
            service = params["ServiceCode"]
            defaults = [quota(key, FACTS[key]["default"]) for key in NAMES if given == "default"]
            codes = {each["QuotaCode"] for each in quotas}
            every = [*quotas, *(each for each in defaults if each["QuotaCode"] not in codes)]
            services = {each.get("code"): each["service"] for each in FACTS.values()}
            return {"Quotas": [each for each in every if services.get(each["QuotaCode"], "elasticache") == service]}

        return answer

    groups = [{"CacheParameterGroupName": name} for name in ("default.valkey8", "default.redis7", "own")]
    answers: dict[tuple[str, str], Answer] = {
        ("service-quotas", "ListAWSDefaultServiceQuotas"): listed("default"),
        ("service-quotas", "ListServiceQuotas"): listed("applied"),
        ("service-quotas", "ListRequestedServiceQuotaChangeHistory"): {"RequestedQuotas": changes.get("pending", [])},
        ("elasticache", "DescribeCacheClusters"): {
            "CacheClusters": [
                {"NumCacheNodes": 1},
                {"NumCacheNodes": 1, "ReplicationGroupId": "a"},
                {"NumCacheNodes": 5},
            ]
        },
        ("elasticache", "DescribeCacheParameterGroups"): {"CacheParameterGroups": groups},
        ("elasticache", "DescribeCacheSubnetGroups"): {"CacheSubnetGroups": [{}]},
        ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [{}, {}]},
        ("elasticache", "DescribeUsers"): {"Users": [{"UserId": "default"}]},
        ("elasticache", "DescribeUserGroups"): {"UserGroups": []},
        ("ec2", "DescribeVpcs"): {"Vpcs": [{}]},
        ("ec2", "DescribeAddresses"): {"Addresses": []},
        ("ec2", "DescribeInstances"): {"Reservations": [{"Instances": [{"InstanceType": "t4g.nano"}]}]},
    }
    return Recorded({**answers, **changes.get("answers", {})})


@dataclass(frozen=True, slots=True)
class Quotas:
    """Compares resources with quotas as JSON, and checks the document against its schema."""

    elasticache: Elasticache
    folder: Path

    def __call__(
        self, resources: Mapping[str, Any], *words: str, aws: Recorded | None = None, **sections: Any
    ) -> Result:
        """Compare the stack Shop in us-east-1."""
        (self.folder / "Shop.json").write_text(json.dumps({"Resources": resources, **sections}))
        result = self.text("--format", "json", *words, aws=aws)
        assert result.err == ""
        assert violations("quotas", result.data) == []
        return result

    def text(self, *words: str, aws: Recorded | None = None) -> Result:
        """Compare the same stack as text."""
        given = words if aws is not None else ("--offline", *words)
        return self.elasticache(
            "quotas", str(self.folder / "Shop.json"), "--region", "us-east-1", *AS_OF, *given, aws=aws
        )


@pytest.fixture
def quotas(elasticache: Elasticache, tmp_path: Path) -> Quotas:
    return Quotas(elasticache, tmp_path)


def by_name(result: Result) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in result.data["quotas"]}


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


def instances(*types: str) -> dict[str, Any]:
    return {f"Client{number}": resource("AWS::EC2::Instance", InstanceType=name) for number, name in enumerate(types)}


@pytest.mark.parametrize(
    ("types", "added", "status"),
    [
        (["t4g.nano"], 2, 0),
        (["t4g.micro", "m7g.large", "c8g.medium"], 5, 0),
        (["t4g.micro", "m7g.xlarge"], 6, 1),
        (["t2.micro", "i4i.2xlarge"], 9, 1),
        (["m7i.metal-24xl", "c5.metal", "c4.8xlarge"], 96 + 96 + 36, 1),
    ],
)
def test_vcpus_of_the_clients(quotas: Quotas, types: list[str], added: int, status: int) -> None:
    result = quotas(instances(*types))
    row = by_name(result)["vCPUs of running on-demand standard instances"]
    assert (row["added"], row["left"], result.status) == (added, 5 - added, status)
    if status:
        assert "--service-code ec2 --quota-code L-1216C47A" in row["request"]


@pytest.mark.parametrize("name", ["g6.xlarge", "p5.48xlarge", "u7i-12tb.224xlarge", "inf2.xlarge", "hpc7g.4xlarge"])
def test_other_families_have_quotas_of_their_own(quotas: Quotas, name: str) -> None:
    assert quotas(instances(name)).data["quotas"] == []


@pytest.mark.parametrize("name", ["m99.metal", {"Ref": "Type"}])
def test_vcpus_that_are_not_known(quotas: Quotas, name: Any) -> None:
    result = quotas(instances(name), Parameters={"Type": {"Type": "String"}})
    assert (result.status, result.data["complete"]) == (1, False)
    assert "for Shop/Client0: the type is only known at the deploy, or its vCPUs are not in" in quotas.text().out


def test_vcpus_that_the_account_uses(quotas: Quotas) -> None:
    """Spot instances and other families count elsewhere; stopped instances are not asked for."""
    listed = [
        {"InstanceType": "t4g.small"},
        {"InstanceType": "m7g.4xlarge", "InstanceLifecycle": "spot"},
        {"InstanceType": "g6.xlarge"},
        {"InstanceType": "m99.metal", "CpuOptions": {"CoreCount": 32, "ThreadsPerCore": 2}},
        {"InstanceType": "c7i.xlarge", "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1}},
    ]
    described = {("ec2", "DescribeInstances"): {"Reservations": [{"Instances": listed[:1]}, {"Instances": listed[1:]}]}}
    aws = account(answers=described)
    row = by_name(quotas(instances("t4g.nano"), aws=aws))["vCPUs of running on-demand standard instances"]
    assert row["used"] == 2 + 64 + 4
    (params,) = [params for _, operation, params in aws.calls if operation == "DescribeInstances"]
    assert params["Filters"] == [{"Name": "instance-state-name", "Values": ["pending", "running"]}]


def test_vcpus_are_those_of_ec2() -> None:
    """As DescribeInstanceTypes answers them, which moto has recorded."""
    for name, described in INSTANCE_TYPES.items():
        if is_standard(name):
            assert vcpus(name) == described["VCpuInfo"]["DefaultVCpus"], name
    assert sum(map(is_standard, INSTANCE_TYPES)) > 1000
    assert vcpus("m7g.metal-xl") is None
    assert vcpus("m7g.nano") is None


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
