"""Bounds and exact texts of the connection test that need no server."""

import argparse
import datetime
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from connection_test import (
    config,
    heartbeat,
    program_verdict,
    redaction,
    report,
    resp,
    sigv4,
    slots,
    stage_database,
    stage_replicas,
    tokens,
    verdict,
)
from connection_test.config import Config, Endpoint
from connection_test.context import Context
from connection_test.postgres import Connection as Session
from connection_test.postgres import ProtocolError as DatabaseProtocolError
from connection_test.report import EXIT_CODES, FAIL, PASS, SKIP, WARN, Report, StageFailure, StageResult

PRIMARY = Endpoint("primary", "cache.example", 6379)


class TestConfig:
    @pytest.mark.parametrize(
        ("changes", "title"),
        [
            ({}, "connection test of cache.example: redis , cluster mode disabled"),
            ({"cache_name": "shop"}, "connection test of shop: redis , cluster mode disabled"),
            ({"endpoints": []}, "connection test of nothing: redis , cluster mode disabled"),
            ({"serverless": True}, "connection test of cache.example: redis , serverless"),
            ({"engine": "memcached"}, "connection test of cache.example: memcached , nodes unknown"),
            ({"engine": "memcached", "nodes": 3}, "connection test of cache.example: memcached , nodes 3"),
            (
                {"engine": "memcached", "serverless": True, "engine_version": "1.6"},
                "connection test of cache.example: memcached 1.6, serverless",
            ),
        ],
    )
    def test_the_title_names_the_target(self, changes: dict[str, Any], title: str) -> None:
        assert replace(Config([PRIMARY]), **changes).title() == title

    def test_the_first_endpoint_is_one_for_writes(self) -> None:
        reader = Endpoint("reader", "reader.example", 6379)
        assert Config([reader, PRIMARY]).first is PRIMARY
        assert Config([reader]).first is reader

    def test_the_defaults(self) -> None:
        settings = Config([PRIMARY])
        assert (settings.shards, settings.replicas_per_shard, settings.nodes) == (1, 0, 0)
        assert (settings.tls, settings.serverless, settings.clustered) == (True, False, False)
        assert (settings.wait_network, settings.wait_auth, settings.time_limit, settings.slow_ms) == (0, 0, 300, 5)
        assert replace(settings, cluster_mode="enabled").clustered

    @pytest.mark.parametrize(("port", "valid"), [(0, False), (1, True), (65535, True), (65536, False)])
    def test_a_port_is_1_to_65535(self, port: int, valid: bool) -> None:
        settings = Config([replace(PRIMARY, port=port)])
        if valid:
            assert config.check(settings) == f"primary cache.example:{port}; TLS on; authentication none"
            return
        with pytest.raises(StageFailure) as caught:
            config.check(settings)
        assert caught.value.cause == f"the port must be 1 to 65535, got {port}"

    @pytest.mark.parametrize("host", ["redis://cache", "cache/0", "cache:6379", "", " "])
    def test_a_host_is_a_plain_name(self, host: str) -> None:
        with pytest.raises(StageFailure, match="must be a plain name"):
            config.check(Config([replace(PRIMARY, host=host)]))

    def test_a_host_may_be_an_ipv6_address(self) -> None:
        assert config.check(Config([replace(PRIMARY, host="fd00::1")])).startswith("primary fd00::1:6379; ")

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"engine": "mysql"}, "engine must be one of redis, valkey, memcached, got 'mysql'"),
            ({"cluster_mode": "on"}, "cluster_mode must be one of disabled, enabled, compatible, got 'on'"),
            ({"global_role": "x"}, "global_role must be one of , primary, secondary, got 'x'"),
            ({"endpoints": []}, "no endpoint is given"),
            (
                {"cluster_mode": "enabled"},
                "cluster mode enabled has a configuration endpoint, and another one is given",
            ),
            (
                {"engine": "memcached", "authentication": "password"},
                "memcached has no authentication, and one is asked for",
            ),
            (
                {"authentication": "iam", "tls": False, "user": "u", "cache_name": "c", "region": "r"},
                "IAM authentication needs TLS, and it is off",
            ),
            (
                {"authentication": "iam", "cache_name": "c", "region": "r"},
                "IAM authentication needs user, and it is empty",
            ),
            (
                {"authentication": "iam", "user": "u", "region": "r"},
                "IAM authentication needs cache_name, and it is empty",
            ),
            (
                {"authentication": "iam", "user": "u", "cache_name": "c"},
                "IAM authentication needs region, and it is empty",
            ),
        ],
    )
    def test_settings_that_do_not_fit_each_other(self, changes: dict[str, Any], cause: str) -> None:
        with pytest.raises(StageFailure) as caught:
            config.check(replace(Config([PRIMARY]), **changes))
        assert (caught.value.code, caught.value.cause) == ("configuration", cause)

    @pytest.mark.parametrize(("role", "serverless", "valid"), [("reader", True, True), ("reader", False, False)])
    def test_only_a_serverless_cluster_has_a_reader_endpoint(self, role: str, serverless: bool, valid: bool) -> None:
        endpoints = [Endpoint("configuration", "c.example", 6379), Endpoint(role, "r.example", 6380)]
        settings = Config(endpoints, cluster_mode="enabled", serverless=serverless)
        if valid:
            assert config.check(settings)
        else:
            with pytest.raises(StageFailure):
                config.check(settings)

    def test_iam_that_is_complete(self) -> None:
        settings = Config([PRIMARY], authentication="iam", user="u", cache_name="c", region="r")
        assert config.check(settings) == "primary cache.example:6379; TLS on; authentication iam as u"
        assert config.check(replace(settings, authentication="none", tls=False, user="")).endswith(
            "; TLS off; authentication none"
        )

    @pytest.mark.parametrize(
        ("text", "line"), [(None, ""), ("", ""), (" \n ", ""), ("\n one \ntwo", "one"), ("one\ntwo", "one")]
    )
    def test_the_first_line(self, text: str | None, line: str) -> None:
        assert config.first_line(text).strip() == line


class TestSlots:
    def test_the_slot_of_a_key(self) -> None:
        known = {"foo": 12182, "{foo}bar": 12182, "{}foo": slots.slot_of("{}foo"), "a{foo}{bar}": 12182}
        assert {key: slots.slot_of(key) for key in known} == known
        assert slots.slot_of("{}foo") not in (slots.slot_of("foo"), slots.slot_of(""))
        assert slots.slot_of("foo}") != slots.slot_of("foo")
        assert slots.slot_of("{a}") == slots.slot_of("a")

    @pytest.mark.parametrize(("slot", "owned"), [(9, False), (10, True), (20, True), (21, False), (30, True)])
    def test_a_shard_owns_both_ends_of_a_range(self, slot: int, owned: bool) -> None:
        assert slots.Shard(slots.Node("a", 1), [(10, 20), (30, 30)]).owns(slot) is owned

    def test_a_key_for_a_shard(self) -> None:
        slot = slots.slot_of("test:s:{7}")
        assert slots.key_for(slots.Shard(slots.Node("a", 1), [(slot, slot)]), "test:", "s") == "test:s:{7}"
        first = slots.slot_of("test:s:{0}")
        assert slots.key_for(slots.Shard(slots.Node("a", 1), [(first, first)]), "test:", "s") == "test:s:{0}"
        with pytest.raises(ValueError, match="shard a:1 owns no slot"):
            slots.key_for(slots.Shard(slots.Node("a", 1)), "test:", "s")

    @pytest.mark.parametrize(
        ("ranges", "gaps"),
        [
            ([(0, 16383)], []),
            ([(1, 16383)], [(0, 0)]),
            ([(0, 16382)], [(16383, 16383)]),
            ([(0, 99), (101, 16383)], [(100, 100)]),
            ([(0, 100), (50, 60), (101, 16383)], []),
            ([], [(0, 16383)]),
        ],
    )
    def test_gaps(self, ranges: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
        assert slots.uncovered([slots.Shard(slots.Node("a", 1), ranges)]) == gaps

    def test_the_reply_of_cluster_slots(self) -> None:
        asked = slots.Node("asked", 6379)
        shards = slots.parse(
            [[0, 5, ["", 1], ["r", 2, "id"]], [6, 9, ["", 1], ["r", 2]], [10, 11, ["?", 3]], [12, 13, [None, 4]]], asked
        )
        assert [(str(shard.primary), shard.ranges, [str(each) for each in shard.replicas]) for shard in shards] == [
            ("asked:1", [(0, 5), (6, 9)], ["r:2"]),
            ("asked:3", [(10, 11)], []),
            ("asked:4", [(12, 13)], []),
        ]
        for wrong in ("OK", [[0, 5]], [5], [[0, 5, "node"]], [[0, 5, ["host"]]]):
            with pytest.raises(ValueError, match="CLUSTER SLOTS must"):
                slots.parse(wrong, asked)


class TestReport:
    def test_the_verdict_and_the_exit_code(self) -> None:
        for statuses, expected, code in (
            ([PASS, SKIP], PASS, 0),
            ([PASS, WARN], WARN, 0),
            ([WARN, FAIL], FAIL, EXIT_CODES["dns"]),
        ):
            stages = [StageResult("dns", status, cause="c", action="a") for status in statuses]
            made = Report("t", stages)
            assert (made.verdict, made.exit_code) == (expected, code)
        assert list(EXIT_CODES.values()) == list(range(10, 26))

    def test_the_summary(self) -> None:
        assert Report("t").summary == (
            "PASS: engine of unknown version, cluster mode unknown, shards ?, replicas read 0"
        )
        assert Report("t", facts={"nodes": 2, "engine": "memcached", "engine_version": "1.6"}).summary == (
            "PASS: memcached 1.6, nodes 2"
        )
        numbers = {"p50": 1, "p95": 2, "p99": 3}
        facts = {
            "engine": "valkey",
            "engine_version": "8.0",
            "cluster_mode": "enabled",
            "shards": 3,
            "replicas_read": 6,
            "arrival_ms": 7,
            "latency_ms": numbers,
            "database": {"engine": "postgres", "version": "17", "query_ms": {"p50": 4}},
        }
        stages = [StageResult("dns", WARN), StageResult("clock", WARN)]
        assert Report("t", stages, facts).summary == (
            "WARN: valkey 8.0, cluster mode enabled, shards 3, replicas read 6, "
            "a write of the primary region arrived after 7 ms, latency p50 1 ms p95 2 ms p99 3 ms, "
            "database postgres 17 query p50 4 ms, warnings at dns and clock"
        )
        redaction.keep("secret")
        failed = Report("t", [StageResult("dns", FAIL, cause="secret word", action="fix")])
        assert failed.summary == "FAIL at dns: *** word; next: fix"
        document = json.loads(failed.as_json())
        assert document["stages"] == [
            {"stage": "dns", "status": "FAIL", "cause": "*** word", "action": "fix", "milliseconds": 0.0}
        ]

    def test_the_lines_of_a_stage(self) -> None:
        assert report.stage_lines(StageResult("dns", PASS, "two addresses")) == ["PASS dns       two addresses"]
        assert report.stage_lines(StageResult("dns", PASS)) == ["PASS dns"]
        assert report.stage_lines(StageResult("dns", FAIL, cause="gone", action="wait")) == [
            "FAIL dns       gone",
            "     next:  wait",
        ]
        assert report.stage_lines(StageResult("dns", WARN, "slow", cause="far", action="move")) == [
            "WARN dns       slow",
            "     cause: far",
            "     next:  move",
        ]


class TestSignal:
    @pytest.mark.parametrize(("length", "ending"), [(899, "x"), (900, "x"), (901, "x...")])
    def test_it_has_at_most_900_characters(self, length: int, ending: str) -> None:
        data = json.loads(verdict.signal_document("SUCCESS", "x" * length))["Data"]
        assert len(data) == min(length, 900)
        assert data.endswith(ending)
        assert data.count(".") == (3 if length > 900 else 0)

    def test_its_text_needs_no_escapes(self) -> None:
        document = verdict.signal_document("FAILURE", 'a "b" \\ c\n\x07 \u00e9')
        assert json.loads(document) == {
            "Status": "FAILURE",
            "Reason": "a 'b' / c ?",
            "UniqueId": "connection-test",
            "Data": "a 'b' / c ?",
        }

    @pytest.mark.parametrize(
        ("status", "on_failure", "expected"),
        [(FAIL, "fail", "FAILURE"), (FAIL, "report", "SUCCESS"), (WARN, "fail", "SUCCESS"), (PASS, "fail", "SUCCESS")],
    )
    def test_a_failure_fails_the_stack_where_that_is_wanted(self, status: str, on_failure: str, expected: str) -> None:
        made = Report("t", [StageResult("dns", status, cause="c", action="a")])
        document = json.loads(verdict.signal_of(made, on_failure))
        assert document["Status"] == expected
        assert document["Data"] == document["Reason"] == made.summary


class TestProgram:
    LOG = "read /var/log/cloud-init-output.log, or the console output; demo runs it again on the instance"

    def run(
        self, folder: Path, *, line: str | None = "done", on_failure: str = "fail", **changes: Any
    ) -> tuple[str, ...]:
        summary, signal = folder / "summary", folder / "signal"
        if line is not None:
            summary.write_text(line)
        signal.write_text(verdict.signal_document("SUCCESS", "PASS: redis"))
        settings = {"fetched": 0, "status": 0, "said": "", "place": "s3://b/k", "seconds": 90, **changes}
        arguments = argparse.Namespace(
            name="demo", summary=str(summary), signal=str(signal), on_failure=on_failure, **settings
        )
        document, succeeded = program_verdict.complete(arguments)
        parsed = json.loads(document)
        assert succeeded is not parsed["Data"].startswith("FAIL")
        return parsed["Status"], parsed["Data"]

    def test_a_program_that_succeeds(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, line="done in 3 s\nmore") == ("SUCCESS", "PASS: redis; demo: done in 3 s")

    @pytest.mark.parametrize("fetched", [124, 137])
    def test_a_fetch_that_does_not_end(self, fetched: int, tmp_path: Path) -> None:
        status, data = self.run(tmp_path, fetched=fetched)
        assert status == "FAILURE"
        assert data.startswith(
            "FAIL at demo: s3://b/k did not answer within 60 s, and demo was not fetched; next: check"
        )

    @pytest.mark.parametrize(
        ("fetched", "said", "shown"),
        [(1, "", "exit status 1"), (123, "Access Denied\nmore", "Access Denied"), (138, "x" * 201, "x" * 200)],
    )
    def test_a_fetch_that_fails(self, fetched: int, said: str, shown: str, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, fetched=fetched, said=said)
        assert data.startswith(f"FAIL at demo: demo could not be read from s3://b/k: {shown}; next: give the role")

    @pytest.mark.parametrize("status", [124, 137])
    def test_a_program_that_does_not_end(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status)
        assert data == (f"FAIL at demo: it did not end within 90 s; next: raise the program's timeout, or {self.LOG}")

    @pytest.mark.parametrize("status", [-1, 3, 123, 125, 136, 138])
    def test_a_program_that_crashes(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status, line="half")
        assert data == f"FAIL at demo: it crashed with exit status {status}, after: half; next: {self.LOG}"
        (tmp_path / "summary").unlink()
        _, data = self.run(tmp_path, status=status, line=None)
        assert data == f"FAIL at demo: it crashed with exit status {status}; next: {self.LOG}"

    @pytest.mark.parametrize("status", [0, 1, 2])
    def test_a_program_without_a_summary(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status, line="")
        assert data == f"FAIL at demo: it ended with exit status {status} and wrote no summary; next: {self.LOG}"

    @pytest.mark.parametrize("status", [1, 2])
    @pytest.mark.parametrize(("on_failure", "signal"), [("fail", "FAILURE"), ("report", "SUCCESS")])
    def test_a_program_that_reports_a_failure(self, status: int, on_failure: str, signal: str, tmp_path: Path) -> None:
        assert self.run(tmp_path, status=status, line="stale", on_failure=on_failure) == (signal, "FAIL at demo: stale")

    @pytest.mark.parametrize(("length", "kept"), [(440, 440), (441, 440)])
    def test_a_long_summary_is_cut(self, length: int, kept: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, line="x" * length)
        assert data == f"PASS: redis; demo: {'x' * kept}"

    def test_the_command_ends_with_0_or_3(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "summary").write_text("done")
        (tmp_path / "signal").write_text(verdict.signal_document("SUCCESS", "PASS"))
        words = ["--name", "demo", "--said", "", "--place", "p", "--summary", f"{tmp_path}/summary"]
        words += ["--signal", f"{tmp_path}/signal", "--on-failure", "fail", "--fetched", "0", "--seconds", "9"]
        assert program_verdict.main([*words, "--status", "0"]) == 0
        assert program_verdict.main([*words, "--status", "1"]) == 3
        assert capsys.readouterr().out.count("\n") == 2


class TestToken:
    EXPECTED: dict[str, Any] = {"host": "db.example", "port": 5432, "user": "app", "region": "us-east-1"}  # noqa: RUF012

    def mismatch(self, text: str) -> str | None:
        found = tokens.mismatch_of(text, **self.EXPECTED)
        return found[0] if found else None

    def token(self, **changes: str) -> str:
        query = {
            "DBUser": "app",
            "X-Amz-Credential": "key/20260101/us-east-1/rds-db/aws4_request",
            "X-Amz-Date": sigv4.now().strftime("%Y%m%dT%H%M%SZ"),
            "X-Amz-Expires": "900",
            "X-Amz-Signature": "x",
            **changes,
        }
        return "db.example:5432/?" + "&".join(f"{name}={value}" for name, value in query.items())

    def test_a_token_whose_age_cannot_be_read_counts_as_new(self) -> None:
        assert self.mismatch(self.token()) is None
        for changes in ({"X-Amz-Expires": "soon"}, {"X-Amz-Expires": ""}, {"X-Amz-Date": "today"}, {"X-Amz-Date": ""}):
            assert self.mismatch(self.token(**changes)) is None

    def test_the_first_of_two_values_counts(self) -> None:
        assert self.mismatch(f"{self.token()}&DBUser=other") is None
        assert self.mismatch(self.token(DBUser="other&DBUser=app")) == "token-for-another-user"

    def test_the_scope_names_the_region_and_the_service(self) -> None:
        for scope in ("key/d/eu-west-1/rds-db/x", "key/d/us-east-1/elasticache/x", "us-east-1/rds-db", "key/us-east-1"):
            assert self.mismatch(self.token(**{"X-Amz-Credential": scope})) == "token-for-another-database"

    @pytest.mark.parametrize(("age", "expired"), [(899, None), (900, None), (901, "token-expired")])
    def test_it_is_valid_for_900_seconds(self, age: int, expired: str | None) -> None:
        now = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017 - as the module does
        signed = (now - datetime.timedelta(seconds=age)).strftime("%Y%m%dT%H%M%SZ")
        with mock.patch.object(sigv4, "now", return_value=now):
            assert self.mismatch(self.token(**{"X-Amz-Date": signed})) == expired


class TestHeartbeat:
    @pytest.mark.parametrize("beats", [1, 2, 3])
    def test_it_writes_as_often_as_it_is_told(self, beats: int, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[tuple[Any, ...]] = []

        class Recorder:
            def call(self, *words: Any) -> None:
                calls.append(words)

            def close(self) -> None:
                calls.append(("closed",))

        monkeypatch.setattr(heartbeat, "_connect", lambda context: Recorder())
        clock = argparse.Namespace(time=lambda: 1.5, sleep=lambda seconds: None)
        monkeypatch.setattr(heartbeat, "time", clock)
        assert heartbeat.write(Config([PRIMARY]), beats) == 0
        written = ("SET", f"connection-test:{heartbeat.NAME}", "1500", "EX", heartbeat._EXPIRES)
        assert calls == [written] * beats + [("closed",)]


class TestReplicasThatAreNotAnnounced:
    @pytest.mark.parametrize(("replicas", "detail"), [(0, None), (1, "none announced"), (2, "none announced")])
    def test_a_cluster_that_announces_none(self, replicas: int, detail: str | None) -> None:
        """The stage of the topology has warned of it."""
        endpoint = Endpoint("configuration", "c.example", 6379)
        context = Context(Config([endpoint], cluster_mode="enabled", replicas_per_shard=replicas))
        context.shards = [slots.Shard(slots.Node("a", 1), [(0, 16383)])]
        assert stage_replicas.replicas(context) == detail
        assert context.warnings == []


class TestDatabaseLatency:
    class Clock:
        """Advances when it is read."""

        def __init__(self, step: float) -> None:
            self.now, self.step = 0.0, step

        def monotonic(self) -> float:
            self.now += self.step
            return self.now

        def perf_counter(self) -> float:
            return self.now

    @pytest.mark.parametrize(("step", "samples"), [(0.0, 100), (10.0, 2), (1.0, 4)])
    def test_at_most_100_samples_and_at_least_two(
        self, step: float, samples: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stage_database, "time", self.Clock(step))
        queries: list[str] = []
        session = cast("Session", argparse.Namespace(query=queries.append))
        assert stage_database._measured(session) == [0.0] * samples
        assert queries == ["SELECT 1"] * samples

    @pytest.mark.parametrize("rows", [[], [["a"] * 4], [["a"] * 6], [["a"] * 5] * 2])
    def test_one_row_of_five_columns_is_expected(self, rows: list[Any]) -> None:
        with pytest.raises(DatabaseProtocolError, match="one row of five columns"):
            stage_database._one_row(rows)
        assert stage_database._one_row([["a"] * 5]) == ["a"] * 5


class TestResp:
    @pytest.fixture
    def pair(self) -> Iterator[tuple[socket.socket, resp.Connection]]:
        here, there = socket.socketpair()
        with here, there:
            yield here, resp.Connection(there, 1.0)

    @pytest.mark.parametrize(
        ("answer", "value"),
        [
            (b"+OK\r\n", "OK"),
            (b":0\r\n", 0),
            (b":-7\r\n", -7),
            (b"$3\r\na\r\n\r\n", "a\r\n"[:3]),
            (b"$0\r\n\r\n", ""),
            (b"$-1\r\n", None),
            (b"*-1\r\n", None),
            (b"*0\r\n", []),
            (b"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", [1, ["x"]]),
        ],
    )
    def test_replies(self, answer: bytes, value: object, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(answer + b"+NEXT\r\n")
        assert pair[1].call("GET", "k") == value
        assert pair[0].recv(99) == b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
        assert pair[1].call("PING") == "NEXT"

    def test_an_error_has_its_kind(self, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(b"-MOVED 1 host:1\r\n")
        with pytest.raises(resp.ReplyError) as caught:
            pair[1].call("GET", "k")
        assert (caught.value.kind, str(caught.value)) == ("MOVED", "MOVED 1 host:1")

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (b"HTTP/1.1 400\r\n", "expected a RESP reply, got b'HTTP/1.1 400'"),
            (b"?3\r\n", "expected a RESP reply, got b'?3'"),
            (b"\r\n", "expected a RESP reply, got an empty line"),
            (b"$16777217\r\n", "expected at most 16777216 bytes, got 16777217"),
        ],
    )
    def test_what_is_no_reply(self, answer: bytes, message: str, pair: tuple[socket.socket, resp.Connection]) -> None:
        pair[0].sendall(answer)
        with pytest.raises(resp.ProtocolError) as caught:
            pair[1].call("PING")
        assert str(caught.value) == message

    def test_info_and_text(self, pair: tuple[socket.socket, resp.Connection]) -> None:
        text = b"# Server\r\nredis_version:7.1\r\nno pair\r\na:b:c\r\n#x:1\r\n"
        pair[0].sendall(b"$%d\r\n%s\r\n$-1\r\n" % (len(text), text))
        assert pair[1].info("server") == {"redis_version": "7.1", "a": "b:c"}
        assert pair[1].text("GET", "k") == ""
        pair[0].close()
        with pytest.raises(ConnectionError):
            pair[1].call("PING")
