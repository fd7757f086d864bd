"""The region of a template: of its cloud assembly, or as it is given."""

import json
import re
from pathlib import Path

import pytest

from elasticache_rules import facts
from elasticache_rules.__main__ import main
from elasticache_rules.documents import region_of, stack_name_of
from tests.elasticache_rules.template_files import GOOD


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"artifacts": []}',
        '{"artifacts": {"S": 1}}',
        '{"artifacts": {"S": {"properties": []}}}',
        '{"artifacts": {"S": {"properties": null}}}',
    ],
)
def test_a_manifest_of_another_form_says_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "S.template.json"
    path.write_text(json.dumps(GOOD))
    (tmp_path / "manifest.json").write_text(content)
    assert region_of(path) is None
    assert stack_name_of(path) == "S"
    assert main([str(path)]) == 0


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ("aws://unknown-account/unknown-region", None),
        ("aws://unknown-account/", None),
        ("", None),
        ("aws://123456789012/eu-west-2", "eu-west-2"),
    ],
)
def test_the_region_of_an_assembly_where_it_has_one(tmp_path: Path, environment: str, region: str | None) -> None:
    path = tmp_path / "S.template.json"
    path.write_text(json.dumps(GOOD))
    artifact = {"environment": environment, "properties": {"templateFile": "S.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))
    assert region_of(path) == region


@pytest.mark.parametrize("command", [[], ["compare"]])
@pytest.mark.parametrize("region", ["moon", "a,b", "", "eu-west-1\n", "x" * 5000, "mars-1", "xx-new-1", "eu-west-9"])
def test_a_region_that_does_not_exist_is_refused(
    tmp_path: Path, command: list[str], region: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(GOOD))
    paths = [str(path)] * (1 + len(command))
    assert main([*command, "--region", region, *paths]) == 2
    output = capsys.readouterr().err
    assert output.startswith("elasticache_rules: --region must be a region of AWS, got ")
    assert re.search("; write it like --region [a-z]+-[a-z]+-[0-9]\n$", output)
    assert len(output) < 200
    for known in facts.regions():
        assert main([*command, "--region", known, *paths]) in (0, 1)


def test_the_fix_for_a_region_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(GOOD))
    assert main(["--region", "eu-wst-1", str(path)]) == 2
    fix = capsys.readouterr().err.split("write it like ")[1].split()
    assert fix == ["--region", "eu-west-1"]
    assert main([*fix, str(path)]) == 0
