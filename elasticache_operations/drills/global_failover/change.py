"""The interface of a change of a Global Datastore, and code that the changes share."""

from dataclasses import dataclass
from typing import Final, Protocol

from elasticache_operations.drills.global_failover.api import Api, ApiError, Client
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.statuses import Status

_UNCHANGED_READS: Final = 3
"""The number of reads of an unchanged state after which a change that was under way counts as failed."""


class Change(Protocol):
    """A change that `Run` carries out."""

    @property
    def name(self) -> str:
        """The name of the change, for messages."""

    @property
    def resume(self) -> str:
        """The instruction for resuming it, for messages."""

    @property
    def request(self) -> str:
        """The API call that begins it, as text."""

    def read(self, begun: Begun) -> Plan:
        """Read the state, and plan the next step.

        :raises OperationError: when a call fails.
        """

    def call(self) -> None:
        """Begin the change.

        :raises ApiError: when the call fails.
        """

    def repeats(self, refusal: ApiError) -> bool:
        """Whether the call is to be repeated after the service refused it although the state allows it."""

    def preview(self, plan: Plan) -> str:
        """What a run would do after its first plan, as text."""

    def describe(self) -> str:
        """The state that was read last, as text."""


@dataclass(slots=True)
class Relapse:
    """Detects a change that the service began and then abandoned."""

    seen: bool = False
    reads: int = 0

    def happened(self, *, under_way: bool) -> bool:
        """Whether the change was under way, and the state was then unchanged for several reads."""
        self.seen = self.seen or under_way
        self.reads = 0 if under_way or not self.seen else self.reads + 1
        return self.reads >= _UNCHANGED_READS


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
    """The refusal for a replication group that does not exist."""
    return Plan(
        Step.REFUSE,
        f"{id} in {region}: the replication group does not exist; check the options, and whether it was deleted",
        Status.ARGUMENTS,
    )


def text(method: str, arguments: dict[str, str], region: str) -> str:
    """An API call as text."""
    listed = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"elasticache.{method}({listed}) in {region}"
