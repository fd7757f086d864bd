"""A stateful fake of ElastiCache behind botocore, with real requests and answers according to the service model.

Answers are serialised to XML according to the output shape and parsed by botocore, so a test fails if a member or an
operation does not exist in the API.
"""

import copy
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from tests.elasticache_operations.global_failover.answers import MODEL, RefusalError, answer_of, answer_of_error

CODES: Final = {
    str(shape.metadata["error"]["code"])
    for operation in MODEL.operation_names
    for shape in MODEL.operation_model(operation).error_shapes
}
"""The error codes in the service model."""

ID: Final = "ldgnf-orders"
HOME, AWAY, FAR = "us-east-1", "eu-west-1", "ap-southeast-1"
GROUP_IDS: Final = {HOME: "orders-iad", AWAY: "orders-dub", FAR: "orders-sin"}
MUTATIONS: Final = ("FailoverGlobalReplicationGroup", "DisassociateGlobalReplicationGroup")


@dataclass(slots=True)
class Member:
    """A member of the Global Datastore."""

    role: str
    status: str = "associated"


@dataclass(slots=True)
class Group:
    """A replication group."""

    status: str = "available"
    linked: str = ID


@dataclass(slots=True)
class Fault:
    """A failure of one request.

    :param error: the response of the service if it is a `RefusalError` or a body; otherwise raised by the connection.
    :param applied: whether the service carries out the request before it fails.
    """

    error: BaseException | bytes
    applied: bool = False


@dataclass(slots=True)
class FakeElastiCache:
    """A Global Datastore of three regions, its clock, and every request that was sent.

    :param status: the status of the Global Datastore; None when no region lists it.
    :param takes: seconds that a change takes.
    :param faults: the failures by the number of the request, from 0.
    :param always: the failure of every request from this number on.
    :param detached_region_knows: whether a region without a member still describes the Global Datastore.
    :param stale: seconds after a change in which descriptions show the earlier state.
    """

    status: str | None = "available"
    members: dict[str, Member] = field(
        default_factory=lambda: {HOME: Member("PRIMARY"), AWAY: Member("SECONDARY"), FAR: Member("SECONDARY")}
    )
    groups: dict[str, dict[str, Group]] = field(
        default_factory=lambda: {region: {id: Group()} for region, id in GROUP_IDS.items()}
    )
    takes: float = 30
    now: float = 0
    requests: list[tuple[str, str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    always: tuple[int, Fault] | None = None
    interrupt_sleep: int | None = None
    sleeps: list[float] = field(default_factory=list)
    detached_region_knows: bool = False
    stale: float = 0
    stale_state: tuple[float, str | None, dict[str, Member], dict[str, dict[str, Group]]] | None = None
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    # The clock.

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.interrupt_sleep == len(self.sleeps):
            self.interrupt_sleep = None
            raise KeyboardInterrupt
        self.sleeps.append(seconds)
        self.now += seconds
        for entry in sorted(self.due, key=lambda entry: entry[0]):
            if entry[0] <= self.now:
                self.due.remove(entry)
                entry[1]()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, act))

    # The requests.

    def answer(self, region: str, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        """Answer a request, or fail it according to the faults."""
        operation = parameters["Action"]
        number = len(self.requests)
        self.requests.append((region, operation))
        fault = self.faults.get(number)
        if fault is None and self.always is not None and number >= self.always[0]:
            fault = self.always[1]
        if fault is None or fault.applied:
            status, body = self._served(region, operation, parameters)
        if fault is None:
            return status, body
        if isinstance(fault.error, RefusalError):
            return fault.error.http_status, answer_of_error(fault.error)
        if isinstance(fault.error, bytes):
            return 200, fault.error
        raise fault.error

    def _served(self, region: str, operation: str, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        served = {
            "DescribeGlobalReplicationGroups": self._describe_global,
            "DescribeReplicationGroups": self._describe,
            "FailoverGlobalReplicationGroup": self._fail_over,
            "DisassociateGlobalReplicationGroup": self._disassociate,
        }[operation]
        try:
            result = served(region, parameters)
        except RefusalError as refusal:
            if refusal.code not in CODES:
                raise AssertionError(f"{refusal.code} is not an error of the service model") from None
            return refusal.http_status, answer_of_error(refusal)
        return 200, answer_of(operation, result)

    def _known(self, region: str, parameters: Mapping[str, str]) -> None:
        listed = region in self.members or self.detached_region_knows
        if self.status is None or parameters["GlobalReplicationGroupId"] != ID or not listed:
            raise RefusalError("GlobalReplicationGroupNotFoundFault", "not found", 404)

    def _describe_global(self, region: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        self._known(region, parameters)
        described = self._described()
        if parameters.get("ShowMemberInfo") != "true":
            del described["Members"]
        return {"GlobalReplicationGroups": [described]}

    def _visible(self) -> tuple[str | None, dict[str, Member], dict[str, dict[str, Group]]]:
        """The state in descriptions, which is the earlier one shortly after a change."""
        if self.stale_state is not None and self.now < self.stale_state[0]:
            return self.stale_state[1:]
        return self.status, self.members, self.groups

    def _accept(self, change: str) -> None:
        self.accepted.append(change)
        self.stale_state = (self.now + self.stale, self.status, copy.deepcopy(self.members), copy.deepcopy(self.groups))

    def _described(self) -> dict[str, Any]:
        status, described, _ = self._visible()
        members = [
            {
                "ReplicationGroupId": GROUP_IDS[region],
                "ReplicationGroupRegion": region,
                "Role": member.role,
                "Status": member.status,
            }
            for region, member in described.items()
        ]
        return {"GlobalReplicationGroupId": ID, "Status": status, "Members": members}

    def _describe(self, region: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        groups, id = self._visible()[2].get(region, {}), parameters.get("ReplicationGroupId")
        if id is not None and id not in groups:
            raise RefusalError("ReplicationGroupNotFoundFault", f"{id} not found", 404)
        names = sorted(groups) if id is None else [id]
        start = int(parameters.get("Marker", "0"))
        page = [
            {
                "ReplicationGroupId": name,
                "Status": groups[name].status,
                **(
                    {"GlobalReplicationGroupInfo": {"GlobalReplicationGroupId": groups[name].linked}}
                    if groups[name].linked
                    else {}
                ),
            }
            for name in names[start : start + 2]
        ]
        more = {"Marker": str(start + 2)} if len(names) > start + 2 else {}
        return {"ReplicationGroups": page, **more}

    def _state(self, region: str, statuses: tuple[str, ...]) -> None:
        group = self.groups[region].get(GROUP_IDS[region])
        ready = self.status in statuses and self.members[region].status == "associated"
        if not ready or group is None or group.status != "available":
            raise RefusalError("InvalidGlobalReplicationGroupState", "The Global datastore is not available")

    def _member(self, region: str, id: str) -> None:
        if region not in self.members or GROUP_IDS[region] != id or self.members[region].role == "PRIMARY":
            raise RefusalError("InvalidParameterValue", f"{id} is not associated with Global Replication Group {ID}")

    def _fail_over(self, region: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        self._known(region, parameters)
        to = parameters["PrimaryRegion"]
        self._member(to, parameters["PrimaryReplicationGroupId"])
        self._state(to, ("available",))
        self._accept("failover")
        self.status = "modifying"
        self.after(self.takes, lambda: self.complete_failover(to))
        return {"GlobalReplicationGroup": self._described()}

    def _disassociate(self, region: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        self._known(region, parameters)
        leaving = parameters["ReplicationGroupRegion"]
        self._member(leaving, parameters["ReplicationGroupId"])
        self._state(leaving, ("available", "primary-only"))
        self._accept("disassociate")
        self.status = "modifying"
        self.members[leaving].status = "disassociating"
        self.groups[leaving][GROUP_IDS[leaving]].status = "modifying"
        self.after(self.takes, lambda: self.complete_disassociation(leaving))
        return {"GlobalReplicationGroup": self._described()}

    # The completion of changes.

    def complete_failover(self, to: str) -> None:
        """Change the roles."""
        for region, member in self.members.items():
            member.role = "PRIMARY" if region == to else "SECONDARY"
        self.status = "available"

    def complete_disassociation(self, region: str) -> None:
        """Remove the link of the group, which becomes available later."""
        self.members.pop(region, None)
        self.status = "available" if len(self.members) > 1 else "primary-only"
        group = self.groups[region].get(GROUP_IDS[region])
        if group is not None:
            group.linked = ""
            self.after(10, lambda: setattr(group, "status", "available"))

    def settle(self) -> None:
        """Complete every change that the statuses show as under way."""
        if self.status == "modifying":
            self.after(self.takes, lambda: setattr(self, "status", "available"))
            for member in self.members.values():
                if member.status == "associating":
                    self.after(self.takes, partial(setattr, member, "status", "associated"))
        for region in [region for region, member in self.members.items() if member.status.startswith("disassociat")]:
            self.after(self.takes, partial(self.complete_disassociation, region))
        for groups in self.groups.values():
            for group in groups.values():
                if group.status in ("modifying", "snapshotting"):
                    self.after(self.takes, partial(setattr, group, "status", "available"))

    # The clients.

    def client(self, region: str) -> Any:
        """A client whose requests this fake answers."""
        client = _CLIENTS.get(region)
        if client is None:
            client = _CLIENTS[region] = _client(region)
        _FAKES[region] = self
        return client


_CLIENTS: Final[dict[str, Any]] = {}
_FAKES: Final[dict[str, FakeElastiCache]] = {}


def _client(region: str, attempts: int = 1) -> Any:
    client = boto3.client(
        "elasticache",
        region_name=region,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )

    def send(request: Any, **_: Any) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        status, content = _FAKES[region].answer(region, {key: value[0] for key, value in parse_qs(body).items()})
        return AWSResponse(request.url, status, {"Content-Type": "text/xml"}, _Raw(content))

    client.meta.events.register("before-send.elasticache", send)
    return client


def retrying(fake: FakeElastiCache, attempts: int) -> Callable[[str], Any]:
    """A function that creates clients with retries, as those of the command have."""

    def create(region: str) -> Any:
        _FAKES[region] = fake
        return _client(region, attempts)

    return create


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
