"""What a change of a Global Datastore is, for the code that carries it out, and what the changes share."""

from dataclasses import dataclass
from typing import Final, Protocol

from operations.api import Api, ApiError, Client
from operations.plans import Begun, Plan, Step
from operations.statuses import Status

_UNCHANGED_LOOKS: Final = 3
"""Looks at an unchanged state, after the service was seen to work on it, until the change counts as failed."""


class Change(Protocol):
    """A change that `carry_out` brings to its end."""

    @property
    def name(self) -> str:
        """What the change is, for messages."""

    @property
    def resume(self) -> str:
        """How to resume it."""

    @property
    def request(self) -> str:
        """The call that begins it, as text."""

    def look(self, begun: Begun) -> Plan:
        """Read the state, and plan the next step.

        :raises OperationError: when a call fails.
        """

    def call(self) -> None:
        """Begin the change.

        :raises ApiError: when the call fails.
        """

    def repeats(self, refusal: ApiError) -> bool:
        """Whether the call is to be repeated after the service refused it although the state allows it."""

    def prospect(self, plan: Plan) -> str:
        """What a run would do after this first plan."""

    def shown(self) -> str:
        """The state that the last look read."""


@dataclass(slots=True)
class Relapse:
    """Recognises a change that the service began, and gave up."""

    seen: bool = False
    looks: int = 0

    def happened(self, *, under_way: bool) -> bool:
        """Whether it was under way, and then the state stayed unchanged for several looks."""
        self.seen = self.seen or under_way
        self.looks = 0 if under_way or not self.seen else self.looks + 1
        return self.looks >= _UNCHANGED_LOOKS


class Apis:
    """The APIs of the regions that a run needs, each created once."""

    def __init__(self, create: Client) -> None:
        self._create = create
        self._known: dict[str, Api] = {}

    def __call__(self, region: str) -> Api:
        """The API of a region.

        :raises OperationError: when no client can be created.
        """
        if region not in self._known:
            self._known[region] = Api(self._create, region)
        return self._known[region]


def no_group(id: str, region: str) -> Plan:
    """The plan without the replication group."""
    return Plan(
        Step.REFUSE,
        f"{id} in {region}: there is no such replication group; check the options, and whether it was deleted",
        Status.ARGUMENTS,
    )


def text(method: str, arguments: dict[str, str], region: str) -> str:
    """A call as text."""
    listed = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"elasticache.{method}({listed}) in {region}"
