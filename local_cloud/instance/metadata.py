"""The metadata service of an instance (version 2 only), and the clock that its user data reads."""

import hmac
import json
import secrets
from typing import Final

from local_cloud.identity import Identity
from local_cloud.instance.endpoint import Answer, Request

_TOKEN_HEADER: Final = "x-aws-ec2-metadata-token"  # noqa: S105 - the header's name
_CREDENTIALS: Final = "/iam/security-credentials/"


class Metadata:
    """Returns the credentials of one instance's role.

    :param identity: the identity of the instance; None without a role.
    """

    def __init__(self, identity: Identity | None) -> None:
        self._identity, self._token = identity, secrets.token_urlsafe(30)

    def answer(self, request: Request) -> Answer:
        """Answer a request: a token, the role's name, or its credentials."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.method == "PUT" and request.target == "/latest/api/token":
            return Answer(200, self._token.encode())
        _, separator, name = request.target.partition(_CREDENTIALS)
        if not hmac.compare_digest(headers.get(_TOKEN_HEADER, "").encode(), self._token.encode()):
            # Version 1 of the service, which takes no token, is disabled.
            return Answer(401)
        identity = self._identity
        if request.method != "GET" or not separator or identity is None or name not in ("", identity.role):
            return Answer(404)
        return Answer(200, (_document(identity) if name else identity.role).encode())


def _document(identity: Identity) -> str:
    return json.dumps(
        {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2020-01-01T00:00:00Z",
            "AccessKeyId": identity.access_key,
            "SecretAccessKey": identity.secret_key,
            "Token": identity.token,
            "Expiration": "2099-01-01T00:00:00Z",
        }
    )


def clock(request: Request) -> Answer:
    """Answer with the time, in the Date header that every response has."""
    return Answer(200 if request.method in ("GET", "HEAD") else 405)
