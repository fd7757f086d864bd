"""The guides below docs/: their fenced blocks, which the tests run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

from tests.conftest import ROOT

DOCS: Final = ROOT / "docs"
ACCOUNT: Final = ('bash title="In an AWS account"', 'bash title="In your app"', 'bash title="On the instance"')
"""The information strings of blocks whose commands need an AWS account, or another folder than this one."""
# Generated, or run by other tests: caching.md in tests/elasticache_caching, caching-demo.md in tests/caching_demo,
# picture.md in tests/picture.
_OTHERS: Final = {"caching.md", "caching-demo.md", "picture.md", "rules.md", "nag.md", "security-controls.md"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its place on the page, its information string, and its text."""

    page: str
    number: int
    info: str
    text: str

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]


def guides() -> list[Path]:
    """The pages whose blocks are run by the tests of this folder."""
    pages = [*DOCS.glob("*.md"), *DOCS.glob("guides/*.md"), *DOCS.glob("concepts/*.md")]
    return sorted(page for page in pages if page.name not in _OTHERS)


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    fences = [token for token in MarkdownIt().parse(page.read_text()) if token.type == "fence"]
    name = str(page.relative_to(ROOT))
    return [Block(name, number, token.info, token.content) for number, token in enumerate(fences)]


def of_kind(*infos: str) -> list[Block]:
    """The blocks of all guides with one of these information strings."""
    return [block for page in guides() for block in blocks(page) if block.info in infos]


def is_local(page: Path) -> bool:
    """Whether the page deploys to the local cloud, so that its commands run one after the other in the slow tier."""
    return any(line.startswith("make local") for block in blocks(page) if block.info == "bash" for line in block.lines)


def with_library(folder: Path) -> str:
    """The first lines of a script that imports the packages by the names that the distributions install."""
    (folder / "site").mkdir()
    (folder / "site" / "elasticache_constructs").symlink_to(ROOT / "constructs_lib")
    for name in ("elasticache_rules", "pinned_node.py"):
        (folder / "site" / name).symlink_to(ROOT / name)
    return f"import sys\nsys.path.insert(0, {str(folder / 'site')!r})\nimport pinned_node\n"
