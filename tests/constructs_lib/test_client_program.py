"""ClientProgram: what the instance is told and allowed, how long the stack waits, and every error."""

import itertools
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    CacheBase,
    CacheClient,
    ClientProgram,
    DatabaseTarget,
    MemcachedCluster,
    Network,
    ReplicationGroup,
    ServerlessCache,
)
from constructs_lib.client import client_program, client_script
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.clients import client_of, one, user_data


@pytest.fixture
def path(tmp_path: Path) -> str:
    return archive(tmp_path / "program.zip")


def archive(path: Path, text: str = "print('ran')", entry: str = "__main__.py") -> str:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(zipfile.ZipInfo(entry), text)
    return str(path)


class TestUserData:
    def test_it_is_a_valid_script_within_the_limit(
        self, stack: cdk.Stack, network: Network, path: str, tmp_path: Path
    ) -> None:
        client_of(stack, network, program=ClientProgram(path=path, name="a" * 32))
        text = user_data(stack)
        assert len(text.encode()) + 2048 < 16384
        assert "@@" not in text
        script = tmp_path / "user-data.sh"
        script.write_text(text)
        done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_the_role_may_read_the_archive_and_no_other_object(
        self, stack: cdk.Stack, network: Network, path: str
    ) -> None:
        client_of(stack, network, program=ClientProgram(path=path, name="caching-demo"))
        policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        read = [
            each["Resource"]
            for policy in policies
            for each in policy["Properties"]["PolicyDocument"]["Statement"]
            if each["Action"] == "s3:GetObject"
        ]
        resources = [each for found in read for each in (found if isinstance(found, list) else [found])]
        keys = re.findall(r"s3://[^/]+/([0-9a-f]{64}\.zip)", user_data(stack))
        assert len(set(keys)) == 2
        assert {each.rpartition("/")[2] for each in resources} == set(keys)

    def test_without_a_program_nothing_is_said_of_one(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        assert "program_verdict" not in user_data(stack)

    def test_a_folder_is_a_program(self, stack: cdk.Stack, network: Network, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "__main__.py").write_text("print(1)")
        client_of(stack, network, program=ClientProgram(path=str(tmp_path / "folder"), name="demo"))
        assert "/opt/cache-client/demo.zip" in user_data(stack)

    def test_the_names_of_its_commands_are_refused(
        self, stack: cdk.Stack, network: Network, path: str, tmp_path: Path
    ) -> None:
        """A command in /usr/local/bin comes before those of the system."""
        client_of(stack, network, program=ClientProgram(path=path, name="the-program"))
        text = re.sub(r"<<'PYTHON'.*?\nPYTHON\n", "\n", user_data(stack), flags=re.DOTALL)
        text = re.sub(r"<<'JSON'.*?\nJSON\n", "\n", text, flags=re.DOTALL)
        text = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", text)
        position = (
            r"(?:^|\n|;|&&|\|\||\b(?:then|else|do|exec|if)\b|\$\(|timeout(?: -k \d+)? \d+|!|[0-9A-Z_]+=\S*)[ \t]*"
        )
        words = set(re.findall(f"(?={position}([a-z][a-z0-9-]+))", text))
        keywords = {
            "if",
            "then",
            "else",
            "fi",
            "for",
            "do",
            "done",
            "case",
            "esac",
            "in",
            "set",
            "umask",
            "break",
            "return",
            "true",
            "false",
        }
        variables = set(re.findall(r"([a-z]+)=", text)) | {"finish", "failure", "send", "word", "data"}
        commands = words - keywords - variables
        assert {"aws", "curl", "dnf", "printf", "python3", "sleep", "timeout"} <= commands
        assert commands <= client_program.COMMANDS


class TestAnew:
    """A changed program makes a new verdict."""

    def ids(self, program: ClientProgram | None, **options: Any) -> str:
        app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
        stack = cdk.Stack(app, "Stack", env=ENV)
        client_of(stack, Network(stack, "Network"), program=program, **options)
        return one(stack, "AWS::CloudFormation::WaitCondition")[0]

    def test_archive_name_and_time_are_in_the_fingerprint(self, path: str, tmp_path: Path) -> None:
        other = archive(tmp_path / "other.zip", "print('other')")
        programs = [
            None,
            ClientProgram(path=path, name="demo"),
            ClientProgram(path=other, name="demo"),
            ClientProgram(path=path, name="another"),
            ClientProgram(path=path, name="demo", timeout=cdk.Duration.minutes(4)),
        ]
        assert len({self.ids(each) for each in programs}) == len(programs)
        assert self.ids(programs[1]) == self.ids(ClientProgram(path=path, name="demo", timeout=cdk.Duration.minutes(5)))


def limits(text: str) -> int:
    """The longest time that a script takes, where every command with a time limit uses it up, by its text.

    The steps after the signal do not count.
    """
    total, factor = 0, 1
    before, _, _ = text.partition("\nsend\n")
    for line in before.splitlines():
        if found := re.match(r"for attempt in ([\d ]+); do", line):
            factor = len(found[1].split())
        if found := re.search(r"timeout (?:-k (\d+) )?(\d+) ", line):
            total += factor * (int(found[1] or 0) + int(found[2]))
        if found := re.search(r"sleep \$\(\(attempt \* (\d+)\)\)", line):
            total += int(found[1]) * factor * (factor + 1) // 2
        if found := re.search(r"--max-time (\d+) --retry (\d+) --retry-delay (\d+)", line):
            seconds, retries, pause = (int(each) for each in found.groups())
            # The limit of the command, which is counted above, includes its retries.
            assert seconds * (retries + 1) + pause * retries < 250
        if line == "done":
            factor = 1
    return total


def cache_of(kind: str, stack: cdk.Stack, network: Network) -> CacheBase:
    if kind == "serverless":
        return ServerlessCache(stack, "Cache", vpc=network.vpc)
    if kind == "memcached":
        return MemcachedCluster(stack, "Cache", vpc=network.vpc)
    return ReplicationGroup(stack, "Cache", vpc=network.vpc)


class TestWaiting:
    def timeout(self, stack: cdk.Stack) -> int:
        return int(one(stack, "AWS::CloudFormation::WaitCondition")[1]["Properties"]["Timeout"])

    @pytest.mark.parametrize("minutes", [None, 1, 5, 60])
    @pytest.mark.parametrize(
        ("kind", "database"), [*itertools.product(["replication group", "serverless", "memcached"], [False, True])]
    )
    def test_the_stack_waits_longer_than_the_user_data_takes(
        self, stack: cdk.Stack, path: str, kind: str, database: bool, minutes: int | None
    ) -> None:
        network = Network(stack, "Network")
        options: dict[str, Any] = {}
        if minutes is not None:
            program = ClientProgram(path=path, name="demo", timeout=cdk.Duration.minutes(minutes))
            options["program"] = program
        if database:
            group = ec2.SecurityGroup(stack, "DatabaseGroup", vpc=network.vpc)
            host = "shop.abc.eu-west-1.rds.amazonaws.com"
            options["database"] = DatabaseTarget.of(
                host=host, resource_id="db-ABC123", user="cache_admin", connectable=group
            )
        CacheClient(stack, "Client", vpc=network.vpc, cache=cache_of(kind, stack, network), **options)
        longest = limits(user_data(stack))
        assert longest >= (1187 if minutes is None else minutes * 60 + 1587)
        assert self.timeout(stack) == longest + client_script._START_SECONDS

    def test_the_default_is_that_of_the_docstring(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        assert "25 minutes without a program" in " ".join(str(CacheClient.__doc__).split())
        assert 24 * 60 < self.timeout(stack) <= 25 * 60
        # The start of the instance is in it.
        assert client_script._START_SECONDS >= 300

    def test_a_shorter_time_is_refused_with_one_that_works(self, stack: cdk.Stack, network: Network, path: str) -> None:
        program = ClientProgram(path=path, name="demo")
        with pytest.raises(ValueError, match="timeout") as caught:
            client_of(stack, network, program=program, timeout=cdk.Duration.minutes(20))
        found = re.search(r"Duration\.seconds\((\d+)\)", str(caught.value))
        assert found
        seconds = int(found[1])
        assert str(caught.value) == (
            f"Stack/Client: timeout must be {seconds} s, which the client may take, to 43200 s, got 1200 s; pass "
            f"cdk.Duration.seconds({seconds}) or leave it out"
        )
        other = cdk.Stack(cdk.App(), "Other", env=ENV)
        client_of(other, Network(other, "Network"), program=program, timeout=cdk.Duration.seconds(seconds))
        assert self.timeout(other) == seconds
        another = cdk.Stack(cdk.App(), "Another", env=ENV)
        shorter = cdk.Duration.seconds(seconds - 1)
        with pytest.raises(ValueError, match="which the client may take"):
            client_of(another, Network(another, "Network"), program=program, timeout=shorter)


class TestErrors:
    @pytest.mark.parametrize(
        "name", ["", "Demo", "-demo", "demo-", "a--b", "a/b", "../a", "a b", "a.b", "1a", "a" * 33, "demo\n"]
    )
    def test_names_that_are_none_for_a_command(self, path: str, name: str) -> None:
        with pytest.raises(ValueError, match="name must") as caught:
            ClientProgram(path=path, name=name)
        assert str(caught.value) == (
            "ClientProgram: name must have 1 to 32 lower-case letters, digits and single hyphens, and begin with a "
            f"letter, got {name!r}; choose another name, such as 'caching-demo'"
        )

    @pytest.mark.parametrize("name", ["a", "a" * 32, "caching-demo", "a1-2b"])
    def test_names_that_are(self, path: str, name: str) -> None:
        assert ClientProgram(path=path, name=name).name == name

    @pytest.mark.parametrize("name", ["python3", "curl", "cache-cli", "systemd-run"])
    def test_names_of_commands_that_the_instance_needs(self, path: str, name: str) -> None:
        with pytest.raises(ValueError, match="name must") as caught:
            ClientProgram(path=path, name=name)
        assert str(caught.value) == (
            f"ClientProgram: name must not be a command of the instance, got {name!r}; choose another name, such as "
            "'caching-demo'"
        )

    @pytest.mark.parametrize("seconds", [0, 9, 3601])
    def test_times_out_of_the_bounds(self, path: str, seconds: int) -> None:
        with pytest.raises(ValueError, match="timeout must") as caught:
            ClientProgram(path=path, name="demo", timeout=cdk.Duration.seconds(seconds))
        assert str(caught.value) == (
            f"ClientProgram: timeout must be 10 seconds to 1 hour, got {seconds} s; choose a time in that range"
        )

    @pytest.mark.parametrize("seconds", [10, 3600])
    def test_times_at_the_bounds(self, path: str, seconds: int) -> None:
        assert ClientProgram(path=path, name="demo", timeout=cdk.Duration.seconds(seconds)).seconds == seconds

    def test_paths_without_a_program(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "text.zip").write_text("no archive")
        (tmp_path / "main.py").write_text("")
        archive(tmp_path / "other.zip", entry="main.py")
        archive(tmp_path / "program.pyz")
        for name, what in {
            "nowhere": "'{}', which does not exist",
            "empty": "the folder '{}' without one",
            "text.zip": "the file '{}', which is no zip archive",
            "main.py": "the file '{}', which is no zip archive",
            "program.pyz": "the file '{}', which is no zip archive",
            "other.zip": "the archive '{}' without one",
        }.items():
            with pytest.raises(ValueError, match="path must") as caught:
                ClientProgram(path=str(tmp_path / name), name="demo")
            assert str(caught.value) == (
                "ClientProgram: path must be a zip archive or a folder with a __main__.py, got "
                f"{what.format(tmp_path / name)}; build the program first, or correct the path"
            )
