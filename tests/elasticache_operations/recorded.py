"""Sessions of boto3 whose calls are answered from recorded data, and recorded; no request leaves the process.

The parameters and the answers are validated against the service model, as botocore's Stubber does. An answer is a
dictionary, an exception, or a function of the call's parameters that returns one of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Any]


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    """The error of a service."""
    metadata = {"HTTPStatusCode": status}
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, "Any")


@dataclass(slots=True)
class Recorded:
    """AWS with recorded answers.

    :param answers: by service and operation, such as `("elasticache", "DescribeUsers")`.
    """

    answers: Mapping[tuple[str, str], Answer]
    region: str | None = "us-east-1"
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def session(self, profile_name: str | None = None, region_name: str | None = None) -> Any:
        """A session; pass this method as the argument `create` of `command_line.main`."""
        session = boto3.Session(
            aws_access_key_id="a", aws_secret_access_key="b", region_name=region_name or self.region
        )
        session.events.register("before-parameter-build", self._note)
        session.events.register("before-call", self._answer)
        return session

    @property
    def operations(self) -> set[tuple[str, str]]:
        """The operations that were called."""
        return {(service, operation) for service, operation, _ in self.calls}

    def _note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((_name(model), model.name, dict(params)))

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        service, operation, params = self.calls[-1]
        answer = self.answers.get((service, operation))
        assert answer is not None, f"no answer is recorded for {service} {operation} {params}"
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, Exception):
            raise answer
        given = dict(answer)
        validate_parameters(given, model.output_shape)
        return AWSResponse("", 200, {}, None), {**given, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _name(model: Any) -> str:
    """The name of the client in boto3."""
    names = {"service-quotas": "service-quotas", "monitoring": "cloudwatch", "api.pricing": "pricing"}
    prefix = model.service_model.endpoint_prefix
    return str(names.get(prefix, {"servicequotas": "service-quotas"}.get(prefix, prefix)))
