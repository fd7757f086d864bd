"""Users with few permissions on a shard with a replica, in cluster mode and in a Global Datastore, on real servers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cache_servers import PASSWORD, Server, isolated_environment, wait_for
from tests.connection_test import probe, restricted
from tests.connection_test.test_permissions import roles

pytestmark = pytest.mark.servers

SKIP_GET = "the user may not run GET, as its access string says"


def details(outcome: probe.Outcome) -> dict[str, str]:
    """The status and the beginning of the detail, by stage."""
    return {stage["stage"]: f"{stage['status']} {stage.get('detail', '')}" for stage in outcome.report["stages"]}


def check(outcome: probe.Outcome, expected: dict[str, str]) -> None:
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS", outcome.output
    for stage, start in expected.items():
        assert details(outcome)[stage].startswith(start), outcome.output


class TestReplica:
    def run(self, pair: tuple[Server, Server], folder: Path, access_string: str, *, actual: str = "") -> probe.Outcome:
        primary, replica = pair
        reader = ["--reader", f"{replica.host}:{replica.port}"]
        return restricted.run([primary, replica], folder, access_string, *reader, actual=actual)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("Application", {"data": "PASS SET, GET and DEL", "replicas": "PASS read from 1 replica"}),
            ("Report", {"data": "PASS GET answered and SET refused", "replicas": "PASS read from 1 replica"}),
            ("Operator", {"data": "SKIP the user may not run GET or SET", "replicas": f"SKIP {SKIP_GET}"}),
        ],
    )
    def test_each_user_of_the_example(
        self, pair: tuple[Server, Server], tmp_path: Path, name: str, expected: dict[str, str]
    ) -> None:
        check(self.run(pair, tmp_path, roles()[name]), expected)

    @pytest.mark.parametrize(
        ("access_string", "expected"),
        [
            (
                "on ~* +get +set",
                {
                    "topology": "SKIP the user may not run INFO",
                    "data": "PASS SET and GET",
                    "replicas": "PASS read from 1",
                },
            ),
            ("on ~app:* +@all -@dangerous +info", {"replicas": "PASS read from 1 replica"}),
            ("on ~* +@all -del", {"data": "PASS SET and GET", "replicas": "PASS read from 1 replica"}),
            ("on ~* +set +ping", {"data": "PASS SET on 1 shard", "replicas": f"SKIP {SKIP_GET}"}),
            ("on %R~app:* +get", {"data": "PASS GET answered and SET refused", "replicas": "PASS read from 1 replica"}),
        ],
    )
    def test_a_user_with_few_permissions(
        self, pair: tuple[Server, Server], tmp_path: Path, access_string: str, expected: dict[str, str]
    ) -> None:
        check(self.run(pair, tmp_path, access_string), expected)

    def test_a_replica_that_refuses_what_the_primary_allows_fails(
        self, pair: tuple[Server, Server], tmp_path: Path
    ) -> None:
        primary, replica = pair
        restricted.set_user([primary], "on ~* +@all")
        restricted.set_user([replica], "on ~* +@all -get")
        words = ["--config", str(restricted.config_file(tmp_path, "on ~* +@all"))]
        words += [*probe.to(primary, replica), "--reader", f"{replica.host}:{replica.port}"]
        outcome = probe.run(*words, *probe.as_user(restricted.NAME), password=PASSWORD)
        assert (outcome.status, outcome.failed["stage"], outcome.failed["code"]) == (
            19,
            "replicas",
            "missing-permission",
        )


class TestClusterMode:
    WORDS = ("--cluster-mode=enabled", "--shards=3", "--replicas-per-shard=1")

    @pytest.mark.parametrize(
        ("access_string", "expected"),
        [
            (
                "on ~app:* +@all -@dangerous +cluster|slots",
                {
                    "topology": "PASS 3 shards, 6 nodes reachable",
                    "data": "PASS SET, GET and DEL on 3 shards",
                    "replicas": "PASS read from 3 replicas",
                },
            ),
            (
                "on %R~app:* +@read +@connection +cluster|slots",
                {
                    "data": "PASS GET answered and SET refused, as the access string says, on 3 shards",
                    "replicas": "PASS read from 3 replicas",
                },
            ),
            (
                "on ~* +get +set +cluster|slots",
                {
                    "ping": "PASS PING refused; the version is not known",
                    "data": "PASS SET and GET on 3 shards",
                    "replicas": "SKIP the user may not run READONLY, as its access string says",
                    "latency": "PASS GET of 1 KB",
                },
            ),
            (
                "on ~{app}:* +@all -@dangerous +cluster|slots",
                {
                    "data": "PASS SET, GET and DEL on 1 of 3 shards, which owns all keys of the key prefix",
                    "replicas": "PASS read from 1 replica,",
                },
            ),
            (
                "on +@connection +cluster|slots",
                {
                    "topology": "PASS 3 shards, 6 nodes reachable",
                    "data": "SKIP the user may not run GET or SET",
                    "replicas": f"SKIP {SKIP_GET}",
                    "latency": "PASS PING p50",
                },
            ),
        ],
    )
    def test_a_user_with_few_permissions(
        self, cluster: list[Server], tmp_path: Path, access_string: str, expected: dict[str, str]
    ) -> None:
        check(restricted.run(cluster, tmp_path, access_string, *self.WORDS), expected)

    def test_a_user_without_the_topology_fails(self, cluster: list[Server], tmp_path: Path) -> None:
        outcome = restricted.run(cluster, tmp_path, "on ~* +@read +ping +set", *self.WORDS)
        assert (outcome.status, outcome.failed["code"]) == (17, "missing-permission")
        assert "add +cluster|slots to the access string" in outcome.failed["action"]

    @pytest.mark.parametrize("shard", [0, 1, 2])
    def test_a_shard_that_refuses_what_the_others_allow_fails(
        self, cluster: list[Server], tmp_path: Path, shard: int
    ) -> None:
        allowed = "on ~* +@all -@dangerous +cluster|slots"
        restricted.set_user(cluster, allowed)
        restricted.set_user([cluster[shard]], f"{allowed} -set")
        words = ["--config", str(restricted.config_file(tmp_path, allowed)), *probe.to(*cluster)]
        outcome = probe.run(*words, *probe.as_user(restricted.NAME), *self.WORDS, password=PASSWORD)
        assert (outcome.status, outcome.failed["stage"], outcome.failed["code"]) == (18, "data", "missing-permission")


class TestGlobalDatastore:
    """The primary of the pair is in the primary region, and its replica is the secondary."""

    def secondary(
        self, pair: tuple[Server, Server], folder: Path, access_string: str, *, actual: str = ""
    ) -> probe.Outcome:
        return restricted.run(pair[1:], folder, access_string, "--global-role=secondary", actual=actual)

    @pytest.mark.parametrize("reader", ["on ~app:* +@all -@dangerous", "on %R~app:* +get +ping", "on %R~app:* +get"])
    def test_a_write_of_a_restricted_user_arrives_at_a_restricted_user(
        self, pair: tuple[Server, Server], tmp_path: Path, reader: str
    ) -> None:
        writer = "on ~app:* +set"
        restricted.set_user(pair[:1], writer)
        primary = pair[0]
        config = restricted.config_file(tmp_path, writer)
        words = ["--config", str(config), *probe.to(primary), *probe.as_user(restricted.NAME), "--heartbeat"]
        process = subprocess.Popen(
            [sys.executable, "-I", str(probe.SOURCE), *words],
            env={**isolated_environment(), "CACHE_PASSWORD": PASSWORD},
            stderr=subprocess.PIPE,
        )
        try:
            connection = primary.admin_connection()
            wait_for(lambda: connection.call("EXISTS", "app:connection-test:heartbeat"), "the first beat")
            connection.close()
            outcome = self.secondary(pair, tmp_path, reader)
        finally:
            process.terminate()
            process.communicate(timeout=10)
        check(
            outcome,
            {
                "data": "PASS GET answered and SET refused on 1 shard",
                "replicas": "PASS a write in the primary region arrived after",
                "latency": "PASS GET p50",
            },
        )

    def test_a_user_that_may_only_ping_reads_nothing(self, pair: tuple[Server, Server], tmp_path: Path) -> None:
        expected = {"data": f"SKIP {SKIP_GET}", "replicas": f"SKIP {SKIP_GET}", "latency": "PASS PING p50"}
        check(self.secondary(pair, tmp_path, "on +ping"), expected)

    def test_a_user_that_may_run_more_than_in_the_template_is_a_warning(
        self, pair: tuple[Server, Server], tmp_path: Path
    ) -> None:
        outcome = self.secondary(pair, tmp_path, "on %R~app:* +get +ping", actual="on ~* +@all")
        assert outcome.status == 0, outcome.output
        assert outcome.stage("data")["code"] == "more-permissions"
