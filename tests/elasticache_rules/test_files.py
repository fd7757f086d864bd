"""Files that are no template, or more than is read: one line that names the file and the limit, and status 2."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from elasticache_rules import parsing
from elasticache_rules.__main__ import main
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.template_files import BAD, GOOD, SIZE, error_of, nested


def broken_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("template.json", json.dumps(GOOD) * 50)
    return held.getvalue()[:100]


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


@pytest.mark.parametrize("name", ["template.json", "template.yaml"])
def test_a_byte_order_mark_is_no_part_of_the_template(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(BAD).encode())
    assert main([str(path)]) == 1
    assert "error network/port" in capsys.readouterr().out
