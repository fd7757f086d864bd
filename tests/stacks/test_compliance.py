"""Every check that the app registers, on every deployment and switch, through `app.synth()`."""

import json
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_elasticache as elasticache

from app import build_app
from tests.conftest import CONTEXT, ROOT
from tests.stacks.assembly import VARIANTS, assembly

each_variant = pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS)


@each_variant
def test_nothing_is_unacknowledged(overrides: tuple[tuple[str, str], ...]) -> None:
    assert assembly(*overrides).violations == []


@each_variant
def test_no_acknowledgement_is_stale(overrides: tuple[tuple[str, str], ...]) -> None:
    deployment = assembly(*overrides)
    own = {acknowledgement for acknowledgement in deployment.made_acknowledgements if not _of_cdk(*acknowledgement)}
    assert own
    assert own - set(deployment.used_acknowledgements) == set()


def _of_cdk(id: str, where: str) -> bool:
    """CDK's own VPC acknowledges gaps of the schema by itself, needed or not."""
    return id.startswith("CloudFormation-Validate::") and (where + "/").split("-Network", 1)[-1] in (
        "/",
        "/Network/Vpc/FlowLog/",
    )


@each_variant
def test_every_acknowledgement_has_a_real_reason_on_a_narrow_construct(
    overrides: tuple[tuple[str, str], ...],
) -> None:
    for (id, where), (_, reason) in assembly(*overrides).used_acknowledgements.items():
        assert len(reason) >= 40, (id, reason)
        assert "false positive" not in reason.lower()
        # An output's finding is reported on its stack; everything else is on the resource itself.
        assert where.endswith("/Resource") or id == "CloudFormation-Validate::F6101", (id, where)


@each_variant
def test_preflight_and_the_built_in_validation_are_clean(overrides: tuple[tuple[str, str], ...]) -> None:
    deployment = assembly(*overrides, ("preflight", "true"))
    names = {report["pluginName"] for report in deployment.reports}
    assert {"AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321", "CloudFormation Validate"} <= names
    assert deployment.violations == []


@each_variant
def test_cfn_lint_is_clean_but_for_the_verdicts_type(overrides: tuple[tuple[str, str], ...]) -> None:
    """cfn-lint calls a wait condition's Data an object, as the schema does; the service returns text."""
    templates = [str(path) for path in sorted(assembly(*overrides).folder.glob("*.template.json"))]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", *templates],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    found = json.loads(done.stdout)
    assert {(finding["Rule"]["Id"], *finding["Location"]["Path"][:2]) for finding in found} == {
        ("E6101", "Outputs", "ClientVerdictD717D0BA")
    }


def _bad_app(folder: Path, **context: str) -> cdk.App:
    app = build_app({**CONTEXT, **context}, outdir=str(folder))
    stack = cdk.Stack(app, "Bad")
    elasticache.CfnReplicationGroup(
        stack,
        "Cache",
        replication_group_description="bad",
        engine="redis",
        cache_node_type="cache.t4g.micro",
        num_cache_clusters=2,
        automatic_failover_enabled=True,
        port=80,
    )
    return app


@pytest.mark.parametrize("preflight", ["true", "false"])
def test_the_packs_really_run(tmp_path: Path, preflight: str) -> None:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        _bad_app(tmp_path, preflight=preflight).synth()
    reports = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    result = {violation["ruleName"] for report in reports for violation in report.get("violations", [])}
    assert {
        "AwsSolutions-AEC3",
        "AwsSolutions-AEC6",
        "HIPAA.Security-ElastiCacheRedisClusterAutomaticBackup",
        "NIST.800.53.R5-ElastiCacheRedisClusterAutomaticBackup",
    } <= result
    assert any(name.startswith("pf-elasticache") for name in result) == (preflight == "true")


def test_an_acknowledgement_in_one_stack_does_not_reach_another(tmp_path: Path) -> None:
    app = _bad_app(tmp_path)
    other = cdk.Stack(app, "Other")
    cdk.Validations.of(other).acknowledge(
        cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-AEC3", reason="only meant for the other stack")
    )
    cdk.CfnWaitConditionHandle(other, "Something")
    with pytest.raises(RuntimeError, match="AwsSolutions-AEC3"):
        app.synth()


def test_the_document_of_acknowledgements_is_current() -> None:
    from scripts.nag_docs import document

    current = (ROOT / "docs" / "nag.md").read_text()
    assert current == document(assembly(*VARIANTS[name]) for name in VARIANTS), "run 'make docs'"
