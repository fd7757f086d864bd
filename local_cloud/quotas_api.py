"""Service Quotas, answered from the facts: the default values apply, and a requested increase stays pending."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from elasticache_rules import facts
from local_cloud.internals import Emulator

SERVICE: Final = "servicequotas"
"""The name by which requests are signed."""
_TARGET: Final = "ServiceQuotasV20190624"
_NAMES: Final = {"elasticache": "Amazon ElastiCache", "vpc": "Amazon Virtual Private Cloud (Amazon VPC)"}
_NAME_OF_EC2: Final = "Amazon Elastic Compute Cloud (Amazon EC2)"
_QUOTA_NAMES: Final = {"L-0263D0A3": "EC2-VPC Elastic IPs"}
"""The names of AWS that differ from those of the facts."""
Request = Mapping[str, Any]
Answer = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class QuotaError(ValueError):
    """An action that cannot be carried out.

    :param code: error code of the Service Quotas API.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class QuotasApi:
    """The actions of the Service Quotas API that read quotas, or ask for more."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._requested: dict[tuple[str, str], list[Answer]] = {}
        self._actions: dict[str, Callable[[Request], Answer]] = {
            "ListAWSDefaultServiceQuotas": self._list,
            "ListServiceQuotas": self._list,
            "GetServiceQuota": self._get,
            "GetAWSDefaultServiceQuota": self._get,
            "RequestServiceQuotaIncrease": self._increase,
            "ListRequestedServiceQuotaChangeHistory": self._history,
        }

    def register(self) -> None:
        """Add the service to the emulator."""
        self.emulator.router.SERVICE_PATTERNS[SERVICE] = {"target_prefixes": [_TARGET]}
        self.emulator.app.SERVICE_HANDLERS[SERVICE] = self.handle

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Answer a request."""
        action = headers.get("x-amz-target", "").removeprefix(f"{_TARGET}.")
        try:
            if action not in self._actions:
                raise QuotaError("InvalidAction", f"{action} is not available in the local cloud")
            return _answer(200, self._actions[action](json.loads(body or b"{}")))
        except QuotaError as problem:
            return _answer(400, {"__type": problem.code, "message": str(problem)})

    def _list(self, request: Request) -> Answer:
        return {"Quotas": [self._described(fact) for fact in _facts(request)]}

    def _get(self, request: Request) -> Answer:
        return {"Quota": self._described(_fact(request))}

    def _increase(self, request: Request) -> Answer:
        fact, wanted, key = _fact(request), float(request["DesiredValue"]), self._key(request)
        if not fact["adjustable"]:
            raise QuotaError("IllegalArgumentException", f"The quota {fact['code']} is not adjustable.")
        if wanted <= fact["default"]:
            raise QuotaError(
                "IllegalArgumentException", f"You must provide a quota value greater than {fact['default']}."
            )
        earlier = self._requested.setdefault(key, [])
        if any(each["QuotaCode"] == fact["code"] for each in earlier):
            raise QuotaError("ResourceAlreadyExistsException", f"An increase of {fact['code']} is pending already.")
        described = self._described(fact)
        requested = {
            name: described[name] for name in ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn")
        }
        requested |= {
            "Id": uuid.uuid4().hex,
            "DesiredValue": wanted,
            "Status": "PENDING",
            "Created": datetime.now(UTC).timestamp(),
        }
        earlier.append(requested)
        return {"RequestedQuota": requested}

    def _history(self, request: Request) -> Answer:
        return {"RequestedQuotas": self._requested.get(self._key(request), [])}

    def _key(self, request: Request) -> tuple[str, str]:
        return self.emulator.region, str(request.get("ServiceCode"))

    def _described(self, fact: Mapping[str, Any]) -> Answer:
        account, region = self.emulator.account_and_region
        service, code = fact["service"], fact["code"]
        name = _QUOTA_NAMES.get(code, str(fact["name"]))
        return {
            "ServiceCode": service,
            "ServiceName": _NAMES.get(service, _NAME_OF_EC2),
            "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:{service}/{code}",
            "QuotaCode": code,
            "QuotaName": name[0].upper() + name[1:],
            "Value": float(fact["default"]),
            "Unit": "None",
            "Adjustable": fact["adjustable"],
            "GlobalQuota": False,
        }


def _facts(request: Request) -> list[Mapping[str, Any]]:
    """The quotas of a service that have a code.

    :raises QuotaError: for a service that the facts do not have.
    """
    service = request.get("ServiceCode")
    found = [fact for fact in facts.load("quotas")["quotas"] if fact["service"] == service and "code" in fact]
    if not found:
        raise QuotaError("NoSuchResourceException", f"The local cloud has no quotas of the service {service}.")
    return found


def _fact(request: Request) -> Mapping[str, Any]:
    code = request.get("QuotaCode")
    for fact in _facts(request):
        if fact["code"] == code:
            return fact
    raise QuotaError("NoSuchResourceException", f"The quota {code} does not exist.")


def _answer(status: int, content: Answer) -> Response:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()
