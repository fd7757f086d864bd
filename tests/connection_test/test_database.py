"""The stages of the database, against a real PostgreSQL whose IAM tokens are checked, and each fault."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import database_servers
from tests.cache_servers import Server, free_port
from tests.connection_test import probe
from tests.connection_test.database_behind import (
    CREDENTIALS,
    PLAIN_PASSWORD,
    STATUS,
    Behind,
    allowed,
    behind,
    check,
    check_no_secret,
)
from tests.connection_test.fake_postgres import fake, session
from tests.connection_test.probe import Outcome, to
from tests.connection_test.test_faults import silent_port
from tests.database_servers import HOST, MASTER, Database, database
from tests.token_server import REGION

__all__ = ["allowed", "behind"]

pytestmark = pytest.mark.servers


def test_all_stages_pass(behind: Behind) -> None:
    outcome = behind.run("--clock-url=http://127.0.0.1:1/")
    assert outcome.status == 0, outcome.output
    assert outcome.stage("db-dns")["detail"] == "writer -> 127.0.0.1"
    assert outcome.stage("db-tcp")["detail"] == "1 address accepted a connection"
    assert outcome.stage("db-tls")["detail"].startswith(f"TLSv1.3, certificate for {HOST}, ")
    assert outcome.stage("db-auth")["detail"] == f"{MASTER} with an IAM token, in the database shop"
    version = behind.database.query("SHOW server_version")
    detail = outcome.stage("db-query")["detail"]
    assert detail.startswith(f"writer: PostgreSQL {version}, primary, TLSv1.3, as {MASTER}, query p50 ")
    facts = outcome.report["database"]
    assert (facts["version"], facts["user"], facts["tls"]) == (version, MASTER, "TLSv1.3")
    assert 0 < facts["query_ms"]["p50"] <= facts["query_ms"]["p99"]
    assert f"database postgres {version} query p50 {facts['query_ms']['p50']} ms" in outcome.report["summary"]
    assert len(behind.tokens.seen) == 1
    check_no_secret(outcome)
    # The clock decides whether a token is valid, also where the cache needs none.
    assert outcome.stage("clock")["code"] == "clock-unknown"


def test_nothing_runs_without_a_database(plaintext: Server) -> None:
    outcome = probe.run(*to(plaintext))
    assert outcome.status == 0
    assert {outcome.stage(name)["status"] for name in STATUS if name.startswith("db-")} == {"SKIP"}
    assert outcome.stage("clock")["status"] == "SKIP"
    assert "database" not in outcome.report["summary"]


def test_configuration_file_and_reader(behind: Behind, tmp_path: Path) -> None:
    settings = {
        "endpoints": [{"role": "primary", "host": behind.cache.host, "port": behind.cache.port}],
        "tls": False,
        "database": {
            "engine": "postgres",
            **{"host": HOST, "reader_host": "127.0.0.1", "port": behind.database.port, "name": "shop"},
            **{"user": "shop", "application_user": "other", "region": REGION},
        },
    }
    (tmp_path / "config.json").write_text(json.dumps(settings))
    behind.tokens.host = "127.0.0.1"
    outcome = probe.run(
        f"--config={tmp_path}/config.json",
        *("--connect-to", behind.cache.connect_to),
        *("--connect-to", f"{HOST}:{behind.database.port}:127.0.0.1:{behind.database.port}"),
        environment={**CREDENTIALS, "SSL_CERT_FILE": str(behind.database.ca_file)},
    )
    behind.tokens.host = HOST
    # The token of the first endpoint is not for the name that is checked here, and so it is refused.
    check(outcome, "db-auth", "token-refused", f"{HOST}:{behind.database.port} refused the IAM token of shop", "")
    assert outcome.stage("db-dns")["detail"] == "writer -> 127.0.0.1; reader -> 127.0.0.1"
    assert outcome.stage("db-tls")["status"] == "PASS"


def test_reader_is_tested_as_the_writer_is(behind: Behind) -> None:
    outcome = behind.run(host="127.0.0.1", reader=HOST)
    check(outcome, "db-auth", "token-refused", "127.0.0.1", "rds-db:connect")
    behind.tokens.host = "127.0.0.1"
    refused = behind.run(host="127.0.0.1", reader=HOST)
    behind.tokens.host = HOST
    check(refused, "db-auth", "token-refused", HOST, "rds-db:connect")


def test_name_that_does_not_exist(behind: Behind) -> None:
    outcome = behind.run(host="..rds.amazonaws.com")
    check(outcome, "db-dns", "name-not-found", "does not exist here", "that the database still exists")


def test_no_rule_to_the_database(behind: Behind) -> None:
    with silent_port() as port:
        outcome = behind.run(host="127.0.0.1", port=port)
    check(outcome, "db-tcp", "connection-dropped", "packets are dropped", "the database's security group")


def test_database_down(behind: Behind) -> None:
    outcome = behind.run(host="127.0.0.1", port=free_port())
    check(outcome, "db-tcp", "connection-refused", "nothing listens there", "that the database runs")


def test_wrong_authority(behind: Behind) -> None:
    other = behind.cache.certificates.other_ca_file
    outcome = behind.run(ca_file=other)
    check(outcome, "db-tls", "certificate-untrusted", f"trusted are those of {other}", "pass the file")


@pytest.mark.parametrize(
    ("region", "trusted", "action"),
    [
        (REGION, "trusted are the system's and those of RDS in us-east-1", "CACertificateIdentifier"),
        ("xx-east-9", "none of RDS in xx-east-9 is known here", "pass the region's bundle of RDS"),
    ],
)
def test_authority_that_is_none_of_rds(behind: Behind, region: str, trusted: str, action: str) -> None:
    outcome = behind.run(region=region, ca_file=None)
    check(outcome, "db-tls", "certificate-untrusted", trusted, action)


def test_authority_of_the_systems_store(behind: Behind) -> None:
    """How the local cloud is trusted; the authorities of RDS are beside it."""
    outcome = behind.run(environment={"SSL_CERT_FILE": str(behind.database.ca_file)}, ca_file=None)
    assert outcome.status == 0, outcome.output


def test_certificate_for_another_name(behind: Behind) -> None:
    port = behind.database.port
    outcome = behind.run("--connect-to", f"alias.example:{port}:127.0.0.1:{port}", host="alias.example")
    check(outcome, "db-tls", "certificate-wrong-name", "is for another name", "own endpoint name")


def test_unreadable_authorities(behind: Behind) -> None:
    check(behind.run(ca_file="/nowhere.pem"), "db-tls", "ca-file", "/nowhere.pem", "pass a PEM file")


def test_server_without_tls(behind: Behind, tmp_path: Path) -> None:
    with database(tmp_path, settings={"ssl": "off"}) as server:
        outcome = behind.run(host="127.0.0.1", port=server.port)
    check(outcome, "db-tls", "server-without-tls", "takes no TLS", "rds.force_ssl")


def test_server_that_is_no_postgresql(behind: Behind, tmp_path: Path) -> None:
    with fake(tmp_path, session(), answer=b"H") as (port, _):
        outcome = behind.run(host="127.0.0.1", port=port)
    check(outcome, "db-tls", "no-answer", "did not answer the request for TLS as PostgreSQL does", "is PostgreSQL's")


def test_role_without_permission(behind: Behind) -> None:
    behind.tokens.allowed = {"shop"}
    outcome = behind.run()
    check(outcome, "db-auth", "token-refused", f"refused the IAM token of {MASTER}", "rds-db:connect")
    assert "IAMDatabaseAuthenticationEnabled" in outcome.failed["action"]


def test_permission_that_becomes_known_is_waited_for(behind: Behind) -> None:
    behind.tokens.refusals = 1
    outcome = behind.run("--wait-auth=20")
    assert outcome.status == 0, outcome.output
    assert len(set(behind.tokens.seen)) == 2


def test_token_made_elsewhere(behind: Behind) -> None:
    token = behind.tokens.token(MASTER)
    outcome = behind.run(environment={"DATABASE_PASSWORD": token})
    assert outcome.status == 0, outcome.output
    assert outcome.stage("db-auth")["detail"].startswith(f"{MASTER} with the token of DATABASE_PASSWORD")
    check_no_secret(outcome)


def test_token_for_another_user(behind: Behind) -> None:
    outcome = behind.run("--wait-auth=60", environment={"DATABASE_PASSWORD": behind.tokens.token("shop")})
    check(outcome, "db-auth", "token-for-another-user", f"another user than {MASTER}", f"make one for {MASTER}")
    assert len(behind.tokens.seen) == 1


def test_token_for_another_database(behind: Behind) -> None:
    token = behind.tokens.token(MASTER).replace("shop.abc", "other.abc")
    outcome = behind.run(environment={"DATABASE_PASSWORD": token})
    check(outcome, "db-auth", "token-for-another-database", "another endpoint, port or region", "make one")


def test_token_that_has_expired(behind: Behind) -> None:
    token = behind.tokens.token(MASTER, like="?X-Amz-Date=20200101T000000Z") + "0"
    outcome = behind.run(environment={"DATABASE_PASSWORD": token})
    check(outcome, "db-auth", "token-expired", "older than 900 s", "make one")


def test_password_in_place_of_a_token(behind: Behind) -> None:
    outcome = behind.run(environment={"DATABASE_PASSWORD": PLAIN_PASSWORD})
    check(outcome, "db-auth", "password-in-place-of-token", "a password was sent", "leave DATABASE_PASSWORD out")


@pytest.mark.parametrize("user", ["plain", "not-there"])
def test_role_without_rds_iam_and_role_that_does_not_exist(behind: Behind, user: str) -> None:
    outcome = behind.run(user=user)
    cause = f"asks {user} for a SCRAM password in place of an IAM token"
    check(outcome, "db-auth", "token-not-accepted", cause, f"then GRANT rds_iam TO {user}")
    assert behind.tokens.seen == []


def test_grant_of_the_action_is_the_fix(behind: Behind) -> None:
    behind.database.query("CREATE ROLE fixed LOGIN")
    behind.tokens.allowed.add("fixed")
    failed = behind.run(user="fixed").failed
    behind.database.query(failed["action"].split(", then ")[1].split(";")[0])
    assert behind.run(user="fixed").status == 0


def test_role_that_may_not_log_in(behind: Behind) -> None:
    outcome = behind.run(user="nobody")
    check(outcome, "db-auth", "user-may-not-log-in", "the role nobody may not log in", "ALTER ROLE nobody LOGIN")


def test_database_that_does_not_exist(behind: Behind) -> None:
    outcome = behind.run(name="shopping")
    check(outcome, "db-auth", "database-missing", "there is no database shopping", "CREATE DATABASE shopping")


def test_database_that_the_role_may_not_open(behind: Behind) -> None:
    outcome = behind.run(name="closed", user="shop")
    check(outcome, "db-auth", "missing-privilege", "shop may not connect", "GRANT CONNECT ON DATABASE closed")


def test_too_many_connections(behind: Behind) -> None:
    outcome = behind.run(user="limited")
    check(outcome, "db-auth", "too-many-connections", "as many connections", "DatabaseConnections")


def test_database_that_shuts_down(behind: Behind, tmp_path: Path) -> None:
    with database(tmp_path) as server, open_session(server):
        os.kill(server.pid, signal.SIGTERM)
        outcome = behind.run(port=server.port, host="127.0.0.1", ca_file=server.ca_file)
    check(outcome, "db-auth", "starting-up", "takes no sessions yet", "wait until its state is available")


@contextmanager
def open_session(server: Database) -> Iterator[None]:
    """A session whose end a shutdown waits for."""
    command = [*database_servers._confined(server.home), database_servers._program("psql"), "-X", "-q", "-A", "-t"]
    with subprocess.Popen(
        [*command, "-h", str(server.home), "-p", str(server.port), "-U", server.superuser, "postgres"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=database_servers._environment(),
    ) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        psql.stdin.write("SELECT 'open';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "open\n"
        yield
        psql.stdin.close()


def test_text_form_shows_no_secret(behind: Behind, tmp_path: Path) -> None:
    """What the user data prints on the console, and the files that it leaves."""
    files = (f"--report={tmp_path}/report.json", f"--signal={tmp_path}/signal.json")
    for changes in ({}, {"user": "plain"}, {"name": "shopping"}):
        for password in ("", behind.tokens.token(MASTER), PLAIN_PASSWORD):
            environment = {"DATABASE_PASSWORD": password} if password else {}
            outcome = behind.run(*files, form="text", environment=environment, **changes)
            check_no_secret(outcome)
            written = (tmp_path / "report.json").read_text() + (tmp_path / "signal.json").read_text()
            check_no_secret(Outcome(0, written, ""))


def test_stopped_process_is_no_fault_of_the_test(behind: Behind, tmp_path: Path) -> None:
    """The kernel accepts its connections, and nothing answers."""
    with database(tmp_path) as server:
        os.kill(server.pid, signal.SIGSTOP)
        try:
            outcome = behind.run(port=server.port, host="127.0.0.1", ca_file=server.ca_file)
        finally:
            os.kill(server.pid, signal.SIGCONT)
    check(outcome, "db-tls", "no-answer", "did not answer the request for TLS within 10 s", "CPUUtilization")
