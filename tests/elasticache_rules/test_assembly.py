"""Templates that an earlier synthesis has left in the folder of a cloud assembly."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from elasticache_rules import assembly
from elasticache_rules.__main__ import main
from elasticache_rules.documents import read, read_all

TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def names(folder: Path) -> list[str]:
    return sorted(str(Path(document.name).relative_to(folder)) for document in read(folder))


def synthesise(folder: Path, *stacks: str, stage: str | None = None) -> None:
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    scope = app if stage is None else cdk.Stage(app, stage)
    for name in stacks:
        stack = cdk.Stack(scope, name)
        nested = cdk.NestedStack(stack, "Nested")
        for each in (stack, nested):
            cdk.CfnResource(each, "Topic", type="AWS::SNS::Topic")
    app.synth()


def test_the_templates_of_the_last_synthesis_are_read(tmp_path: Path) -> None:
    synthesise(tmp_path, "Old", "Kept")
    synthesise(tmp_path, "Kept", "New")
    assert (tmp_path / "Old.template.json").exists()
    found = names(tmp_path)
    assert [name for name in found if "nested" not in name] == ["Kept.template.json", "New.template.json"]
    assert [name.partition("Nested")[0] for name in found if "nested" in name] == ["Kept", "New"]
    # A file that is named is read.
    assert len(read_all([str(tmp_path / "Old.template.json")]).documents) == 1


def test_the_assemblies_of_stages_that_are_gone_are_left_out(tmp_path: Path) -> None:
    synthesise(tmp_path, "Shop", stage="Old")
    synthesise(tmp_path, "Shop", stage="New")
    assert (tmp_path / "assembly-Old").is_dir()
    assert {Path(name).parts[0] for name in names(tmp_path)} == {"assembly-New"}


def test_other_files_beside_a_manifest_are_read(tmp_path: Path) -> None:
    synthesise(tmp_path, "Shop")
    (tmp_path / "other.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "own.template.json").write_text(json.dumps(TEMPLATE))
    assert {"other.json", "more/own.template.json"} <= set(names(tmp_path))


MANIFESTS: dict[str, Any] = {
    "no manifest": None,
    "text": "no JSON",
    "a list": [],
    "artifacts in a list": {"artifacts": []},
    "an artifact that is text": {"artifacts": {"Shop": "text"}},
    "no artifact": {"artifacts": {}},
    "no template": {"artifacts": {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}},
    "properties that are text": {"artifacts": {"Shop": {"type": "aws:cloudformation:stack", "properties": "text"}}},
    "an asset manifest that is absent": {
        "artifacts": {
            "Shop": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Shop.template.json"}},
            "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
        }
    },
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_without_a_complete_manifest_every_template_is_read(tmp_path: Path, manifest: Any) -> None:
    if manifest is not None:
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        (tmp_path / "manifest.json").write_text(text)
    (tmp_path / "Old.template.json").write_text(json.dumps(TEMPLATE))
    assert [Path(each.name).name for each in read_all([str(tmp_path)]).documents] == ["Old.template.json"]
    assert assembly.used_names(tmp_path) == frozenset()


def test_the_command_reports_nothing_of_an_earlier_synthesis(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"SubnetIds": ["subnet-1"]}}
    synthesise(tmp_path, "Shop")
    (tmp_path / "Old.template.json").write_text(json.dumps({"Resources": {"It": wrong}}))
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("0 errors")
