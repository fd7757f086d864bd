"""The formats of the command: positions in JSON and YAML, SARIF, annotations of GitHub, and what was not judged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given

from elasticache_rules.__main__ import main
from elasticache_rules.parsing import parse_text
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.test_template import JSON

TWO = {
    "Resources": {
        "It": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "ReplicationGroupDescription": "cache",
                "Engine": "valkey",
                "EngineVersion": "8.2",
                "CacheNodeType": {"Ref": "NodeType"},
                "NumCacheClusters": 2,
                "TransitEncryptionEnabled": True,
                "Port": 8005,
                "Tags": [{"Key": "a", "Value": "b"}, {"Key": "aws:x", "Value": "b"}],
            },
        }
    },
    "Parameters": {"NodeType": {"Type": "String"}},
}
YAML = """\
Parameters:
  NodeType: {Type: String}
Resources:
  It:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: cache
      Engine: valkey
      EngineVersion: "8.2"
      CacheNodeType: !Ref NodeType
      NumCacheClusters: 2
      TransitEncryptionEnabled: true
      Port: 8005
      Tags:
        - Key: a
          Value: b
        - Key: aws:x
          Value: b
"""


@pytest.fixture(params=["template.json", "template.yaml"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template of two errors and a value that is not judged, in the current folder."""
    monkeypatch.chdir(tmp_path)
    result = Path(request.param)
    result.write_text(json.dumps(TWO, indent=2) if result.suffix == ".json" else YAML)
    return result


def place(path: Path, text: str) -> tuple[int, int]:
    """The line and column of a text that occurs once, both from 1."""
    (finding,) = [
        (number, line.index(text) + 1) for number, line in enumerate(path.read_text().splitlines(), 1) if text in line
    ]
    return finding


def run(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(list(words)) == 1
    return capsys.readouterr().out.splitlines()


def test_text_has_file_line_and_column(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, column = place(path, '"Port"' if path.suffix == ".json" else "Port")
    lines = run(capsys, str(path))
    assert lines[0] == f"{path}:{line}:{column}: error network/port"
    assert lines[-1] == "2 errors, 0 warnings, 1 value could not be judged"


def test_json_has_line_and_column(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = json.loads("\n".join(run(capsys, str(path), "--format=json")))
    port = next(finding for finding in findings if finding["rule"] == "network/port")
    assert (port["line"], port["column"]) == place(path, '"Port"' if path.suffix == ".json" else "Port")


def test_verbose_lists_what_was_not_judged(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, column = place(path, '"CacheNodeType"' if path.suffix == ".json" else "CacheNodeType")
    where = f"{path}:{line}:{column}: not judged"
    assert where not in run(capsys, str(path))
    lines = run(capsys, str(path), "--verbose")
    assert lines[lines.index(where) + 1].startswith("  It: CacheNodeType is ")
    assert lines[-1] == "2 errors, 0 warnings, 1 value could not be judged"
    findings = json.loads("\n".join(run(capsys, str(path), "--verbose", "--format=json")))
    (value,) = [finding for finding in findings if finding["severity"] == "not judged"]
    assert (value["line"], value["column"], value["property"]) == (line, column, "CacheNodeType")


def test_github_annotates_each_finding(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, column = place(path, '"Port"' if path.suffix == ".json" else "Port")
    lines = run(capsys, str(path), "--format=github", "--verbose")
    assert lines[0] == (
        f"::error file={path},line={line},col={column},title=network/port::It: Port must be 1150 to 8004 or 8006 to "
        "65535, got 8005; use 6379, the default"
    )
    assert [item.split(" ")[0] for item in lines] == ["::error", "::error", "::notice", "2"]


def test_github_escapes_what_ends_a_property_or_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b:c%.json").write_text(json.dumps({"Resources": resources("group", {"Port": "80%\n::error::x"})}))
    (line, _) = run(capsys, "a,b:c%.json", "--format=github")
    assert line.startswith("::error file=a%2Cb%3Ac%25.json,line=1,")
    assert "80%25" in line
    assert "\n" not in line


def test_github_annotates_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text("{")
    assert main([str(path), "--format=github"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith(f"::error title=unreadable::{path}: must be JSON")
    assert shown.err.startswith(f"elasticache_rules: {path}: must be JSON")


# Of the SARIF 2.1.0 schema: the members that an object must have, and those that it may have besides.
SARIF: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"invocations", "results", "columnKind"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"informationUri", "rules"}),
    "rule": ({"id"}, {"shortDescription", "helpUri", "help", "defaultConfiguration"}),
    "defaultConfiguration": (set(), {"level"}),
    "text": ({"text"}, set()),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications", "properties"}),
    "notification": ({"message"}, {"level"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "kind", "locations"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
    "physicalLocation": (set(), {"artifactLocation", "region"}),
    "artifactLocation": (set(), {"uri"}),
    "region": (set(), {"startLine", "startColumn"}),
    "logicalLocation": (set(), {"fullyQualifiedName"}),
}
MEMBERS = {
    "shortDescription": "text",
    "help": "text",
    "message": "text",
    **{name: name for name in ("tool", "driver", "defaultConfiguration", "physicalLocation", "artifactLocation")},
    "region": "region",
    "runs": "run",
    "rules": "rule",
    "invocations": "invocation",
    "toolExecutionNotifications": "notification",
    "results": "result",
    "locations": "location",
    "logicalLocations": "logicalLocation",
}
LEVELS = {"none", "note", "warning", "error"}


def objects(kind: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    yield kind, value
    for name, inner in value.items():
        if name in MEMBERS:
            for item in inner if isinstance(inner, list) else [inner]:
                yield from objects(MEMBERS[name], item)


def check_sarif(log: Any) -> None:
    """What the schema of SARIF 2.1.0 asks of the objects that are written."""
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for kind, value in objects("log", log):
        required, optional = SARIF[kind]
        assert required <= value.keys() <= required | optional, kind
        assert value.get("level", "error") in LEVELS
        if kind == "result" and "ruleId" in value:
            assert rules[value["ruleIndex"]]["id"] == value["ruleId"]
        elif kind == "result":
            assert (value["kind"], value["level"]) == ("open", "none")  # 3.27.10: none for each kind but fail
        elif kind == "region":
            assert value["startLine"] >= 1
            assert value["startColumn"] >= 1
        elif kind == "text":
            assert value["text"]
        elif kind == "artifactLocation":
            assert re.fullmatch(r"[A-Za-z0-9%/._~-]+", value["uri"])
        elif kind == "rule":
            assert value["helpUri"].startswith("https://")


def test_sarif_is_a_log_of_2_1_0(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads("\n".join(run(capsys, str(path), "--format=sarif", "--verbose")))
    check_sarif(log)
    (once,) = log["runs"]
    assert [entry.get("ruleId") for entry in once["results"]] == ["network/port", "network/tags", None]
    assert once["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": [], "properties": {"notJudged": 1}}
    ]
    line, column = place(path, '"Port"' if path.suffix == ".json" else "Port")
    (location,) = once["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": path.name},
        "region": {"startLine": line, "startColumn": column},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "It.Port"}]


def test_sarif_without_findings_and_with_a_file_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.json").write_text(json.dumps({"Resources": {}}))
    assert main([str(tmp_path), "--format=sarif"]) == 0
    check_sarif(json.loads(capsys.readouterr().out))
    (tmp_path / "bad.json").write_text("{")
    assert main([str(tmp_path), "--format=sarif"]) == 2
    log = json.loads(capsys.readouterr().out)
    check_sarif(log)
    (invocation,) = log["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert "bad.json: must be JSON" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_path_outside_of_the_folder_and_with_a_space(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a b.json"
    path.write_text(json.dumps({"Resources": resources("group", {"Port": 80})}))
    log = json.loads("\n".join(run(capsys, str(path), "--format=sarif")))
    check_sarif(log)
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"{tmp_path}/a%20b.json"


POSITIONS = [
    ("template.json", '{"a": 1}', [], (1, 1)),
    ("template.json", '\n  {"a": 1}', [], (2, 3)),
    ("template.json", '{"a": 1,\n "b": {"c": [1, {"d": 2}]}}', ["b"], (2, 2)),
    ("template.json", '{"a": 1,\n "b": {"c": [1, {"d": 2}]}}', ["b", "c", "1"], (2, 17)),
    ("template.json", '{"a": 1,\n "b": {"c": [1, {"d": 2}]}}', ["b", "c", "1", "d"], (2, 18)),
    ("template.json", '{"a": 1,\n "b": {"c": [1, {"d": 2}]}}', ["b", "c", "7"], (2, 8)),
    ("template.json", '{"a": 1,\n "b": {"c": [1, {"d": 2}]}}', ["b", "x", "1"], (2, 2)),
    ("template.json", '{"a\\"{": "}",\n"b": 1}', ["b"], (2, 1)),
    ("template.json", '{"a": 1,\n"a": {"b": 2}}', ["a", "b"], (2, 7)),
    ("template.json", "{ }", ["a"], (1, 1)),
    ("template.json", '{"a": [],\n"b": {}, "c": 9}', ["c"], (2, 10)),
    ("template.json", '{"a": ' + "7" * 5000 + ',\n"b": 1}', ["b"], (2, 1)),
    ("template.yaml", "a: 1\nb:\n  c:\n  - 1\n  - d: 2\n", ["b", "c", "1", "d"], (5, 5)),
    ("template.yaml", "a: 1\nb:\n  c:\n  - 1\n  - d: 2\n", ["b", "c", "0"], (4, 5)),
    ("template.yaml", "a: 1\nb:\n  c: !Join [x, [y]]\n", ["b", "c", "0"], (3, 3)),
    ("template.yaml", "a: &a {b: 1}\nc:\n  <<: *a\n", ["c", "b"], (1, 8)),
]


@pytest.mark.parametrize(("name", "text", "path", "expected"), POSITIONS)
def test_where_a_value_stands(name: str, text: str, path: list[str], expected: tuple[int, int]) -> None:
    _, positions = parse_text(text, name)
    assert positions.find(path) == expected
    assert positions.find(path) == expected  # what is remembered is the same


def paths(value: Any) -> Iterator[list[str]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield [str(key)]
        yield from ([str(key), *rest] for rest in paths(inner))


@given(JSON)
def test_every_key_of_any_json_is_found_where_it_stands(document: Any) -> None:
    assume(all(word not in json.dumps(document) for word in ("NaN", "Infinity")))
    text = json.dumps(document, indent=1)
    _, positions = parse_text(text, "template.json")
    lines = text.splitlines()
    for path in paths(document):
        line, column = positions.find(path)
        holder = document
        for part in path[:-1]:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        if isinstance(holder, dict):
            assert lines[line - 1][column - 1 :].startswith(json.dumps(path[-1]) + ":")
        else:
            assert column == len(path) + 1
