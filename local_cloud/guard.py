"""Admits requests to the emulator only if they are signed with credentials of this run and do not come from a browser.

The emulator accepts any credentials, any `Host` and any `Origin`. This ASGI application runs in front of it. It first
refuses requests whose headers no AWS client sends, and then verifies the signature over the whole request.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud import quotas_api
from local_cloud.internals import Emulator
from local_cloud.keys import Keys

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The services that the app's deployments, the bootstrap, the instances and the commands use.
SERVICES: Final = (
    "cloudformation",
    "ec2",
    "elasticache",
    "iam",
    "logs",
    "monitoring",
    "rds",
    "s3",
    "secretsmanager",
    quotas_api.SERVICE,
    "ssm",
    "sts",
)
# The header of requests from the instances' gateways, which have checked the instance's signature and policies.
GATEWAY_HEADER: Final = "x-local-cloud-gateway"
# The services that the gateways forward to.
INSTANCE_SERVICES: Final = ("s3", "secretsmanager")
BODY_LIMIT: Final = 64 * 1024 * 1024
_UNSIGNED: Final = ("UNSIGNED-PAYLOAD", "STREAMING-")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that is refused.

    :param code: the error code that AWS uses.
    """

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Request:
    """The method, path, query and headers of a request.

    :param headers: by name in lower case; the values of a repeated header are joined by commas.
    """

    method: str
    path: str
    raw_path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, scope: Scope) -> "Request":
        """Create it from an ASGI scope."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
        return cls(
            method=scope["method"],
            path=scope["path"],
            raw_path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
            query=parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True),
            headers=headers,
        )


class Guard:
    """The ASGI application in front of the emulator's.

    :param application: the emulator's ASGI application.
    :param port: the port of the emulator on 127.0.0.1.
    :param ready: called once when the emulator can answer requests.
    """

    def __init__(
        self, emulator: Emulator, application: Application, keys: Keys, port: int, ready: Callable[[], None]
    ) -> None:
        self._emulator, self._application, self._keys, self._ready = emulator, application, keys, ready
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self.gateway_token = secrets.token_urlsafe(30)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one event of the server's life cycle."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, self._reporting_startup(send))
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope)
        refusal = self.refusal_of_head(request)
        if refusal is not None:
            await _plain(send, refusal)
            return
        body = await _read(receive, BODY_LIMIT)
        if body is None:
            await _plain(send, Refusal(413, "EntityTooLarge", f"a request has at most {BODY_LIMIT} bytes"))
            return
        refusal = self.refusal_of_request(request, body)
        if refusal is not None:
            await self._service_error(send, request, body, refusal)
            return
        hidden = [pair for pair in scope["headers"] if pair[0].lower() != GATEWAY_HEADER.encode()]
        await self._application({**scope, "headers": hidden}, _replay(body, receive), _without_cross_origin(send))

    def refusal_of_head(self, request: Request) -> Refusal | None:
        """The refusal of a request because of its headers; None when its body is needed."""
        headers = request.headers
        length = headers.get("content-length", "0")
        if headers.get("host") not in self._hosts:
            return _forbidden("the Host header must be that of this endpoint on loopback")
        if request.method == "OPTIONS" or "origin" in headers or any(name.startswith("sec-fetch-") for name in headers):
            return _forbidden("requests from web pages are refused")
        if not (length.isascii() and length.isdigit()) or int(length[:12]) > BODY_LIMIT:
            return Refusal(413, "EntityTooLarge", f"a request has at most {BODY_LIMIT} bytes")
        return None if self._is_gateway(headers) else self._refusal_of_credentials(headers)

    def _refusal_of_credentials(self, headers: Mapping[str, str]) -> Refusal | None:
        signature = self._emulator.sigv4.parse_header_signature(headers)
        if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ") or isinstance(signature, tuple):
            return _forbidden("the request must carry an AWS4-HMAC-SHA256 signature in its Authorization header")
        if self._secret(signature.access_key_id, headers) is None:
            return _forbidden("the credentials are not those of this run; get them with 'make local-env'")
        return None

    def refusal_of_request(self, request: Request, body: bytes) -> Refusal | None:
        """The refusal of a request because of its signature or its service; None when it is admitted."""
        service, headers = self._service(request, body), request.headers
        allowed: tuple[str, ...] = INSTANCE_SERVICES
        if not self._is_gateway(headers):
            signature = self._emulator.sigv4.parse_header_signature(headers)
            failure = self._failure(signature, request, body)
            if failure is not None:
                return Refusal(403, *failure)
            if signature.service != service:
                return _unavailable(signature.service)
            allowed = SERVICES
        # Paths that the emulator uses itself, and services that it selects by path, are refused.
        if service not in allowed or not (request.path == "/" or service == "s3") or request.path.startswith("/_"):
            return _unavailable(service)
        return None

    def _failure(self, signature: Any, request: Request, body: bytes) -> tuple[str, str] | None:
        """The code and the message when the signature is invalid or expired, or the body is not the signed one."""
        sigv4, headers = self._emulator.sigv4, request.headers
        claimed = headers.get("x-amz-content-sha256", "")
        if claimed and not claimed.startswith(_UNSIGNED) and claimed != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch", "the x-amz-content-sha256 header does not match the body"
        secret = self._secret(signature.access_key_id, headers)
        return sigv4.request_time_failure(signature) or sigv4.header_signature_failure(  # type: ignore[no-any-return]
            signature, secret, request.method, request.raw_path, request.query, headers, body
        )

    def _service(self, request: Request, body: bytes) -> str:
        """The service to which the emulator routes the request."""
        method, path, headers = request.method, request.path, request.headers
        parameters = self._emulator.app._routing_params(method, path, headers, body, request.query)
        return str(self._emulator.router.detect_service(method, path, headers, parameters))

    def _is_gateway(self, headers: Mapping[str, str]) -> bool:
        return hmac.compare_digest(headers.get(GATEWAY_HEADER, "").encode(), self.gateway_token.encode())

    def _secret(self, access_key: str, headers: Mapping[str, str]) -> str | None:
        """The secret key of the run's own credentials or of an assumed role; None for other credentials."""
        if hmac.compare_digest(access_key.encode(), self._keys.access_key.encode()):
            return self._keys.secret_key
        session = self._emulator.sts._sessions.get(access_key)
        # The credentials of an instance are valid only at its gateways, which enforce its policies.
        if session is None or session.get("Instance"):
            return None
        token = str(session.get("SessionToken") or "")
        if not hmac.compare_digest(headers.get("x-amz-security-token", "").encode("latin-1"), token.encode()):
            return None
        return str(session["SecretAccessKey"])

    def _reporting_startup(self, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._ready()
            await send(message)

        return wrapped

    async def _service_error(self, send: Send, request: Request, body: bytes, refusal: Refusal) -> None:
        """Answer with an error in the protocol of the service, which its client can parse."""
        status, headers, text = self._emulator.iam_actions.access_denied_response(
            self._service(request, body), "", "", secrets.token_hex(8), error_code=refusal.code, message=refusal.message
        )
        await _answer(send, status, headers, text)


def _forbidden(message: str) -> Refusal:
    return Refusal(403, "AccessDenied", message)


def _unavailable(service: str) -> Refusal:
    return Refusal(
        403, "AccessDenied", f"{service} is not available in the local cloud; use one of {', '.join(SERVICES)}"
    )


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Read the body; None when it is too large or the client has disconnected."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return the body that was read, and then the further events of the connection."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def wrapped() -> Message:
        return pending.pop() if pending else await receive()

    return wrapped


def _without_cross_origin(send: Send) -> Send:
    async def filtered(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if not pair[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return filtered


async def _plain(send: Send, refusal: Refusal) -> None:
    await _answer(send, refusal.status, {"Content-Type": "text/plain"}, f"{refusal.message}\n".encode())


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    # The connection is closed, because part of the request may be unread.
    pairs = {**headers, "Content-Length": str(len(body)), "Connection": "close"}
    start = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs.items()]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
