"""A template of the standard input."""

import io
import json
import sys
from pathlib import Path

import pytest

from elasticache_rules.__main__ import main
from tests.elasticache_rules.template_files import BAD, GOOD, SIZE


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
