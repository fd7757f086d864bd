"""What an instance reaches of AWS: its requests to the emulator, once signature, role and VPC endpoint admit them."""

import contextlib
import http.client
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud.identity import Identity, context
from local_cloud.instance.network import PRIVATE_ADDRESS
from local_cloud.seam import Emulator

_PACKAGES: Final = "/al2023-repos-"
_HOP: Final = {"host", "connection", "transfer-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Of HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Gateway(ThreadingHTTPServer):
    """A VPC endpoint of one service, for one instance.

    :param address: where it listens; the port is any.
    :param emulator_port: where requests go that are admitted.
    :param identity: the instance's; None without a role.
    :param policy: of the VPC endpoint; None admits everything.
    """

    daemon_threads = True

    def __init__(
        self,
        address: str,
        emulator: Emulator,
        emulator_port: int,
        *,
        place: tuple[str, str],
        identity: Identity | None,
        policy: Mapping[str, Any] | None,
    ) -> None:
        self.emulator, self.emulator_port = emulator, emulator_port
        self.place, self.identity, self.policy = place, identity, policy
        super().__init__((address, 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()

    def refusal(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Why a request is not admitted; None where it is."""
        with self.emulator.inside(*self.place):
            return self._refusal(method, target, headers, body)

    def _refusal(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        emulator, (account, region) = self.emulator, self.place
        path, _, query = target.partition("?")
        signals = emulator.wait_conditions.SIGNAL_PATH
        if path.startswith(signals):
            # A presigned URL on AWS, to a bucket of CloudFormation's own.
            token = path.removeprefix(signals)
            return self._beyond_endpoint("s3:PutObject", f"arn:aws:s3:::cloudformation-waitcondition-{region}/{token}")
        if path.startswith(_PACKAGES):
            return self._beyond_endpoint("s3:GetObject", f"arn:aws:s3:::{path[1:]}")
        parameters = parse_qs(query, keep_blank_values=True)
        lower = {name.lower(): value for name, value in headers.items()}
        evaluator, actions = emulator.iam_evaluator, emulator.iam_actions
        # On AWS it comes by TLS, which the policy of a bucket may ask for.
        evaluator.pin_request_origin(PRIVATE_ADDRESS, True)
        evaluator.pin_signed_request(
            method, path, parameters, [(name.encode(), value.encode("latin-1")) for name, value in lower.items()]
        )
        evaluator.pin_signed_body(body)
        service = emulator.router.detect_service(method, path, lower, parameters)
        action = str(actions.extract_iam_action(service, method, path, lower, body, parameters))
        resource = actions.extract_resource_arn(service, method, path, lower, body, parameters, region, account)
        key = emulator.router.extract_access_key_id(lower, parameters)
        if self.identity is None or key != self.identity.access_key:
            return self._denied(
                service, action, message="Access Denied: the request is not signed by the instance's role"
            )
        found = evaluator.enforce(key, action, service, region, resource_arn=resource)
        if isinstance(found, evaluator.AuthError):
            return self._denied(service, action, code=found.code, message=found.message)
        if found is not None:
            return self._denied(service, action)
        return self._beyond_endpoint(action, resource, service)

    def forward(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the emulator answers."""
        if target.startswith(_PACKAGES):
            # The packages themselves are not there: `dnf` only asks whether it may read them.
            return Answer(200, {}, b"")
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator_port, timeout=60)
        with contextlib.closing(connection):
            kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
            connection.request(method, target, body=body or None, headers=kept)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def _beyond_endpoint(self, action: str, resource: str, service: str = "s3") -> Answer | None:
        if self.policy is None:
            return None
        asked = context(self.emulator, self.identity, action, resource)
        found = self.emulator.iam_evaluator.evaluate_resource_policy(dict(self.policy), asked)
        if found.decision == "Allow":
            return None
        who = self.identity.arn if self.identity else "anonymous"
        return self._denied(
            service,
            action,
            message=f"User: {who} is not authorized to perform: {action} on resource: {resource} because no VPC "
            f"endpoint policy allows the {action} action",
        )

    def _denied(self, service: str, action: str, *, code: str = "", message: str = "") -> Answer:
        who = self.identity.arn if self.identity else "anonymous"
        status, headers, body = self.emulator.iam_actions.access_denied_response(
            service, action, who, str(uuid.uuid4()), error_code=code, message=message
        )
        return Answer(status, headers, body)


class _Handler(BaseHTTPRequestHandler):
    server: Gateway
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        answer = self.server.refusal(self.command, self.path, headers, body)
        if answer is None:
            answer = self.server.forward(self.command, self.path, headers, body)
        self.send_response(answer.status)
        length = str(len(answer.body))
        for name, value in answer.headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    # The names that http.server looks for.
    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
