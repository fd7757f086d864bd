"""Files that are no regular ones, which the command does not open."""

import os
from pathlib import Path

import pytest

from elasticache_rules.__main__ import main


def test_a_fifo_is_refused_before_it_is_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.json"
    os.mkfifo(path)
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == (
        f"elasticache_rules: {path}: must be a regular file, got a FIFO; save the template in a file\n"
    )


def test_a_device_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/dev/zero"]) == 2
    assert "/dev/zero: must be a regular file, got a character device; save" in capsys.readouterr().err
