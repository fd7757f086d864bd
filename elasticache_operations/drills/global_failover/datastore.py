"""A Global Datastore and its replication groups, as the API describes them."""

from dataclasses import dataclass

from elasticache_operations.aws_failures import Kind
from elasticache_operations.drills.global_failover.api import Api, ApiError
from elasticache_operations.drills.global_failover.statuses import OperationError, Status


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a Global Datastore."""

    region: str
    replication_group_id: str
    role: str
    status: str

    def __str__(self) -> str:
        return f"{self.region:<16} {self.role:<10} {self.status:<14} {self.replication_group_id}"


@dataclass(frozen=True, slots=True)
class State:
    """A Global Datastore as one region describes it."""

    global_id: str
    status: str
    members: tuple[Member, ...]

    @property
    def primary(self) -> Member | None:
        """The member that accepts writes; None when no member is the primary."""
        return next((member for member in self.members if member.role == "PRIMARY"), None)

    def member(self, region: str) -> Member | None:
        """The member in a region; members of two regions can have the same replication group id."""
        return next((member for member in self.members if member.region == region), None)

    def __str__(self) -> str:
        return "\n".join([f"{self.global_id}: {self.status}", *(f"  {member}" for member in self.members)])


@dataclass(frozen=True, slots=True)
class Group:
    """A replication group.

    :param global_id: the Global Datastore it belongs to; empty for a standalone one.
    """

    id: str
    status: str
    global_id: str


def read(api: Api, global_id: str) -> State:
    """Describe a Global Datastore.

    :raises OperationError: when it does not exist in this region, or the call fails.
    """
    state = find(api, global_id)
    if state is None:
        raise OperationError(unknown(global_id, api.region), Status.ARGUMENTS)
    return state


def unknown(global_id: str, region: str) -> str:
    """The error message for a region that does not list the Global Datastore."""
    return (
        f"{global_id}: no Global Datastore with this id has a member in {region}; check --id and --region (a region "
        "whose member was promoted no longer lists it)"
    )


def find(api: Api, global_id: str) -> State | None:
    """Describe a Global Datastore; None when the region does not list it."""
    try:
        answer = api.call("DescribeGlobalReplicationGroups", GlobalReplicationGroupId=global_id, ShowMemberInfo=True)
    except ApiError as failure:
        if failure.kind is Kind.NOT_FOUND:
            return None
        raise
    for described in answer.get("GlobalReplicationGroups") or ():
        members = [
            Member(
                region=member.get("ReplicationGroupRegion", ""),
                replication_group_id=member.get("ReplicationGroupId", ""),
                role=member.get("Role", "").upper(),
                status=member.get("Status", "").lower(),
            )
            for member in described.get("Members") or ()
        ]
        order = {"PRIMARY": 0, "SECONDARY": 1}
        members.sort(key=lambda member: (order.get(member.role, 2), member.region))
        return State(global_id, described.get("Status", "").lower(), tuple(members))
    return None


def groups(api: Api, id: str | None = None) -> list[Group]:
    """Describe one replication group, or all of the region; an empty list when there is none."""
    arguments = {"ReplicationGroupId": id} if id else {}
    try:
        described = list(api.pages("DescribeReplicationGroups", "ReplicationGroups", **arguments))
    except ApiError as failure:
        if failure.kind is Kind.NOT_FOUND:
            return []
        raise
    return [
        Group(
            id=group.get("ReplicationGroupId", ""),
            status=group.get("Status", "").lower(),
            global_id=(group.get("GlobalReplicationGroupInfo") or {}).get("GlobalReplicationGroupId", ""),
        )
        for group in described
    ]
