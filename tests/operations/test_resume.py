"""A command that is run again, at the same time as another one, or long after the change."""

import pytest
from botocore.exceptions import ReadTimeoutError

from operations.statuses import Status
from tests.operations.command import FAILOVER, LOST, NAMED, PROMOTE, Command
from tests.operations.fake_elasticache import AWAY, FAR, GROUP_IDS, HOME, ID, Fault, Group, World

LOST_ANSWER = ReadTimeoutError(endpoint_url="https://elasticache.us-east-1.amazonaws.com/")
TO_FAR = ("failover", "--id", ID, "--region", HOME, "--to", FAR)


def begun(command: Command, *words: str) -> World:
    """A world in which a run of the command was interrupted after its call."""
    made = World(interrupt_sleep=0)
    assert command(made, *words).status == Status.INTERRUPTED
    assert len(made.accepted) == 1
    return made


def test_a_failover_that_is_under_way_is_awaited(command: Command) -> None:
    made = begun(command, *FAILOVER)
    result = command(made, *FAILOVER)
    assert result.status == Status.DONE
    assert "waiting: ldgnf-orders is modifying, and eu-west-1 is SECONDARY and associated" in result.out
    assert made.accepted == ["failover"]
    assert made.members[AWAY].role == "PRIMARY"


def test_a_failover_that_is_complete_has_nothing_to_do(command: Command) -> None:
    made = World()
    command(made, *FAILOVER)
    before = list(made.requests)
    for words in (FAILOVER, (*FAILOVER, "--dry-run")):
        assert command(made, *words).status == Status.DONE
    assert made.accepted == ["failover"]
    assert {operation for _, operation in made.requests[len(before) :]} == {"DescribeGlobalReplicationGroups"}


def test_a_failover_under_way_to_another_region_is_named(command: Command) -> None:
    made = begun(command, *FAILOVER)
    result = command(made, *TO_FAR)
    assert (result.status, result.error) == (
        Status.REFUSED,
        "ldgnf-orders: the primary moved from us-east-1 to eu-west-1 while this command waited; run the same command "
        "again if it must move to ap-southeast-1",
    )
    assert made.accepted == ["failover"]
    assert command(made, *TO_FAR).status == Status.DONE
    assert made.members[FAR].role == "PRIMARY"


def test_a_dry_run_during_a_change_names_every_end_that_it_can_have(command: Command) -> None:
    made = begun(command, *FAILOVER)
    result = command(made, *TO_FAR, "--dry-run")
    assert result.status == Status.DONE
    assert result.out.splitlines()[-1] == (
        "dry run: nothing was changed; a run waits (ldgnf-orders is modifying, and ap-southeast-1 is SECONDARY and "
        "associated); then nothing is left to do if ap-southeast-1 is the primary, it calls "
        "elasticache.failover_global_replication_group(GlobalReplicationGroupId='ldgnf-orders', "
        "PrimaryRegion='ap-southeast-1', PrimaryReplicationGroupId='orders-sin') in us-east-1 if us-east-1 is the "
        "primary, and it ends with status 1 if another region is; status 0"
    )


def test_another_change_that_ends_is_followed_by_the_failover(command: Command) -> None:
    made = World(status="modifying")
    made.settle()
    assert command(made, *FAILOVER).status == Status.DONE
    assert made.accepted == ["failover"]


@pytest.mark.parametrize("words", [FAILOVER, NAMED])
def test_a_change_without_an_end_is_left_after_the_patience(command: Command, words: tuple[str, ...]) -> None:
    made = World(takes=10_000)
    result = command(made, *words)
    assert result.status == Status.UNDER_WAY
    name = "the failover of ldgnf-orders to eu-west-1" if words is FAILOVER else "the promotion of orders-dub"
    assert result.error.startswith(f"{name} is under way, and its end was not seen: waited 1800 s, and ")
    assert result.error.endswith(" (events: aws elasticache describe-events); run the same command again to resume")
    assert made.now == 1800
    again = command(made, *words)
    assert again.status == Status.UNDER_WAY
    assert again.error.startswith("a change was under way before, and its end was not seen: waited 1800 s, and ")


def test_a_failover_that_the_service_gives_up(command: Command) -> None:
    made = World(takes=10_000)
    made.after(30, lambda: setattr(made, "status", "available"))
    result = command(made, *FAILOVER)
    assert (result.status, result.error) == (
        Status.REFUSED,
        "the failover of ldgnf-orders to eu-west-1 was begun, and cannot come to its end: the service has ended it, "
        "and us-east-1 is still the primary; look at the events (aws elasticache describe-events), and run the same "
        "command again",
    )
    assert made.now < 120


def test_a_promotion_that_the_service_gives_up(command: Command) -> None:
    made = World(takes=10_000)

    def give_up() -> None:
        made.status = "available"
        made.members[AWAY].status = "associated"
        made.groups[AWAY][GROUP_IDS[AWAY]].status = "available"

    made.after(30, give_up)
    result = command(made, *LOST)
    assert result.status == Status.REFUSED
    assert "the service has ended it, and the member is still associated; look at the events" in result.error
    assert made.now < 120


@pytest.mark.parametrize("words", [FAILOVER, LOST])
def test_an_answer_that_is_still_old_after_the_call_is_no_end(command: Command, words: tuple[str, ...]) -> None:
    made = World(takes=300, stale=60)
    assert command(made, *words).status == Status.DONE
    assert len(made.accepted) == 1


@pytest.mark.parametrize("words", [FAILOVER, LOST])
def test_old_answers_after_a_lost_call_leave_open_whether_it_has_begun(
    command: Command, words: tuple[str, ...]
) -> None:
    made = World(takes=300, stale=60, faults={3 if words is FAILOVER else 2: Fault(LOST_ANSWER, applied=True)})
    result = command(made, *words)
    assert result.status == Status.UNDER_WAY
    assert " may be under way, and its end was not seen: " in result.error
    made.sleep(60)
    assert command(made, *words).status == Status.DONE
    assert len(made.accepted) == 1


def test_a_promotion_under_way_is_awaited_without_the_confirmation(command: Command) -> None:
    for words in (PROMOTE, LOST, NAMED):
        made = begun(command, *LOST)
        dry = command(made, *words, "--dry-run")
        assert dry.status == Status.DONE
        assert dry.out.splitlines()[-1] == (
            "dry run: nothing was changed; a run waits until orders-dub is standalone and available, and detaches it "
            "if it still has to; status 0"
        )
        result = command(made, *words)
        assert result.status == Status.DONE
        assert "warning" not in result.out
        assert made.accepted == ["disassociate"]


def test_a_promotion_that_is_complete_names_the_standalone_group(command: Command) -> None:
    made = World()
    command(made, *LOST)
    for words in (NAMED, (*NAMED, "--dry-run"), ("promote", "--id", ID, "--region", AWAY, *NAMED[-2:])):
        result = command(made, *words)
        assert result.status == Status.DONE
        assert "  eu-west-1        STANDALONE available      orders-dub" in result.out.splitlines()
    assert made.accepted == ["disassociate"]


def test_a_complete_promotion_needs_the_name_of_its_group_and_lists_what_there_is(command: Command) -> None:
    made = World()
    command(made, *LOST)
    made.groups[AWAY] |= {"sessions": Group(linked=""), "users": Group(linked="ldgnf-users"), "zeta": Group(linked="")}
    result = command(made, *LOST)
    assert (result.status, result.error) == (
        Status.ARGUMENTS,
        "ldgnf-orders: it has no member in eu-west-1; check --id and --region, or, if it was promoted already, add "
        "--replication-group-id with its replication group (standalone in eu-west-1: orders-dub, sessions, zeta)",
    )


def test_a_group_that_still_names_the_datastore_is_found_by_looking(command: Command) -> None:
    """The region does not list the Global Datastore any more, and the link of the group is not removed yet."""
    made = World()
    made.groups[AWAY] = {"a": Group(linked=""), "b": Group(linked=""), GROUP_IDS[AWAY]: Group("modifying")}
    made.status = None
    made.after(30, lambda: made.groups[AWAY].update({GROUP_IDS[AWAY]: Group("available", "")}))
    result = command(made, *PROMOTE)
    assert result.status == Status.DONE
    assert result.out.splitlines()[-1] == "  eu-west-1        STANDALONE available      orders-dub"


def test_the_detached_region_may_still_list_the_datastore_without_the_member(command: Command) -> None:
    made = World(detached_region_knows=True)
    assert command(made, *LOST).status == Status.DONE
    assert command(made, *NAMED).status == Status.DONE
    assert command(made, *LOST).status == Status.ARGUMENTS


def test_the_last_secondary_leaves_a_datastore_with_its_primary_only(command: Command) -> None:
    made = World(detached_region_knows=True)
    del made.members[FAR]
    assert command(made, *LOST).status == Status.DONE
    assert made.status == "primary-only"
    assert command(made, *NAMED).status == Status.DONE


def test_members_with_the_same_replication_group_id(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for region in GROUP_IDS:
        monkeypatch.setitem(GROUP_IDS, region, "orders")
    assert command(World(), *FAILOVER).status == Status.DONE
    made = World()
    assert command(made, *LOST).status == Status.DONE
    assert made.groups[HOME]["orders"].linked == ID
