"""An account with quotas, and the templates that need them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import facts
from tests.elasticache_operations.recorded import Answer, Recorded
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
