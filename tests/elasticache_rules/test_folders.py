"""Folders: which of their files are read, and those that cannot be read."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_rules.__main__ import main
from tests.elasticache_rules.template_files import BAD, GOOD, SIZE, error_of, nested


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
