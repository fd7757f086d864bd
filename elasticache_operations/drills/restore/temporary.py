"""The temporary replication group, and a temporary snapshot: created with a tag, found by it, and deleted."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.aws_failures import Kind, kind_of
from elasticache_operations.drills.clock import Clock
from elasticache_operations.errors import AwsError, CommandError, InputError

PREFIX: Final = "drill-restore-"
"""The beginning of the names of what the drill creates."""
TAG: Final = "operations:drill"
"""The tag of what the drill creates; its value is `restore:` and the id of the cache."""
UNTIL: Final = "operations:drill-until"
"""The tag with the time at which the drill has ended, so that what remains is left over."""
_OWN: Final = ("aws:ResourceTag/" + TAG, "restore:*")
_NEW: Final = ("aws:RequestTag/" + TAG, "restore:*")
CALLS: Final = (
    Call("elasticache", "ListTagsForResource"),
    Call("elasticache", "AddTagsToResource", "--run", condition=_NEW),
    Call("elasticache", "CreateReplicationGroup", "--run", condition=_NEW),
    Call("elasticache", "DeleteReplicationGroup", "--run", condition=_OWN),
    Call("elasticache", "CreateSnapshot", "--run --create-snapshot", condition=_NEW),
    Call("elasticache", "DeleteSnapshot", "--run --create-snapshot", condition=_OWN),
)
IMPLIED: Final = ("elasticache", "AddTagsToResource")
"""Needed to create something with tags; no request has this name."""
POLL: Final = 2.0
DELETION: Final = 7200.0
"""Seconds for a deletion, which has to wait until a restore that is under way has ended."""
_CONFIRMATIONS: Final = 3
"""How often what was perhaps created must be absent, before it counts as absent."""
_DELETING: Final = "deleting"
_HOPELESS: Final = (Kind.CREDENTIALS, Kind.PERMISSION)


@dataclass(frozen=True, slots=True)
class Resource:
    """What the drill creates: a replication group or a snapshot.

    :param kind: its name in messages.
    :param name: the name of the parameter with its id.
    :param verb: the end of the operations' names.
    :param listed: the list in the answer of Describe.
    :param status: the name of its status there.
    :param command: deletes it, for messages.
    """

    kind: str
    name: str
    verb: str
    listed: str
    status: str
    command: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def describe(self, aws: Aws, id: str) -> Mapping[str, Any] | None:
        """Its description; None when it does not exist."""
        try:
            answer = aws.call("elasticache", f"Describe{self.verb}s", **{self.name: id})
        except InputError as problem:
            if _kind(problem) is Kind.NOT_FOUND:
                return None
            raise
        found: list[Mapping[str, Any]] = answer[self.listed]
        return found[0] if found else None

    def request_deletion(self, aws: Aws, id: str) -> None:
        """Call the operation that deletes it.

        :raises AwsError: when it is refused.
        """
        try:
            aws.call("elasticache", f"Delete{self.verb}", **{self.name: id}, **self.more)
        except InputError as problem:
            if _kind(problem) is not Kind.NOT_FOUND:
                raise


GROUP: Final = Resource(
    "replication group",
    "ReplicationGroupId",
    "ReplicationGroup",
    "ReplicationGroups",
    "Status",
    "aws elasticache delete-replication-group --no-retain-primary-cluster --replication-group-id",
    {"RetainPrimaryCluster": False},
)
SNAPSHOT: Final = Resource(
    "snapshot",
    "SnapshotName",
    "Snapshot",
    "Snapshots",
    "SnapshotStatus",
    "aws elasticache delete-snapshot --snapshot-name",
)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What an earlier drill of the cache has left, or a drill that still runs.

    :param until: the time at which that drill has ended.
    """

    resource: Resource
    id: str
    until: datetime


def new_name() -> str:
    """The name of a temporary resource."""
    return f"{PREFIX}{secrets.token_hex(6)}"


def tags(cache: str, until: datetime) -> list[dict[str, str]]:
    """The tags of what a drill creates."""
    return [
        {"Key": TAG, "Value": f"restore:{cache}"},
        {"Key": UNTIL, "Value": f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"},
    ]


def left_over(aws: Aws, cache: str, resource: Resource, described: Sequence[Mapping[str, Any]]) -> list[LeftOver]:
    """What drills of a cache have created and not deleted.

    :param described: every resource of this kind in the region.
    """
    found = []
    for each in described:
        id = str(each[resource.name])
        if not id.startswith(PREFIX) or not each.get("ARN"):
            continue
        listed = aws.call("elasticache", "ListTagsForResource", ResourceName=each["ARN"]).get("TagList") or ()
        known = {tag.get("Key"): str(tag.get("Value") or "") for tag in listed}
        if known.get(TAG) == f"restore:{cache}":
            found.append(LeftOver(resource, id, _time(known.get(UNTIL, ""))))
    return found


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Temporary:
    """One resource that the drill creates and deletes.

    :param id: its name, which starts with `PREFIX`.
    """

    aws: Aws
    resource: Resource
    id: str
    clock: Clock
    exists: bool = False
    """Whether it was created and not deleted yet; true as well while that is not known."""
    _confirmed: bool = field(default=False, init=False)

    def create(self, **arguments: Any) -> Mapping[str, Any]:
        """Create it; returns the answer.

        :raises CommandError: when it is refused, or it is not known whether it was created.
        """
        # An interruption during the call leaves it unknown whether it was created.
        self.exists = True
        try:
            # Once: a repeated request would be refused, because what the first one has created has this name.
            answer = self.aws.call_once("elasticache", f"Create{self.resource.verb}", **arguments)
        except CommandError as problem:
            self.exists = _kind(problem) in (Kind.LOST, Kind.UNREACHABLE)
            raise
        self._confirmed = True
        return answer

    @property
    def remains(self) -> str:
        """What to do about it while it exists, for a message."""
        return (
            f"the temporary {self.resource.kind} {self.id} may remain; run the drill again with --delete-left-over, "
            f"or: {self.resource.command} {self.id}"
        )

    def delete(self, note: Callable[[str], None] = lambda line: None) -> float:
        """Delete it, and wait until it is gone; returns the seconds until the deletion was accepted.

        It cannot be deleted while it is created, and a failure of the network must not leave it: both are tried again.

        :param note: receives a line when it has to wait.
        :raises CommandError: when it exists after `DELETION` seconds, or may not be deleted.
        """
        absent, told = 0, False
        accepted: float | None = None
        last = ""
        for passed in self.clock.until(DELETION, POLL):
            try:
                found = self.resource.describe(self.aws, self.id)
                if found is None:
                    absent += 1
                    if self._confirmed or absent >= _CONFIRMATIONS:
                        self.exists = False
                        return accepted or 0.0
                    continue
                absent, self._confirmed = 0, True
                if found.get(self.resource.status) == _DELETING:
                    continue
                self.resource.request_deletion(self.aws, self.id)
                accepted = passed if accepted is None else accepted
            except AwsError as problem:
                if _kind(problem) in _HOPELESS:
                    raise
                last = str(problem)
                if not told:
                    note(f"{self.resource.kind} {self.id} cannot be deleted yet; trying again")
                    told = True
        raise CommandError(f"{self.resource.kind} {self.id} was not deleted in {DELETION:g} s; {last or self.remains}")


def _kind(problem: BaseException) -> Kind | None:
    """The kind of the error of botocore behind an error of this package."""
    cause = problem.__cause__
    return kind_of(cause) if isinstance(cause, Exception) else None
