"""The connection test on servers without faults."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cache_servers import PASSWORD, Server
from tests.connection_test import probe
from tests.connection_test.probe import NO_DATABASE

pytestmark = pytest.mark.servers


def _reader(primary: Server, replica: Server) -> list[str]:
    mapped = f"{replica.host}:{primary.port}:127.0.0.1:{replica.port}"
    return ["--reader", replica.host, "--connect-to", mapped]


def test_one_shard_with_a_replica(pair: tuple[Server, Server]) -> None:
    primary, replica = pair
    outcome = probe.run(
        *probe.to(primary),
        *_reader(primary, replica),
        *probe.as_user("app"),
        "--engine-version=7.0",
        password=PASSWORD,
    )
    assert outcome.status == 0, outcome.output
    report = outcome.report
    assert report["verdict"] == "PASS"
    assert report["cluster_mode"] == "disabled"
    assert report["shards"] == 1
    assert report["replicas_read"] == 1
    assert {stage["stage"]: stage["status"] for stage in report["stages"]} == {
        "config": "PASS",
        "clock": "SKIP",
        "dns": "PASS",
        "tcp": "PASS",
        "tls": "PASS",
        "auth": "PASS",
        "ping": "PASS",
        "topology": "PASS",
        "data": "PASS",
        "replicas": "PASS",
        "latency": "PASS",
        **NO_DATABASE,
    }
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"] <= report["latency_ms"]["p99"]


def test_three_shards_with_replicas_as_the_zip_of_the_instance(cluster: list[Server], tmp_path: Path) -> None:
    outcome = probe.run(
        *probe.to(*cluster),
        *probe.as_user("app"),
        *("--cluster-mode=enabled", "--shards=3", "--replicas-per-shard=1", "--engine-version=7.0"),
        password=PASSWORD,
        program=probe.make_zip(tmp_path / "connection_test.zip"),
    )
    assert outcome.status == 0, outcome.output
    report = outcome.report
    assert (report["verdict"], report["shards"], report["replicas_read"]) == ("PASS", 3, 3)
    assert "all 16384 slots covered" in outcome.stage("topology")["detail"]
    assert outcome.stage("data")["detail"] == "SET, GET and DEL on 3 shards"


def test_plaintext_without_authentication(plaintext: Server) -> None:
    outcome = probe.run(*probe.to(plaintext), "--engine-version=7.0")
    assert outcome.status == 0, outcome.output
    assert outcome.stage("tls")["detail"] == "plaintext, as configured"
    assert outcome.stage("auth")["detail"] == "none asked for"


def test_the_keys_of_the_test_are_deleted(plaintext: Server) -> None:
    assert probe.run(*probe.to(plaintext)).status == 0
    connection = plaintext.admin_connection()
    assert connection.call("KEYS", "connection-test:*") == []
    connection.close()


def test_key_prefix_follows_the_users_pattern(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*probe.to(pair[0]), *probe.as_user("other-keys"), "--key-prefix=other:", password=PASSWORD)
    assert outcome.status == 0, outcome.output


def test_text_report_is_for_people(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*probe.to(pair[0]), *probe.as_user("app"), password=PASSWORD, form="text")
    lines = outcome.output.splitlines()
    assert lines[0] == f"connection test of {pair[0].host}: redis , cluster mode disabled"
    assert lines[1].startswith("PASS config")
    assert lines[-1].startswith("verdict: PASS: redis 7.0.15, cluster mode disabled, shards 1")


def test_report_and_signal_are_written(pair: tuple[Server, Server], tmp_path: Path) -> None:
    report, signal = tmp_path / "report.json", tmp_path / "signal.json"
    outcome = probe.run(
        *probe.to(pair[0]),
        *probe.as_user("app"),
        *("--report", str(report), "--signal", str(signal)),
        password=PASSWORD,
    )
    assert json.loads(report.read_text()) == outcome.report
    document = json.loads(signal.read_text())
    assert document["Status"] == "SUCCESS"
    assert document["Data"] == outcome.report["summary"]
    assert document["UniqueId"] == "connection-test"


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_signal_is_written_where_nothing_else_can_be(plaintext: Server, tmp_path: Path, form: str) -> None:
    """Neither a full disk for the report nor a full standard output loses the signal or changes the exit status."""
    signal = tmp_path / "signal.json"
    words = (*probe.to(plaintext), f"--format={form}", "--report=/dev/full", f"--signal={signal}")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, str(probe.make_zip(tmp_path / "test.zip")), *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        0,
        "connection_test: /dev/full was not written: No space left on device\n",
    )
    assert json.loads(signal.read_text())["Data"].startswith("PASS: redis")


def test_a_closed_output_ends_no_test(plaintext: Server, tmp_path: Path) -> None:
    signal = tmp_path / "signal.json"
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, str(probe.make_zip(tmp_path / "test.zip")), *probe.to(plaintext), f"--signal={signal}"],
        stdout=writes,
        check=False,
    )
    os.close(writes)
    assert done.returncode == 0
    assert json.loads(signal.read_text())["Status"] == "SUCCESS"


def test_another_version_and_another_number_of_shards_are_warnings(cluster: list[Server]) -> None:
    outcome = probe.run(
        *probe.to(*cluster),
        *probe.as_user("app"),
        *("--cluster-mode=enabled", "--shards=5", "--engine=valkey", "--engine-version=8.2"),
        password=PASSWORD,
    )
    assert outcome.status == 0
    assert outcome.report["verdict"] == "WARN"
    assert outcome.stage("ping")["code"] == "other-version"
    assert outcome.stage("topology")["code"] == "other-shards"
    assert outcome.report["summary"].endswith("warnings at ping and topology")


def test_slow_round_trips_are_a_warning(plaintext: Server) -> None:
    outcome = probe.run(*probe.to(plaintext), slow_ms=0.0001)
    assert outcome.status == 0
    assert (outcome.stage("latency")["status"], outcome.stage("latency")["code"]) == ("WARN", "slow")
    assert "under 0.0001 ms is usual" in outcome.stage("latency")["cause"]


def test_compatible_mode_accepts_a_plain_client(plaintext: Server) -> None:
    outcome = probe.run(*probe.to(plaintext), "--cluster-mode=compatible")
    assert outcome.status == 0
    assert outcome.report["cluster_mode"] == "compatible"


def test_configuration_comes_from_a_file(pair: tuple[Server, Server]) -> None:
    primary, replica = pair
    config = {
        "endpoints": [
            {"role": "primary", "host": primary.host, "port": primary.port},
            {"role": "reader", "host": replica.host, "port": replica.port},
        ],
        "engine_version": "7.0",
        "replicas_per_shard": 1,
        "authentication": "password",
        "user": "app",
        "ca_file": str(primary.certificates.ca_file),
    }
    outcome = probe.run(
        "--config=-",
        *("--connect-to", primary.connect_to, "--connect-to", replica.connect_to),
        password=PASSWORD,
        stdin=json.dumps(config),
    )
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS"
