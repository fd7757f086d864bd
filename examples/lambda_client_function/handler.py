"""Connects to a cache as an IAM user: TLS, a token signed by the function's role, PING. Nothing to install."""

import os
import socket
import ssl
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest


def handler(event: dict[str, Any], context: object) -> str:
    """What the cache answers."""
    return ask(os.environ, "PING")


def ask(settings: Any, *words: str) -> str:
    """Authenticate and send one command; the first line of its reply.

    :raises PermissionError: when the cache does not let this user in.
    """
    host, port = settings["CACHE_HOST"], int(settings["CACHE_PORT"])
    context = ssl.create_default_context(cafile=settings.get("CA_FILE"))
    plain = socket.create_connection((settings.get("CACHE_ADDRESS", host), port), timeout=5)
    with plain, context.wrap_socket(plain, server_hostname=host) as connection:
        stream = connection.makefile("rb")
        connection.sendall(_command("AUTH", settings["CACHE_USER"], token(settings)))
        answer = stream.readline().decode().strip()
        if answer != "+OK":
            raise PermissionError(f"{settings['CACHE_NAME']} did not let {settings['CACHE_USER']} in: {answer}")
        connection.sendall(_command(*words))
        return str(stream.readline().decode().strip())


def token(settings: Any) -> str:
    """The password of an IAM user: a signed URL without its scheme, good for 15 minutes."""
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
