"""The instance's metadata service, and the clock of S3, for one sandbox."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local_cloud.identity import Identity

_TOKEN = "local-metadata-token"  # noqa: S105 - of a sandbox
_TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105 - a name


class _Metadata(BaseHTTPRequestHandler):
    identity: Identity | None = None
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self._answer(_TOKEN)

    def do_HEAD(self) -> None:
        self._answer("")

    def do_GET(self) -> None:
        _, found, name = self.path.partition("/iam/security-credentials/")
        if self.headers.get(_TOKEN_HEADER) != _TOKEN:
            # Version 1 of the service, without a token, is off.
            self._answer("", 401)
        elif not found or self.identity is None:
            self._answer("", 404)
        elif not name:
            self._answer(self.identity.role)
        else:
            document = {
                "Code": "Success",
                "Type": "AWS-HMAC",
                "LastUpdated": "2020-01-01T00:00:00Z",
                "AccessKeyId": self.identity.access_key,
                "SecretAccessKey": self.identity.secret_key,
                "Token": self.identity.token,
                "Expiration": "2099-01-01T00:00:00Z",
            }
            self._answer(json.dumps(document))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class MetadataServer(ThreadingHTTPServer):
    """A server on an address of loopback, with TLS where there is a certificate; the port is any.

    :param identity: whose credentials it hands out; None without a role.
    """

    daemon_threads = True

    def __init__(self, address: str, identity: Identity | None, certificate: tuple[Path, Path] | None = None) -> None:
        super().__init__((address, 0), type("Handler", (_Metadata,), {"identity": identity}))
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()
