"""What gunicorn runs: the application with the cache and the database of its environment, both by IAM tokens."""

import os
import ssl
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pg8000.native
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from redis.credentials import CredentialProvider

from elasticache_caching import CacheClient
from examples.flask_shop.application import create_app

_SECONDS = 900


def signed(service: str, host: str, query: dict[str, str]) -> str:
    """A token: a signed URL without its scheme, good for 15 minutes."""
    request = AWSRequest("GET", f"https://{host}/?{urlencode(query)}")
    credentials = botocore.session.get_session().get_credentials()
    SigV4QueryAuth(credentials, service, os.environ["AWS_REGION"], expires=_SECONDS).add_auth(request)
    return str(request.url).removeprefix("https://")


class CacheUser(CredentialProvider):
    """Signs in to the cache as an IAM user; asked for each new connection."""

    def get_credentials(self) -> tuple[str, str]:
        """The user and a new token."""
        user = os.environ["CACHE_USER"]
        return user, signed("elasticache", os.environ["CACHE_NAME"].lower(), {"Action": "connect", "User": user})


class Table:
    """The products in PostgreSQL; each call has a connection of its own."""

    def _run(self, sql: str, **values: object) -> list[list[Any]]:
        host, port, user = os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"]), os.environ["DATABASE_USER"]
        connection = pg8000.native.Connection(
            user,
            host=host,
            port=port,
            database=os.environ["DATABASE_NAME"],
            password=signed("rds-db", f"{host}:{port}", {"Action": "connect", "DBUser": user}),
            ssl_context=ssl.create_default_context(cafile=os.environ["DATABASE_AUTHORITIES"]),
        )
        try:
            return connection.run(sql, **values) or []
        finally:
            connection.close()

    def load(self, id: str) -> dict[str, Any] | None:
        """A product; None for one that does not exist."""
        rows = self._run("SELECT name, price FROM product WHERE id = :id", id=id)
        return {"id": id, "name": rows[0][0], "price": rows[0][1]} if rows else None

    def set_price(self, id: str, price: int) -> None:
        """Change a price, and commit."""
        self._run("UPDATE product SET price = :price WHERE id = :id", id=id, price=price)


def application() -> Any:  # noqa: ANN401 - a WSGI application
    """For `gunicorn 'examples.flask_shop.wsgi:application()'`."""
    client = CacheClient.connect(os.environ["CACHE_HOST"], port=int(os.environ["CACHE_PORT"]), credentials=CacheUser())
    return create_app(client, Table())
