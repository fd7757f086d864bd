"""AWS Signature Version 4: the IAM authentication tokens, and the API call that reads a secret."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Mapping
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY = hashlib.sha256(b"").hexdigest()
TOKEN_SECONDS = 900


@dataclass(frozen=True)
class Credentials:
    """Credentials for signing requests."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


def now() -> datetime.datetime:
    """The current time in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def connect_token(
    credentials: Credentials,
    *,
    user: str,
    cache_name: str,
    region: str,
    serverless: bool,
    at: datetime.datetime,
) -> str:
    """The IAM authentication token, valid for 15 minutes: a presigned `connect` request without its scheme.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

    :param user: the user's id, which equals its name.
    :param cache_name: the replication group's id or the serverless cache's name, not an endpoint.
    :param serverless: whether the cache is serverless.
    """
    query = {"Action": "connect", "User": user}
    if serverless:
        query["ResourceType"] = "ServerlessCache"
    return _presigned(credentials, cache_name.lower(), query, region=region, service="elasticache", at=at)


def database_token(
    credentials: Credentials, *, host: str, port: int, user: str, region: str, at: datetime.datetime
) -> str:
    """The IAM authentication token of an RDS or Aurora database, valid for 15 minutes; it is sent as the password.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html

    :param host: the endpoint of the instance or the cluster, not an alias of it.
    """
    query = {"Action": "connect", "DBUser": user}
    return _presigned(credentials, f"{host}:{port}", query, region=region, service="rds-db", at=at)


def _presigned(
    credentials: Credentials,
    host: str,
    parameters: Mapping[str, str],
    *,
    region: str,
    service: str,
    at: datetime.datetime,
) -> str:
    """The URL of a GET of `/`, without its scheme."""
    query = {
        **parameters,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key}/{_scope(at, region, service)}",
        "X-Amz-Date": _stamp(at),
        "X-Amz-Expires": str(TOKEN_SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        query["X-Amz-Security-Token"] = credentials.session_token
    canonical = "&".join(f"{_quote(key)}={_quote(query[key])}" for key in sorted(query))
    request = "\n".join(("GET", "/", canonical, f"host:{host}\n", "host", _EMPTY))
    signature = _sign(credentials, at, region, service, request)
    return f"{host}/?{canonical}&X-Amz-Signature={signature}"


def signed_headers(
    credentials: Credentials,
    *,
    host: str,
    target: str,
    body: bytes,
    region: str,
    service: str,
    at: datetime.datetime,
) -> dict[str, str]:
    """The headers of a signed JSON 1.1 POST to `/`."""
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": _stamp(at),
        "x-amz-target": target,
    }
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    canonical = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(("POST", "/", "", canonical, names, hashlib.sha256(body).hexdigest()))
    signature = _sign(credentials, at, region, service, request)
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{_scope(at, region, service)}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers


def _sign(credentials: Credentials, at: datetime.datetime, region: str, service: str, request: str) -> str:
    to_sign = "\n".join(
        (_ALGORITHM, _stamp(at), _scope(at, region, service), hashlib.sha256(request.encode()).hexdigest())
    )
    key = ("AWS4" + credentials.secret_key).encode()
    for part in (at.strftime("%Y%m%d"), region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def _stamp(at: datetime.datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")


def _scope(at: datetime.datetime, region: str, service: str) -> str:
    return f"{at.strftime('%Y%m%d')}/{region}/{service}/aws4_request"


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")
