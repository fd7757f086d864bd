"""Verifies IAM authentication tokens: presigned `connect` requests, with their parameters in any order.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
"""

import datetime
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote

from local_cloud.identity import Identity

TOKEN_SECONDS: Final = 900
# The number of seconds by which the clock of a client may be ahead.
_AHEAD: Final = 30
_LONGEST: Final = 16 * 1024
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_SIGNATURE: Final = "X-Amz-Signature"
_REQUIRED: Final = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    _SIGNATURE,
)


class TokenError(ValueError):
    """A token is not valid; the message has the reason, without the token."""


@dataclass(frozen=True, slots=True)
class Token:
    """The contents of a valid token.

    :param identity: the identity that signed it.
    :param host: the host that it is for, with the port if it has one.
    :param parameters: the parameters of the request, without those of the signature.
    """

    identity: Identity
    host: str
    parameters: Mapping[str, str]


def verify(text: str, *, service: str, region: str, identities: Iterable[Identity], now: datetime.datetime) -> Token:
    """Verify the signature and the time of a token.

    :param service: the service that it must be signed for: elasticache or rds-db.
    :param identities: the identities whose signatures are accepted.
    :raises TokenError: when it is not a token, or not valid now.
    """
    host, query = _split(text)
    parameters = _parameters(query)
    at = _time(parameters, now)
    access_key, scope = _credential(parameters, at, service, region)
    identity = next((known for known in identities if known.access_key == access_key), None)
    if identity is None:
        raise TokenError("it is not signed with the credentials of an instance's role")
    if not hmac.compare_digest(parameters.get("X-Amz-Security-Token", "").encode(), identity.token.encode()):
        raise TokenError("it does not have the session token of its credentials")
    expected = _signature(identity.secret_key, host, parameters, scope)
    if not hmac.compare_digest(parameters[_SIGNATURE].encode(), expected.encode()):
        raise TokenError("its signature does not match its request")
    return Token(identity, host, {name: value for name, value in parameters.items() if not name.startswith("X-Amz-")})


def _split(text: str) -> tuple[str, str]:
    host, separator, query = text.partition("/?")
    if not separator or not host or len(text) > _LONGEST or "/" in host:
        raise TokenError("it is not a presigned request without its scheme, such as HOST/?Action=connect&...")
    return host, query


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise TokenError("its query is not well-formed") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise TokenError("it has a parameter more than once")
    if missing := [name for name in _REQUIRED if name not in parameters]:
        raise TokenError(f"it does not have {', '.join(missing)}")
    if parameters["X-Amz-Algorithm"] != _ALGORITHM or parameters["X-Amz-SignedHeaders"] != "host":
        raise TokenError(f"it is not signed with {_ALGORITHM} over the host header only")
    return parameters


def _time(parameters: Mapping[str, str], now: datetime.datetime) -> datetime.datetime:
    try:
        at = datetime.datetime.strptime(parameters["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        seconds = int(parameters["X-Amz-Expires"])
    except ValueError:
        raise TokenError("its date or its expiry is not well-formed") from None
    if not 0 < seconds <= TOKEN_SECONDS:
        raise TokenError(f"it must be valid for at most {TOKEN_SECONDS} s, got {seconds}")
    age = (now - at).total_seconds()
    if not -_AHEAD <= age < seconds:
        raise TokenError(f"it must be used within {seconds} s of its date, got {age:.0f} s")
    return at


def _credential(parameters: Mapping[str, str], at: datetime.datetime, service: str, region: str) -> tuple[str, str]:
    access_key, _, scope = parameters["X-Amz-Credential"].partition("/")
    expected = f"{at:%Y%m%d}/{region}/{service}/aws4_request"
    if scope != expected:
        raise TokenError(f"its scope must be {expected}, got {scope[:80]!r}")
    return access_key, scope


def _signature(secret_key: str, host: str, parameters: Mapping[str, str], scope: str) -> str:
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in parameters.items() if name != _SIGNATURE)
    canonical = "&".join(f"{name}={value}" for name, value in pairs)
    request = "\n".join(("GET", "/", canonical, f"host:{host.lower()}\n", "host", _EMPTY))
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join((_ALGORITHM, parameters["X-Amz-Date"], scope, digest))
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
