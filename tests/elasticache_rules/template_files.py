"""Templates of files, and the one line that the command writes about a file."""

from pathlib import Path

import pytest

from elasticache_rules import parsing
from elasticache_rules.__main__ import main
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


def nested(levels: int) -> str:
    """JSON, and so YAML, of this many levels: the template, Resources, and lists."""
    return '{"Resources": {"It": ' + "[" * (levels - 2) + "]" * (levels - 2) + "}}"
