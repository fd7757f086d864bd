"""Every example synthesises, passes every check, and contains the resource that it demonstrates."""

import contextlib
import importlib
import inspect
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from constructs_lib import ElastiCacheChecks
from elasticache_caching import CacheClient
from examples import global_datastore
from examples.flask_shop.application import create_app
from examples.lambda_client_function.handler import send_command
from tests import cache_servers
from tests.cache_servers import Certificates, isolated_environment, program
from tests.conftest import CONTEXT, ENV, ROOT

# A Global Datastore has a stack in each region, and a separate test.
OTHERS = {"__init__", "global_datastore"}
NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if path.stem not in OTHERS)
DEMONSTRATED = {
    "auto_scaling": "AWS::ApplicationAutoScaling::ScalableTarget",
    "cluster_mode_disabled": "AWS::ElastiCache::ReplicationGroup",
    "cluster_mode_enabled": "AWS::ElastiCache::ReplicationGroup",
    "data_tiering": "AWS::CloudWatch::Alarm",
    "durable_valkey": "AWS::ElastiCache::ReplicationGroup",
    "existing_database": "AWS::CloudWatch::Alarm",
    "flask_on_fargate": "AWS::ECS::Service",
    "hardened_l1": "AWS::ElastiCache::ReplicationGroup",
    "lambda_client": "AWS::Lambda::Function",
    "memcached": "AWS::ElastiCache::CacheCluster",
    "monitoring": "AWS::CloudWatch::Dashboard",
    "own_vpc": "AWS::ElastiCache::ReplicationGroup",
    "per_shard_layout": "AWS::ElastiCache::ReplicationGroup",
    "serverless": "AWS::ElastiCache::ServerlessCache",
    "single_node": "AWS::ElastiCache::ReplicationGroup",
    "three_roles": "AWS::SecretsManager::RotationSchedule",
}


def stack_class(name: str) -> type[cdk.Stack]:
    """The stack class of an example."""
    module = importlib.import_module(f"examples.{name}")
    (stack,) = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, cdk.Stack) and member.__module__ == module.__name__
    ]
    return stack


def template_of(name: str) -> dict[str, Any]:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(ElastiCacheChecks())
    kind = stack_class(name)
    return dict(assertions.Template.from_stack(kind(app, kind.__name__, env=ENV)).to_json())


def test_the_demonstrated_types_are_complete() -> None:
    assert sorted(DEMONSTRATED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_passes_every_check_and_has_the_demonstrated_resource(name: str) -> None:
    template = template_of(name)
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    assert DEMONSTRATED[name] in kinds
    if name not in ("hardened_l1", "lambda_client"):
        assert "AWS::CloudFormation::WaitCondition" in kinds, "its connection is tested when it is deployed"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_as_a_program(name: str) -> None:
    example_app = runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")["app"]
    assert [child.node.id for child in example_app.node.children if isinstance(child, cdk.Stack)] == [
        stack_class(name).__name__
    ]


def test_the_global_datastore_has_a_member_and_a_client_in_each_region() -> None:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    datastore = global_datastore.build(app, "us-east-1", "eu-west-1", "ap-southeast-1")
    assert len(datastore.secondaries) == 2
    folder = Path(app.synth().directory)
    kinds = {
        path.name: [resource["Type"] for resource in json.loads(path.read_text())["Resources"].values()]
        for path in folder.glob("*.template.json")
    }
    assert len(kinds) == 3
    for name, types in kinds.items():
        assert "AWS::ElastiCache::ReplicationGroup" in types
        assert "AWS::CloudFormation::WaitCondition" in types
        assert ("AWS::ElastiCache::GlobalReplicationGroup" in types) == ("us-east-1" in name)
    runpy.run_path(str(ROOT / "examples" / "global_datastore.py"), run_name="__main__")


@pytest.mark.cli
def test_the_cli_lists_an_example(tmp_path: Path) -> None:
    done = subprocess.run(
        [program("cdk"), "list", "--app", f"{sys.executable} -m examples.single_node", "--output", str(tmp_path)],
        cwd=ROOT,
        env=isolated_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "SingleNode", done.stderr


def test_the_mixin_sets_missing_properties() -> None:
    (group,) = [
        resource["Properties"]
        for resource in template_of("hardened_l1")["Resources"].values()
        if resource["Type"] == "AWS::ElastiCache::ReplicationGroup"
    ]
    assert group["TransitEncryptionEnabled"] is True
    assert group["AtRestEncryptionEnabled"] is True
    assert group["MultiAZEnabled"] is True
    assert group["SnapshotRetentionLimit"] == 15


class _Products:
    """A table in memory that counts its loads."""

    def __init__(self) -> None:
        self.prices, self.loads = {"1": 10}, 0

    def load(self, id: str) -> dict[str, Any] | None:
        self.loads += 1
        return {"id": id, "price": self.prices[id]} if id in self.prices else None

    def set_price(self, id: str, price: int) -> None:
        self.prices[id] = price


@pytest.mark.servers
def test_the_shop_in_flask_caches_products_and_keeps_carts(tmp_path: Path) -> None:
    server = cache_servers.start(tmp_path, "shop", Certificates(tmp_path), tls=False, users=False)
    products = _Products()
    try:
        client = CacheClient.connect("127.0.0.1", port=server.port, tls=False, timeout=5)
        with contextlib.closing(client):
            shop, other = (create_app(client, products).test_client() for _ in range(2))
            assert [shop.get("/products/1").json, other.get("/products/1").json] == [{"id": "1", "price": 10}] * 2
            assert products.loads == 1
            assert shop.put("/products/1/price", json={"price": 12}).status_code == 204
            assert other.get("/products/1").json == {"id": "1", "price": 12}
            assert products.loads == 2
            assert shop.get("/products/2").status_code == 404
            assert shop.post("/cart/1").json == {"1": 1}
            assert shop.post("/cart/1").json == {"1": 2}
            assert other.post("/cart/1").json == {"1": 1}
            assert shop.get("/health").text == "ok"
    finally:
        server.stop()


@pytest.mark.servers
def test_the_lambda_function_connects_to_a_real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s" * 40}.items():
        monkeypatch.setenv(name, value)
    certificates = Certificates(tmp_path)
    server = cache_servers.start(tmp_path, "lambda", certificates)
    settings = {
        **os.environ,
        "CACHE_HOST": server.host,
        "CACHE_ADDRESS": "127.0.0.1",
        "CACHE_PORT": str(server.port),
        "CACHE_NAME": "Demo",
        "CACHE_USER": "any-token",
        "AWS_REGION": "us-east-1",
        "CA_FILE": str(certificates.ca_file),
        "SERVERLESS": "true",
    }
    try:
        assert send_command(settings, "PING") == "+PONG"
        with pytest.raises(PermissionError, match="Demo: the cache refused the user app: -WRONGPASS"):
            send_command({**settings, "CACHE_USER": "app"}, "PING")
    finally:
        server.stop()
