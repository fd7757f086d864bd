"""The next step in each state of a Global Datastore; no program is started and no API is called."""

from typing import Any, cast

import pytest

from elasticache_operations.drills.global_failover import failover as failovers
from elasticache_operations.drills.global_failover import plans
from elasticache_operations.drills.global_failover.change import _UNCHANGED_READS, Apis
from elasticache_operations.drills.global_failover.datastore import Group, Member, State
from elasticache_operations.drills.global_failover.failover import Failover
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.promotion import Promotion
from elasticache_operations.drills.global_failover.statuses import Status

HERE, THERE, OTHER = "eu-west-1", "us-east-1", "ap-south-1"
NO, MAYBE, YES = Begun.NO, Begun.MAYBE, Begun.YES
DONE, WAIT, CALL, REFUSE = Step.DONE, Step.WAIT, Step.CALL, Step.REFUSE


def state(status: str = "available", secondary: str = "associated", *, primary: str = HERE) -> State:
    other = THERE if primary == HERE else HERE
    members = (Member(primary, "first", "PRIMARY", "associated"), Member(other, "second", "SECONDARY", secondary))
    return State("g", status, members)


@pytest.mark.parametrize(
    ("found", "begun", "step"),
    [
        (state(), NO, CALL),
        (state(), MAYBE, CALL),
        (state(), YES, WAIT),
        (state("modifying"), NO, WAIT),
        (state("modifying"), MAYBE, WAIT),
        (state("modifying"), YES, WAIT),
        (state("available", "associating"), NO, REFUSE),
        (state("available", "associating"), MAYBE, WAIT),
        (state("available", "associating"), YES, WAIT),
        (state("modifying", "associating"), NO, WAIT),
        (state("modifying", "another"), NO, REFUSE),
        (state("creating"), NO, REFUSE),
        (state("primary-only"), NO, REFUSE),
        (state("creating"), YES, WAIT),
        (state("deleting"), YES, REFUSE),
        (state("deleted"), NO, REFUSE),
        (state("available", "disassociating"), YES, REFUSE),
        (state("available", "disassociated"), NO, REFUSE),
        (state(primary=THERE), NO, DONE),
        (state("primary-only", primary=THERE), YES, DONE),
        (state("modifying", primary=THERE), YES, WAIT),
        (state("creating", primary=THERE), NO, REFUSE),
    ],
)
def test_a_failover_in_each_state(found: State, begun: Begun, step: Step) -> None:
    assert plans.failover(found, THERE, begun, HERE).step is step


def test_a_failover_to_no_member() -> None:
    found = plans.failover(state(), OTHER, NO, HERE)
    assert (found.step, found.status) == (REFUSE, Status.ARGUMENTS)


@pytest.mark.parametrize(
    ("status", "first", "primary", "step"),
    [
        ("available", OTHER, HERE, REFUSE),
        ("modifying", OTHER, HERE, WAIT),
        ("available", "", HERE, WAIT),
        ("available", HERE, HERE, WAIT),
    ],
)
def test_another_command_that_moves_the_primary(status: str, first: str, primary: str, step: Step) -> None:
    assert plans.failover(state(status, primary=primary), THERE, YES, first).step is step


def group(status: str = "available", global_id: str = "g") -> Group:
    return Group("second", status, global_id)


@pytest.mark.parametrize(
    ("found", "one", "begun", "step"),
    [
        (state(), group(), NO, CALL),
        (state("primary-only"), group(), NO, CALL),
        (state("modifying"), group(), NO, CALL),
        (state(), group("modifying"), NO, WAIT),
        (state(), group("create-failed"), NO, REFUSE),
        (state(), group(), YES, WAIT),
        (state(), group("modifying"), YES, WAIT),
        (state("available", "associating"), group(), NO, REFUSE),
        (state("creating"), group(), NO, REFUSE),
        (state("deleting"), group(), NO, REFUSE),
        (state("deleted"), group(), YES, REFUSE),
        # Detached, and still listed.
        (state(), group("available", ""), NO, WAIT),
        (state(), group("available", ""), MAYBE, DONE),
        (state(), group("available", ""), YES, DONE),
        (state(), group("modifying", ""), YES, WAIT),
        (state(), group("snapshotting", ""), MAYBE, WAIT),
        (state("deleted"), group("available", ""), NO, DONE),
        (state("deleted"), group("modifying", ""), NO, WAIT),
        # Leaving, or gone.
        (state("available", "disassociating"), group(), YES, WAIT),
        (state("available", "disassociating"), group("available", ""), YES, DONE),
        (state("available", "disassociated"), group("modifying", ""), YES, WAIT),
        (state("available", "disassociated"), group("create-failed", ""), YES, REFUSE),
        (None, group("available", ""), NO, DONE),
        (None, group("modifying", ""), NO, WAIT),
        (None, group(), NO, WAIT),
    ],
)
def test_a_promotion_in_each_state(found: State | None, one: Group, begun: Begun, step: Step) -> None:
    assert plans.promote(found, one, THERE, begun).step is step


def test_the_primary_is_not_promoted() -> None:
    assert plans.promote(state(primary=THERE), group(), THERE, NO).step is REFUSE


@pytest.mark.parametrize(
    ("status", "step"),
    [("available", None), ("modifying", WAIT), ("snapshotting", WAIT), ("creating", REFUSE), ("deleting", REFUSE)],
)
def test_what_stands_against_a_change_of_a_group(status: str, step: Step | None) -> None:
    found = plans.ready(group(status), THERE)
    assert (found and found.step) is step


class TestAnEndedFailover:
    """The service began a failover and cancelled it: each read returns the state from before."""

    def plans(self, monkeypatch: pytest.MonkeyPatch, *states: State) -> list[Plan]:
        waiting = list(states)
        monkeypatch.setattr(failovers, "find", lambda api, id: waiting.pop(0))
        change = Failover(cast("Apis", lambda region: None), "g", HERE, THERE, first_primary=HERE)
        return [change.read(YES) for _ in states]

    def test_it_is_given_up_after_several_unchanged_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.plans(monkeypatch, state("modifying"), *[state()] * 3)
        assert [plan.step for plan in found] == [WAIT, WAIT, WAIT, REFUSE]
        assert "the service has ended it, and eu-west-1 is still the primary" in found[-1].why

    @pytest.mark.parametrize("busy", [state("available", "associating"), state("modifying")])
    def test_a_member_that_is_not_associated_is_under_way(self, busy: State, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.plans(monkeypatch, state("modifying"), *[busy] * (_UNCHANGED_READS + 2))
        assert {plan.step for plan in found} == {WAIT}

    def test_one_that_has_not_been_seen_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.plans(monkeypatch, *[state()] * (_UNCHANGED_READS + 2))
        assert {plan.step for plan in found} == {WAIT}


@pytest.mark.parametrize(
    ("target", "primary", "step"),
    [
        ("available", "available", CALL),
        ("modifying", "available", WAIT),
        ("available", "snapshotting", WAIT),
        ("create-failed", "modifying", REFUSE),
        ("modifying", "create-failed", REFUSE),
    ],
)
def test_both_groups_have_to_be_available(
    target: str, primary: str, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = {"first": primary, "second": target}
    monkeypatch.setattr(failovers, "find", lambda api, id: state())
    monkeypatch.setattr(failovers, "groups", lambda api, id: [Group(id, statuses[id], "g")])
    change = Failover(cast("Apis", lambda region: None), "g", HERE, THERE)
    assert change.read(NO).step is step
    arguments: dict[str, Any] = change._arguments
    assert arguments == {
        "GlobalReplicationGroupId": "g",
        "PrimaryRegion": THERE,
        "PrimaryReplicationGroupId": "second",
    }


@pytest.mark.parametrize(
    ("known", "repeated"), [(state("modifying"), True), (state(), False), (state("primary-only"), False), (None, False)]
)
def test_what_a_promotion_would_do(known: State | None, repeated: bool) -> None:
    change = Promotion(cast("Apis", None), "g", THERE, confirmed=True, group_id="second", state=known)
    shown = change.preview(Plan(CALL, "why"))
    assert shown.startswith("calls it")
    assert shown.endswith("and waits until second is standalone")
    assert ("repeatedly while the service refuses it, because g is modifying" in shown) is repeated
    assert change.preview(Plan(WAIT, "why")).startswith("waits until second is standalone and available")
