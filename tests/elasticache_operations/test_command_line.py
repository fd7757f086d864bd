"""The command: its table, its help, its formats, its exit statuses, and that boto3 is optional."""

import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path

import pytest

from elasticache_operations import command_line, registry
from elasticache_operations.aws import Call
from elasticache_operations.context import Outcome
from elasticache_operations.progress import Progress
from elasticache_operations.registry import COMMANDS, leaves
from tests.conftest import ROOT
from tests.elasticache_operations.counted_users import _module, users
from tests.elasticache_operations.recorded import Answer, Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache

__all__ = ["users"]

NAMES = [name for name, _ in leaves()]


def test_every_subcommand_has_its_interface() -> None:
    for name, command in leaves():
        module = command.load()
        assert all(isinstance(call, Call) for call in module.CALLS), name
        assert callable(module.main if command.own_parser else module.run), name
        assert command.help[0].islower(), name


@pytest.mark.parametrize("name", NAMES)
def test_every_subcommand_has_a_help(elasticache: Elasticache, name: str) -> None:
    result = elasticache(*name.split(), "--help")
    assert result.status == 0
    out = result.out
    assert out.startswith(f"usage: elasticache {name} ")


def test_the_help_lists_the_subcommands(elasticache: Elasticache) -> None:
    for words, commands in (((), COMMANDS), (("drill",), registry.find(["drill", "--help"])[0].children)):
        out = elasticache(*words, "--help").out
        assert [f"  {command.name}" in out and command.help in out for command in commands] == [True] * len(commands)
        assert "2 an argument or a file is wrong" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "elasticache: the subcommand of elasticache must be one of the valid values, got ''; use check, "),
        (("costs",), "elasticache: the subcommand of elasticache must be one of the valid values, got 'costs'; use "),
        (("drill",), "elasticache: the subcommand of elasticache drill must be one of the valid values, got ''; use "),
        (
            ("drill", "rest"),
            "elasticache: the subcommand of elasticache drill must be one of the valid values, got 'rest'; use ",
        ),
        (("policy",), "elasticache policy: the following arguments are required: NAME; see elasticache policy --help"),
        (("policy", "drill"), "elasticache policy: NAME must be one of the valid values, got 'drill'; use "),
        (
            ("policy", "check", "--format", "xml"),
            "elasticache policy: argument --format: invalid choice: 'xml' (choose from ",
        ),
        (
            ("policy", "check", "--region", "eu-west-11"),
            "elasticache policy: --region must be a region of AWS, got 'eu-west-11'; write it like --region eu-west-1",
        ),
        (("check",), "elasticache check: the following arguments are required: TEMPLATE; see elasticache check --help"),
        (("check", "--fail\x1b", "a"), r"elasticache check: unrecognized arguments: --fail\x1b; see elasticache check"),
        (("compare", "--format", "xml", "a", "b"), "elasticache compare: argument --format: invalid choice: 'xml' ("),
        (("picture",), "elasticache picture: the following arguments are required: PATH; see elasticache picture "),
        (
            ("drill", "global-failover"),
            "elasticache drill global-failover: the following arguments are required: command; see elasticache drill ",
        ),
        (
            ("policy", "check", "--as-of", "yesterday"),
            "elasticache policy: --as-of must be a date, got 'yesterday'; write it like 2026-11-30",
        ),
    ],
)
def test_wrong_words_are_one_line(elasticache: Elasticache, words: tuple[str, ...], message: str) -> None:
    result = elasticache(*words)
    assert result.status == 2
    assert result.error.startswith(message)


@pytest.mark.usefixtures("users")
def test_the_formats(elasticache: Elasticache) -> None:
    pages: Iterator[Answer] = iter([{"Users": [{"UserId": "a"}], "Marker": "next"}, {"Users": [{"UserId": "b"}]}] * 3)
    aws = Recorded({("elasticache", "DescribeUsers"): lambda _: next(pages)})
    result = elasticache("policy", *AS_OF, "--fail", aws=aws)
    assert result.status == 1
    assert result.out.splitlines() == ["users", "user  age", "a|b     1", "<b>    20", "done", r"warning: old\x1b data"]
    assert [dict(params) for *_, params in aws.calls] == [{}, {"Marker": "next"}]
    result = elasticache("policy", *AS_OF, "--format", "markdown", aws=aws)
    assert result.out.splitlines() == [
        "### users",
        "",
        "| user | age |",
        "| --- | ---: |",
        r"| a\|b | 1 |",
        "| &lt;b&gt; | 20 |",
        "",
        "done  ",
        "",
        r"> **warning:** old\\x1b data",
    ]
    result = elasticache("policy", *AS_OF, "--format", "json", "--region", "eu-west-1", aws=aws)
    assert result.data == {
        "schema": 1,
        "command": "policy",
        "as_of": "2026-11-26",
        "region": "eu-west-1",
        "sources": [{"what": "users", "date": "2026-11-26", "live": True}],
        "warnings": ["old\x1b data"],
        "count": 2,
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--growth", "-150%/month"), "--growth must be more than -100 % and at most 1,000 %, got '-150%/month'"),
        (("--value", "-1KB"), "--value must be a size such as 400, 4KB or 1MB, got '-1KB'"),
        (("--ttl", "-5"), "argument --ttl: ignored explicit argument '-5'; see elasticache capacity --help"),
        (("-5%",), "unrecognized arguments: -5%; see elasticache capacity --help"),
    ],
)
def test_a_negative_value_is_the_value_of_its_option(
    elasticache: Elasticache, words: tuple[str, ...], message: str
) -> None:
    result = elasticache("capacity", "--items", "5", "--value", "400", *words)
    assert (result.status, result.error) == (2, f"elasticache capacity: {message}")


def test_a_shrinking_cache_needs_no_equals_sign(elasticache: Elasticache) -> None:
    words = ("capacity", "--items", "5M", "--value", "400", "--months", "6", "--format", "json", *AS_OF)
    assert elasticache(*words, "--growth", "-5%/month").data == elasticache(*words, "--growth=-5%/month").data


def test_an_interruption(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr(registry.Command, "load", lambda self: _module(run))
    result = elasticache("policy")
    assert (result.status, result.error) == (130, "elasticache policy: interrupted")


def test_progress_is_reported_after_the_delay_alone() -> None:
    lines: list[str] = []
    with Progress(lines.append, delay=0.01).step("reading prices"):
        time.sleep(0.2)
    with Progress(lines.append, delay=30).step("reading quotas"):
        pass
    assert lines == ["elasticache: reading prices ..."]


def test_nothing_needs_boto3_without_aws(tmp_path: Path) -> None:
    """Every module is imported, cost and quotas run, and the error of a call names the fix."""
    template = tmp_path / "template.json"
    properties = '{"CacheNodeType": "cache.t4g.micro", "Engine": "redis"}'
    template.write_text(
        f'{{"Resources": {{"Cache": {{"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {properties}}}}}}}'
    )
    script = f"""
import sys
sys.modules["boto3"] = sys.modules["botocore"] = None
from elasticache_operations.registry import leaves
from elasticache_operations.aws import Aws
for name, command in leaves():
    command.load()
from elasticache_operations.command_line import main
status = [
    main(["policy", "compare", "--format", "json"]),
    main(["cost", {str(template)!r}, "--region", "us-east-1"]),
    main(["quotas", {str(template)!r}, "--region", "us-east-1", "--offline"]),
    main(["quotas", {str(template)!r}, "--region", "us-east-1"]),
]
try:
    Aws("us-east-1").call("elasticache", "DescribeUsers")
except RuntimeError as problem:
    print(status, int(problem.status), problem)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("elasticache quotas: boto3 cannot be imported: ")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout.splitlines()[-1] == (
        "[0, 0, 0, 3] 3 boto3 cannot be imported: import of boto3 halted; None in sys.modules; install it with: pip "
        "install boto3"
    )


def test_the_console_script_and_the_module_are_the_same_command(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "distributions" / "rules" / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["elasticache"].partition(":")
    assert (module, function) == (command_line.__name__, "main")
    done = subprocess.run(
        [sys.executable, "-m", "elasticache_operations", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert command_line.main(["--help"]) == 0
    assert capsys.readouterr().out == done.stdout


@pytest.mark.parametrize(
    ("module", "words", "status"),
    [
        ("elasticache_operations", ("--help",), 0),
        ("elasticache_operations", ("drill", "--help"), 0),
        ("elasticache_operations", ("status", "--help"), 0),
        ("elasticache_operations", ("policy", "status"), 0),
        ("elasticache_operations", ("check", "{template}"), 1),
        ("elasticache_operations", ("compare", "{template}", "{other}"), 1),
        ("elasticache_operations", ("picture", "{template}", "--region", "us-east-1"), 0),
        ("elasticache_rules", ("--help",), 0),
    ],
)
def test_output_without_a_reader_ends_quietly(tmp_path: Path, module: str, words: tuple[str, ...], status: int) -> None:
    """As before `head`: no traceback, and the exit status is that of the run."""
    template, other = tmp_path / "template.json", tmp_path / "other.json"
    resource = '{"Type": "AWS::ElastiCache::CacheCluster", "Properties": {"Engine": "redis", "NumCacheNodes": 3}}'
    template.write_text(f'{{"Resources": {{"Cache": {resource}}}}}')
    other.write_text(template.read_text().replace("redis", "memcached"))
    given = [word.format(template=template, other=other) for word in words]
    assert _without_a_reader(module, given) == (status, "")


@pytest.mark.parametrize(
    "words", [("cost", "absent"), ("check", "absent"), ("compare", "absent", "absent"), ("picture", "absent")]
)
def test_an_error_without_a_reader_keeps_its_status(words: tuple[str, ...]) -> None:
    assert _without_a_reader("elasticache_operations", list(words), errors=True) == (2, "")


def _without_a_reader(module: str, words: list[str], *, errors: bool = False) -> tuple[int, str]:
    """The exit status and the errors of a command whose output, and with it its errors, nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=writing,
            stderr=writing if errors else subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        (("check", "{}"), ["checking the templates"]),
        (("compare", "{}", "{}"), ["reading the templates", "comparing the templates"]),
        (("picture", "{}"), ["reading what is drawn", "drawing the picture"]),
    ],
)
def test_the_steps_of_commands_with_their_own_parser_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], steps: list[str]
) -> None:
    seen: list[str] = []

    @contextmanager
    def step(self: Progress, what: str) -> Iterator[None]:
        seen.append(what)
        yield

    monkeypatch.setattr(Progress, "step", step)
    template = tmp_path / "template.json"
    template.write_text('{"Resources": {}}')
    assert command_line.main([word.format(template) for word in words]) == 0
    assert seen == steps


def test_check_and_compare_are_the_commands_of_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from elasticache_rules import __main__ as rules

    monkeypatch.setattr(Progress, "step", lambda *_: nullcontext())
    properties = '{"CacheNodeType": "cache.t4g.micro", "Engine": "redis", "NumCacheNodes": 3}'
    template = tmp_path / "compare"
    resource = f'{{"Type": "AWS::ElastiCache::CacheCluster", "Properties": {properties}}}'
    template.write_text(f'{{"Resources": {{"Cache": {resource}}}}}')
    other = tmp_path / "other.json"
    other.write_text(template.read_text().replace("redis", "valkey"))
    for own, old in (
        (["check", str(template)], [str(template)]),
        (["check", "--format", "sarif", str(template)], ["--format", "sarif", str(template)]),
        (["check", str(tmp_path / "absent")], [str(tmp_path / "absent")]),
        (["check", "--ignore", "x", str(template)], ["--ignore", "x", str(template)]),
        (["check", "--region", "x", str(template)], ["--region", "x", str(template)]),
        (["compare", str(template), str(other)], ["compare", str(template), str(other)]),
        (["compare", "--format", "json", str(template), str(other)],) * 2,
        (["compare", str(tmp_path / "absent"), str(other)],) * 2,
    ):
        status = command_line.main(own)
        printed = capsys.readouterr()
        assert rules.main(old) == status
        expected = capsys.readouterr()
        assert printed.out == expected.out
        assert printed.err == expected.err.replace("elasticache_rules:", f"elasticache {own[0]}:")


def test_the_date_is_that_of_the_clock_without_as_of(elasticache: Elasticache) -> None:
    given = date.fromisoformat(elasticache("policy", "check", "--format", "json").data["as_of"])
    assert abs((date.today() - given).days) <= 1
