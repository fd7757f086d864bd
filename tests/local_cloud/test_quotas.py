"""Service Quotas in the local cloud, and `elasticache quotas` against it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from elasticache_rules import facts
from local_cloud.stacks import Stacks
from tests.elasticache_operations.run import without_progress

pytestmark = pytest.mark.servers

NODES = "L-DFE45DF3"


def run(stacks: Stacks, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "elasticache_operations", "quotas", str(path), "--format", "json"],
        env={**environment, **stacks.session.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def template(nodes: int) -> dict[str, Any]:
    properties = {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "orders",
        "Engine": "valkey",
        "CacheNodeType": "cache.t4g.micro",
        "NumCacheClusters": nodes,
    }
    return {
        "Resources": {
            "Orders": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties},
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Address": {"Type": "AWS::EC2::EIP"},
        }
    }


def test_the_command_compares_a_template_with_the_account(stacks: Stacks, tmp_path: Path) -> None:
    path = tmp_path / "Shop.json"
    path.write_text(json.dumps(template(3)))
    before = run(stacks, path)
    assert (before.returncode, without_progress(before.stderr)) == (0, "")
    document = json.loads(before.stdout)
    # The quotas have the names that the facts expect.
    assert document["warnings"] == []
    quotas = {each["name"]: each for each in document["quotas"]}
    nodes = quotas["nodes per Region"]
    assert (nodes["default"], nodes["applied"], nodes["used"], nodes["added"], nodes["left"]) == (300, 300, 0, 3, 297)
    assert {"VPCs per Region", "Elastic IP addresses per Region", "nodes per shard"} < quotas.keys()
    assert stacks.create("Shop", template(3)).status == "CREATE_COMPLETE"
    after = {each["name"]: each for each in json.loads(run(stacks, path).stdout)["quotas"]}
    assert after["nodes per Region"]["used"] == 3
    assert after["VPCs per Region"]["used"] == quotas["VPCs per Region"]["used"] + 1


def test_an_increase_stays_pending(emulated: Stacks) -> None:
    client = emulated.client("service-quotas", "eu-west-1")
    value = client.get_service_quota(ServiceCode="elasticache", QuotaCode=NODES)["Quota"]["Value"]
    assert client.list_requested_service_quota_change_history(ServiceCode="elasticache")["RequestedQuotas"] == []
    with pytest.raises(client.exceptions.IllegalArgumentException, match="greater than 300"):
        client.request_service_quota_increase(ServiceCode="elasticache", QuotaCode=NODES, DesiredValue=value)
    client.request_service_quota_increase(ServiceCode="elasticache", QuotaCode=NODES, DesiredValue=value + 1)
    (requested,) = client.list_requested_service_quota_change_history(ServiceCode="elasticache")["RequestedQuotas"]
    assert (requested["QuotaCode"], requested["DesiredValue"], requested["Status"]) == (NODES, 301, "PENDING")
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        client.request_service_quota_increase(ServiceCode="elasticache", QuotaCode=NODES, DesiredValue=400)
    # A request that is pending changes no value, and is of one region.
    assert client.get_service_quota(ServiceCode="elasticache", QuotaCode=NODES)["Quota"]["Value"] == value
    other = emulated.client("service-quotas", "us-east-1")
    assert other.list_requested_service_quota_change_history(ServiceCode="elasticache")["RequestedQuotas"] == []


def test_the_values_are_those_of_the_facts(emulated: Stacks) -> None:
    client = emulated.client("service-quotas")
    expected = {fact["code"]: fact["default"] for fact in facts.load("quotas")["quotas"] if "code" in fact}
    for operation in ("list_aws_default_service_quotas", "list_service_quotas"):
        listed = [
            quota
            for service in ("elasticache", "vpc", "ec2")
            for quota in getattr(client, operation)(ServiceCode=service)["Quotas"]
        ]
        assert {quota["QuotaCode"]: quota["Value"] for quota in listed} == expected
    default = client.get_aws_default_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quota"]
    assert (default["Value"], default["Adjustable"]) == (5, True)


def test_what_the_local_cloud_does_not_know_is_refused(emulated: Stacks) -> None:
    client = emulated.client("service-quotas")
    with pytest.raises(client.exceptions.NoSuchResourceException, match="no quotas of the service lambda"):
        client.list_service_quotas(ServiceCode="lambda")
    with pytest.raises(client.exceptions.NoSuchResourceException, match="L-0 does not exist"):
        client.get_service_quota(ServiceCode="elasticache", QuotaCode="L-0")
    with pytest.raises(ClientError, match="ListServices is not available in the local cloud"):
        client.list_services()
