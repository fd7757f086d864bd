"""Reports are copied out of the sandbox of an instance, which cannot choose where the files are written."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local_cloud.__main__ import _reports
from local_cloud.instance import reports, sandbox
from local_cloud.session import Session
from tests.cache_servers import wait_for
from tests.local_cloud.test_sandbox import Launch, launch  # noqa: F401 - a fixture

pytestmark = pytest.mark.servers
_REPORT = """
mkdir -p /var/lib/cache-client/caching-demo
cd /var/lib/cache-client/caching-demo
echo '<html>' > index.html; echo '{}' > report.json; echo text > report.txt; echo '<svg>' > a.svg
echo x > program.py; ln -s /etc/hosts hosts.txt; echo x > ../report.json
"""


def ended(folder: Path) -> Path:
    wait_for((folder / "ended").read_text, "the user data to end")
    return folder


def test_a_report_is_copied(launch: Launch, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    instance = ended(launch(_REPORT))
    (index,) = reports.collect(instance, tmp_path / "reports")
    assert index == tmp_path / "reports" / "caching-demo" / "index.html"
    assert index.read_text() == "<html>\n"
    names = sorted(path.name for path in index.parent.iterdir())
    assert names == ["a.svg", "index.html", "report.json", "report.txt"]
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["caching-demo"]


def test_the_command_prints_the_paths(launch: Launch, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    instance = ended(launch(_REPORT))
    (tmp_path / "run" / "reports" / "i-before" / "caching-demo").mkdir(parents=True)
    (tmp_path / "run" / "instances").symlink_to(tmp_path)
    session, before = Session(tmp_path / "run"), tmp_path / "run" / "reports" / "i-before"
    (running,) = _reports(session, {before})
    assert running == tmp_path / "run" / "reports" / instance.name / "caching-demo" / "index.html"
    # The report of an instance that failed, and was ended during the deploy.
    (failed := before / "caching-demo" / "index.html").write_text("<html>")
    assert _reports(session, {running.parents[1]}) == [failed, running]


def test_an_instance_can_have_no_reports(launch: Launch, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    assert reports.collect(ended(launch("true")), tmp_path / "reports") == []
    assert reports.collect(tmp_path / "no-instance", tmp_path / "reports") == []
    assert not (tmp_path / "reports").exists()


def packed(*members: tuple[str, Callable[[tarfile.TarInfo], None]]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, change in members:
            info = tarfile.TarInfo(name)
            info.size = 2
            change(info)
            archive.addfile(info, io.BytesIO(b"x\n"))
    return file.getvalue()


def link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc", 0


def unchanged(info: tarfile.TarInfo) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("/x.html", unchanged),
        ("../x.html", unchanged),
        ("demo/../x.html", unchanged),
        ("demo/deeper/x.html", unchanged),
        ("x.html", unchanged),
        ("demo/x.sh", unchanged),
        ("demo/x.html", link),
    ],
)
def test_no_file_is_written_outside_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[tarfile.TarInfo], None]
) -> None:
    """The instance can run any program in place of tar."""
    monkeypatch.setattr(reports, "_archive", lambda instance: packed(("demo/good.txt", unchanged), (name, change)))
    target = tmp_path / "target" / "reports"
    assert reports.collect(tmp_path, target) == [target / "demo" / "good.txt"]
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "target",
        "target/reports",
        "target/reports/demo",
        "target/reports/demo/good.txt",
    ]


def test_an_endless_archive_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "enter", lambda folder, words: ["cat", "/dev/zero"])
    assert reports.collect(tmp_path, tmp_path / "reports") == []
    monkeypatch.setattr(sandbox, "enter", lambda folder, words: ["sleep", "60"])
    monkeypatch.setattr(reports, "_SECONDS", 0.2)
    assert reports.collect(tmp_path, tmp_path / "reports") == []
