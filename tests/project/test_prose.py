"""Words that the project's language rules out: metaphors, archaic words and clipped phrases."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

REFUSED = (
    r"anew",
    r"no more(?=[.;,:)\"'])",
    r"no longer good",
    r"seam",
    r"doorkeepers?",
    r"thereof",
    r"hitherto",
    r"henceforth",
    r"whence",
    r"hears? of it",
    r"is mended",
    r"own affair",
    r"becomes? of",
    r"would mind",
    r"stand[-_ ]?ins?",
    r"impatient",
    r"leads? somewhere",
    r"can be had",
)
_PATTERN = re.compile(rf"\b(?:{'|'.join(REFUSED)})(?![a-z])", re.IGNORECASE)
CLEANED = (
    *("README.md", "SECURITY.md", "CONTRIBUTING.md", "Makefile", "app.py", "docs", "examples", "bench", "scripts"),
    *(
        "local_cloud",
        "elasticache_operations",
        "tests/local_cloud",
        "tests/elasticache_operations",
        "tests/project",
        "tests/examples",
    ),
    *("tests/connection_test", "tests/*.py"),
    *("constructs_lib/*.py", "constructs_lib/_core", "constructs_lib/access", "constructs_lib/caches"),
    *("constructs_lib/client", "elasticache_rules", "tests/elasticache_rules"),
    *("constructs_lib/management", "constructs_lib/network", "constructs_lib/parameters", "constructs_lib/values"),
    *("elasticache_caching", "stacks", "tests/constructs_lib", "tests/elasticache_caching", "tests/stacks"),
)
# Generated from the files above and from libraries, or written by others.
_EXCLUDED = ("docs/api/", "docs/nag.md", "docs/rules.md", "elasticache_caching/LICENSE")


def violations(text: str) -> list[str]:
    return [match[0] for match in _PATTERN.finditer(text)]


def files() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *(f":(glob){name}" if "*" in name else name for name in CLEANED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(_EXCLUDED) and ROOT / name != Path(__file__):
            yield ROOT / name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Resolve the requirements anew.", ["anew"]),
        ("Keep them no more.", ["no more"]),
        ("The seam to the emulator", ["seam"]),
        ("class Doorkeeper:", ["Doorkeeper"]),
        ("import stand_ins", ["stand_ins"]),
        ("What becomes of the data", ["becomes of"]),
        ("It needs no more than two nodes, and is seamless.", []),
        ("It becomes the primary; a renewed token", []),
    ],
)
def test_refused_words_are_detected(text: str, found: list[str]) -> None:
    assert violations(text) == found


def test_the_cleaned_files_have_no_refused_words() -> None:
    paths = list(files())
    assert len(paths) > 150
    assert {name: words for name in paths if (words := violations(name.read_text(encoding="utf-8")))} == {}
