"""Every example synthesises, passes every check, and shows what it is for."""

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
from examples.lambda_client_function.handler import ask
from tests import cache_servers
from tests.cache_servers import Certificates, isolated_environment, program
from tests.conftest import CONTEXT, ENV, ROOT

# A Global Datastore takes a stack in each region; it has a test of its own.
OTHERS = {"__init__", "global_datastore"}
NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if path.stem not in OTHERS)
SHOWS = {
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
    """The one stack that an example defines."""
    module = importlib.import_module(f"examples.{name}")
    (found,) = [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, cdk.Stack) and each.__module__ == module.__name__
    ]
    return found


def template_of(name: str) -> dict[str, Any]:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(ElastiCacheChecks())
    kind = stack_class(name)
    return dict(assertions.Template.from_stack(kind(app, kind.__name__, env=ENV)).to_json())


def test_there_is_one_for_each_use() -> None:
    assert sorted(SHOWS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_passes_every_check_and_shows_what_it_is_for(name: str) -> None:
    template = template_of(name)
    kinds = [each["Type"] for each in template["Resources"].values()]
    assert SHOWS[name] in kinds
    if name not in ("hardened_l1", "lambda_client"):
        assert "AWS::CloudFormation::WaitCondition" in kinds, "its connection is tested when it is deployed"


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_as_a_program(name: str) -> None:
    made = runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")["app"]
    assert [each.node.id for each in made.node.children if isinstance(each, cdk.Stack)] == [stack_class(name).__name__]


def test_the_global_datastore_has_a_member_and_a_client_in_each_region() -> None:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    made = global_datastore.build(app, "us-east-1", "eu-west-1", "ap-southeast-1")
    assert len(made.secondaries) == 2
    folder = Path(app.synth().directory)
    kinds = {
        path.name: [each["Type"] for each in json.loads(path.read_text())["Resources"].values()]
        for path in folder.glob("*.template.json")
    }
    assert len(kinds) == 3
    for name, found in kinds.items():
        assert "AWS::ElastiCache::ReplicationGroup" in found
        assert "AWS::CloudFormation::WaitCondition" in found
        assert ("AWS::ElastiCache::GlobalReplicationGroup" in found) == ("us-east-1" in name)
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


def test_the_mixin_states_what_was_forgotten() -> None:
    (group,) = [
        each["Properties"]
        for each in template_of("hardened_l1")["Resources"].values()
        if each["Type"] == "AWS::ElastiCache::ReplicationGroup"
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
def test_the_lambda_functions_code_talks_to_a_real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
        assert ask(settings, "PING") == "+PONG"
        with pytest.raises(PermissionError, match="Demo did not let app in: -WRONGPASS"):
            ask({**settings, "CACHE_USER": "app"}, "PING")
    finally:
        server.stop()
