"""ElastiCacheChecks: the rules over any CDK app, in the report, on the console, acknowledged like any other."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import cloudformation_include as include
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib import ClusterMode, ElastiCacheChecks, EngineVersion, ReplicationGroup
from elasticache_rules import Template, all_rules, check_template
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.elasticache_rules.examples import resources


def app_with_checks(folder: Path) -> cdk.App:
    app = cdk.App(context=dict(CONTEXT), outdir=str(folder))
    cdk.Validations.of(app).add_plugins(ElastiCacheChecks())
    return app


def bad_group(stack: cdk.Stack) -> elasticache.CfnReplicationGroup:
    return elasticache.CfnReplicationGroup(
        stack,
        "Cache",
        replication_group_description="plain L1",
        engine="redis",
        cache_node_type="cache.t4g.micro",
        num_cache_clusters=2,
        automatic_failover_enabled=True,
        port=80,
    )


def report(folder: Path) -> dict[str, Any]:
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    (found,) = [report for report in reports if report["pluginName"] == "elasticache-rules"]
    plugin: dict[str, Any] = found
    return plugin


def test_a_plain_l1_fails_the_synth(tmp_path: Path) -> None:
    app = app_with_checks(tmp_path)
    bad_group(cdk.Stack(app, "Stack"))
    with pytest.raises(RuntimeError, match="Port must be 1150 to 8004 or 8006 to 65535, got 80"):
        app.synth()
    (violation,) = report(tmp_path)["violations"]
    assert violation["ruleName"] == "network/port"
    assert violation["suggestedFix"] == "use 6379, the default"
    assert violation["violatingConstructs"][0]["constructPath"] == "Stack/Cache"


def test_an_included_template_is_checked(tmp_path: Path) -> None:
    template = tmp_path / "included.json"
    template.write_text(json.dumps({"Resources": resources("redis", {"AuthToken": "short"})}))
    app = app_with_checks(tmp_path / "out")
    include.CfnInclude(cdk.Stack(app, "Stack"), "Included", template_file=str(template))
    with pytest.raises(RuntimeError, match="AuthToken must have 16 to 128 characters"):
        app.synth()


def test_an_acknowledged_finding_stays_in_the_report(tmp_path: Path) -> None:
    app = app_with_checks(tmp_path)
    group = bad_group(cdk.Stack(app, "Stack"))
    cdk.Validations.of(group).acknowledge(
        cdk.Acknowledgment(id="elasticache-rules::network/port", reason="A test of acknowledging.")
    )
    app.synth()
    assert report(tmp_path)["violations"] == []
    (suppressed,) = report(tmp_path)["suppressedViolations"]
    assert suppressed["reason"] == "A test of acknowledging."


def test_a_warning_does_not_fail_the_synth(tmp_path: Path) -> None:
    app = app_with_checks(tmp_path)
    stack = cdk.Stack(app, "Stack", env=ENV)
    ReplicationGroup(stack, "Cache", vpc=existing_vpc(stack), cluster_mode=ClusterMode.enabled(shards=46))
    app.synth()
    assert [violation["ruleName"] for violation in report(tmp_path)["violations"]] == [
        "network/reachable",  # nothing connects to it
        "topology/nodes-per-cluster",
    ]


def test_the_region_of_a_stack_is_known(tmp_path: Path) -> None:
    app = app_with_checks(tmp_path)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="eu-west-2"))
    elasticache.CfnReplicationGroup(
        stack,
        "Cache",
        replication_group_description="plain L1",
        engine="valkey",
        transit_encryption_enabled=True,
        cache_node_type="cache.c7gn.large",
        num_cache_clusters=2,
    )
    with pytest.raises(RuntimeError, match="must be a node type that eu-west-2 has"):
        app.synth()


def test_it_names_its_rules() -> None:
    checks = ElastiCacheChecks()
    assert checks.name == "elasticache-rules"
    assert checks.rule_ids == [rule.id for rule in all_rules()]
    assert checks.version


@settings(max_examples=20)
@given(
    version=st.sampled_from([EngineVersion.REDIS_7_0, EngineVersion.REDIS_7_1, EngineVersion.VALKEY_8_2]),
    mode=st.one_of(
        st.builds(ClusterMode.disabled, replicas=st.integers(0, 5)),
        st.builds(ClusterMode.enabled, shards=st.integers(1, 80), replicas_per_shard=st.integers(0, 5)),
    ),
    port=st.sampled_from([1150, 6379, 8004, 8006, 65535]),
)
def test_what_the_constructs_accept_passes_the_rules(version: EngineVersion, mode: ClusterMode, port: int) -> None:
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=ENV)
    ReplicationGroup(stack, "Cache", vpc=existing_vpc(stack), engine=version, cluster_mode=mode, port=port)
    template = app.synth().get_stack_by_name("Stack").template
    assert [
        finding for finding in check_template(Template.of(template, region=ENV.region)) if finding.severity == "error"
    ] == []
