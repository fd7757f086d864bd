"""Every command in every state of the API: its effect, and that a dry run describes it."""

import itertools

import pytest

from elasticache_operations.drills.global_failover import plans
from elasticache_operations.drills.global_failover.api import Api
from elasticache_operations.drills.global_failover.datastore import read
from elasticache_operations.drills.global_failover.statuses import Status
from tests.elasticache_operations.global_failover.answers import MODEL
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST, NAMED, PROMOTE, Command
from tests.elasticache_operations.global_failover.fake_elasticache import (
    AWAY,
    FAR,
    GROUP_IDS,
    HOME,
    ID,
    MUTATIONS,
    FakeElastiCache,
    Group,
    Member,
)

UNKNOWN = "restoring"
ABSENT = "absent"
GLOBAL_STATUSES = (*plans.GLOBAL_STATUSES, UNKNOWN)
MEMBER_STATUSES = (*plans.MEMBER_STATUSES, UNKNOWN)
GROUP_STATUSES = (*plans.GROUP_STATUSES, UNKNOWN, ABSENT)
COMMANDS = {"failover": FAILOVER, "promote": PROMOTE, "promote, confirmed": LOST}


def fake_in_state(
    status: str, member: str = "associated", group: str = "available", role: str = "SECONDARY"
) -> FakeElastiCache:
    """A fake with the target region in this state, in which every change under way completes."""
    fake = FakeElastiCache(status=status)
    fake.members[AWAY] = Member(role, member)
    if role == "PRIMARY":
        fake.members[HOME].role = "SECONDARY"
    if group == ABSENT:
        del fake.groups[AWAY][GROUP_IDS[AWAY]]
    else:
        fake.groups[AWAY][GROUP_IDS[AWAY]].status = group
    fake.settle()
    return fake


def mutations(fake: FakeElastiCache) -> list[str]:
    """The requests for a change, accepted or refused."""
    return [operation for _, operation in fake.requests if operation in MUTATIONS]


def test_the_statuses_of_a_replication_group_are_those_of_the_service_model() -> None:
    text = MODEL.shape_for("ReplicationGroup").members["Status"].documentation
    assert set(text.replace("</code>", "<code>").split("<code>")[1::2]) == set(plans.GROUP_STATUSES)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("status", GLOBAL_STATUSES)
def test_a_dry_run_describes_the_run(command: Command, name: str, status: str) -> None:
    for member, role, group in itertools.product(MEMBER_STATUSES, ("PRIMARY", "SECONDARY"), GROUP_STATUSES):
        state = f"{status}, {member} {role}, group {group}"
        dry_world, real_world = fake_in_state(status, member, group, role), fake_in_state(status, member, group, role)
        dry = command(dry_world, *COMMANDS[name], dry=True)
        assert mutations(dry_world) == [], state
        assert dry_world.sleeps == [], f"{state}: a dry run does not wait"
        real = command(real_world, *COMMANDS[name])
        assert dry.status == real.status, f"{state}: {dry} {real}"
        assert dry.err == real.err, state
        (summary,) = [line for line in dry.out.splitlines() if line.startswith("dry run: nothing was changed; a run ")]
        assert summary.endswith(f"status {dry.status.exit:d}"), state
        announced = any(line.startswith("call: ") for line in dry.out.splitlines())
        assert announced <= bool(mutations(real_world)), f"{state}: a call that is announced is made"
        if "has nothing to do" in summary or dry.status is not Status.DONE:
            assert mutations(real_world) == [], state
            assert real_world.sleeps == [], state
        if " waits (" in summary or " waits until" in summary:
            assert real_world.sleeps, state
        if real.status == Status.DONE and name == "failover":
            primary = read(Api(real_world.client, HOME), ID).primary
            assert primary is not None, state
            assert primary.region == AWAY, state
        if real.status == Status.DONE and name != "failover":
            assert real_world.groups[AWAY][GROUP_IDS[AWAY]] == Group("available", ""), state


@pytest.mark.parametrize(
    ("words", "state", "expected", "message"),
    [
        (FAILOVER, ("available", "associated", "available", "SECONDARY"), "DONE", ""),
        (FAILOVER, ("available", "associated", "snapshotting", "SECONDARY"), "DONE", ""),
        (FAILOVER, ("available", "associated", "modifying", "SECONDARY"), "DONE", ""),
        (FAILOVER, ("modifying", "associated", "available", "SECONDARY"), "DONE", ""),
        (FAILOVER, ("modifying", "associated", "available", "PRIMARY"), "DONE", ""),
        (FAILOVER, ("primary-only", "associated", "available", "PRIMARY"), "DONE", ""),
        (
            FAILOVER,
            ("primary-only", "associating", "available", "SECONDARY"),
            "REFUSED",
            "ldgnf-orders: the status must be available and that of eu-west-1 associated, got primary-only and "
            "associating; wait until they are, and run the same command again",
        ),
        (
            FAILOVER,
            (UNKNOWN, "associated", "available", "SECONDARY"),
            "REFUSED",
            "ldgnf-orders: the status must be available and that of eu-west-1 associated, got restoring and "
            "associated; this command does not know both; look at the Global Datastore in the ElastiCache console",
        ),
        (
            FAILOVER,
            ("deleting", "associated", "available", "SECONDARY"),
            "REFUSED",
            "ldgnf-orders: it is deleting; look at the replication groups that remain: aws elasticache "
            "describe-replication-groups",
        ),
        (
            FAILOVER,
            ("modifying", "disassociating", "modifying", "SECONDARY"),
            "REFUSED",
            "ldgnf-orders: eu-west-1 is disassociating; choose a region that stays a member",
        ),
        (
            FAILOVER,
            ("available", "associated", "creating", "SECONDARY"),
            "REFUSED",
            "orders-dub in eu-west-1: the status must be available, got creating; wait until it is, and run the same "
            "command again",
        ),
        (
            FAILOVER,
            ("available", "associated", ABSENT, "SECONDARY"),
            "ARGUMENTS",
            "orders-dub in eu-west-1: the replication group does not exist; check the options, and whether it was "
            "deleted",
        ),
        (LOST, ("available", "associated", "available", "SECONDARY"), "DONE", ""),
        (LOST, ("primary-only", "associated", "available", "SECONDARY"), "DONE", ""),
        (LOST, ("modifying", "associated", "available", "SECONDARY"), "DONE", ""),
        (LOST, ("available", "associated", "snapshotting", "SECONDARY"), "DONE", ""),
        (PROMOTE, ("modifying", "disassociating", "modifying", "SECONDARY"), "DONE", ""),
        (PROMOTE, ("modifying", "disassociated", "modifying", "SECONDARY"), "DONE", ""),
        (
            LOST,
            ("available", "associated", "available", "PRIMARY"),
            "REFUSED",
            "ldgnf-orders: --region must be a secondary's, got eu-west-1, which is the primary; name "
            "the region of the secondary to promote",
        ),
        (
            LOST,
            ("available", "associating", "available", "SECONDARY"),
            "REFUSED",
            "ldgnf-orders: the status must be available or primary-only or modifying and that of eu-west-1 "
            "associated, got available and associating; wait until they are, and run the same command again",
        ),
        (
            LOST,
            ("available", "associated", "create-failed", "SECONDARY"),
            "REFUSED",
            "orders-dub in eu-west-1: the status must be available, got create-failed; look at its events: aws "
            "elasticache describe-events --source-type replication-group",
        ),
        (LOST, ("available", "disassociating", "deleting", "SECONDARY"), "REFUSED", "got deleting; look at its events"),
        (LOST, ("deleted", "associated", "available", "SECONDARY"), "REFUSED", "ldgnf-orders: it is deleted; look at"),
    ],
)
def test_the_outcome_of_each_state(
    command: Command, words: tuple[str, ...], state: tuple[str, str, str, str], expected: str, message: str
) -> None:
    result = command(fake_in_state(*state), *words)
    assert result.status.name == expected, result
    assert message in result.err


@pytest.mark.parametrize("dry", [False, True])
def test_the_group_of_the_primary_must_be_ready_for_a_failover(command: Command, dry: bool) -> None:
    fake = fake_in_state("available")
    fake.groups[HOME][GROUP_IDS[HOME]].status = "deleting"
    result = command(fake, *FAILOVER, dry=dry)
    assert result.status == Status.REFUSED
    assert result.error.startswith("orders-iad in us-east-1: the status must be available, got deleting; ")
    assert mutations(fake) == []


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("failover", "--id", ID, "--region", HOME, "--to", "eu-north-1"),
            "ldgnf-orders: --to must be the region of a member, got eu-north-1; choose one of us-east-1, "
            "ap-southeast-1, eu-west-1",
        ),
        (
            ("failover", "--id", "ldgnf-order", "--region", HOME, "--to", AWAY),
            "ldgnf-order: no Global Datastore with this id has a member in us-east-1; check --id and --region (a "
            "region whose member was promoted no longer lists it)",
        ),
        (
            ("promote", "--id", ID, "--region", "eu-north-1", "--primary-is-lost"),
            "ldgnf-orders: it has no member in eu-north-1; check --id and --region, or, if it was promoted already, "
            "add --replication-group-id with its replication group (standalone in eu-north-1: none)",
        ),
        (
            ("promote", "--id", "ldgnf-order", "--region", AWAY, "--replication-group-id", "orders-dub"),
            "orders-dub in eu-west-1: --id must be its Global Datastore ldgnf-orders, got ldgnf-order; correct --id or "
            "--replication-group-id",
        ),
        (
            ("promote", "--id", ID, "--region", AWAY, "--replication-group-id", "orders"),
            "ldgnf-orders: --replication-group-id must be orders-dub, the member in eu-west-1, got orders; correct it "
            "or leave it out",
        ),
    ],
)
def test_an_option_with_an_unknown_value(command: Command, words: tuple[str, ...], message: str, dry: bool) -> None:
    result = command(FakeElastiCache(), *words, "--run", dry=dry)
    assert (result.status, result.error) == (Status.ARGUMENTS, message)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *((name, option) for name in ("status", "failover", "promote") for option in ("--id", "--region")),
        ("failover", "--to"),
    ],
)
def test_an_option_that_is_missing(command: Command, name: str, option: str) -> None:
    given = {"--id": ID, "--region": HOME, **({"--to": AWAY} if name == "failover" else {})}
    del given[option]
    fake = FakeElastiCache()
    result = command(fake, name, *(word for pair in given.items() for word in pair))
    assert result.status == Status.ARGUMENTS
    assert f"the following arguments are required: {option}" in result.error
    assert fake.requests == []


def test_status_shows_the_members(command: Command) -> None:
    result = command(FakeElastiCache(), "status", "--id", ID, "--region", AWAY)
    assert result.status == Status.DONE
    assert result.out.splitlines() == [
        "ldgnf-orders: available",
        "  us-east-1        PRIMARY    associated     orders-iad",
        "  ap-southeast-1   SECONDARY  associated     orders-sin",
        "  eu-west-1        SECONDARY  associated     orders-dub",
    ]
    result = command(FakeElastiCache(status=None), "status", "--id", ID, "--region", AWAY)
    assert result.status == Status.ARGUMENTS
    assert result.error.startswith("ldgnf-orders: no Global Datastore with this id has a member in eu-west-1; check")


def test_a_failover_prints_the_call_and_both_states(command: Command) -> None:
    fake = FakeElastiCache()
    result = command(fake, *FAILOVER)
    assert fake.accepted == ["failover"]
    call = (
        "call: elasticache.failover_global_replication_group(GlobalReplicationGroupId='ldgnf-orders', "
        "PrimaryRegion='eu-west-1', PrimaryReplicationGroupId='orders-dub') in us-east-1"
    )
    assert result.out.splitlines() == [
        "before",
        "ldgnf-orders: available",
        "  us-east-1        PRIMARY    associated     orders-iad",
        "  ap-southeast-1   SECONDARY  associated     orders-sin",
        "  eu-west-1        SECONDARY  associated     orders-dub",
        call,
        "if this command ends early, run the same command again to resume",
        "begun: the failover of ldgnf-orders to eu-west-1",
        "waiting: ldgnf-orders is modifying, and eu-west-1 is SECONDARY and associated",
        "after",
        "ldgnf-orders: available",
        "  eu-west-1        PRIMARY    associated     orders-dub",
        "  ap-southeast-1   SECONDARY  associated     orders-sin",
        "  us-east-1        SECONDARY  associated     orders-iad",
    ]
    assert call in command(FakeElastiCache(), *FAILOVER, dry=True).out


def test_a_promotion_uses_only_the_api_of_the_secondarys_region(command: Command) -> None:
    fake = FakeElastiCache()
    result = command(fake, *LOST)
    assert fake.accepted == ["disassociate"]
    assert {region for region, _ in fake.requests} == {AWAY}
    assert result.out.splitlines()[-2:] == ["after", "  eu-west-1        STANDALONE available      orders-dub"]
    call = (
        "call: elasticache.disassociate_global_replication_group(GlobalReplicationGroupId='ldgnf-orders', "
        "ReplicationGroupId='orders-dub', ReplicationGroupRegion='eu-west-1') in eu-west-1"
    )
    assert call in result.out.splitlines()
    assert call in command(FakeElastiCache(), *LOST, dry=True).out.splitlines()
    assert fake.members[FAR] == Member("SECONDARY"), "the other secondary stays a member"


@pytest.mark.parametrize("dry", [False, True])
def test_a_promotion_needs_the_confirmation(command: Command, dry: bool) -> None:
    fake = FakeElastiCache()
    result = command(fake, *PROMOTE, dry=dry)
    assert result.status == Status.UNCONFIRMED
    assert result.error == (
        "ldgnf-orders: promote detaches orders-dub in eu-west-1, and us-east-1 (orders-iad, associated) keeps the role "
        "of primary; if it accepts writes too, there are two writers whose data diverge and cannot be merged; use "
        "failover while the primary works, or add --primary-is-lost"
    )
    assert fake.accepted == []
    confirmed = command(fake, *LOST, dry=dry)
    assert confirmed.status == Status.DONE
    (warning,) = [line for line in confirmed.out.splitlines() if line.startswith("warning: ")]
    assert "there are two writers" in warning


def test_a_confirmation_is_needed_before_a_wait_that_ends_with_the_call(command: Command) -> None:
    fake = fake_in_state("available", group="snapshotting")
    assert command(fake, *PROMOTE).status == Status.UNCONFIRMED
    assert fake.sleeps == []


def test_a_member_that_the_list_still_names_is_standalone_when_its_group_is(command: Command) -> None:
    fake = FakeElastiCache()
    fake.groups[AWAY][GROUP_IDS[AWAY]].linked = ""
    fake.after(30, lambda: fake.complete_disassociation(AWAY))
    result = command(fake, *PROMOTE)
    assert result.status == Status.DONE, result
    assert "waiting: orders-dub is standalone and available, and still listed in ldgnf-orders" in result.out
    assert fake.accepted == []


def test_a_group_that_the_deleted_datastore_still_names_is_standalone(command: Command) -> None:
    fake = FakeElastiCache(status="deleting")
    fake.groups[AWAY][GROUP_IDS[AWAY]].linked = ""
    assert command(fake, *PROMOTE).status == Status.DONE


def test_the_group_on_the_command_line_is_used_when_the_datastore_is_unknown(command: Command) -> None:
    fake = FakeElastiCache(status=None)
    fake.groups[AWAY][GROUP_IDS[AWAY]].linked = ""
    result = command(fake, *NAMED)
    assert result.status == Status.DONE
    assert result.out.splitlines()[-1] == "  eu-west-1        STANDALONE available      orders-dub"


def test_a_member_without_its_group_is_named(command: Command) -> None:
    fake = FakeElastiCache()
    del fake.groups[AWAY][GROUP_IDS[AWAY]]
    result = command(fake, *LOST)
    assert result.status is Status.ARGUMENTS
    assert result.error.startswith("orders-dub in eu-west-1: the replication group does not exist; ")
    assert mutations(fake) == []
