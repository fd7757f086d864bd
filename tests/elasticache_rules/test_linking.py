"""Templates that belong together: exports and imports, nested stacks, and stacks of an assembly."""

import json
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import Template, check_template, unjudged
from elasticache_rules.__main__ import main
from elasticache_rules.documents import Document
from elasticache_rules.linking import connect, link
from tests.elasticache_rules.examples import document, resources

STACK = "AWS::CloudFormation::Stack"
OLD = resources("parameters", {"CacheParameterGroupFamily": "redis6.x", "Properties": {}})["It"]


def exporting(name: object, value: object = None, **resources: Any) -> dict[str, Any]:
    output = {"Value": value or {"Ref": "Old"}, "Export": {"Name": name}}
    return {"Resources": {"Old": OLD, **resources}, "Outputs": {"Exported": output}}


def importing(name: object, property: str = "CacheParameterGroupName", base: str = "redis") -> dict[str, Any]:
    return document(base, {property: {"Fn::ImportValue": name}})


def rules(*templates: dict[str, Any]) -> list[list[str]]:
    return [
        [finding.rule for finding in check_template(item)]
        for item in connect((template, None) for template in templates)
    ]


@pytest.mark.parametrize(
    ("exported", "imported", "resolved"),
    [
        ("old", "old", True),
        ("old", "other", False),
        ({"Fn::Sub": "${AWS::StackName}-old"}, {"Fn::Sub": "${Network}-old"}, True),
        ({"Fn::Sub": "${AWS::StackName}-old"}, {"Fn::Sub": "${Network}-new"}, False),
        ({"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}, {"Fn::Sub": "${Network}-${AWS::Region}"}, False),
        ({"Ref": "AWS::StackName"}, {"Ref": "AWS::StackName"}, False),
    ],
)
def test_an_import_is_what_the_other_template_exports(exported: object, imported: object, resolved: bool) -> None:
    cache = {**importing(imported), "Parameters": {"Network": {"Type": "String"}}}
    expected = [["engine/family-matches"], []] if resolved else [[], []]
    assert rules(cache, exporting(exported)) == expected
    assert rules(exporting(exported), cache) == expected[::-1]


def test_two_exports_of_one_name_are_ambiguous() -> None:
    assert rules(importing("old"), exporting("old"), exporting("old")) == [[], [], []]


def test_an_export_that_leads_back_to_itself_is_unknown() -> None:
    first = exporting("one", {"Fn::ImportValue": "two"})
    second = exporting("two", {"Fn::ImportValue": "one"})
    assert rules(importing("one"), first, second) == [[], [], []]


def test_subnets_and_security_groups_of_another_template() -> None:
    network = {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Subnets": resources("subnets", {"SubnetIds": [{"Ref": "Subnet"}]})["It"],
        },
        "Outputs": {"S": {"Value": {"Ref": "Subnets"}, "Export": {"Name": "subnets"}}},
    }
    cache = {
        "Resources": {
            "Vpc": network["Resources"]["Vpc"],
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "x", "VpcId": {"Ref": "Vpc"}},
            },
            "Cache": resources(
                "group",
                {
                    "CacheSubnetGroupName": {"Fn::ImportValue": "subnets"},
                    "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}],
                },
            )["It"],
        }
    }
    findings, _ = rules(cache, network)
    assert "network/same-vpc" in findings  # two VPCs of one logical id


def written(folder: Path, **templates: dict[str, Any]) -> list[Document]:
    documents = []
    for name, content in templates.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        documents.append(Document(str(path), content, "us-east-1"))
    return documents


def parent(url: object, parameters: object = None, **beside: Any) -> dict[str, Any]:
    properties = {"TemplateURL": url, **({"Parameters": parameters} if parameters else {})}
    return {"Resources": {"Nested": {"Type": STACK, "Properties": properties, **beside}}}


CHILD = {**document("redis", {"Port": {"Ref": "Port"}}), "Parameters": {"Port": {"Type": "Number", "Default": 6379}}}


@pytest.mark.parametrize("url", ["child.json", "./child.json"])
def test_a_nested_stack_beside_its_parent_is_read_with_the_parameters_that_it_gets(tmp_path: Path, url: str) -> None:
    top, _ = written(tmp_path, top=parent(url, {"Port": 80}), child=CHILD)
    (_, first), (document, second) = link([top])
    assert check_template(first) == []
    assert Path(document.name).name == "child.json"
    assert document.region == second.region == "us-east-1"
    assert [(finding.rule, finding.value) for finding in check_template(second)] == [("network/port", "80")]


def test_a_nested_stack_of_a_cloud_assembly(tmp_path: Path) -> None:
    url = {"Fn::Sub": "https://s3.${AWS::URLSuffix}/asset.json"}
    top = parent(url, {"Port": {"Ref": "Own"}}, Metadata={"aws:asset:path": "child.json"})
    documents = written(tmp_path, top={**top, "Parameters": {"Own": {"Type": "Number"}}}, child=CHILD)
    linked = link(documents)
    assert len(linked) == 2
    assert [str(value) for value in unjudged(linked[1][1])] == []  # the default


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket/child.json",
        "missing.json",
        "/etc/passwd",
        "../../child.json",
        "",
        "x" * 2000,
        {"Ref": "Url"},
        "broken.json",
    ],
)
def test_what_lies_elsewhere_is_not_followed(tmp_path: Path, url: object) -> None:
    documents = written(tmp_path, **{"in/top": parent(url), "child": CHILD})
    (tmp_path / "in" / "broken.json").write_text("{")
    assert len(link(documents[:1])) == 1


def test_an_output_of_a_nested_stack_is_a_value_of_its_parent(tmp_path: Path) -> None:
    child = {"Resources": {"Old": OLD}, "Outputs": {"Group": {"Value": {"Ref": "Old"}}}}
    top = parent("child.json")
    for number, name in enumerate(("Group", "Missing")):
        change = {"CacheParameterGroupName": {"Fn::GetAtt": ["Nested", f"Outputs.{name}"]}}
        top["Resources"][f"Cache{number}"] = resources("redis", change)["It"]
    documents = written(tmp_path, top=top, child=child)
    findings = check_template(link(documents)[0][1])
    assert [(finding.rule, finding.logical_id) for finding in findings] == [("engine/family-matches", "Cache0")]
    alone = Template.of(top)
    assert check_template(alone) == []


def test_stacks_that_are_nested_in_each_other_end(tmp_path: Path) -> None:
    documents = written(tmp_path, one=parent("two.json"), two=parent("one.json"), three=parent("three.json"))
    assert len(link(documents)) == 3
    chain = written(tmp_path, a=parent("b.json"), b=parent("c.json"), c=parent("b.json"))
    assert len(link(chain[:1])) == 3


def test_the_command_reads_a_folder_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, cache=importing("old"), network=exporting("old"))
    assert main([str(tmp_path)]) == 1
    assert "engine/family-matches" in capsys.readouterr().out
    assert main([str(tmp_path / "cache.json")]) == 0


def test_parameters_pass_through_two_levels(tmp_path: Path) -> None:
    middle = {**parent("child.json", {"Port": {"Ref": "Port"}}), "Parameters": {"Port": {"Type": "Number"}}}
    documents = written(tmp_path, top=parent("middle.json", {"Port": 443}), middle=middle, child=CHILD)
    assert [[finding.value for finding in check_template(template)] for _, template in link(documents[:1])] == [
        [],
        [],
        ["443"],
    ]


def test_a_nested_stack_is_named_like_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, **{"in/top": parent("./child.json", {"Port": 80}), "in/child": CHILD, "sibling": CHILD})
    monkeypatch.chdir(tmp_path)
    assert main(["in/top.json"]) == 1
    assert capsys.readouterr().out.startswith("in/child.json:1:")
    assert main([str(tmp_path / "in/top.json")]) == 1
    assert capsys.readouterr().out.startswith(f"{tmp_path}/in/child.json:1:")
    assert main(["in/top.json", "in/child.json"]) == 1
    assert capsys.readouterr().out.count(": error ") == 1


@pytest.mark.parametrize(("url", "followed"), [("../sibling.json", True), ("x/../child.json", False)])
def test_a_template_of_the_folder_above_is_followed(tmp_path: Path, url: str, followed: bool) -> None:
    (tmp_path / "in" / "x").mkdir(parents=True)
    documents = written(tmp_path, **{"in/top": parent(url), "in/child": CHILD, "sibling": CHILD})
    assert len(link(documents[:1])) == (2 if followed else 1)
