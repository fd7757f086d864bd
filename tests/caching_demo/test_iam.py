"""IAM tokens for both servers: the database checks each one, with the signature of AWS's own SDK."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import cache_servers, database_servers
from tests.cache_servers import Certificates, Server, free_port, wait_for
from tests.caching_demo.conftest import APPLICATION, Outcome, Program
from tests.database_servers import MASTER, Database
from tests.token_server import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Tokens, token_server

pytestmark = [pytest.mark.servers, pytest.mark.cli, pytest.mark.slow]

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Tokens]]:
    """Members of `rds_iam` sign in by a token; there is no other way in."""
    with token_server() as tokens, database_servers.database(tmp_path_factory.mktemp("iam")) as server:
        asked = f'ldap ldapserver=127.0.0.1 ldapport={tokens.port} ldapprefix="uid="'
        lines = f"local all {server.superuser} trust\nhostssl all +rds_iam 127.0.0.1/32 {asked}\n"
        (server.home / "data" / "pg_hba.conf").write_text(lines)
        server.query("SELECT pg_reload_conf()")
        tokens.host, tokens.database_port = "127.0.0.1", server.port
        yield server, tokens


def _run(
    program: Program,
    checked: tuple[Database, Tokens],
    cache: Server,
    *allowed: str,
    secret: str = "",
    **changes: Any,
) -> Outcome:
    database, tokens = checked
    tokens.allowed = set(allowed)
    own = replace(program, database=database)
    config = own.config(cache.port, authentication="iam", user="any-token", cache_name="cart", region=REGION, **changes)
    environment = {**CREDENTIALS, "CACHE_PASSWORD": "not used"}
    return own.run(config, secret=secret, environment=environment)


def test_both_users_sign_in_with_tokens(program: Program, checked: tuple[Database, Tokens], cache: Server) -> None:
    done = _run(program, checked, cache, MASTER, APPLICATION)
    assert done.status == 0, done.output
    assert done.report["verdict"] == "pass"
    assert done.report["database"]["authentication"] == "iam"
    assert done.report["cache"]["authentication"] == "iam"
    database, tokens = checked
    member = "SELECT pg_has_role(oid, 'rds_iam', 'MEMBER'), rolpassword IS NULL FROM pg_authid "
    assert database.query(f"{member} WHERE rolname = '{APPLICATION}'") == "t|t"
    # The tokens of both, each signed once.
    assert len(set(tokens.seen)) == 2
    everything = done.output + "".join(path.read_text() for path in done.folder.iterdir())
    for secret in ("X-Amz-", SECRET_KEY, SESSION_TOKEN):
        assert secret not in everything


def test_a_serverless_cache_over_tls(
    program: Program, checked: tuple[Database, Tokens], tmp_path: Path, certificates: Certificates
) -> None:
    """One endpoint that speaks the cluster protocol, as that of a serverless cache."""
    options = {"cluster-enabled": "yes", "tls-cluster": "yes", "cluster-announce-ip": "127.0.0.1"}
    options["cluster-port"] = str(free_port())
    server = cache_servers.start(tmp_path, "serverless", certificates, options=options)
    admin = server.admin_connection()
    try:
        admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_for(lambda: "cluster_state:ok" in admin.text("CLUSTER", "INFO"), "the cluster")
        done = _run(program, checked, server, MASTER, APPLICATION, serverless=True, cluster_mode="enabled")
    finally:
        admin.close()
        server.stop()
    assert done.status == 0, done.output
    assert done.report["verdict"] == "pass"
    assert done.report["cache"]["kind"] == "redis, serverless"


@pytest.mark.parametrize("allowed", [(), (MASTER,)])
def test_a_user_that_the_role_may_not_connect_as_is_refused(
    program: Program, checked: tuple[Database, Tokens], cache: Server, allowed: tuple[str, ...]
) -> None:
    done = _run(program, checked, cache, *allowed)
    user = APPLICATION if allowed else MASTER
    assert done.status == 2, done.output
    assert done.summary.startswith("database: the server refused ")
    assert f'"{user}"'.replace('"', "'") in done.summary
    assert "give the role rds-db:connect for this database user" in done.summary


def test_a_password_in_place_of_a_token_is_refused(
    program: Program, checked: tuple[Database, Tokens], cache: Server
) -> None:
    done = _run(program, checked, cache, MASTER, APPLICATION, secret="a-password")
    assert done.status == 2
    assert done.summary.startswith("database: the server refused ")
    assert "a-password" not in done.output


def test_without_credentials_the_line_says_where_they_come_from(
    program: Program, checked: tuple[Database, Tokens], cache: Server
) -> None:
    own = replace(program, database=checked[0])
    done = own.run(
        own.config(cache.port),
        secret="",
        environment={"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"},
    )
    assert done.status == 2
    assert done.summary.startswith("credentials: no AWS credentials in the environment or from instance metadata ")
    assert "; next: run this on an instance with a role" in done.summary
