"""The distribution, the types, Python 3.9, and what the package depends on."""

import ast
import io
import itertools
import os
import re
import subprocess
import sys
import tokenize
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import redis

import elasticache_caching
from tests.conftest import ROOT

FOLDER = ROOT / "elasticache_caching"
SOURCES = sorted(FOLDER.rglob("*.py"))


def run(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ["wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder), str(FOLDER)]
    done = run(sys.executable, "-m", "pip", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.cli
def test_the_wheel(wheel: Path) -> None:
    assert wheel.name == "elasticache_caching-0.1.0-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {str(path.relative_to(ROOT)) for path in SOURCES} | {"elasticache_caching/py.typed"}
    assert {name for name in names if ".dist-info/" not in name} == expected
    text = zipfile.ZipFile(wheel).read("elasticache_caching-0.1.0.dist-info/METADATA").decode()
    assert [line for line in text.splitlines() if line.startswith("Requires-")] == [
        "Requires-Python: >=3.9",
        "Requires-Dist: redis<9,>=7.0.1",
    ]
    assert "elasticache_caching-0.1.0.dist-info/licenses/LICENSE" in names


@pytest.mark.cli
def test_it_installs_and_imports_without_cdk(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = str(tmp_path / "venv" / "bin" / "python")
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    done = run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, str(wheel))
    assert done.returncode == 0, done.stderr
    # redis-py is the one dependency; it is linked rather than fetched.
    package = Path(str(redis.__file__)).parent
    (Path(site) / "redis").symlink_to(package)
    code = (
        "import sys, elasticache_caching as e\n"
        "client = e.CacheClient.connect('127.0.0.1', port=1, tls=False)\n"
        "cache = e.Cache(client, 'row', load=lambda id: {'id': id}, codec=e.Json(dict), ttl=60)\n"
        "assert cache.get('1') == {'id': '1'}\n"
        "assert not {'aws_cdk', 'constructs', 'jsii', 'boto3', 'flask', 'django'} & set(sys.modules)\n"
        "print(e.__file__)\n"
    )
    done = run(python, "-c", code, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(site)


def test_the_version_of_python() -> None:
    vermin = str(Path(sys.executable).with_name("vermin"))
    done = run(vermin, "--target=3.9-", "--violations", "--no-tips", "--eval-annotations", str(FOLDER))
    assert done.returncode == 0, done.stdout
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.9"


def test_annotations_are_not_evaluated() -> None:
    """The annotations use the syntax of Python 3.10."""
    for path in SOURCES:
        assert path.name == "__init__.py" or "from __future__ import annotations" in path.read_text(), path


def test_everything_public_is_documented() -> None:
    for name in elasticache_caching.__all__:
        thing = getattr(elasticache_caching, name)
        if isinstance(thing, type):
            assert thing.__doc__, name
            for member in (name for name in dir(thing) if not name.startswith("_")):
                found = getattr(thing, member)
                if callable(found) and not issubclass(thing, Exception) and member != "put":
                    assert found.__doc__, f"{name}.{member}"


def lines_of_code(path: Path) -> int:
    """Without blank lines, comments and docstrings."""
    text = path.read_text()
    docs: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            docs.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in skipped]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docs)


LINES = 1385


def test_the_package_stays_small() -> None:
    assert sum(lines_of_code(path) for path in FOLDER.glob("*.py")) <= LINES


def test_the_decision_has_the_lines_of_each_module() -> None:
    """The table of ADR 16: its rows cover every module once, and the sum is that of the package."""
    text = (ROOT / "docs" / "adr" / "0016-caching.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if re.match(r"\| [^|]+ \| \d+ \| `", line)]
    listed = {row[0]: re.findall(r"`(\w+)`", row[2]) for row in rows}
    assert sorted(itertools.chain(*listed.values())) == sorted(path.stem for path in FOLDER.glob("*.py"))
    counted = {name: sum(lines_of_code(FOLDER / f"{each}.py") for each in names) for name, names in listed.items()}
    assert {row[0]: int(row[1]) for row in rows} == counted
    assert sum(counted.values()) == LINES


@pytest.mark.parametrize("name", ["README.md", "elasticache_caching/README.md", "docs/figures.md"])
def test_missed_goals_are_told(name: str) -> None:
    """Each goal that the guide marks as missed, with its figure."""
    guide = (ROOT / "docs" / "caching.md").read_text()
    missed = [line for line in guide.splitlines() if line.startswith("| ") and ", missed**" in line]
    assert len(missed) == 3
    assert f"**{LINES:,}, missed**" in missed[-1]
    text = (ROOT / name).read_text()
    for line in missed:
        (figure,) = re.findall(r"\*\*([\d.,]+\d)(?: of (?:\d+)| on an idle machine)?.*, missed\*\*", line)
        assert re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d.,]\d)", text), figure


TYPES = """
from dataclasses import dataclass
from elasticache_caching import AsyncCache, AsyncCacheClient, AsyncVersioned, Cache, CacheClient, Json, Versioned

@dataclass
class Product:
    name: str
    version: int

def read(id: str) -> Product | None:
    return None
async def read_async(id: str) -> Product | None:
    return None

client = CacheClient.connect("cache.example")
products = Cache(client, "product", load=read, codec=Json(Product), ttl=300)
prices = Versioned(client, "price", load=read, version=lambda price: price.version, codec=Json(Product), ttl=300)
async_client = AsyncCacheClient.connect("cache.example")
others = AsyncCache(async_client, "product", load=read_async, codec=Json(Product), ttl=300)
shown = AsyncVersioned(
    async_client, "shown", load=read_async, version=lambda price: price.version, codec=Json(Product), ttl=300
)

@products.invalidates(lambda ids: ids)
def rename(id: str, *, name: str) -> list[str]:
    return []

async def use() -> None:
    reveal_type(products.get("1"))
    reveal_type(products.get_many(["1"]))
    reveal_type(await others.get("1"))
    reveal_type(prices.put("1", Product("a", 1)))
    reveal_type(rename)
"""
REVEALED = [
    "test.Product | None",
    "dict[str, test.Product | None]",
    "test.Product | None",
    "bool",
    "def (id: str, *, name: str) -> list[str]",
]
WRONG = {
    'products.put("1", Product("a", 1))': "attr-defined",
    'prices.invalidate("1")': "call-arg",
    'Cache(client, "x", load=read, codec=Json(Product), ttl=1, version=lambda p: 1)': "call-arg",
    'Cache(client, "x", load=read, codec=Json(Product), ttl=1, lag=1)': "call-arg",
    'Versioned(client, "x", load=read, codec=Json(Product), ttl=1)': "call-arg",
    'Versioned(client, "x", load=read, version=lambda p: 1, codec=Json(Product), ttl=1, near=1)': "call-arg",
    'Cache(client, "x", load=read_async, codec=Json(Product), ttl=1)': "arg-type",
    'prices.put("1", "value")': "arg-type",
    "products.get(1)": "arg-type",
    'await others.put("1", Product("a", 1))': "attr-defined",
    'await shown.invalidate("1")': "call-arg",
    'AsyncCache(async_client, "x", load=read_async, codec=Json(Product), ttl=1, lag=1)': "call-arg",
    'AsyncCache(async_client, "x", load=read, codec=Json(Product), ttl=1)': "arg-type",
    'AsyncVersioned(async_client, "x", load=read_async, codec=Json(Product), ttl=1)': "call-arg",
    'Cache(async_client, "x", load=read, codec=Json(Product), ttl=1)': "arg-type",
}


@pytest.mark.cli
def test_what_does_not_type_check(tmp_path: Path) -> None:
    source = tmp_path / "test.py"
    statements = "\n".join(f"    {statement}" for statement in WRONG)
    source.write_text(f"{TYPES}\nasync def wrong() -> None:\n{statements}\n")
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-incremental", "--follow-imports=silent"]
    done = subprocess.run(
        [*words, str(source)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert [line.split('is "')[1].rstrip('"') for line in lines if "Revealed type" in line] == REVEALED, done.stdout
    first = source.read_text().splitlines().index("async def wrong() -> None:") + 2
    result = {int(line.split(":")[1]): line for line in lines if ": error:" in line}
    for number, (statement, code) in enumerate(WRONG.items(), start=first):
        assert f"[{code}]" in result.pop(number, ""), statement + "\n" + done.stdout
    assert result == {}
