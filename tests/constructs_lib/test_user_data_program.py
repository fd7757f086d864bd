"""The user data with a program, run by bash: the verdict has the program's summary, or the cause of its failure."""

import json
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from connection_test import program_verdict

from constructs_lib import ClientProgram
from tests.constructs_lib.test_client_program import archive
from tests.constructs_lib.test_user_data import Instance, Run, instance, port, script_of, to_port

pytestmark = pytest.mark.servers
__all__ = ["instance", "port"]

WRITES = """
import pathlib, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert sorted(words) == ["--config", "--output", "--summary"], sys.argv
assert pathlib.Path(words["--config"]).is_file() and pathlib.Path(words["--output"]).is_dir()
print("the program's output")
"""
SUMMARY = "hit ratio 0.94, reads 12 times as fast"


def ends(status: int, summary: str | None = SUMMARY) -> str:
    written = (
        "" if summary is None else f"pathlib.Path(words['--summary']).write_text({summary + chr(10)!r} + 'more')\n"
    )
    return f"{WRITES}{written}sys.exit({status})"


class Case:
    """A client with a program, on a machine with stubs."""

    def __init__(self, stack: cdk.Stack, instance: Instance, port: int, folder: Path) -> None:
        self.stack, self.instance, self.port, self.folder = stack, instance, port, folder

    def run(self, text: str, *, seconds: int = 10, **options: Any) -> Run:
        path = archive(self.folder / "program.zip", text)
        program = ClientProgram(path=path, name="caching-demo", timeout=cdk.Duration.seconds(seconds))
        script = script_of(self.stack, program=program, **options)
        self.instance.program(
            "aws",
            f'case "${{@: -1}}" in */caching-demo.zip) cp {path} "${{@: -1}}";; '
            f'*) cp {self.instance.archive} "${{@: -1}}";; esac',
        )
        return self.instance.run(script, to_port(self.port, script))

    def without_fetch(self, body: str, **options: Any) -> Run:
        """The program alone cannot be fetched."""
        path = archive(self.folder / "program.zip", ends(0))
        script = script_of(self.stack, program=ClientProgram(path=path, name="caching-demo"), **options)
        self.instance.program(
            "aws",
            f'case "${{@: -1}}" in */caching-demo.zip) {body};; *) cp {self.instance.archive} "${{@: -1}}";; esac',
        )
        return self.instance.run(script, to_port(self.port, script))


@pytest.fixture
def case(stack: cdk.Stack, instance: Instance, port: int, tmp_path: Path) -> Case:
    return Case(stack, instance, port, tmp_path)


def test_the_summary_becomes_part_of_the_verdict(case: Case) -> None:
    run = case.run(ends(0))
    assert run.status == 0, run.output
    assert run.signal["Status"] == "SUCCESS"
    assert run.signal["Data"].startswith("PASS: redis 7.")
    assert run.signal["Data"].endswith(f"; caching-demo: {SUMMARY}")
    assert "the program's output" in run.output
    assert (run.root / "var/lib/cache-client/caching-demo").is_dir()
    report = json.loads((run.root / "var/lib/cache-client/report.json").read_text())
    assert report["verdict"] == "PASS"


@pytest.mark.parametrize(("on_failure", "status"), [("fail", "FAILURE"), ("report", "SUCCESS")])
@pytest.mark.parametrize("code", [1, 2])
def test_a_program_that_fails(case: Case, code: int, on_failure: str, status: str) -> None:
    run = case.run(ends(code), on_failure=on_failure)
    assert run.status == code
    assert run.signal["Status"] == status
    assert run.signal["Data"] == f"FAIL at caching-demo: {SUMMARY}"


@pytest.mark.parametrize(
    ("text", "code", "cause"),
    [
        (ends(0, None), 0, "it ended with exit status 0 and wrote no summary"),
        (ends(0, ""), 0, "it ended with exit status 0 and wrote no summary"),
        (ends(1, None), 1, "it ended with exit status 1 and wrote no summary"),
        ("import os; os.kill(os.getpid(), 11)", 139, "it crashed with exit status 139"),
        (ends(7), 7, f"it crashed with exit status 7, after: {SUMMARY}"),
    ],
)
def test_a_program_that_does_not_end_as_agreed(case: Case, text: str, code: int, cause: str) -> None:
    run = case.run(text)
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"] == (
        f"FAIL at caching-demo: {cause}; next: read /var/log/cloud-init-output.log, or the console output; "
        "caching-demo runs it again on the instance"
    )
    assert run.status == (code or 1)  # a script that succeeds has a verdict that does


@pytest.mark.parametrize(
    "text",
    [
        f"{WRITES}import time; time.sleep(30)",
        f"{WRITES}import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(30)",
    ],
    ids=["ends at once", "ignores the request to end"],
)
def test_a_program_that_takes_too_long(case: Case, text: str) -> None:
    """One second here; the time to end it is short as well."""
    case.instance.program(
        "timeout", 'if [ "$3" = 10 ]; then exec /usr/bin/timeout -k 1 1 "${@:4}"; fi\nexec /usr/bin/timeout "$@"'
    )
    run = case.run(text)
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith(
        "FAIL at caching-demo: it did not end within 10 s; next: raise the program's timeout"
    )


def test_a_program_that_cannot_be_fetched(case: Case) -> None:
    run = case.without_fetch("echo 'An error occurred (403): \"Forbidden\"' >&2; exit 1")
    assert run.status == 1
    assert run.signal["Status"] == "FAILURE"
    reason = run.signal["Reason"]
    assert reason.startswith("FAIL at caching-demo: caching-demo could not be read from s3://cdk-hnb659fds")
    assert "An error occurred (403): 'Forbidden'; next: give the role s3:GetObject" in reason


def test_storage_that_does_not_answer(case: Case) -> None:
    run = case.without_fetch("exit 124")
    assert "did not answer within 60 s, and caching-demo was not fetched" in run.signal["Reason"]
    assert "S3 gateway endpoint" in run.signal["Reason"]


def test_a_cache_that_fails_the_test_is_the_verdict(case: Case) -> None:
    case.port = 1
    run = case.run(ends(0))
    assert run.status == 13
    assert run.signal["Reason"].startswith("FAIL at tcp: ")
    assert "the program's output" not in run.output
    assert (run.root / "usr/local/bin/caching-demo").exists()


def test_a_result_that_cannot_be_read_is_no_success(case: Case) -> None:
    """The test's own verdict must not stand for a program that has ended in an unknown way."""
    case.instance.program(
        "rm",
        'command -p rm "$@"; top="${0%/bin/rm}"/root; command -p rm -f "$top"/opt/cache-client/connection_test.zip',
    )
    run = case.run(ends(0))
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith("FAIL at caching-demo: the result of caching-demo could not be read")


def test_a_kill_during_the_program_is_no_success(case: Case) -> None:
    script = f"{case.instance.root}/user-data.sh"
    kill = f"{WRITES}import subprocess\nsubprocess.run(['pkill', '-TERM', '-o', '-f', {script!r}])"
    run = case.run(kill)
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith("FAIL at caching-demo: ")


def test_people_run_it_again(case: Case) -> None:
    run = case.run(ends(0))
    again = subprocess.run(
        [str(run.root / "usr/local/bin/caching-demo")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{case.instance.bin}:/usr/bin:/bin"},
    )
    assert (again.returncode, again.stdout) == (0, "the program's output\n"), again.stderr


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('a "quoted" \\ line', "a 'quoted' / line"),
        ("tab\tand é", "tab and ?"),
        ("x" * 2000, "x" * 440),
    ],
)
def test_a_summary_fits_into_the_signal(tmp_path: Path, line: str, kept: str) -> None:
    (tmp_path / "summary").write_text(line + "\nsecond", encoding="utf-8")
    before = {"Status": "SUCCESS", "Data": "PASS: " + "y" * 894}
    (tmp_path / "signal").write_text(json.dumps(before))
    words = "--name=demo --fetched=0 --said= --place=s3://b --status=0 --seconds=9 --on-failure=fail"
    arguments = [*words.split(), f"--signal={tmp_path}/signal", f"--summary={tmp_path}/summary"]
    done = subprocess.run(
        ["python3", "-m", "connection_test.program_verdict", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(program_verdict.__file__).parents[1])},
    )
    data = json.loads(done.stdout)["Data"]
    assert data == f"{before['Data'][:440]}; demo: {kept}"
    assert len(data) <= 900
