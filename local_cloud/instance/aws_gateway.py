"""What an instance reaches of AWS: its requests to the emulator, once signature, role and VPC endpoint admit them."""

import contextlib
import http.client
import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud.guard import GATEWAY_HEADER
from local_cloud.identity import Identity, context
from local_cloud.instance import signals
from local_cloud.instance.endpoint import Answer, Request
from local_cloud.instance.network import PRIVATE_ADDRESS
from local_cloud.seam import Emulator

_PACKAGES: Final = "/al2023-repos-"
# Of one connection; and the guard's, which is added here.
_DROPPED: Final = {"host", "connection", "transfer-encoding", "content-length", GATEWAY_HEADER}


class Gateway:
    """The way from one instance to one AWS service.

    :param service: such as s3.
    :param emulator_port: where admitted requests go.
    :param token: what the emulator's guard admits.
    :param identity: the instance's; None without a role.
    :param policy: of the VPC endpoint; None admits everything.
    """

    def __init__(
        self,
        service: str,
        emulator: Emulator,
        emulator_port: int,
        token: str,
        *,
        place: tuple[str, str],
        identity: Identity | None,
        policy: Mapping[str, Any] | None,
    ) -> None:
        self.service, self.emulator, self.emulator_port, self.token = service, emulator, emulator_port, token
        self.place, self.identity, self.policy = place, identity, policy

    def answer(self, request: Request) -> Answer:
        """Answer a request of the instance."""
        with self.emulator.inside(*self.place):
            if signals.is_signal(self.emulator, request):
                return self._signal(request)
            if request.target.startswith(_PACKAGES):
                return self._packages(request)
            return self._refusal(request) or self._forward(request)

    def _signal(self, request: Request) -> Answer:
        """A presigned URL on AWS, of a bucket of CloudFormation's own."""
        token = signals.token_of(self.emulator, request)
        if self.service != "s3" or not token:
            return Answer(403, b"AccessDenied: a signal is a PUT to the URL of a handle that exists\n")
        bucket = f"cloudformation-waitcondition-{self.place[1]}"
        refused = self._beyond_endpoint("s3:PutObject", f"arn:aws:s3:::{bucket}/{token}")
        return refused or signals.deliver(self.emulator, token, request)

    def _packages(self, request: Request) -> Answer:
        """The packages themselves are not there: `dnf` only asks whether it may read them."""
        if self.service != "s3" or request.method not in ("GET", "HEAD"):
            return Answer(403, b"AccessDenied: packages can only be read\n")
        return self._beyond_endpoint("s3:GetObject", f"arn:aws:s3:::{request.target[1:]}") or Answer(200)

    def _refusal(self, request: Request) -> Answer | None:
        """Why a request is not admitted; None where it is."""
        emulator, (account, region) = self.emulator, self.place
        method, headers, body = request.method, request.headers, request.body
        path, _, query = request.target.partition("?")
        parameters = parse_qs(query, keep_blank_values=True)
        lower = {name.lower(): value for name, value in headers.items()}
        evaluator, actions = emulator.iam_evaluator, emulator.iam_actions
        # On AWS it comes by TLS, which the policy of a bucket may ask for.
        evaluator.pin_request_origin(PRIVATE_ADDRESS, True)
        evaluator.pin_signed_request(
            method, path, parameters, [(name.encode(), value.encode("latin-1")) for name, value in lower.items()]
        )
        evaluator.pin_signed_body(body)
        # As the emulator will route it: by the body too.
        routed = emulator.app._routing_params(method, path, lower, body, parameters)
        service = emulator.router.detect_service(method, path, lower, routed)
        if service != self.service:
            return self._denied(self.service, "", message=f"Access Denied: this endpoint is that of {self.service}")
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

    def _forward(self, request: Request) -> Answer:
        """What the emulator answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator_port, timeout=60)
        with contextlib.closing(connection):
            kept = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
            connection.request(
                request.method, request.target, body=request.body or None, headers={**kept, GATEWAY_HEADER: self.token}
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))

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
        return Answer(status, body, headers)
