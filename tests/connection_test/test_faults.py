"""Faults on real servers, which the stage, the code and the exit status distinguish."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cache_servers import DOMAIN, PASSWORD, Server, free_port, wait_for
from tests.connection_test import probe
from tests.connection_test.probe import Outcome, as_user, to

pytestmark = pytest.mark.servers

STATUS = {"config": 10, "dns": 12, "tcp": 13, "tls": 14, "auth": 15, "ping": 16, "topology": 17, "data": 18}


def check(outcome: Outcome, stage: str, code: str, cause: str, action: str) -> None:
    """Check that the verdict names the stage, the cause and the next action, and that later stages were skipped."""
    failed = outcome.failed
    assert (failed["stage"], failed["code"]) == (stage, code), outcome.output
    assert cause in failed["cause"]
    assert action in failed["action"]
    assert outcome.status == STATUS[stage]
    assert outcome.report["summary"] == f"FAIL at {stage}: {failed['cause']}; next: {failed['action']}"
    stages = [stage["stage"] for stage in outcome.report["stages"]]
    later = outcome.report["stages"][stages.index(stage) + 1 :]
    assert {stage["status"] for stage in later} == {"SKIP"}
    assert PASSWORD not in outcome.output + outcome.errors


def test_name_not_found() -> None:
    outcome = probe.run("--host", f"..{DOMAIN}")
    check(outcome, "dns", "name-not-found", "does not exist here", "spelling")


def test_connection_refused() -> None:
    outcome = probe.run("--host=127.0.0.1", f"--port={free_port()}", "--no-tls")
    check(outcome, "tcp", "connection-refused", "refused the connection", "check the port")


@contextmanager
def silent_port() -> Iterator[int]:
    """A port with a full queue, so that the kernel drops further packets."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        yield port
        for filler in fillers:
            filler.close()


def test_connection_dropped() -> None:
    with silent_port() as port:
        outcome = probe.run("--host=127.0.0.1", f"--port={port}", "--no-tls")
    check(outcome, "tcp", "connection-dropped", "packets are dropped", "security group")
    assert 2900 < outcome.failed["milliseconds"] < 10000


def test_tls_client_on_a_plaintext_server(plaintext: Server) -> None:
    words = [word for word in to(plaintext) if word != "--no-tls"]
    outcome = probe.run(*words)
    check(outcome, "tls", "server-without-tls", "speaks plaintext", "encryption in transit on")


def test_plaintext_client_on_a_tls_server(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), "--no-tls")
    check(outcome, "tls", "server-wants-tls", "speaks TLS", "turn TLS on")


def test_untrusted_certificate(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0], ca_file=pair[0].certificates.other_ca_file))
    check(outcome, "tls", "certificate-untrusted", "is not trusted here", "authorities")


def test_wrong_name_in_the_certificate(elsewhere: Server) -> None:
    outcome = probe.run(*to(elsewhere))
    check(outcome, "tls", "certificate-wrong-name", "for another name", "--connect-to")


def test_no_credentials(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), "--authentication=none")
    check(outcome, "auth", "no-credentials", "requires authentication", "authenticate")


def test_password_missing(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), *as_user("app"))
    check(outcome, "auth", "no-credentials", "none was given", "CACHE_PASSWORD")


@pytest.mark.parametrize(("user", "password"), [("app", "wrong-" * 4), ("nobody", PASSWORD), ("off-user", PASSWORD)])
def test_wrong_credentials(pair: tuple[Server, Server], user: str, password: str) -> None:
    outcome = probe.run(*to(pair[0]), *as_user(user), password=password)
    check(outcome, "auth", "wrong-credentials", f"refused the credentials of {user}", "begins with 'on'")
    assert password not in outcome.output


def test_password_to_a_server_without_one(plaintext: Server) -> None:
    outcome = probe.run(*to(plaintext), "--authentication=password", password=PASSWORD)
    check(outcome, "auth", "wrong-credentials", "has none", "leave the password out")


def test_missing_permission_to_write(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), *as_user("no-write"), password=PASSWORD)
    check(outcome, "data", "missing-permission", "may not run SET", "access string")


def test_missing_permission_to_keys(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), *as_user("other-keys"), password=PASSWORD)
    check(
        outcome, "data", "missing-permission", "may not run SET", "otherwise test as a user that the application uses"
    )


def test_missing_permission_to_read_the_topology_is_distinguished_from_cluster_mode_disabled(
    cluster: list[Server],
) -> None:
    outcome = probe.run(*to(*cluster), *as_user("no-slots"), "--cluster-mode=enabled", password=PASSWORD)
    check(outcome, "topology", "missing-permission", "may not run CLUSTER SLOTS", "access string")


def test_cluster_client_on_a_single_shard(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[0]), *as_user("app"), "--cluster-mode=enabled", password=PASSWORD)
    check(outcome, "ping", "cluster-mode-off", "cluster mode disabled", "primary endpoint")


def test_plain_client_on_a_cluster(cluster: list[Server]) -> None:
    outcome = probe.run(*to(*cluster), *as_user("app"), password=PASSWORD)
    check(outcome, "ping", "cluster-mode-on", "is in cluster mode", "configuration endpoint")


def test_slots_not_covered(broken_cluster: list[Server]) -> None:
    connection = broken_cluster[1].admin_connection()
    connection.call("CLUSTER", "DELSLOTSRANGE", 6000, 6099)
    connection.close()
    outcome = probe.run(
        *to(broken_cluster[1], broken_cluster[0], broken_cluster[2]),
        *as_user("app"),
        "--cluster-mode=enabled",
        password=PASSWORD,
    )
    check(outcome, "topology", "slots-not-covered", "100 of 16384 hash slots", "shards' state")
    assert "6000-6099" in outcome.failed["cause"]


def test_node_of_the_cluster_is_unreachable(broken_cluster: list[Server]) -> None:
    broken_cluster[2].stop()
    outcome = probe.run(
        *to(*broken_cluster), *as_user("app"), "--cluster-mode=enabled", "--shards=3", password=PASSWORD
    )
    check(outcome, "topology", "node-unreachable", "refused the connection", "check the port")


def test_read_only_primary(pair: tuple[Server, Server]) -> None:
    outcome = probe.run(*to(pair[1]), *as_user("app"), password=PASSWORD)
    check(outcome, "data", "read-only-primary", "is read-only", "primary endpoint")
    assert "this node is slave" in outcome.stage("topology")["detail"]


def test_server_that_accepts_and_does_not_answer() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        port = listener.getsockname()[1]
        outcome = probe.run("--host=127.0.0.1", f"--port={port}", "--no-tls")
    check(outcome, "tls", "no-answer", "was not answered within 2 s", "whether a failover is in progress")


def test_time_limit_ends_a_test_that_hangs() -> None:
    with silent_port() as port:
        outcome = probe.run("--host=127.0.0.1", f"--port={port}", "--no-tls", "--wait-network=100", "--time-limit=2")
    check(outcome, "tcp", "time-limit", "did not end in its time", "look at the stage")


def test_waits_for_the_network(plaintext: Server) -> None:
    """A port that opens late is reached within the time limit."""
    port = free_port()
    listening: list[socket.socket] = []

    def refused_then_open() -> bool:
        sock = socket.create_server(("127.0.0.1", port))
        listening.append(sock)
        return True

    import threading

    timer = threading.Timer(1.0, refused_then_open)
    timer.start()
    outcome = probe.run("--host=127.0.0.1", f"--port={port}", "--no-tls", "--wait-network=10")
    timer.join()
    wait_for(lambda: listening, "the timer")
    listening[0].close()
    assert outcome.stage("tcp")["status"] == "PASS"


def test_contradictory_configuration() -> None:
    outcome = probe.run("--host=redis://cache:6379")
    check(outcome, "config", "configuration", "must be a plain name", "leave out the scheme")
