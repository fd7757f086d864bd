"""The zip: what is in it, that it is the same each time, and that it runs with nothing installed."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts import build_demo
from tests.caching_demo.conftest import python39
from tests.conftest import ROOT

pytestmark = pytest.mark.cli

LIBRARIES = ("pg8000", "redis", "scramp", "asn1crypto", "dateutil", "async_timeout")
_ISOLATED = """
import socket, sys
sys.path.insert(0, sys.argv[1])
def refuse(*_, **__):
    raise AssertionError("it must not look up names")
socket.getaddrinfo = refuse
for name in sys.argv[2:]:
    module = __import__(name, fromlist=["x"])
    assert module.__file__.startswith(sys.argv[1]), module.__file__
"""


def _pins() -> dict[str, str]:
    lines = build_demo.REQUIREMENTS.read_text().splitlines()
    return dict(re.split("==", line.split(" ")[0]) for line in lines if "==" in line)


def test_requirements_are_pinned_with_hashes_for_python_3_9_alone() -> None:
    text, pins = build_demo.REQUIREMENTS.read_text(), _pins()
    for line in (ROOT / "stacks" / "caching_demo" / "requirements.in").read_text().splitlines():
        asked = Requirement(line)
        assert asked.specifier.contains(pins[asked.name]), f"{asked}; run 'make requirements'"
    assert text.count("--hash=sha256:") >= len(pins)
    # pip judges markers by the Python that runs it, and would leave out what only 3.9 needs.
    assert ";" not in text
    assert "async-timeout" in pins


def test_it_has_each_library_with_its_metadata_and_the_sources(demo_zip: Path) -> None:
    with zipfile.ZipFile(demo_zip) as archive:
        names = archive.namelist()
    for library in _pins():
        wanted = library.replace("-", "_").lower()
        assert any(name.lower().startswith(f"{wanted}-") and name.endswith("/METADATA") for name in names), library
    for package, source in build_demo.SOURCES.items():
        wanted_files = {
            f"{package}/{path.relative_to(source).as_posix()}"
            for path in source.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert wanted_files <= set(names)
    assert "__main__.py" in names
    assert not [name for name in names if name.endswith((".pyc", ".so")) or name.startswith("bin/")]


def test_the_same_sources_make_the_same_bytes(demo_zip: Path, tmp_path: Path) -> None:
    build_demo.build(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == demo_zip.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.zip"]
    assert demo_zip.stat().st_size < 1_500_000


def _modules(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        paths = [Path(name) for name in opened.namelist() if name.startswith("caching_demo/") and name.endswith(".py")]
    return [".".join(path.with_suffix("").parts).replace(".__init__", "") for path in paths]


def test_every_module_and_library_is_imported_from_the_zip_with_nothing_installed(demo_zip: Path) -> None:
    modules = [*_modules(demo_zip), *LIBRARIES, "elasticache_caching", "connection_test.sigv4", "connection_test.aws"]
    words = [python39(), "-S", "-I", "-c", _ISOLATED, str(demo_zip), *modules]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(modules) > 30


def test_help_tells_options_defaults_and_statuses(demo_zip: Path) -> None:
    words = [python39(), "-S", "-I", str(demo_zip), "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={"COLUMNS": "200", "PATH": "/"})
    text = " ".join(done.stdout.split())
    for part in (
        "--config FILE",
        "/etc/cache-client/config.json",
        "/var/lib/cache-client/caching-demo",
        "--summary FILE",
        "--quick",
        "--watch SECONDS",
        "for this time, 1 to 3600,",
        "With --watch, 1 when an error reached a reader",
        "10 to 600 (default: 60)",
        "--database-password-file FILE",
        "CACHE_PASSWORD",
        "SSL_CERT_FILE",
        "Exit status: 0",
        "1 when a figure missed its bound; 2 when it could not run",
    ):
        assert part in text


@pytest.mark.parametrize("seconds", ["9.9", "601", "soon"])
def test_a_time_limit_outside_its_limits_is_refused(demo_zip: Path, seconds: str) -> None:
    words = [python39(), "-S", "-I", str(demo_zip), "--time-limit", seconds]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--time-limit" in done.stderr


def test_the_sources_have_the_syntax_of_python_3_9() -> None:
    words = ["vermin", "-t=3.9-", "--no-tips", "--violations", *(str(each) for each in build_demo.SOURCES.values())]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_pip_says_why_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "requirements.txt"
    wrong.write_text(build_demo.REQUIREMENTS.read_text().replace("--hash=sha256:", "--hash=sha256:0"))
    monkeypatch.setattr(build_demo, "REQUIREMENTS", wrong)
    with pytest.raises(subprocess.CalledProcessError):
        build_demo.build(tmp_path / "made.zip")
    assert not (tmp_path / "made.zip").exists()


@pytest.mark.parametrize("target", ["demo", "setup", "synth", "local-setup"])
@pytest.mark.parametrize(
    "changed",
    [
        "requirements-demo.txt",
        "stacks/caching_demo/caching_demo/plots/svg.py",
        "elasticache_caching/cache.py",
        "constructs_lib/client/connection_test/connection_test/sigv4.py",
    ],
)
def test_set_up_builds_it_again_after_a_change(target: str, changed: str) -> None:
    words = ["make", "--dry-run", "--no-print-directory", "-W", changed, target]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "python -m scripts.build_demo --output .tools/caching-demo.zip" in done.stdout
