"""The vCPUs that `elasticache quotas` counts for the clients."""

from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from elasticache_operations.instance_vcpus import is_standard, vcpus
from tests.elasticache_operations.quota_account import Quotas, account, by_name, quotas, resource

__all__ = ["quotas"]


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
