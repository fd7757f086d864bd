"""The command: what it reads and writes, and how it refuses."""

import json
from pathlib import Path

import pytest

from elasticache_operations import command_line
from elasticache_operations.aws import Aws
from elasticache_operations.errors import InputError
from elasticache_operations.picture import command, sources
from elasticache_operations.progress import Progress
from elasticache_rules.documents import Document
from tests.elasticache_operations.offers import offer_file
from tests.picture.templates import changed, standard
from tests.picture.timeline.samples import drill, failover, write

PROG = "elasticache picture"


def run(*words: str | Path) -> int:
    return command.main([str(word) for word in words], PROG)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "Orders.template.json"
    path.write_text(json.dumps({"Resources": standard()}))
    return path


@pytest.mark.parametrize(
    ("format", "start"),
    [("html", "<!DOCTYPE html>"), ("svg", "<svg "), ("mermaid", "flowchart TB"), ("markdown", "### Cache")],
)
def test_every_format_goes_to_a_file_or_to_standard_output(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str, start: str
) -> None:
    file = tmp_path / "picture"
    assert run(template, "--format", format, "--output", file) == 0
    assert file.read_text(encoding="utf-8").startswith(start)
    assert capsys.readouterr().out == ""
    assert run(template, "--format", format) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


def test_a_folder_is_read_as_one(template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Other.template.json").write_text(template.read_text())
    assert run(tmp_path, "--format", "markdown") == 0
    assert "### 2 caches" in capsys.readouterr().out
    assert run(template, tmp_path / "Other.template.json", "--format", "markdown", "--title", "Shop") == 0
    assert "### Shop" in capsys.readouterr().out


def test_the_region_is_that_of_the_option(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(template, "--format", "svg") == 0
    assert "Region of the deploy" in capsys.readouterr().out
    assert run(template, "--format", "svg", "--region", "eu-west-1") == 0
    assert "Region eu-west-1" in capsys.readouterr().out


def test_the_width_is_that_of_the_option(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for width in (288, 4000):
        assert run(template, "--format", "svg", "--width", str(width)) == 0
        assert f'width="{width}"' in capsys.readouterr().out


def test_a_change_is_drawn(template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "Old.json"
    old.write_text(json.dumps({"Resources": changed(standard(), "Cache", SnapshotRetentionLimit=1)}))
    assert run(template, "--compare", old) == 0
    out = capsys.readouterr().out
    assert "No cache is replaced; no data is lost." in out
    assert f"and what changes from {old}" in out
    for kind, after, before in (("svg", ">After</text>", ">Before</text>"), ("mermaid", '["After"]', '["Before"]')):
        assert run(template, "--compare", old, "--format", kind, "--width", "600") == 0
        out = capsys.readouterr().out
        assert out.index(after) < out.index(before)
        assert "No cache is replaced" in out
        assert ('width="600"' in out) == (kind == "svg")


def test_prices_are_those_of_the_package_or_of_offer_files(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(template, "--region", "eu-west-1", "--format", "markdown") == 0
    assert "a month" not in capsys.readouterr().out
    offers = offer_file(tmp_path / "offers.txt")
    assert run(template, "--price-list", offers, "--region", "eu-west-1", "--format", "markdown") == 0
    assert f"${0.1944 * 2 * 730:,.2f} a month" in capsys.readouterr().out
    assert run(template, "--price-list", offers, "--region", "us-east-1", "--format", "markdown") == 0
    assert "$255.79 a month" in capsys.readouterr().out
    assert command_line.main(["picture", str(template), "--price-list", str(template)]) == 2
    assert capsys.readouterr().err.startswith(f"{PROG}: --price-list {template}")


WRONG = [
    (["--region", "eu-west-9"], "--region must be a region of AWS, got 'eu-west-9'; write it like --region eu-west-"),
    (["--width", "287"], "--width must be 288 to 4000, got 287; write it like --width 1200"),
    (["--width", "4001"], "--width must be 288 to 4000, got 4001; write it like --width 1200"),
    (["--compare", "none.json"], "none.json: must be a readable file or folder, got No such file or directory; check"),
    (
        ["--output", "/none/picture.html"],
        "--output /none/picture.html: must be a file that can be written, got No such",
    ),
    (
        ["--compare", "cache:orders"],
        "--compare is for templates and stacks, got cache:orders; compare with stack:NAME, or",
    ),
    (
        ["cache:orders", "--compare", "old.json"],
        "--compare is for templates and stacks, got cache:orders; compare with",
    ),
    (["none.json"], "none.json: must be a readable file or folder, got No such file or directory; check the path"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_is_wrong_is_one_line(
    template: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run(template, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{PROG}: {message}")
    assert error.count("\n") == 1


def test_a_deployed_stack_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def read(name: str, aws: Aws, progress: Progress) -> Document:
        if name != "Orders":
            raise InputError(f"stack:{name} does not exist; check the name")
        return Document(f"stack:{name}", {"Resources": standard()}, aws.region or "eu-west-1")

    monkeypatch.setattr(sources, "read_deployed", read)
    assert run("stack:Orders", "--format", "markdown") == 0
    assert "Stack: Orders" in capsys.readouterr().out
    assert command_line.main(["picture", "stack:Gone"]) == 2
    assert "elasticache picture: stack:Gone does not exist" in capsys.readouterr().err
    assert run("stack:Orders", "--compare", "stack:Orders", "--format", "markdown") == 0
    assert "Nothing changes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: PATH; see elasticache picture --help"),
        (["a", "--format", "png"], "argument --format: invalid choice: 'png'"),
        (["a", "--width", "wide"], "argument --width: invalid int value: 'wide'; see elasticache picture --help"),
    ],
)
def test_a_wrong_argument_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert command_line.main(["picture", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{PROG}: {message}")
    assert error.count("\n") == 1


def test_the_command_is_a_subcommand(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["picture", str(template), "--format", "mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart TB")
    assert command_line.main(["policy", "picture"]) == 0
    assert "cloudformation:GetTemplate" in capsys.readouterr().out


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return write(tmp_path / "watch.jsonl", *failover())


@pytest.mark.parametrize(
    ("format", "start"),
    [("html", "<!DOCTYPE html>"), ("svg", "<svg "), ("mermaid", "gantt"), ("markdown", "### Watch of 3 shards")],
)
def test_records_are_drawn_as_a_timeline_in_every_format(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str, start: str
) -> None:
    file = tmp_path / "timeline"
    assert run(records, "--format", format, "--output", file, "--width", "500") == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith(start)
    assert ('width="500"' in text) == (format == "svg")
    assert run(records, "--format", format, "--title", "Failover of 27 November") == 0
    assert ("Failover of 27 November" in capsys.readouterr().out) == (format != "svg")


def test_several_files_of_records_are_one_timeline(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write(tmp_path / "drill.jsonl", drill())
    assert run(records, other) == 0
    out = capsys.readouterr().out
    assert "<title>Drill failover of orders</title>" in out
    assert "From watch.jsonl drill.jsonl." in out
    assert run(records, records, "--format", "markdown") == 0
    assert "### 2 watches" in capsys.readouterr().out
    assert run(other, other, "--format", "markdown") == 0
    assert "### 2 drills" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--compare", "old"], "--compare is for templates, got {records}, which has records; remove --compare"),
        (["--price-list", "{offers}"], "--price-list is for templates, got {records}, which has records; remove"),
        (["--region", "eu-west-1"], "--region is for templates, got {records}, which has records; remove --region"),
        (["{template}"], "{template}: must be a file of records, as {records} is, got another input; draw templates"),
        (["none.jsonl"], "none.jsonl: must be a readable file, got No such file or directory; check the path"),
    ],
)
def test_what_is_wrong_with_records_is_one_line(
    records: Path, template: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    paths = {"records": records, "template": template, "offers": offer_file(records.parent / "offers.txt")}
    assert command_line.main(["picture", str(records), *(word.format(**paths) for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{PROG}: {message.format(**paths)}")
    assert error.count("\n") == 1
