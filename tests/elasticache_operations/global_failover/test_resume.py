"""A command that is run again during a change, after its completion, or while another command runs."""

import pytest
from botocore.exceptions import ReadTimeoutError

from elasticache_operations.drills.global_failover.statuses import Status
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST, NAMED, PROMOTE, Command
from tests.elasticache_operations.global_failover.fake_elasticache import (
    AWAY,
    FAR,
    GROUP_IDS,
    HOME,
    ID,
    FakeElastiCache,
    Fault,
    Group,
)

LOST_ANSWER = ReadTimeoutError(endpoint_url="https://elasticache.us-east-1.amazonaws.com/")
TO_FAR = ("failover", "--id", ID, "--region", HOME, "--to", FAR, "--run")


def begun(command: Command, *words: str) -> FakeElastiCache:
    """A fake ElastiCache in which a run of the command was interrupted after its call."""
    fake = FakeElastiCache(interrupt_sleep=0)
    assert command(fake, *words).status == Status.INTERRUPTED
    assert len(fake.accepted) == 1
    return fake


def test_a_failover_that_is_under_way_is_awaited(command: Command) -> None:
    fake = begun(command, *FAILOVER)
    result = command(fake, *FAILOVER)
    assert result.status == Status.DONE
    assert "waiting: ldgnf-orders is modifying, and eu-west-1 is SECONDARY and associated" in result.out
    assert fake.accepted == ["failover"]
    assert fake.members[AWAY].role == "PRIMARY"


def test_a_complete_failover_calls_no_change(command: Command) -> None:
    fake = FakeElastiCache()
    command(fake, *FAILOVER)
    before = list(fake.requests)
    for dry in (False, True):
        assert command(fake, *FAILOVER, dry=dry).status == Status.DONE
    assert fake.accepted == ["failover"]
    assert {operation for _, operation in fake.requests[len(before) :]} == {"DescribeGlobalReplicationGroups"}


def test_a_failover_under_way_to_another_region_is_named(command: Command) -> None:
    fake = begun(command, *FAILOVER)
    result = command(fake, *TO_FAR)
    assert (result.status, result.error) == (
        Status.REFUSED,
        "ldgnf-orders: the primary moved from us-east-1 to eu-west-1 while this command waited; run the same command "
        "again if it must move to ap-southeast-1",
    )
    assert fake.accepted == ["failover"]
    assert command(fake, *TO_FAR).status == Status.DONE
    assert fake.members[FAR].role == "PRIMARY"


def test_a_dry_run_during_a_change_names_every_end_that_it_can_have(command: Command) -> None:
    fake = begun(command, *FAILOVER)
    result = command(fake, *TO_FAR, dry=True)
    assert result.status == Status.DONE
    assert result.out.splitlines()[-1] == (
        "dry run: nothing was changed; a run waits (ldgnf-orders is modifying, and ap-southeast-1 is SECONDARY and "
        "associated); then nothing is left to do if ap-southeast-1 is the primary, it calls "
        "elasticache.failover_global_replication_group(GlobalReplicationGroupId='ldgnf-orders', "
        "PrimaryRegion='ap-southeast-1', PrimaryReplicationGroupId='orders-sin') in us-east-1 if us-east-1 is the "
        "primary, and it ends with status 1 if another region is; status 0"
    )


def test_another_change_that_ends_is_followed_by_the_failover(command: Command) -> None:
    fake = FakeElastiCache(status="modifying")
    fake.settle()
    assert command(fake, *FAILOVER).status == Status.DONE
    assert fake.accepted == ["failover"]


@pytest.mark.parametrize("words", [FAILOVER, NAMED])
def test_a_change_that_does_not_end_exceeds_the_timeout(command: Command, words: tuple[str, ...]) -> None:
    fake = FakeElastiCache(takes=10_000)
    result = command(fake, *words)
    assert result.status == Status.UNDER_WAY
    name = "the failover of ldgnf-orders to eu-west-1" if words is FAILOVER else "the promotion of orders-dub"
    assert result.error.startswith(f"{name} is under way, and its end was not seen: waited 1800 s, and ")
    assert result.error.endswith(" (events: aws elasticache describe-events); run the same command again to resume")
    assert fake.now == 1800
    again = command(fake, *words)
    assert again.status == Status.UNDER_WAY
    assert again.error.startswith("a change was under way before, and its end was not seen: waited 1800 s, and ")


def test_a_failover_that_the_service_abandons(command: Command) -> None:
    fake = FakeElastiCache(takes=10_000)
    fake.after(30, lambda: setattr(fake, "status", "available"))
    result = command(fake, *FAILOVER)
    assert (result.status, result.error) == (
        Status.REFUSED,
        "the failover of ldgnf-orders to eu-west-1 was begun, and cannot be completed: the service has ended it, "
        "and us-east-1 is still the primary; look at the events (aws elasticache describe-events), and run the same "
        "command again",
    )
    assert fake.now < 120


def test_a_promotion_that_the_service_abandons(command: Command) -> None:
    fake = FakeElastiCache(takes=10_000)

    def abandon() -> None:
        fake.status = "available"
        fake.members[AWAY].status = "associated"
        fake.groups[AWAY][GROUP_IDS[AWAY]].status = "available"

    fake.after(30, abandon)
    result = command(fake, *LOST)
    assert result.status == Status.REFUSED
    assert "the service has ended it, and the member is still associated; look at the events" in result.error
    assert fake.now < 120


@pytest.mark.parametrize("words", [FAILOVER, LOST])
def test_an_outdated_description_after_the_call_is_not_final(command: Command, words: tuple[str, ...]) -> None:
    fake = FakeElastiCache(takes=300, stale=60)
    assert command(fake, *words).status == Status.DONE
    assert len(fake.accepted) == 1


@pytest.mark.parametrize("words", [FAILOVER, LOST])
def test_outdated_descriptions_after_a_lost_call_do_not_show_whether_it_has_begun(
    command: Command, words: tuple[str, ...]
) -> None:
    fake = FakeElastiCache(
        takes=300, stale=60, faults={3 if words is FAILOVER else 2: Fault(LOST_ANSWER, applied=True)}
    )
    result = command(fake, *words)
    assert result.status == Status.UNDER_WAY
    assert " may be under way, and its end was not seen: " in result.error
    fake.sleep(60)
    assert command(fake, *words).status == Status.DONE
    assert len(fake.accepted) == 1


def test_a_promotion_under_way_is_awaited_without_the_confirmation(command: Command) -> None:
    for words in (PROMOTE, LOST, NAMED):
        fake = begun(command, *LOST)
        dry = command(fake, *words, dry=True)
        assert dry.status == Status.DONE
        assert dry.out.splitlines()[-1] == (
            "dry run: nothing was changed; a run waits until orders-dub is standalone and available, and detaches it "
            "if it still has to; status 0"
        )
        result = command(fake, *words)
        assert result.status == Status.DONE
        assert "warning" not in result.out
        assert fake.accepted == ["disassociate"]


def test_a_promotion_that_is_complete_names_the_standalone_group(command: Command) -> None:
    fake = FakeElastiCache()
    command(fake, *LOST)
    for words, dry in ((NAMED, False), (NAMED, True), ((*PROMOTE, *NAMED[-2:]), False)):
        result = command(fake, *words, dry=dry)
        assert result.status == Status.DONE
        assert "  eu-west-1        STANDALONE available      orders-dub" in result.out.splitlines()
    assert fake.accepted == ["disassociate"]


def test_a_complete_promotion_needs_the_name_of_its_group_and_lists_standalone_groups(command: Command) -> None:
    fake = FakeElastiCache()
    command(fake, *LOST)
    fake.groups[AWAY] |= {"sessions": Group(linked=""), "users": Group(linked="ldgnf-users"), "zeta": Group(linked="")}
    result = command(fake, *LOST)
    assert (result.status, result.error) == (
        Status.ARGUMENTS,
        "ldgnf-orders: it has no member in eu-west-1; check --id and --region, or, if it was promoted already, add "
        "--replication-group-id with its replication group (standalone in eu-west-1: orders-dub, sessions, zeta)",
    )


def test_a_group_that_still_names_the_datastore_is_detected(command: Command) -> None:
    """The region no longer lists the Global Datastore, and the link of the group is not yet removed."""
    fake = FakeElastiCache()
    fake.groups[AWAY] = {"a": Group(linked=""), "b": Group(linked=""), GROUP_IDS[AWAY]: Group("modifying")}
    fake.status = None
    fake.after(30, lambda: fake.groups[AWAY].update({GROUP_IDS[AWAY]: Group("available", "")}))
    result = command(fake, *PROMOTE)
    assert result.status == Status.DONE
    assert result.out.splitlines()[-1] == "  eu-west-1        STANDALONE available      orders-dub"


def test_the_detached_region_may_still_list_the_datastore_without_the_member(command: Command) -> None:
    fake = FakeElastiCache(detached_region_knows=True)
    assert command(fake, *LOST).status == Status.DONE
    assert command(fake, *NAMED).status == Status.DONE
    assert command(fake, *LOST).status == Status.ARGUMENTS


def test_the_last_secondary_leaves_a_datastore_with_its_primary_only(command: Command) -> None:
    fake = FakeElastiCache(detached_region_knows=True)
    del fake.members[FAR]
    assert command(fake, *LOST).status == Status.DONE
    assert fake.status == "primary-only"
    assert command(fake, *NAMED).status == Status.DONE


def test_members_with_the_same_replication_group_id(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for region in GROUP_IDS:
        monkeypatch.setitem(GROUP_IDS, region, "orders")
    assert command(FakeElastiCache(), *FAILOVER).status == Status.DONE
    fake = FakeElastiCache()
    assert command(fake, *LOST).status == Status.DONE
    assert fake.groups[HOME]["orders"].linked == ID
