"""docs/caching.md and the package's README: each block of code runs, in order, against a real server."""

import subprocess
import sys
from typing import Any

import pytest
import redis
from markdown_it import MarkdownIt

from elasticache_caching import AsyncCacheClient, CacheClient
from tests.cache_servers import Server
from tests.conftest import ROOT

pytestmark = pytest.mark.servers

GUIDE = ROOT / "docs" / "caching.md"
README = ROOT / "elasticache_caching" / "README.md"


def blocks(page: Any) -> list[str]:
    return [
        token.content
        for token in MarkdownIt().parse(page.read_text())
        if token.type == "fence" and token.info == "python"
    ]


@pytest.fixture
def at_hand(monkeypatch: pytest.MonkeyPatch, shared_server: Server, admin: redis.Redis) -> None:
    """Every endpoint is the server of the tests."""
    for kind in (CacheClient, AsyncCacheClient):
        original = kind.connect

        def connect(host: str, *, original: Any = original, **options: Any) -> Any:
            assert host.endswith(".cache.amazonaws.com")
            options = {name: value for name, value in options.items() if name == "cluster"}
            return original("127.0.0.1", port=shared_server.port, tls=False, timeout=5, **options)

        monkeypatch.setattr(kind, "connect", connect)


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize(("page", "count"), [(GUIDE, 18), (README, 1)])
def test_each_block_runs(page: Any, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    code_blocks = blocks(page)
    assert len(code_blocks) == count
    namespace: dict[str, Any] = {"__name__": "guide"}
    sys.modules["guide"] = type(sys)("guide")
    for number, block in enumerate(code_blocks):
        exec(compile(block, f"block {number} of {page.name}", "exec"), namespace)  # noqa: S102 - it is what the test is for
    if page == GUIDE:
        assert "'hits'" in capsys.readouterr().out
        namespace["client"].close()


def test_the_migration_needs_ten_lines() -> None:
    after = next(block for block in blocks(GUIDE) if block.startswith("catalogue = "))
    code = [line for line in after.split("\n\n\nrename_product(")[0].splitlines() if line.strip()]
    assert len(code) <= 10


@pytest.mark.cli
def test_the_install_command_names_the_folder() -> None:
    (line,) = [line for line in GUIDE.read_text().splitlines() if line.startswith("pip install")]
    assert line.endswith('#subdirectory=elasticache_caching"')
    listed = subprocess.run(
        ["git", "ls-files", "elasticache_caching/pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout
