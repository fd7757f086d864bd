"""The instance's metadata service, and the clock of S3, for one sandbox."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Metadata(BaseHTTPRequestHandler):
    role = ""
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self._answer("local-token")

    def do_HEAD(self) -> None:
        self._answer("")

    def do_GET(self) -> None:
        if self.path.endswith("/security-credentials/"):
            self._answer(self.role)
        else:
            keys = {"AccessKeyId": "ASIALOCAL", "SecretAccessKey": "local" * 8, "Token": "local-session"}
            self._answer(json.dumps({**keys, "Code": "Success", "Expiration": "2099-01-01T00:00:00Z"}))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(address: str, role: str, certificate: tuple[Path, Path] | None = None) -> ThreadingHTTPServer:
    """A server on an address of loopback, with TLS where there is a certificate."""
    server = ThreadingHTTPServer((address, 0), type("Handler", (_Metadata,), {"role": role}))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
