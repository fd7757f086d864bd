"""Connects to a cache as an IAM user: TLS, a token signed by the function's role, PING. It needs no other packages."""

import os
import socket
import ssl
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest


def handler(event: dict[str, Any], context: object) -> str:
    """Return the answer of the cache to PING."""
    return send_command(os.environ, "PING")


def send_command(settings: Any, *words: str) -> str:
    """Authenticate and send one command; returns the first line of its reply.

    :raises PermissionError: when the cache refuses the authentication.
    """
    host, port = settings["CACHE_HOST"], int(settings["CACHE_PORT"])
    context = ssl.create_default_context(cafile=settings.get("CA_FILE"))
    plain = socket.create_connection((settings.get("CACHE_ADDRESS", host), port), timeout=5)
    with plain, context.wrap_socket(plain, server_hostname=host) as connection:
        stream = connection.makefile("rb")
        connection.sendall(_command("AUTH", settings["CACHE_USER"], token(settings)))
        answer = stream.readline().decode().strip()
        if answer != "+OK":
            raise PermissionError(
                f"{settings['CACHE_NAME']}: the cache refused the user {settings['CACHE_USER']}: {answer}"
            )
        connection.sendall(_command(*words))
        return str(stream.readline().decode().strip())


def token(settings: Any) -> str:
    """The password of an IAM user: a signed URL without its scheme, valid for 15 minutes."""
    session = botocore.session.get_session()
    query = {"Action": "connect", "User": settings["CACHE_USER"]}
    if settings.get("SERVERLESS"):
        query["ResourceType"] = "ServerlessCache"
    request = AWSRequest("GET", f"http://{settings['CACHE_NAME'].lower()}/?{urlencode(query)}")
    SigV4QueryAuth(session.get_credentials(), "elasticache", settings["AWS_REGION"], expires=900).add_auth(request)
    return str(request.url).removeprefix("http://")


def _command(*words: str) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
