"""Forwards requests of an instance to the emulator if their signature, the role and the VPC endpoint allow them."""

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
from local_cloud.internals import Emulator

_PACKAGES: Final = "/al2023-repos-"
# Headers of one connection, and the header that identifies the gateway, which an instance must not set.
_DROPPED: Final = {"host", "connection", "transfer-encoding", "content-length", GATEWAY_HEADER}


class Gateway:
    """The access of one instance to one AWS service.

    :param service: the service, such as s3.
    :param emulator_port: the port of the emulator, which receives the requests that are allowed.
    :param token: the token by which the emulator's guard recognises the gateway.
    :param account_and_region: the account and the region of the instance.
    :param identity: the identity of the instance; None without a role.
    :param policy: the policy of the VPC endpoint; None allows everything.
    """

    def __init__(
        self,
        service: str,
        emulator: Emulator,
        emulator_port: int,
        token: str,
        *,
        account_and_region: tuple[str, str],
        identity: Identity | None,
        policy: Mapping[str, Any] | None,
    ) -> None:
        self.service, self.emulator, self.emulator_port, self.token = service, emulator, emulator_port, token
        self.account_and_region, self.identity, self.policy = account_and_region, identity, policy

    def answer(self, request: Request) -> Answer:
        """Answer a request of the instance."""
        with self.emulator.inside(*self.account_and_region):
            if signals.is_signal(self.emulator, request):
                return self._signal(request)
            if request.target.startswith(_PACKAGES):
                return self._packages(request)
            return self._refusal(request) or self._forward(request)

    def _signal(self, request: Request) -> Answer:
        """Deliver the signal of a wait condition, for which AWS uses a presigned URL of a CloudFormation bucket."""
        token = signals.token_of(self.emulator, request)
        if self.service != "s3" or not token:
            return Answer(403, b"AccessDenied: a signal must be a PUT to the URL of an existing handle\n")
        bucket = f"cloudformation-waitcondition-{self.account_and_region[1]}"
        refusal = self._endpoint_refusal("s3:PutObject", f"arn:aws:s3:::{bucket}/{token}")
        return refusal or signals.deliver(self.emulator, token, request)

    def _packages(self, request: Request) -> Answer:
        """Answer whether `dnf` may read the package repository; the packages themselves are not there."""
        if self.service != "s3" or request.method not in ("GET", "HEAD"):
            return Answer(403, b"AccessDenied: the package repository is read-only\n")
        return self._endpoint_refusal("s3:GetObject", f"arn:aws:s3:::{request.target[1:]}") or Answer(200)

    def _refusal(self, request: Request) -> Answer | None:
        """The refusal of a request; None when it is allowed."""
        emulator, (account, region) = self.emulator, self.account_and_region
        method, headers, body = request.method, request.headers, request.body
        path, _, query = request.target.partition("?")
        parameters = parse_qs(query, keep_blank_values=True)
        lower = {name.lower(): value for name, value in headers.items()}
        evaluator, actions = emulator.iam_evaluator, emulator.iam_actions
        # As on AWS, the request counts as sent over TLS, which a bucket policy can require.
        evaluator.pin_request_origin(PRIVATE_ADDRESS, True)
        evaluator.pin_signed_request(
            method, path, parameters, [(name.encode(), value.encode("latin-1")) for name, value in lower.items()]
        )
        evaluator.pin_signed_body(body)
        # The emulator routes by the body as well.
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
        denial = evaluator.enforce(key, action, service, region, resource_arn=resource)
        if isinstance(denial, evaluator.AuthError):
            return self._denied(service, action, code=denial.code, message=denial.message)
        if denial is not None:
            return self._denied(service, action)
        return self._endpoint_refusal(action, resource, service)

    def _forward(self, request: Request) -> Answer:
        """Send the request to the emulator, and return its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator_port, timeout=60)
        with contextlib.closing(connection):
            kept = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
            connection.request(
                request.method, request.target, body=request.body or None, headers={**kept, GATEWAY_HEADER: self.token}
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))

    def _endpoint_refusal(self, action: str, resource: str, service: str = "s3") -> Answer | None:
        if self.policy is None:
            return None
        evaluation = context(self.emulator, self.identity, action, resource)
        result = self.emulator.iam_evaluator.evaluate_resource_policy(dict(self.policy), evaluation)
        if result.decision == "Allow":
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
