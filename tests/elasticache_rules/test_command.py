"""The command: files, folders, cloud assemblies, formats, and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from elasticache_rules.__main__ import main
from elasticache_rules.documents import read
from elasticache_rules.parsing import DocumentError
from tests.conftest import ROOT
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.template_files import BAD, GOOD

YAML = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Size: {Type: String}
Conditions:
  Large: !Equals [!Ref Size, large]
Resources:
  It:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: !Sub "cache of ${AWS::StackName}"
      Engine: valkey
      EngineVersion: "8.2"
      CacheNodeType: !If [Large, cache.r7g.large, cache.t4g.micro]
      NumCacheClusters: 2
      TransitEncryptionEnabled: true
      CacheSubnetGroupName: !Ref Subnets
      SecurityGroupIds: [!GetAtt Group.GroupId]
      Port: 8005
  Subnets:
    Type: AWS::ElastiCache::SubnetGroup
    Properties: {Description: cache, SubnetIds: [subnet-0a1b2c3d4e5f60711]}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: cache
      SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/16}]
"""
BOMB = (
    "Metadata:\n  a0: &a0 [x]\n"
    + "".join(f"  a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 11))
    + "Resources: {It: *a10}\n"
)
MERGE_BOMB = (
    "Metadata:\n  a0: &a0 {x: 1}\n"
    + "".join(f"  a{number}: &a{number} {{<<: [{', '.join([f'*a{number - 1}'] * 9)}]}}\n" for number in range(1, 11))
    + "Resources: {It: *a10}\n"
)
DEEP_BOMB = (
    "Metadata:\n  a0: &a0 [x]\n"
    + "".join(f"  a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 3000))
    + "Resources: {}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.template.json").write_text(json.dumps(GOOD))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bad.json").write_text(json.dumps(BAD))
    (tmp_path / "deep" / "package.json").write_text('{"name": "not a template"}')
    (tmp_path / "notes.yaml").write_text("- a list\n")
    (tmp_path / "notes.md").write_text("Resources: see `the other page`\n\t- and so on\n")
    (tmp_path / "broken.json").write_text("{")
    return tmp_path


def test_a_valid_template(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "good.template.json")]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings, 0 values could not be judged\n"


def test_a_folder_is_every_template_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.json").unlink()
    assert main([str(folder)]) == 1
    column = json.dumps(BAD).index('"Port"') + 1
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}/deep/bad.json:1:{column}: error network/port",
        "  It: Port must be 1150 to 8004 or 8006 to 65535, got 8005; use 6379, the default",
        "  https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
        "1 error, 0 warnings, 0 values could not be judged",
    ]


def test_a_template_of_any_ending_is_found(tmp_path: Path) -> None:
    (tmp_path / "stack.cfn").write_text(json.dumps(BAD))
    assert main([str(tmp_path)]) == 1


def test_json_is_a_list_of_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format=json", str(folder / "deep")]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert {key: finding[key] for key in ("rule", "severity", "logical_id", "property", "message", "fix")} == {
        "rule": "network/port",
        "severity": "error",
        "logical_id": "It",
        "property": "Port",
        "message": "Port must be 1150 to 8004 or 8006 to 65535, got 8005",
        "fix": "use 6379, the default",
    }
    assert finding["template"].endswith("deep/bad.json")
    assert finding["source"].startswith("https://")


@pytest.mark.parametrize("words", [(), ("--verbose",)])
def test_json_is_as_its_schema_describes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    unknown = {"Resources": resources("group", {"Port": {"Ref": "Port"}, "NumCacheClusters": 9})}
    (tmp_path / "a.json").write_text(json.dumps({**unknown, "Parameters": {"Port": {"Type": "Number"}}}))
    assert main(["--format=json", *words, str(tmp_path)]) == 1
    entries = json.loads(capsys.readouterr().out)
    check_schema("check", entries)
    assert any(entry["severity"] == "not judged" for entry in entries) == bool(words)


def test_markdown_is_a_table_for_a_pull_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a|b.json"
    path.write_text(json.dumps({"Resources": resources("group", {"Port": 8005})}))
    assert main(["--format=markdown", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| severity | rule | place | finding |", "| --- | --- | --- | --- |"]
    (row,) = [line for line in lines if line.startswith("| error | network/port | ")]
    assert "a\\|b.json:1:" in row
    assert row.endswith("Port must be 1150 to 8004 or 8006 to 65535, got 8005; use 6379, the default |")
    assert lines[-2] == ""
    assert lines[-1].startswith("1 error, ")
    assert not any(line.startswith("| not judged | ") for line in lines)
    path.write_text(json.dumps({"Resources": {}}))
    assert main(["--format=markdown", str(path)]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings, 0 values could not be judged\n"


def test_values_that_could_not_be_judged_are_rows_of_the_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = {"Parameters": {"Port": {"Type": "Number"}}, "Resources": resources("group", {"Port": {"Ref": "Port"}})}
    (tmp_path / "a.json").write_text(json.dumps(document))
    main(["--format=markdown", "--verbose", str(tmp_path)])
    assert any(line.startswith("| not judged |  | ") for line in capsys.readouterr().out.splitlines())


def test_yaml_with_short_intrinsic_functions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(YAML)
    assert main(["--format=json", str(path)]) == 1
    assert [finding["rule"] for finding in json.loads(capsys.readouterr().out)] == ["network/port"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "elasticache_rules: the following arguments are required: TEMPLATE; see elasticache_rules --help\n"),
        (
            ["compare", "a"],
            "elasticache_rules compare: the following arguments are required: NEW; see ",
        ),
    ],
)
def test_wrong_arguments_are_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(message)


def test_a_rule_can_be_ignored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ignore", "network/port", str(folder / "deep")]) == 0
    assert main(["--ignore", "network/prt", str(folder / "deep")]) == 2
    assert "--ignore must name a rule, got 'network/prt'" in capsys.readouterr().err


def test_a_region_is_given_or_read_from_the_assembly(tmp_path: Path) -> None:
    document = {"Resources": resources("group", {"CacheNodeType": "cache.c7gn.large"})}
    (tmp_path / "S.template.json").write_text(json.dumps(document))
    assert main([str(tmp_path)]) == 0
    assert main(["--region=eu-west-2", str(tmp_path)]) == 1
    artifact = {"environment": "aws://unknown-account/eu-west-2", "properties": {"templateFile": "S.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))
    assert main([str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.json", None, "must be a readable file or folder, got No such file or directory; check the path"),
        (
            "broken.json",
            b"{",
            "must be JSON, got an error on line 1: Expecting property name enclosed in double quotes; correct the file",
        ),
        ("list.json", b"[]", "must be a template, got a file without a Resources map; name a template"),
        ("binary.yaml", b"\xff\xfe\x00", "must be UTF-8 text, got invalid start byte at byte 0; name a template"),
        (
            "tabs.yaml",
            b"a:\n\t- b",
            "must be JSON or YAML, got an error on line 2: found character '\\t' that cannot start",
        ),
        (
            "recursive.yaml",
            b"Resources: &a {It: *a}",
            "an anchor must not contain its own alias, got one that does on line 1; write",
        ),
        ("within.yaml", b"Resources:\n  It: &a\n    - [1, *a]", "got one that does on line 2; write the value out"),
        ("bomb.yaml", BOMB.encode(), "aliases must repeat at most 100,000 values, got more than 1,000,000,000; use"),
        ("merge.yaml", MERGE_BOMB.encode(), "aliases must repeat at most 100,000 values, got more than 1,000,000,000"),
        ("deep.yaml", DEEP_BOMB.encode(), "aliases must repeat at most 100,000 values, got more than 1,000,000,000"),
    ],
)
def test_what_is_no_template_is_a_line_and_status_2(
    tmp_path: Path, name: str, content: bytes | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    status = main([str(path)])
    errors = capsys.readouterr().err
    assert status == 2
    assert errors.startswith(f"elasticache_rules: {path}: ")
    assert message in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(("extra", "status"), [(0, 0), (1, 2)])
def test_aliases_may_repeat_values_up_to_the_limit(tmp_path: Path, extra: int, status: int) -> None:
    """The list of 999 texts is 1,000 values, repeated 100 times."""
    path = tmp_path / "template.yaml"
    texts = f"[{', '.join(['x'] * 999)}]"
    path.write_text(
        f"Metadata:\n  a: &a {texts}\n  b: &b x\n  c: [{', '.join(['*a'] * 100 + ['*b'] * extra)}]\nResources: {{}}\n"
    )
    assert main([str(path)]) == status


def test_a_template_of_a_folder_whose_aliases_are_refused_is_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bomb.yaml").write_text(BOMB)
    assert main([str(folder)]) == 2
    assert f"{folder}/bomb.yaml: aliases must repeat" in capsys.readouterr().err


def test_a_fifo_beside_a_template_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "manifest.json")
    os.mkfifo(folder / "other.json")
    (folder / "broken.json").unlink()
    assert main([str(folder / "good.template.json")]) == 0
    assert main([str(folder)]) == 1


def test_a_folder_without_templates_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "got a folder without one; name another folder" in capsys.readouterr().err


def test_the_other_templates_are_still_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "broken.json"), str(folder / "deep" / "bad.json")]) == 2
    assert "network/port" in capsys.readouterr().out


def test_without_pyyaml_the_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "template.yaml"
    path.write_text(YAML)
    with pytest.raises(DocumentError, match="install it with: pip install pyyaml"):
        list(read(path))


@pytest.mark.cli
def test_it_runs_without_cdk_node_or_anything_installed(folder: Path) -> None:
    """On the standard library alone, as a program of its own."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "elasticache_rules", str(folder / "deep" / "bad.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": ""},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "network/port" in done.stdout


@pytest.mark.cli
def test_cfn_lint_shows_the_same_findings_at_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(YAML)
    folder = subprocess.run(
        [sys.executable, "-m", "elasticache_rules.cfn_lint"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--format=json", "-a", folder, "--", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    match = [entry for entry in json.loads(done.stdout) if entry["Rule"]["Id"] == "E9601"]
    assert len(match) == 1, done.stdout + done.stderr
    assert match[0]["Message"].endswith("use 6379, the default (network/port)")
    assert match[0]["Location"]["Start"]["LineNumber"] == 1 + YAML.splitlines().index("      Port: 8005")


def test_the_pre_commit_hook_names_the_command() -> None:
    import yaml

    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"] == "python -m elasticache_rules"
    assert hook["language"] == "python"


LOOPS = """Transform: AWS::LanguageExtensions
Resources:
  Other:
    Type: AWS::SNS::Topic
  Fn::ForEach::Outer:
    - Region
    - [East, West]
    - Fn::ForEach::Inner:
        - Name
        - [One, Two]
        - Cache${Name}${Region}:
            Type: AWS::ElastiCache::CacheCluster
            Properties:
              Engine: memcached
              CacheNodeType: cache.t4g.small
              NumCacheNodes: 2
              Port: 80
  Fn::ForEach::Plain:
    - Name
    - [x]
    - Plain:
        Type: AWS::ElastiCache::CacheCluster
        Properties:
          Engine: memcached
          CacheNodeType: cache.t4g.small
          NumCacheNodes: 2
          Port: 80
"""


def test_a_finding_in_a_loop_has_the_position_in_its_body(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "loops.yaml"
    path.write_text(LOOPS)
    assert main([str(path), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    inner = LOOPS[: LOOPS.index("Port: 80")].count("\n") + 1
    places = {each["logical_id"]: (each["line"], each["column"]) for each in found}
    assert places == {
        **{f"Cache{name}{region}": (inner, 15) for name in ("One", "Two") for region in ("East", "West")},
        "Plain": (LOOPS.count("\n"), 11),
    }


@pytest.mark.cli
def test_a_reader_that_wants_no_more_lines_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"Resources": {f"It{n}": resources("group", {"Port": 80})["It"] for n in range(400)}}))
    words = [sys.executable, "-m", "elasticache_rules", str(path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "bad.json" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 1
