"""IAM authentication tokens for the cache and the database, signed with the instance role's credentials."""

from __future__ import annotations

import datetime
import hashlib
import threading
import time
from typing import Callable

from connection_test import aws, sigv4
from connection_test.report import StageFailure

from caching_demo.failures import CannotRunError

# AWS accepts a token for 900 seconds.
_REUSE_SECONDS = 300.0
_EMPTY = hashlib.sha256(b"").hexdigest()


def credentials() -> sigv4.Credentials:
    """Credentials from the environment, or of the instance's role.

    :raises CannotRunError: when there are none.
    """
    try:
        return aws.credentials()
    except StageFailure as failure:
        raise CannotRunError("credentials", failure.cause, failure.action) from None


class Token:
    """A token that is signed anew after five minutes; thread-safe."""

    def __init__(self, sign: Callable[[], str]) -> None:
        self._sign, self._lock = sign, threading.Lock()
        self._value, self._until = "", 0.0

    def __call__(self) -> str:
        """The token."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._value, self._until = self._sign(), time.monotonic() + _REUSE_SECONDS
            return self._value


def database_token(
    signer: sigv4.Credentials, *, host: str, port: int, user: str, region: str, at: datetime.datetime
) -> str:
    """The token of a database user, good for 15 minutes: a presigned request without its scheme.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    service = "rds-db"
    scope = sigv4._scope(at, region, service)
    query = {
        "Action": "connect",
        "DBUser": user,
        "X-Amz-Algorithm": sigv4._ALGORITHM,
        "X-Amz-Credential": f"{signer.access_key}/{scope}",
        "X-Amz-Date": sigv4._stamp(at),
        "X-Amz-Expires": str(sigv4.TOKEN_SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    if signer.session_token:
        query["X-Amz-Security-Token"] = signer.session_token
    canonical = "&".join(f"{sigv4._quote(key)}={sigv4._quote(query[key])}" for key in sorted(query))
    where = f"{host}:{port}"
    request = "\n".join(("GET", "/", canonical, f"host:{where}\n", "host", _EMPTY))
    return f"{where}/?{canonical}&X-Amz-Signature={sigv4._sign(signer, at, region, service, request)}"
