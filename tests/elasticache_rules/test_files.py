"""Files that are no template, or more than is read: one line that names the file and the limit, and status 2."""

import io
import json
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_rules import facts, parsing
from elasticache_rules.__main__ import main
from elasticache_rules.documents import region_of, stack_name_of
from tests.elasticache_rules.examples import resources

GOOD = {"Resources": resources("group")}
BAD = {"Resources": resources("group", {"Port": 8005})}
SIZE = parsing.MAXIMUM_BYTES


def error_of(path: Path | str, capsys: pytest.CaptureFixture[str], *, compared: bool = False) -> str:
    """The one line that the command says of a path, without its beginning."""
    assert main(["compare", str(path), str(path)] if compared else [str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("elasticache_rules: ")
    assert shown.err.count("\n") == 1
    return shown.err.removeprefix("elasticache_rules: ").removesuffix("\n")


def broken_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("template.json", json.dumps(GOOD) * 50)
    return held.getvalue()[:100]


def nested(levels: int) -> str:
    """JSON, and so YAML, of this many levels: the template, Resources, and lists."""
    return '{"Resources": {"It": ' + "[" * (levels - 2) + "]" * (levels - 2) + "}}"


CONTENTS: list[tuple[str, bytes, str]] = [
    ("empty.json", b"", "must be a template, got an empty file; name a template"),
    ("blank.yaml", b" \n\t\n", "must be a template, got an empty file; name a template"),
    ("latin.yaml", "Resources: {It: ü}".encode("latin-1"), "must be UTF-8 text, got "),
    ("template.zip", broken_zip(), "must be UTF-8 text, got "),
    ("zero.json", b"\0" * 100, "must be JSON, got an error on line 1: Expecting value; correct the file"),
    ("zero.yaml", b"\0" * 100, "must be JSON or YAML, got unacceptable character #x0000"),
    ("nan.json", b'{"Resources": {"It": NaN}}', "must be JSON, got NaN, which is no number of JSON; correct"),
    ("key.yaml", b"Resources: {[a]: b}", "must be JSON or YAML, got an error on line 1: found unhashable key"),
    (
        "tag.yaml",
        b"Resources: !!python/object:os.system {}",
        "must be JSON or YAML, got an error on line 1: could not determine",
    ),
    (
        "bool.yaml",
        b"Resources:\n  It: !!bool x",
        "must be JSON or YAML, got an error on line 2: a value of another type than its tag bool; correct the file",
    ),
    ("int.yaml", b"Resources: {It: 0x_}", "must be JSON or YAML, got an error on line 1: a value of another type"),
    (
        "escape.yaml",
        b'Resources: {It: "\\UFFFFFFFF"}',
        "must be JSON or YAML, got an escape sequence of no character; correct the file",
    ),
    ("two.yaml", b"Resources: {}\n---\nResources: {}", "must be JSON or YAML, got an error on line 2: but found"),
    (
        "deep.json",
        nested(parsing.MAXIMUM_DEPTH + 1).encode(),
        "lists and objects must nest at most 100 levels, got",
    ),
    ("deep.yaml", ("# YAML\n" + nested(101)).encode(), "lists and objects must nest at most 100 levels, got more;"),
    ("deeper.json", nested(500_000).encode(), "lists and objects must nest at most 100 levels, got more;"),
    ("deeper.yaml", b"[" * 500_000, "lists and objects must nest at most 100 levels, got more; write the template"),
    (
        "dashes.yaml",
        b"- " * 500_000,
        "lists and objects must nest at most 100 levels, got more; write the template",
    ),
    (
        "large.json",
        json.dumps(GOOD).encode() + b" " * SIZE,
        "must have at most 1,048,576 bytes, as CloudFormation requires, got ",
    ),
]


@pytest.mark.parametrize("compared", [False, True], ids=["check", "compare"])
@pytest.mark.parametrize(("name", "content", "message"), CONTENTS, ids=[name for name, _, _ in CONTENTS])
def test_a_file_beyond_what_is_read(
    tmp_path: Path, name: str, content: bytes, message: str, *, compared: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert error_of(path, capsys, compared=compared).startswith(f"{path}: {message}")


def test_what_a_parser_says_is_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("Resources: !!" + "x" * 100_000 + " {}")
    error = error_of(path, capsys)
    assert error.endswith("xxx...; correct the file")
    assert len(error) < len(str(path)) + 300


@pytest.mark.parametrize(("extra", "status"), [(0, 0), (1, 2)])
def test_the_size_of_a_template_is_limited_to_the_byte(tmp_path: Path, extra: int, status: int) -> None:
    path = tmp_path / "template.json"
    text = json.dumps(GOOD)
    path.write_text(text + " " * (SIZE - len(text) + extra))
    assert main([str(path)]) == status


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize(("levels", "status"), [(100, 0), (101, 2)])
def test_the_depth_of_a_template_is_limited_to_the_level(tmp_path: Path, suffix: str, levels: int, status: int) -> None:
    path = tmp_path / f"template.{suffix}"
    path.write_text(("" if suffix == "json" else "# YAML\n") + nested(levels))
    assert main([str(path)]) == status


def test_short_intrinsic_functions_count_as_the_objects_that_they_stand_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.yaml"
    start = "Resources: {}\nMetadata:\n  It: "
    path.write_text(start + "!Join [" * 50 + "]" * 50)
    assert "nest at most 100 levels" in error_of(path, capsys)
    path.write_text(start + "!Join [" * 49 + "]" * 49)
    assert main([str(path)]) == 0


def test_a_long_number_is_a_finding_and_no_error_of_the_parser(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (
        ("a.json", json.dumps({"Resources": resources("group", {"EngineVersion": 71})}).replace("71", "7" * 5000)),
        ("b.yaml", json.dumps({"Resources": resources("group", {"EngineVersion": 71})}).replace("71", "7" * 5000)),
        (
            "c.yaml",
            json.dumps({"Resources": resources("group", {"EngineVersion": 71})}).replace("71", "1:" * 500 + "1"),
        ),
    ):
        path = tmp_path / name
        path.write_text(("# YAML\n" if name.endswith("yaml") else "") + text)
        assert main([str(path)]) == 1, name
        shown = capsys.readouterr().out
        assert "error engine/version" in shown
        assert max(map(len, shown.splitlines())) < 400


def test_a_path_that_cannot_be_looked_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)
    assert error_of(loop, capsys) == (
        f"{loop}: must be a readable file or folder, got Too many levels of symbolic links; check the path"
    )
    long = tmp_path / ("x" * 300)
    assert error_of(long, capsys).endswith("must be a readable file or folder, got File name too long; check the path")
    below = tmp_path / "template.json"
    below.write_text(json.dumps(GOOD))
    assert "got Not a directory; check the path" in error_of(below / "x", capsys)
    assert "embedded null byte; check the path" in error_of("a\0b", capsys)


def test_a_name_that_no_stream_writes_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m\n.json"))
    assert error_of(path, capsys).startswith(f"{tmp_path}/\\udcff\\x1b[31m\\n.json: must be a readable file or folder")
    path.write_text(json.dumps({"Resources": {"\ud800\n": BAD["Resources"]["It"]}}))
    assert main([str(path)]) == 1
    assert "\\ud800\\n: Port must be" in capsys.readouterr().out


def test_links_in_a_folder_that_lead_back_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "back").symlink_to(tmp_path)
    (tmp_path / "deep" / "self").symlink_to(tmp_path / "deep" / "self")
    (tmp_path / "template.json").write_text(json.dumps(BAD))
    assert main([str(tmp_path)]) == 1


def test_a_large_asset_of_a_folder_is_left_out_and_a_large_template_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "S.template.json").write_text(json.dumps(BAD))
    (tmp_path / "asset.json").write_text(json.dumps(GOOD) + " " * SIZE)
    assert main([str(tmp_path)]) == 1
    capsys.readouterr()
    (tmp_path / "T.template.json").write_text(json.dumps(GOOD) + " " * SIZE)
    assert error_of(tmp_path, capsys).startswith(f"{tmp_path}/T.template.json: must have at most 1,048,576 bytes")


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder, and this process as a user whom file modes bind."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        before = os.geteuid()
        folder = Path(name, "folder")
        folder.mkdir()
        (folder / "template.json").write_text(json.dumps(BAD))
        (folder / "inner").mkdir()
        (folder / "inner" / "template.json").write_text(json.dumps(BAD))
        import yaml  # noqa: F401 - that user may not be able to read the virtual environment

        if before == 0:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(before)
            for place in (folder, folder / "inner"):
                place.chmod(0o755)


def _as_owner(path: Path, mode: int) -> None:
    user = os.geteuid()
    os.seteuid(os.getuid())
    path.chmod(mode)
    os.seteuid(user)


@pytest.mark.parametrize("mode", [0o000, 0o300, 0o600])
@pytest.mark.parametrize("place", [".", "inner"])
def test_a_folder_without_permission_is_no_folder_without_findings(
    unprivileged: Path, place: str, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(unprivileged)]) == 1
    capsys.readouterr()
    _as_owner(unprivileged / place, mode)
    assert error_of(unprivileged, capsys) == (
        f"{unprivileged / place}: must be a readable file or folder, got Permission denied; check the path"
    )


def test_a_template_without_permission(unprivileged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = unprivileged / "template.json"
    _as_owner(path, 0)
    output = f"{path}: must be a readable file or folder, got Permission denied; check the path"
    assert error_of(path, capsys) == output
    assert error_of(unprivileged, capsys) == output
    _as_owner(unprivileged, 0)
    assert error_of(path, capsys) == output


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


@pytest.mark.parametrize("name", ["template.json", "template.yaml"])
def test_a_byte_order_mark_is_no_part_of_the_template(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(BAD).encode())
    assert main([str(path)]) == 1
    assert "error network/port" in capsys.readouterr().out


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


@pytest.mark.parametrize("command", [[], ["compare"]], ids=["check", "compare"])
@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("broken.json", b'{"Resources": {"A": {"Type":', "must be JSON, got an error on line 1"),
        ("early.json", b"{", "must be JSON, got an error on line 1"),
        ("empty.json", b"", "must be a template, got an empty file"),
        ("broken.yaml", b"Resources:\n  A: [unclosed", "must be JSON or YAML, got an error on line"),
        ("early.yml", b"a: [", "must be JSON or YAML, got an error on line"),
        ("broken.template", b"{", "must be JSON or YAML, got an error on line"),
        ("empty.template", b" ", "must be a template, got an empty file"),
        ("latin.json", '{"It": "ü"}'.encode("latin-1"), "must be UTF-8 text, got "),
        ("deep.json", nested(101).encode(), "lists and objects must nest at most 100 levels, got more"),
    ],
)
def test_a_file_of_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes, problem: str, *, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are judged nevertheless."""
    (tmp_path / "good.json").write_text(json.dumps(BAD))
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / name
    path.write_bytes(content)
    assert main([*command, *[str(tmp_path)] * (1 + len(command))]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"elasticache_rules: {path}: {problem}")
    assert shown.err.count("\n") == 1
    assert command or "error network/port" in shown.out


def test_each_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.json", "b.yaml"):
        (tmp_path / name).write_text("{")
    assert main([str(tmp_path), str(tmp_path / "missing.json")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        str(tmp_path / name) for name in ("a.json", "b.yaml", "missing.json")
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.md", b"Resources: see `the other page`\n\t- and so on\n"),
        ("package.json", b'{"name": "no template"}'),
        ("list.yaml", b"- a\n"),
        ("empty.yaml", b""),
        ("asset.0a1b/data.json", b"{ // a comment"),
        ("node_modules/x/tsconfig.json", b"{ // a comment"),
        ("large.yaml", b"x: [" + b"a" * 70_000),
    ],
)
def test_a_file_of_a_folder_that_is_no_template_is_left_out(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert main([str(tmp_path)]) == 0


def test_without_pyyaml_a_folder_names_the_files_that_may_be_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "values.yaml").write_text("a: b\n")
    assert main([str(tmp_path)]) == 0
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    capsys.readouterr()
    assert main([str(tmp_path)]) == 2
    assert "template.yaml: must be JSON, got something else; reading YAML needs PyYAML" in capsys.readouterr().err


class TestStandardInput:
    def give(self, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    def test_a_template(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.give(monkeypatch, json.dumps(BAD).encode())
        assert main(["-"]) == 1
        assert capsys.readouterr().out.startswith("<standard input>:1:")

    def test_a_template_in_yaml(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.give(monkeypatch, b"Resources:\n  It: {Type: 'AWS::ElastiCache::SubnetGroup'}\n")
        assert main(["-"]) == 1

    def test_beside_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "good.json").write_text(json.dumps(GOOD))
        self.give(monkeypatch, json.dumps(BAD).encode())
        assert main([str(tmp_path), "-"]) == 1

    def test_compared(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "old.json").write_text(json.dumps(GOOD))
        self.give(monkeypatch, json.dumps({"Resources": {}}).encode())
        assert main(["compare", str(tmp_path / "old.json"), "-"]) == 1

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "must be a template, got an empty file"),
            (b"[]", "must be a template, got a file without a Resources map"),
            (b" " * (SIZE + 1), "must have at most 1,048,576 bytes"),
            (b"\xff", "must be UTF-8 text"),
            (b"{", "must be JSON or YAML"),
        ],
    )
    def test_what_is_no_template(
        self, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.give(monkeypatch, content)
        assert main(["-"]) == 2
        assert capsys.readouterr().err.startswith(f"elasticache_rules: <standard input>: {message}")

    def test_none(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        assert main(["-"]) == 2
        assert capsys.readouterr().err.startswith("elasticache_rules: <standard input>: must be a readable file")
