"""Selection of a deployment by the context: names, fields, presets, regions and accounts."""

from typing import Any

import aws_cdk as cdk
import pytest

from app import build_app
from constructs_lib import ClusterModeName, EngineVersion
from stacks.deployments import DEFAULT, DEPLOYMENTS
from stacks.replication_group import ReplicationGroupDeployment
from tests.conftest import CONTEXT
from tests.stacks.choosing import NAMES, choose


def test_the_default() -> None:
    assert choose({}) == DEPLOYMENTS[DEFAULT] == ReplicationGroupDeployment(name="cluster-mode-disabled")
    assert choose(CONTEXT) == choose({})


def test_the_names() -> None:
    assert ", ".join(DEPLOYMENTS) == NAMES
    enabled = choose({"deployment": "cluster-mode-enabled"})
    assert (enabled.cluster_mode, enabled.shards, enabled.replicas) == ("enabled", 3, 1)
    assert enabled.stack_prefix == "ClusterModeEnabled"


@pytest.mark.parametrize(
    ("context", "field", "value"),
    [
        ({"engine": "valkey"}, "engine", "valkey"),
        ({"engine": "valkey", "engine_version": "8.2"}, "engine_version", "8.2"),
        ({"node_type": "cache.r7g.large"}, "node_type", "cache.r7g.large"),
        ({"replicas": "2"}, "replicas", 2),
        ({"replicas": 2}, "replicas", 2),
        ({"deployment": "cluster-mode-enabled", "shards": "5"}, "shards", 5),
        ({"multi_az": "false"}, "multi_az", False),
        ({"customer_managed_key": True}, "customer_managed_key", True),
        ({"region": "eu-west-1"}, "region", "eu-west-1"),
        ({"region": "us-gov-west-1"}, "region", "us-gov-west-1"),
        ({"region": "eusc-de-east-1"}, "region", "eusc-de-east-1"),
        ({"account": "111122223333"}, "account", "111122223333"),
        ({"account": 111122223333}, "account", "111122223333"),
        ({"instance_type": "t4g.nano"}, "instance_type", "t4g.nano"),
        ({"instance_type": "m7i-flex.2xlarge"}, "instance_type", "m7i-flex.2xlarge"),
        ({"instance_type": "c8gn.metal-48xl"}, "instance_type", "c8gn.metal-48xl"),
        ({"region": "xx-newregion-10"}, "region", "xx-newregion-10"),
        ({"engine_version": 7.1}, "engine_version", "7.1"),
        (
            {"deployment": "global-datastore", "regions": ["us-east-1", "eu-west-1"]},
            "regions",
            ("us-east-1", "eu-west-1"),
        ),
        ({"deployment": "global-datastore", "regions": "us-east-1, eu-west-2"}, "regions", ("us-east-1", "eu-west-2")),
        ({"instance_type": "m7i.metal-24xl"}, "instance_type", "m7i.metal-24xl"),
        ({"backup_retention_days": "0"}, "backup_retention_days", 0),
        ({"snapshot_window": "03:00-04:00"}, "snapshot_window", "03:00-04:00"),
    ],
)
def test_overrides(context: dict[str, Any], field: str, value: object) -> None:
    assert getattr(choose(context), field) == value


@pytest.mark.parametrize("access", ["password", "auth-token"])
def test_a_rotated_credential_is_a_password_or_a_token(access: str) -> None:
    """The fix that the message names works."""
    assert choose({"rotation": "true", "access": access}).rotation is True


def test_valkey_uses_its_newest_version_by_default() -> None:
    assert choose({"engine": "valkey"}).engine_version_value() == EngineVersion.VALKEY_9_1
    assert choose({}).engine_version_value() == EngineVersion.REDIS_7_1


def test_compatible_is_a_mode() -> None:
    assert choose({"cluster_mode": "compatible"}).cluster_mode_value().name is ClusterModeName.COMPATIBLE


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (
            {"preset": "demo"},
            {"node_type": "cache.t4g.micro", "replicas": 0, "backup_retention_days": 0, "removal": "destroy"},
        ),
        (
            {"preset": "production", "replicas": "1", "engine": "valkey"},
            {"node_type": "cache.r7g.xlarge", "replicas": 1, "backup_retention_days": 35, "log_delivery": True},
        ),
        ({"preset": "production", "engine_version": "5.0.6", "access": "auth-token"}, {"log_delivery": False}),
        ({"deployment": "cluster-mode-enabled", "preset": "dev-test"}, {"shards": 3, "replicas": 1}),
        ({"deployment": "memcached", "preset": "production"}, {"nodes": 3, "node_type": "cache.r7g.xlarge"}),
        (
            {"deployment": "serverless", "preset": "demo", "maximum_storage_gb": 2},
            {"maximum_storage_gb": 2, "maximum_ecpu_per_second": 1000, "removal": "destroy"},
        ),
    ],
)
def test_presets_are_defaults_that_a_field_overrides(context: dict[str, Any], expected: dict[str, object]) -> None:
    chosen = choose(context)
    assert {key: getattr(chosen, key) for key in expected} == expected


def test_serverless_memcached_has_no_users() -> None:
    assert choose({"deployment": "serverless", "engine": "memcached"}).access == "none"


def test_what_the_cli_puts_into_the_context_is_left_alone() -> None:
    assert choose({"aws:cdk:bundling-stacks": ["**"], "@aws-cdk/core:x": True, "cli-telemetry": False}) == choose({})


@pytest.mark.parametrize("deployment", ["cluster-mode-disabled", "global-datastore"])
def test_a_region_that_is_not_known_is_a_warning(deployment: str) -> None:
    known, new = ("us-east-1", "xx-new-1") if deployment == "global-datastore" else ("eu-west-1", "xx-new-1")
    field = "regions" if deployment == "global-datastore" else "region"
    said = {}
    for region in (known, new):
        value = f"eu-west-1,{region}" if deployment == "global-datastore" else region
        app = build_app({**CONTEXT, "deployment": deployment, field: value})
        caches = [child for child in app.node.children if child.node.id.endswith("-Cache")]
        said[region] = [
            (entry.type, str(entry.data)) for cache in caches for entry in cache.node.metadata if "warn" in entry.type
        ]
    assert said[known] == []
    ((kind, text),) = said[new]
    assert kind == "aws:cdk:warning"
    assert "region must be a known region, got xx-new-1; check the name" in text


def test_region_and_account_reach_the_stacks() -> None:
    app = build_app(
        {**CONTEXT, "region": "eu-north-1"}, env=cdk.Environment(account="222222222222", region="eu-west-1")
    )
    stacks = [child for child in app.node.children if isinstance(child, cdk.Stack)]
    assert {(stack.account, stack.region) for stack in stacks} == {("222222222222", "eu-north-1")}
    assert [stack.stack_name for stack in stacks] == [
        "ClusterModeDisabled-Network",
        "ClusterModeDisabled-Cache",
        "ClusterModeDisabled-Client",
    ]
