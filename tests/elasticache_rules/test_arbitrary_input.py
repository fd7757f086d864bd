"""Arbitrary JSON and YAML, for which the command never crashes."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from elasticache_rules.__main__ import main
from tests.elasticache_rules.test_template import JSON


@given(JSON)
def test_arbitrary_json_never_crashes_the_command(document: Any) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "template.json")
        path.write_text(json.dumps({"Resources": document}))
        assert main([str(path)]) in (0, 1, 2)


@given(st.text(max_size=60))
def test_arbitrary_yaml_never_crashes_the_command(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "template.yaml")
        path.write_text(f"Resources:\n  It: {text}", encoding="utf-8", errors="replace")
        assert main([str(path)]) in (0, 1, 2)
