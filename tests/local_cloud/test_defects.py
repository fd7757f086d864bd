"""Defects of the emulator: when a test fails here, its workaround and its description can be removed."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud.emulator import RECORDS
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT

pytestmark = pytest.mark.servers

_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
AWAY = "eu-west-1"
_GROUP = {
    "ReplicationGroupDescription": "x",
    "Engine": "redis",
    "CacheNodeType": "cache.t4g.micro",
    "AutomaticFailoverEnabled": True,
    "ClusterMode": "enabled",
    "ReplicasPerNodeGroup": 1,
}


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Start the emulator without the local cloud's handlers; returns the options of a client."""
    subprocess.run(["make", "local-setup"], cwd=ROOT, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **isolated_environment(),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(tmp_path_factory.mktemp("stock")),
    }
    process = subprocess.Popen(
        [str(ROOT / ".tools" / "emulator" / "bin" / "python"), "-m", "ministack"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()  # noqa: S310 - on loopback
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
    yield {
        "region_name": "us-east-1",
        "endpoint_url": url,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    process.kill()
    process.wait()


def create(stock: dict[str, Any], kind: str, properties: dict[str, Any], value: Any) -> str:
    """Create a stack; returns the value of its output, or the reasons of the failure."""
    client = boto3.client("cloudformation", **stock)
    name = f"stack-{os.urandom(4).hex()}"
    resources: dict[str, Any] = {"One": {"Type": kind, "Properties": properties}}
    if kind == "AWS::IAM::InstanceProfile":
        resources["Role"] = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _ASSUME}}
    template = {"Resources": resources, "Outputs": {"Value": {"Value": value}}}
    client.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    while True:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.1)
    if stack.get("Outputs"):
        return str(stack["Outputs"][0]["OutputValue"])
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return " ".join(event.get("ResourceStatusReason", "") for event in events if "FAILED" in event["ResourceStatus"])


def test_a_vpc_has_no_cidr_block(stock: dict[str, Any]) -> None:
    value = create(stock, "AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, {"Fn::GetAtt": ["One", "CidrBlock"]})
    assert value == "Requested attribute CidrBlock does not exist in schema for AWS::EC2::VPC"


def test_a_secret_is_referred_to_by_its_name_and_has_punctuation(stock: dict[str, Any]) -> None:
    properties = {"GenerateSecretString": {"ExcludePunctuation": True, "PasswordLength": 64}}
    name = create(stock, "AWS::SecretsManager::Secret", properties, {"Ref": "One"})
    assert not name.startswith("arn:")
    text = boto3.client("secretsmanager", **stock).get_secret_value(SecretId=name)["SecretString"]
    # One of 94 characters is a letter or a digit with a chance of two thirds.
    assert not text.isalnum()


def test_an_instance_profile_is_referred_to_by_its_arn(stock: dict[str, Any]) -> None:
    value = create(stock, "AWS::IAM::InstanceProfile", {"Roles": [{"Ref": "Role"}]}, {"Ref": "One"})
    assert value.startswith("arn:")


@pytest.mark.parametrize(
    ("shards", "message"),
    [
        (2, "NumNodeGroups must be either 1 (cluster-mode disabled) or at least 3 (cluster-mode enabled)"),
        (1, "Requested attribute ConfigurationEndPoint.Address does not exist in schema"),
    ],
)
def test_small_clusters_fail(stock: dict[str, Any], shards: int, message: str) -> None:
    value = {"Fn::GetAtt": ["One", "ConfigurationEndPoint.Address"]}
    assert message in create(stock, "AWS::ElastiCache::ReplicationGroup", {**_GROUP, "NumNodeGroups": shards}, value)


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::EC2::Instance",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::ElastiCache::GlobalReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        *RECORDS,
    ],
)
def test_types_are_unknown(stock: dict[str, Any], kind: str) -> None:
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        create(stock, kind, {}, "none")
    assert kind in (ROOT / "docs" / "emulator-defects.md").read_text() or kind.startswith("AWS::ApplicationAutoScaling")


def test_there_is_no_failover(stock: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="Unknown ElastiCache action: TestFailover"):
        boto3.client("elasticache", **stock).test_failover(ReplicationGroupId="x", NodeGroupId="0001")


def test_outputs_of_other_regions_are_not_found_and_those_of_deleted_stacks_are(stock: dict[str, Any]) -> None:
    home = boto3.client("cloudformation", **stock)
    parameter: dict[str, Any] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}
    template = {"Resources": {"One": parameter}, "Outputs": {"Value": {"Value": "found"}}}
    home.create_stack(StackName="producer", TemplateBody=json.dumps(template))
    home.get_waiter("stack_create_complete").wait(StackName="producer", WaiterConfig={"Delay": 1})
    wanted = {"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Value", "Region": "us-east-1"}}
    reason = create(stock | {"region_name": AWAY}, "AWS::SSM::Parameter", parameter["Properties"], wanted)
    assert "Output 'Value' not found in stack 'producer'" in reason
    home.delete_stack(StackName="producer")
    home.get_waiter("stack_delete_complete").wait(StackName="producer", WaiterConfig={"Delay": 1})
    assert create(stock, "AWS::SSM::Parameter", parameter["Properties"], wanted) == "found"


def test_every_defect_is_described() -> None:
    text = (ROOT / "docs" / "emulator-defects.md").read_text()
    assert text.count("\n## ") == 10
    assert str(Path("tests/local_cloud/test_defects.py")) in text
