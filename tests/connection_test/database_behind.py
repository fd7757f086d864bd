"""A real PostgreSQL behind the cache, whose IAM tokens are checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cache_servers import Server
from tests.connection_test import probe
from tests.connection_test.probe import Outcome, to
from tests.database_servers import HOST, MASTER, Database, database
from tests.token_server import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Tokens, token_server

STATUS = {"config": 10, "db-dns": 21, "db-tcp": 22, "db-tls": 23, "db-auth": 24, "db-query": 25}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
}
PLAIN_PASSWORD = "plain-password-of-no-token"


@dataclass
class Behind:
    """A cache, and the database behind it."""

    cache: Server
    database: Database
    tokens: Tokens

    def words(self, **changes: Any) -> list[str]:
        values = {
            "host": HOST,
            "port": self.database.port,
            "name": self.database.name,
            "user": MASTER,
            "region": REGION,
            "ca_file": self.database.ca_file,
            **changes,
        }
        words = [*to(self.cache), "--connect-to", f"{HOST}:{self.database.port}:127.0.0.1:{self.database.port}"]
        return words + [f"--db-{name.replace('_', '-')}={value}" for name, value in values.items() if value is not None]

    def run(self, *more: str, form: str = "json", environment: dict[str, str] | None = None, **changes: Any) -> Outcome:
        variables = {**CREDENTIALS, **(environment or {})}
        return probe.run(*self.words(**changes), *more, environment=variables, form=form)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, plaintext: Server) -> Iterator[Behind]:
    """Roles of every kind; members of `rds_iam` sign in by a token that is checked, and others by a password."""
    folder = tmp_path_factory.mktemp("database")
    with token_server() as tokens, database(folder, users={"plain": PLAIN_PASSWORD}) as server:
        checked = f'ldap ldapserver=127.0.0.1 ldapport={tokens.port} ldapprefix="uid="'
        (server.home / "data" / "pg_hba.conf").write_text(
            f"local all {server.superuser} trust\n"
            f"hostssl all +rds_iam 127.0.0.1/32 {checked}\n"
            "hostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        server.query(
            "SELECT pg_reload_conf(); CREATE ROLE shop LOGIN IN ROLE rds_iam; CREATE ROLE nobody IN ROLE rds_iam;"
            "CREATE ROLE limited LOGIN CONNECTION LIMIT 0 IN ROLE rds_iam"
        )
        server.query("CREATE DATABASE closed")
        server.query("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        tokens.host, tokens.database_port = HOST, server.port
        yield Behind(plaintext, server, tokens)


@pytest.fixture(autouse=True)
def allowed(behind: Behind) -> None:
    behind.tokens.allowed = {MASTER, "shop", "nobody", "limited"}
    behind.tokens.refusals = 0
    behind.tokens.seen.clear()


def check(outcome: Outcome, stage: str, code: str, cause: str, action: str) -> None:
    """The stage, the exit status, the cause and the action; and no token or key is anywhere."""
    failed = outcome.failed
    assert (failed["stage"], failed["code"]) == (stage, code), outcome.output
    assert cause in failed["cause"]
    assert action in failed["action"]
    assert outcome.status == STATUS[stage]
    check_no_secret(outcome)


def check_no_secret(outcome: Outcome) -> None:
    text = outcome.output + outcome.errors
    for secret in ("X-Amz-", SECRET_KEY, SESSION_TOKEN, PLAIN_PASSWORD):
        assert secret not in text
