"""Checks IAM tokens for a PostgreSQL of the tests, as an LDAP server that it asks, with botocore's own signature.

RDS asks a PAM module in the same way: the role's password is the token, in clear text within TLS.
"""

import datetime
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock
from urllib.parse import parse_qs

import botocore.auth
import botocore.session

ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "ASIA", "s" * 40, "t" * 40
REGION = "us-east-1"


@dataclass
class Tokens:
    """What the server accepts.

    :param allowed: the users that the role's policy lets it connect as.
    :param refusals: how many sign-ins it refuses to begin with, as while a policy is not yet known.
    """

    port: int = 0
    host: str = ""
    database_port: int = 0
    allowed: set[str] = field(default_factory=set)
    refusals: int = 0
    seen: list[str] = field(default_factory=list)

    def accepts(self, user: str, token: str) -> bool:
        self.seen.append(token)
        if self.refusals > 0:
            self.refusals -= 1
            return False
        return user in self.allowed and _query(token) == _query(self.token(user, token))

    def token(self, user: str, like: str = "") -> str:
        """The token of AWS's own SDK, signed at the time of another one, or now."""
        signed = parse_qs(like.partition("?")[2]).get("X-Amz-Date")
        at = datetime.datetime.strptime(signed[0], "%Y%m%dT%H%M%SZ") if signed else None
        now = at or datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        with mock.patch.object(botocore.auth, "get_current_datetime", return_value=now):
            return str(_client().generate_db_auth_token(self.host, self.database_port, user, REGION))


@cache
def _client() -> Any:
    session = botocore.session.get_session()
    session.set_credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)
    return session.create_client("rds", region_name=REGION)


def _query(token: str) -> tuple[str, dict[str, list[str]]]:
    address, _, query = token.partition("/?")
    return address, parse_qs(query)


@contextmanager
def token_server() -> Iterator[Tokens]:
    tokens = Tokens()

    class Handler(socketserver.BaseRequestHandler):
        """A bind: SEQUENCE(message id, [0](version, name, [0] password)), answered by a result code."""

        def handle(self) -> None:
            message = _value(self._message(), 0)[0]
            number, after = _value(message, 0)
            bind, _ = _value(message, after)
            _, position = _value(bind, 0)
            name, position = _value(bind, position)
            password, _ = _value(bind, position)
            accepted = tokens.accepts(name.decode().removeprefix("uid="), password.decode())
            result = b"\x0a\x01" + (b"\0" if accepted else b"\x31") + b"\x04\0\x04\0"
            body = b"\x02" + bytes([len(number)]) + number + b"\x61" + bytes([len(result)]) + result
            self.request.sendall(b"\x30" + bytes([len(body)]) + body)

        def _message(self) -> bytes:
            data = b""
            while len(data) < 8 or len(data) < _end(data, 0):
                more: bytes = self.request.recv(65536)
                if not more:
                    break
                data += more
            return data

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        tokens.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield tokens
        finally:
            server.shutdown()
            thread.join()


def _start_and_length(data: bytes, position: int) -> tuple[int, int]:
    length = data[position + 1]
    if length < 128:
        return position + 2, length
    count = length - 128
    return position + 2 + count, int.from_bytes(data[position + 2 : position + 2 + count], "big")


def _end(data: bytes, position: int) -> int:
    return sum(_start_and_length(data, position))


def _value(data: bytes, position: int) -> tuple[bytes, int]:
    """The value of an element, and where the next one begins."""
    start, length = _start_and_length(data, position)
    return data[start : start + length], start + length
