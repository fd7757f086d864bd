"""Tests of parts of the connection test that need no server."""

import ast
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from connection_test import cli, config, options, redaction, resp, runner, slots, transport, verdict
from connection_test.context import Context
from connection_test.failures import failure_of
from connection_test.report import EXIT_CODES, FAIL, PASS, WARN, Report, StageFailure, StageResult
from connection_test.slots import Node, Shard
from connection_test.stages import STAGES
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.connection_test import probe

ENDPOINT = config.Endpoint("primary", "cache.example", 6379)


def test_the_time_limit_between_two_stages_fails_the_next_stage() -> None:
    """The alarm rings while the result of a stage is printed."""
    settings = config.Config(endpoints=[ENDPOINT], time_limit=0.05)
    report = runner.run(settings, lambda result: time.sleep(0.1 if result.stage == "config" else 0))
    assert report.failed is not None
    assert (report.failed.stage, report.failed.code) == ("clock", "time-limit")
    assert report.stages[0].status == PASS
    assert len(report.stages) == len(STAGES)


class TestSlots:
    @pytest.mark.parametrize(
        ("key", "slot"),
        # Examples of the cluster specification, and answers of servers to CLUSTER KEYSLOT.
        [
            ("123456789", 0x31C3),
            ("foo", 12182),
            ("{user1000}.following", 3443),
            ("foo{}{bar}", 8363),
            ("", 0),
        ],
    )
    def test_known_slots(self, key: str, slot: int) -> None:
        assert slots.slot_of(key) == slot

    @given(first=st.integers(0, 16383), length=st.integers(1, 6000))
    def test_a_key_is_found_for_every_shard(self, first: int, length: int) -> None:
        shard = Shard(Node("a", 1), ranges=[(first, min(16383, first + length))])
        assert shard.owns(slots.slot_of(slots.key_for(shard, "prefix:", "salt")))

    def test_a_shard_without_slots_has_no_key(self) -> None:
        with pytest.raises(ValueError, match="shard a:1 owns no slot"):
            slots.key_for(Shard(Node("a", 1)), "p", "s")

    @given(st.lists(st.integers(0, 16383), min_size=1, max_size=8, unique=True))
    def test_gaps_and_ranges_together_are_all_slots(self, cuts: list[int]) -> None:
        ranges = [(cut, cut) for cut in cuts]
        gaps = slots.uncovered([Shard(Node("a", 1), ranges=ranges)])
        missing = {slot for first, last in gaps for slot in range(first, last + 1)}
        assert missing == set(range(16384)) - set(cuts)

    def test_parse_joins_the_ranges_of_a_shard(self) -> None:
        node = Node("asked", 6379)
        reply = [
            [0, 5, ["", 7000, "id"], ["b", 7001, "id"]],
            [10, 16383, ["", 7000, "id"], ["b", 7001, "id"]],
        ]
        (shard,) = slots.parse(reply, node)
        assert shard.primary == Node("asked", 7000)
        assert shard.ranges == [(0, 5), (10, 16383)]
        assert shard.replicas == [Node("b", 7001)]

    @pytest.mark.parametrize("reply", [None, "x", [[1]], [[0, 1, "x"]], [[0, 1, ["a"]]]])
    def test_parse_refuses_invalid_replies(self, reply: object) -> None:
        with pytest.raises(ValueError, match="CLUSTER SLOTS must"):
            slots.parse(reply, Node("a", 1))


class TestResp:
    def _answer(self, data: bytes) -> resp.Connection:
        ours, theirs = socket.socketpair()
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        self._theirs = theirs
        return resp.Connection(ours)

    @pytest.mark.parametrize(
        ("data", "value"),
        [
            (b"+OK\r\n", "OK"),
            (b":-7\r\n", -7),
            (b"$3\r\na\r\n\r\n", "a\r\n"),
            (b"$-1\r\n", None),
            (b"*-1\r\n", None),
            (b"*2\r\n:1\r\n*1\r\n+x\r\n", [1, ["x"]]),
        ],
    )
    def test_replies(self, data: bytes, value: object) -> None:
        connection = self._answer(data)
        # "$3\r\na\r\n\r\n" holds three bytes: a, CR, LF.
        assert connection.call("X") == value
        connection.close()
        self._theirs.close()

    def test_error_replies_raise(self) -> None:
        connection = self._answer(b"-NOPERM no\r\n")
        with pytest.raises(resp.ReplyError) as caught:
            connection.call("X")
        assert caught.value.kind == "NOPERM"
        connection.close()
        self._theirs.close()

    @pytest.mark.parametrize("data", [b"HTTP/1.1 400\r\n", b"\r\n", b"$x\r\n", b"$99999999999\r\n"])
    def test_invalid_resp_raises(self, data: bytes) -> None:
        connection = self._answer(data)
        with pytest.raises(resp.ProtocolError, match="expected"):
            connection.call("X")
        connection.close()
        self._theirs.close()

    @given(st.binary(max_size=64))
    def test_arbitrary_bytes_raise_nothing_else(self, data: bytes) -> None:
        connection = self._answer(data)
        try:
            connection.call("X")
        except (resp.ReplyError, resp.ProtocolError, OSError, RecursionError):
            pass
        finally:
            connection.close()
            self._theirs.close()


class TestConfig:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "configuration must be JSON"),
            ("[]", "configuration must be a JSON object, got list"),
            ('{"hosts": 1}', "got hosts; correct the file"),
            ('{"endpoints": [{"role": "primary"}]}', "endpoints must have role, host and port"),
            ('{"password": "x"}', "got password"),
        ],
    )
    def test_refused_files(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message.replace("[", r"\[")):
            config.from_json(text)

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"endpoints": []}, "no endpoint is given"),
            ({"engine": "memcache"}, "engine must be one of redis, valkey, memcached, got 'memcache'"),
            ({"cluster_mode": "on"}, "cluster_mode must be one of"),
            ({"authentication": "basic"}, "authentication must be one of"),
            ({"endpoints": [config.Endpoint("primary", "a:1", 1)]}, "must be a plain name, got 'a:1'"),
            ({"endpoints": [config.Endpoint("primary", "a", 0)]}, "port must be 1 to 65535, got 0"),
            ({"endpoints": [config.Endpoint("main", "a", 1)]}, "role must be one of"),
            ({"cluster_mode": "enabled"}, "cluster mode enabled has a configuration endpoint"),
            ({"authentication": "iam", "tls": False}, "IAM authentication needs TLS"),
            ({"authentication": "iam"}, "IAM authentication needs user"),
            ({"authentication": "iam", "user": "u"}, "IAM authentication needs cache_name"),
            ({"authentication": "iam", "user": "u", "cache_name": "c"}, "IAM authentication needs region"),
        ],
    )
    def test_contradictory_configurations(self, changes: dict[str, object], cause: str) -> None:
        configuration = config.Config(**{"endpoints": [ENDPOINT], **changes})  # type: ignore[arg-type]
        with pytest.raises(StageFailure) as caught:
            config.check(configuration)
        assert cause in caught.value.cause
        assert caught.value.action

    def test_a_valid_configuration_is_described(self) -> None:
        assert config.check(config.Config([ENDPOINT], user="u")) == (
            "primary cache.example:6379; TLS on; authentication none as u"
        )

    def test_the_password_is_not_in_its_repr(self) -> None:
        assert "geheim" not in repr(config.Config([ENDPOINT], password="geheim"))


class TestCli:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ([], "--host or --config must name an endpoint"),
            (["--config", "/nowhere.json"], "--config must be a readable file"),
            (
                ["--host=a", "--connect-to=a:b"],
                "--connect-to must have the form HOST:PORT:ADDRESS:PORT, an IPv6 address in brackets, got 'a:b'",
            ),
        ],
    )
    def test_wrong_arguments(self, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(words) == 2
        assert message in capsys.readouterr().err

    def test_cluster_mode_makes_the_host_a_configuration_endpoint(self) -> None:
        arguments = options.parser().parse_args(["--host=a", "--cluster-mode=enabled", "--time-limit=900"])
        configuration = options.read_config(arguments, "")
        assert configuration.endpoints == [config.Endpoint("configuration", "a", 6379)]
        assert configuration.time_limit == 300

    def test_a_password_means_password_authentication(self) -> None:
        arguments = options.parser().parse_args(["--host=a", "--reader=b"])
        assert options.read_config(arguments, "x").authentication == "password"
        assert options.read_config(arguments, "").authentication == "none"
        assert options.read_config(arguments, "").replicas_per_shard == 1

    def test_the_command_line_client_gets_the_password_by_environment(self, tmp_path: Path) -> None:
        fake = tmp_path / "valkey-cli"
        fake.write_text('#!/bin/sh\necho "$@ with $REDISCLI_AUTH"\n')
        fake.chmod(0o755)
        outcome = probe.run(
            *("--host=cache.example", "--user=app", "--cluster-mode=enabled", "--cli", "PING"),
            password="a-password",
            environment={"PATH": str(tmp_path)},
        )
        assert outcome.output == "-h cache.example -p 6379 --tls -c --user app PING with a-password\n"

    def test_without_a_command_line_client_it_says_what_to_install(self, tmp_path: Path) -> None:
        outcome = probe.run("--host=a", "--cli", environment={"PATH": str(tmp_path)})
        assert outcome.status == 2
        assert "sudo dnf install valkey" in outcome.errors


class TestStages:
    def test_exit_codes_do_not_change(self) -> None:
        """Programs depend on these: give a new stage a new number, and do not change the others."""
        assert {stage.name: stage.exit_code for stage in STAGES} == EXIT_CODES
        known = ("config", "clock", "dns", "tcp", "tls", "auth", "ping", "topology", "data", "replicas", "latency")
        database = ("db-dns", "db-tcp", "db-tls", "db-auth", "db-query")
        assert [EXIT_CODES[name] for name in known + database] == list(range(10, 26))
        assert len(set(EXIT_CODES.values())) == len(STAGES)

    def test_the_help_and_the_readme_list_the_stages(self) -> None:
        epilog = options.parser().epilog
        for stage in STAGES:
            assert f"{stage.exit_code} {stage.name}" in str(epilog)
        table = (ROOT / "docs" / "connection-test.md").read_text()
        table = table.split("| stage | problems that it distinguishes |")[1].split("\n\n")[0]
        assert re.findall(r"^\| (\w[\w-]*) \|", table, re.MULTILINE) == [stage.name for stage in STAGES]

    def test_each_kind_of_cache_has_its_own_steps(self) -> None:
        """A new stage must define its step for every kind of cache, or None."""
        kinds: dict[str, dict[str, Any]] = {
            "redis": {},
            "memcached": {"engine": "memcached"},
            "secondary": {"global_role": "secondary"},
        }
        for kind, settings in kinds.items():
            steps = [stage.step(config.Config([ENDPOINT], **settings)) for stage in STAGES]
            assert steps == [getattr(stage, kind) for stage in STAGES]
        assert [stage.name for stage in STAGES if stage.memcached is None] == ["auth", "replicas"]


class TestReport:
    def _report(self, *results: StageResult) -> Report:
        return Report("title", list(results), {"engine": "redis", "engine_version": "7.1.0"})

    def test_the_first_failure_is_the_verdict(self) -> None:
        report = self._report(StageResult("dns", PASS), StageResult("tcp", FAIL, "", "c", "cause", "action"))
        assert report.verdict == FAIL
        assert report.exit_code == EXIT_CODES["tcp"] == 13
        assert report.summary == "FAIL at tcp: cause; next: action"

    def test_secrets_are_removed_from_every_form(self) -> None:
        redaction.keep("s3cret")
        report = self._report(StageResult("auth", FAIL, "", "c", "said s3cret", "a s3cret"))
        for text in (report.summary, report.as_json()):
            assert "s3cret" not in text
            assert "***" in text

    def test_signal_fails_the_stack_or_reports(self) -> None:
        failed = self._report(StageResult("tcp", FAIL, "", "c", 'no "way"\nat all', "a\\b"))
        document = json.loads(verdict.signal_of(failed, "fail"))
        assert document["Status"] == "FAILURE"
        assert document["Reason"] == "FAIL at tcp: no 'way' at all; next: a/b"
        assert json.loads(verdict.signal_of(failed, "report"))["Status"] == "SUCCESS"
        assert json.loads(verdict.signal_of(self._report(StageResult("tcp", WARN)), "fail"))["Status"] == "SUCCESS"

    @given(st.text(max_size=2000))
    def test_the_text_can_be_extracted_from_the_signals_data(self, text: str) -> None:
        """The template splits the JSON at its quotes, and uses the fourth part."""
        data = json.loads(verdict.signal_document("SUCCESS", text))["Data"]
        attribute = json.dumps({"connection-test": data}, separators=(",", ":"))
        assert attribute.split('"')[3] == data
        assert len(data) <= 900


class TestFailures:
    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            ("NOAUTH Authentication required.", "no-credentials"),
            ("NOPERM this user", "missing-permission"),
            ("MOVED 1 a:1", "cluster-mode-on"),
            ("ASK 1 a:1", "slots-moving"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "slots-moving"),
            ("ERR This instance has cluster support disabled", "cluster-mode-off"),
            ("READONLY You can't write against a read only replica.", "read-only-primary"),
            ("CLUSTERDOWN Hash slot not served", "slots-not-covered"),
            ("LOADING Redis is loading the dataset in memory", "loading"),
            ("BUSY Redis is busy running a script.", "busy"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "out-of-memory"),
            ("NOREPLICAS Not enough good replicas to write.", "too-few-replicas"),
            ("MASTERDOWN Link with MASTER is down", "failover"),
            ("MISCONF Redis is configured to save RDB snapshots", "snapshot-failed"),
            ("ERR max number of clients reached", "too-many-connections"),
            ("ERR unknown command 'SET'", "unknown-command"),
            ("ERR something else", "refused-command"),
        ],
    )
    def test_replies(self, reply: str, code: str) -> None:
        assert failure_of(resp.ReplyError(reply), "SET").code == code

    @pytest.mark.parametrize(
        ("number", "message", "code"),
        [
            (62, "Hostname mismatch, certificate is not valid for 'a'.", "certificate-wrong-name"),
            (10, "certificate has expired", "certificate-expired"),
            (20, "unable to get local issuer certificate", "certificate-untrusted"),
            (19, "self-signed certificate in certificate chain", "certificate-untrusted"),
        ],
    )
    def test_certificates(self, number: int, message: str, code: str) -> None:
        problem = ssl.SSLCertVerificationError()
        problem.verify_code, problem.verify_message = number, message
        assert transport._certificate_failure("a:1", problem).code == code

    def test_silent_resolver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(StageFailure) as caught:
            transport.resolve(config.Config([ENDPOINT]), "cache.example", 6379)
        assert caught.value.code == "resolver-silent"

    def test_no_route(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(113, "No route to host")

        monkeypatch.setattr(socket, "create_connection", fail)
        with pytest.raises(StageFailure) as caught:
            transport.connect("a", 1, ("10.0.0.1", 1))
        assert caught.value.code == "no-route"
        assert "EHOSTUNREACH" in caught.value.cause

    def test_unreadable_authorities(self, tmp_path: Path) -> None:
        with pytest.raises(StageFailure) as caught:
            transport.tls_context(config.Config([ENDPOINT], ca_file=str(tmp_path / "none.pem")))
        assert caught.value.code == "ca-file"

    def test_retry_stops_at_other_failures(self) -> None:
        calls = []

        def attempt() -> None:
            calls.append(1)
            raise StageFailure("wrong-credentials", "c", "a")

        with pytest.raises(StageFailure):
            Context(config.Config([ENDPOINT])).retry(attempt, seconds=60, codes=("connection-refused",))
        assert len(calls) == 1


def test_a_crash_of_the_test_is_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Context) -> str:
        raise RuntimeError("boom")

    crashing = [replace(stage, redis=crash) if stage.name == "dns" else stage for stage in STAGES]
    monkeypatch.setattr(runner, "STAGES", crashing)
    report = runner.run(config.Config([ENDPOINT]))
    assert report.failed is not None
    assert (report.failed.code, report.failed.cause) == (
        "crash",
        "the test itself failed: RuntimeError: boom",
    )


def test_the_test_runs_outside_the_main_thread() -> None:
    reports: list[Report] = []
    thread = threading.Thread(target=lambda: reports.append(runner.run(config.Config([]))))
    thread.start()
    thread.join()
    assert reports[0].verdict == FAIL


def test_python_3_9_is_enough() -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("vermin")),
            "-t=3.9-",
            "--no-tips",
            "--violations",
            str(probe.SOURCE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_standard_library_is_enough() -> None:
    for file in probe.SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                top = name.split(".")[0]
                assert top == "connection_test" or top in sys.stdlib_module_names, f"{file}: {name}"
