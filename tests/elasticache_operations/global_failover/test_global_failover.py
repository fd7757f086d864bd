"""The command: exit statuses, options, the API client, and its output as a separate process."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import InvalidRegionError, ProfileNotFound

from elasticache_operations.drills.global_failover import api
from elasticache_operations.drills.global_failover import command as global_failover
from elasticache_operations.drills.global_failover.statuses import MEANINGS, OperationError, Status
from elasticache_operations.errors import Exit
from tests.conftest import ROOT
from tests.elasticache_operations.global_failover.answers import RefusalError
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST, NAME, PROMOTE, Command
from tests.elasticache_operations.global_failover.fake_elasticache import AWAY, HOME, ID, FakeElastiCache, Fault

RUNBOOK = (ROOT / "docs" / "runbooks" / "global-datastore.md").read_text()


@pytest.mark.parametrize(
    ("status", "words", "fake"),
    [
        (Status.DONE, FAILOVER, FakeElastiCache()),
        (Status.REFUSED, FAILOVER, FakeElastiCache(status="deleting")),
        (Status.ARGUMENTS, FAILOVER, FakeElastiCache(status=None)),
        (Status.UNCONFIRMED, PROMOTE, FakeElastiCache()),
        (
            Status.CREDENTIALS,
            FAILOVER,
            FakeElastiCache(faults={0: Fault(RefusalError("AccessDenied", http_status=403))}),
        ),
        (Status.UNAVAILABLE, FAILOVER, FakeElastiCache(faults={0: Fault(RefusalError("Throttling"))})),
        (Status.UNDER_WAY, FAILOVER, FakeElastiCache(takes=10_000)),
        (Status.INTERRUPTED, FAILOVER, FakeElastiCache(faults={0: Fault(KeyboardInterrupt())})),
    ],
    ids=lambda value: value.name if isinstance(value, Status) else "",
)
def test_each_exit_status(command: Command, status: Status, words: tuple[str, ...], fake: FakeElastiCache) -> None:
    assert command(fake, *words).status is status


def test_the_error_without_boto3_names_the_fix(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    result = command(FakeElastiCache(), *FAILOVER, create=api.client)
    assert result.status is Status.NO_BOTO3
    assert result.error == (
        "boto3 cannot be imported: import of boto3 halted; None in sys.modules; run `make setup` and `source "
        ".venv/bin/activate`, or `pip install boto3`"
    )
    makefile = (ROOT / "Makefile").read_text()
    assert "\nsetup: " in makefile
    assert "boto3>=" in (ROOT / "pyproject.toml").read_text()


def test_the_help_the_docstring_and_the_runbook_list_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(MEANINGS) == {status.exit for status in Status} == set(Exit)
    for words in ([], ["status"], ["failover"], ["promote"]):
        assert global_failover.main([*words, "--help"]) == 0
        printed = capsys.readouterr().out
        assert [f"  {status:<4d} {meaning}" in printed for status, meaning in MEANINGS.items()] == [True] * len(Exit)
    lines = (global_failover.__doc__ or "").splitlines()
    assert [line for line in lines if line[:1].isdigit()] == [
        f"{status:<4d} {meaning}" for status, meaning in MEANINGS.items()
    ]
    rows = [line.split(" | ") for line in RUNBOOK.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert [(row[0].strip("| "), row[1]) for row in rows] == [
        (str(int(status)), meaning) for status, meaning in MEANINGS.items()
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: command; see elasticache drill global-failover --help"),
        (
            ["failover", "--id", ID, "--region", HOME],
            "the following arguments are required: --to; see elasticache drill global-failover failover --help",
        ),
        (
            ["status", "--id", " ", "--region", HOME],
            "argument --id: must not be empty; see elasticache drill global-failover status --help",
        ),
        (
            ["promote", "--id", ID, "--region", AWAY, "--primary"],
            "unrecognized arguments: --primary; see elasticache drill global-failover --help",
        ),
        (
            ["status", "--id", ID, "--region", HOME, "--primary-is-lost"],
            "unrecognized arguments: --primary-is-lost; see elasticache drill global-failover --help",
        ),
    ],
)
def test_wrong_options_are_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert global_failover.main(words) == Exit.INPUT
    assert capsys.readouterr().err == f"{NAME}: {message}\n"


@pytest.mark.parametrize(
    ("problem", "status", "message"),
    [
        (
            InvalidRegionError(region_name="eu west"),
            Status.ARGUMENTS,
            "creating the client in us-east-1 failed: InvalidRegionError: Provided region_name 'eu west' doesn't match "
            "a supported format; check the options",
        ),
        (
            ProfileNotFound(profile="ops"),
            Status.CREDENTIALS,
            "creating the client in us-east-1 failed: ProfileNotFound: The config profile (ops) could not be found; "
            "set valid credentials of an account that has us-east-1 enabled, and run the same command again",
        ),
        (
            ValueError("Invalid endpoint: nowhere"),
            Status.UNAVAILABLE,
            "creating the client in us-east-1 failed: ValueError: Invalid endpoint: nowhere; correct what the message "
            "names, and run the same command again",
        ),
    ],
)
def test_a_client_that_cannot_be_created(command: Command, problem: Exception, status: Status, message: str) -> None:
    def create(region: str) -> None:
        raise problem

    result = command(FakeElastiCache(), *FAILOVER, create=create)
    assert (result.status, result.error) == (status, message)


def test_an_unexpected_exception_is_raised(command: Command) -> None:
    def create(region: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command(FakeElastiCache(), *FAILOVER, create=create)


def test_the_client_has_short_timeouts_and_standard_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
        monkeypatch.setenv(name, {"AWS_MAX_ATTEMPTS": "9", "AWS_RETRY_MODE": "legacy"}[name])
    config = api.client(HOME).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_a_region_gets_one_client(command: Command) -> None:
    regions: list[str] = []
    fake = FakeElastiCache()

    def create(region: str) -> object:
        regions.append(region)
        return fake.client(region)

    assert command(fake, *LOST, create=create).status == Status.DONE
    assert regions == [AWAY]


def test_the_commands_of_the_runbook_are_valid() -> None:
    commands = [line.strip() for line in RUNBOOK.splitlines() if line.strip().startswith("elasticache ")]
    taken = [shlex.split(command) for command in commands]
    assert {tuple(words[:3]) for words in taken if words[1] != "policy"} == {tuple(NAME.split())}
    parsed = [global_failover.parser().parse_args(words[3:]) for words in taken if words[1] != "policy"]
    assert {arguments.command for arguments in parsed} == {"status", "failover", "promote"}
    assert all(arguments.id == "GLOBAL-ID" for arguments in parsed)
    (promotion,) = [arguments for arguments in parsed if arguments.command == "promote"]
    assert promotion.primary_is_lost
    assert promotion.replication_group_id


def test_an_operation_error_is_one_line() -> None:
    assert str(OperationError("one\n  two")) == "one two"


@pytest.fixture
def endpoint() -> Iterator[tuple[str, FakeElastiCache]]:
    """A fake ElastiCache that listens on loopback."""
    fake = FakeElastiCache(takes=10_000)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            region = self.headers["Authorization"].split("/")[2]
            status, content = fake.answer(region, {key: value[0] for key, value in parse_qs(body).items()})
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", fake
    server.shutdown()
    thread.join()
    server.server_close()


def started(
    endpoint: str, words: Sequence[str], environment: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start the command as a separate process."""
    return subprocess.Popen(
        [sys.executable, "-m", "elasticache_operations", "drill", "global-failover", *words],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "NO_PROXY": "127.0.0.1",
            **(environment or {}),
        },
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_begun(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("waiting: "):
            return
    raise AssertionError(process.communicate())


@pytest.mark.cli
def test_ctrl_c_while_the_program_waits(endpoint: tuple[str, FakeElastiCache]) -> None:
    process = started(endpoint[0], FAILOVER)
    until_begun(process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (
        130,
        f"{NAME}: the failover of ldgnf-orders to eu-west-1 is under way, and its end was not seen: "
        "interrupted; run the same command again to resume\n",
    )
    assert endpoint[1].accepted == ["failover"]


@pytest.mark.cli
def test_output_without_a_reader(endpoint: tuple[str, FakeElastiCache]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(endpoint[0], FAILOVER, stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (3, f"{NAME}: the output was closed; nothing was changed\n")
    assert endpoint[1].accepted == []


def test_output_that_is_closed_while_a_change_is_under_way(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def closed(line: str) -> None:
        if line.startswith("waiting: "):
            raise BrokenPipeError

    monkeypatch.setattr(global_failover, "_print", closed)
    fake = FakeElastiCache()
    assert global_failover.run(FAILOVER, fake.client, clock=fake.clock, sleep=fake.sleep) == Status.UNDER_WAY
    assert capfd.readouterr().err == (
        f"{NAME}: the failover of ldgnf-orders to eu-west-1 is under way, and its end was not seen: the output "
        "was closed; run the same command again to resume\n"
    )


def test_output_that_is_closed_without_a_change(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def closed(line: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(global_failover, "_print", closed)
    fake = FakeElastiCache()
    words = ["status", *FAILOVER[1:5]]
    assert global_failover.run(words, fake.client, clock=fake.clock, sleep=fake.sleep) == Status.UNAVAILABLE
    assert capfd.readouterr().err == f"{NAME}: the output was closed; nothing was changed\n"


@pytest.mark.cli
@pytest.mark.parametrize(
    ("environment", "status", "part"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, 3, "failed: NoCredentialsError: "),
        ({"AWS_PROFILE": "ops"}, 3, "failed: ProfileNotFound: "),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 3, "failed: EndpointConnectionError: "),
        ({"AWS_ENDPOINT_URL": "nowhere"}, 3, "Invalid endpoint: nowhere"),
    ],
)
def test_missing_dependencies(
    endpoint: tuple[str, FakeElastiCache], environment: dict[str, str], status: int, part: str
) -> None:
    process = started(endpoint[0], FAILOVER, environment)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (status, ""), err
    assert part in err
    assert len(err.splitlines()) == 1, err


@pytest.mark.cli
def test_certificates_that_cannot_be_read(endpoint: tuple[str, FakeElastiCache]) -> None:
    process = started(endpoint[0].replace("http:", "https:"), FAILOVER, {"AWS_CA_BUNDLE": "/nonexistent"})
    _, err = process.communicate(timeout=60)
    assert process.returncode == Exit.AWS
    assert "failed: SSLError: " in err
    assert "No such file or directory; check the region, the network, the proxy and AWS_CA_BUNDLE" in err
    assert len(err.splitlines()) == 1, err


@pytest.mark.cli
def test_a_region_with_an_invalid_name(endpoint: tuple[str, FakeElastiCache]) -> None:
    process = started(endpoint[0], ["status", "--id", ID, "--region", "eu west"])
    _, err = process.communicate(timeout=30)
    assert process.returncode == Exit.INPUT
    assert err.startswith(f"{NAME}: creating the client in eu west failed: InvalidRegionError: ")
