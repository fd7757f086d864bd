"""Plans the next step of a failover or a promotion from the state; dry runs and real runs share the plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from elasticache_operations.drills.global_failover.datastore import Group, Member, State
from elasticache_operations.drills.global_failover.statuses import Status

# The service model has no enumeration of the first two; the values are from the user guide and the Terraform provider.
# Those of a replication group are from the documentation of its `Status`.
GLOBAL_STATUSES: Final = ("creating", "available", "modifying", "primary-only", "deleting", "deleted")
MEMBER_STATUSES: Final = ("associating", "associated", "disassociating", "disassociated")
GROUP_STATUSES: Final = ("creating", "available", "modifying", "deleting", "create-failed", "snapshotting")
_DELETED: Final = ("deleting", "deleted")
_PASSING: Final = ("modifying", "snapshotting")
_PROMOTABLE: Final = ("available", "primary-only", "modifying")


class Begun(Enum):
    """Whether this run has begun the change: `MAYBE` when the call got no answer."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Step(Enum):
    """Next step."""

    DONE = "done"
    WAIT = "wait"
    CALL = "call"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Plan:
    """Next step, and why.

    :param why: what the state is; with `REFUSE` the error message.
    :param status: exit status with `REFUSE`.
    """

    step: Step
    why: str
    status: Status = Status.REFUSED


def failover(state: State, to: str, begun: Begun, first_primary: str) -> Plan:
    """Next step of a failover.

    :param to: the region of the new primary.
    :param first_primary: the region of the primary at the first read of this run.
    """
    id, target = state.global_id, state.member(to)
    if target is None:
        return _no_member(state, "--to", to)
    if state.status in ("available", "primary-only") and target.role == "PRIMARY":
        return Plan(Step.DONE, f"{to} is the primary of {id}")
    refusal = _deleted(state) or _leaving(target, id) or _moved(state, to, first_primary)
    if refusal is not None:
        return refusal
    if begun is not Begun.YES and state.status == "available" and target.status == "associated":
        return Plan(Step.CALL, f"{id} is available, and {to} is {target.role} and associated")
    if begun is not Begun.NO or (state.status == "modifying" and target.status in MEMBER_STATUSES):
        return Plan(Step.WAIT, f"{id} is {state.status}, and {to} is {target.role} and {target.status}")
    return _not_ready(state, target, ("available",))


def promote(state: State | None, group: Group, region: str, begun: Begun) -> Plan:
    """Next step of a promotion, without the confirmation.

    :param state: the Global Datastore; None when the region does not list it.
    :param group: the replication group in the region.
    """
    member = state.member(region) if state is not None else None
    if state is None or member is None or member.status in ("disassociating", "disassociated"):
        return _detached(state, group, region)
    if member.role == "PRIMARY":
        return Plan(
            Step.REFUSE,
            f"{state.global_id}: --region must be a secondary's, got {region}, which is the primary; "
            "name the region of the secondary to promote",
        )
    if not group.global_id:
        return _unlinked(state, group, begun)
    refusal = _deleted(state)
    if refusal is not None:
        return refusal
    if begun is Begun.YES:
        waits = Plan(Step.WAIT, f"{state.global_id} is {state.status}, and {region} is {member.status}")
        return ready(group, region) or waits
    promotable = state.status in _PROMOTABLE and member.status == "associated"
    obstacle = ready(group, region) if promotable else _not_ready(state, member, _PROMOTABLE)
    return obstacle or Plan(Step.CALL, f"{state.global_id} is {state.status}, and {region} is {member.status}")


def ready(group: Group, region: str) -> Plan | None:
    """The reason why a replication group cannot be changed now; None when it can."""
    if group.status == "available":
        return None
    if group.status in _PASSING:
        return Plan(Step.WAIT, f"{group.id} in {region} is {group.status}")
    return _unusable(group, region)


def _detached(state: State | None, group: Group, region: str) -> Plan:
    """The next step when the member is leaving, or has left."""
    if group.status not in ("available", *_PASSING):
        return _unusable(group, region)
    if not group.global_id and group.status == "available":
        return Plan(Step.DONE, f"{group.id} is standalone and available")
    linked = f"belongs to {group.global_id}" if group.global_id else "is standalone"
    listed = f", and {state.global_id} is {state.status}" if state is not None else ""
    return Plan(Step.WAIT, f"{group.id} in {region} {linked} and is {group.status}{listed}")


def _unlinked(state: State, group: Group, begun: Begun) -> Plan:
    """The next step when the replication group is standalone, and the Global Datastore still lists it."""
    if group.status == "available" and (begun is not Begun.NO or state.status in _DELETED):
        return Plan(Step.DONE, f"{group.id} is standalone and available")
    return Plan(Step.WAIT, f"{group.id} is standalone and {group.status}, and still listed in {state.global_id}")


def _moved(state: State, to: str, first_primary: str) -> Plan | None:
    """Refuse to continue after another command has moved the primary."""
    now = state.primary.region if state.primary is not None else ""
    if state.status != "available" or not first_primary or now in ("", first_primary, to):
        return None
    return Plan(
        Step.REFUSE,
        f"{state.global_id}: the primary moved from {first_primary} to {now} while this command waited; run the same "
        f"command again if it must move to {to}",
    )


def _leaving(target: Member, id: str) -> Plan | None:
    if target.status not in ("disassociating", "disassociated"):
        return None
    return Plan(Step.REFUSE, f"{id}: {target.region} is {target.status}; choose a region that stays a member")


def _deleted(state: State) -> Plan | None:
    if state.status not in _DELETED:
        return None
    return Plan(
        Step.REFUSE,
        f"{state.global_id}: it is {state.status}; look at the replication groups that remain: aws elasticache "
        "describe-replication-groups",
    )


def _not_ready(state: State, member: Member, statuses: Sequence[str]) -> Plan:
    known = state.status in GLOBAL_STATUSES and member.status in MEMBER_STATUSES
    fix = (
        "wait until they are, and run the same command again"
        if known
        else "this command does not know both; look at the Global Datastore in the ElastiCache console"
    )
    return Plan(
        Step.REFUSE,
        f"{state.global_id}: the status must be {' or '.join(statuses)} and that of {member.region} associated, got "
        f"{state.status or 'none'} and {member.status or 'none'}; {fix}",
    )


def _no_member(state: State, option: str, region: str) -> Plan:
    known = ", ".join(member.region for member in state.members) or "none"
    return Plan(
        Step.REFUSE,
        f"{state.global_id}: {option} must be the region of a member, got {region}; choose one of {known}",
        Status.ARGUMENTS,
    )


def _unusable(group: Group, region: str) -> Plan:
    fix = (
        "wait until it is, and run the same command again"
        if group.status == "creating"
        else "look at its events: aws elasticache describe-events --source-type replication-group"
    )
    return Plan(
        Step.REFUSE, f"{group.id} in {region}: the status must be available, got {group.status or 'none'}; {fix}"
    )
