"""What gunicorn runs in the Flask example, with a real PostgreSQL and a real cache, both by IAM tokens."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud.identity import Identity
from local_cloud.tokens import verify
from stacks.rds_behind_cache import DEMONSTRATION
from tests import cache_servers, database_servers
from tests.cache_servers import Certificates
from tests.conftest import ROOT
from tests.token_server import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, token_server

pytestmark = [pytest.mark.servers, pytest.mark.cli, pytest.mark.slow]

_USER = "shop"
_TABLE = """
CREATE ROLE shop LOGIN; GRANT rds_iam TO shop;
CREATE TABLE product (id text PRIMARY KEY, name text, price integer);
INSERT INTO product VALUES ('1', 'cup', 10);
GRANT SELECT, UPDATE ON product TO shop;
"""
# The last line is the token of the cache.
_USE = """
import json
from examples.flask_shop.wsgi import CacheUser, application
shop = application().test_client()
show = lambda: shop.get("/products/1").json
answers = [show(), shop.put("/products/1/price", json={"price": 12}).status_code, show(), show()]
answers += [shop.get("/products/2").status_code, shop.post("/cart/1").json, shop.post("/cart/1").json]
print(json.dumps(answers))
print(CacheUser().get_credentials()[1])
"""


def test_the_shop_authenticates_at_both_with_iam(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    cache = cache_servers.start(tmp_path, "shop", certificates)
    try:
        with token_server() as tokens, database_servers.database(tmp_path / "database") as database:
            asked = f'ldap ldapserver=127.0.0.1 ldapport={tokens.port} ldapprefix="uid="'
            lines = f"local all {database.superuser} trust\nhostssl all +rds_iam 127.0.0.1/32 {asked}\n"
            (database.home / "data" / "pg_hba.conf").write_text(lines)
            database.query(f"{_TABLE} SELECT pg_reload_conf()")
            tokens.host, tokens.database_port, tokens.allowed = "127.0.0.1", database.port, {_USER}
            settings = {
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_SESSION_TOKEN": SESSION_TOKEN,
                "AWS_REGION": REGION,
                "CACHE_HOST": "127.0.0.1",
                "CACHE_PORT": str(cache.port),
                "CACHE_NAME": "Cart",
                "CACHE_USER": "any-token",
                "DATABASE_AUTHORITIES": str(database.ca_file),
                "DATABASE_HOST": "127.0.0.1",
                "DATABASE_NAME": database.name,
                "DATABASE_PORT": str(database.port),
                "DATABASE_USER": _USER,
                "SSL_CERT_FILE": str(certificates.ca_file),
                # The driver of the database is in the zip of the demonstration.
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(DEMONSTRATION)]),
            }
            done = subprocess.run(
                [sys.executable, "-c", _USE],
                env={"PATH": os.defpath, **settings},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert done.returncode == 0, done.stderr
            assert database.query("SELECT price FROM product") == "12"
            assert len(tokens.seen) == 4, "each of three loads and one update, and no read from the cache"
    finally:
        cache.stop()
    answers, token = done.stdout.splitlines()
    before, after = ({"id": "1", "name": "cup", "price": price} for price in (10, 12))
    assert json.loads(answers) == [before, 204, after, after, 404, {"1": 1}, {"1": 2}]
    role = Identity("1", REGION, "Shop", "arn", ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)
    now = datetime.datetime.now(datetime.UTC)
    told = verify(token, service="elasticache", region=REGION, identities=[role], now=now)
    assert (told.host, told.parameters) == ("cart", {"Action": "connect", "User": "any-token"})
