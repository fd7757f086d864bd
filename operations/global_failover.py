"""Moves the primary of a Global Datastore: planned, or after its region is lost.

`python -m operations.global_failover status   --id ID --region REGION`
`python -m operations.global_failover failover --id ID --region REGION --to REGION`
`python -m operations.global_failover promote  --id ID --region REGION`

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Console.html
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

T = TypeVar("T")
Client = Callable[[str], Any]
"""Makes a client of the ElastiCache API for a region."""

_EPILOG: Final = (
    "Exit status: 0 when it is done, or would be; 1 when the Global Datastore is not in a state for it, or did not "
    "come to the one that was asked for; 2 for wrong arguments. Afterwards the templates have to follow: see "
    "docs/runbooks/global-datastore.md."
)


class OperationError(RuntimeError):
    """What is asked for cannot be done; the message says why and what to do."""


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
    """A Global Datastore as one region sees it."""

    global_id: str
    status: str
    members: tuple[Member, ...]

    @property
    def primary(self) -> Member | None:
        """The member that takes writes."""
        return next((each for each in self.members if each.role == "PRIMARY"), None)

    def member_in(self, region: str) -> Member:
        """The member of a region.

        :raises OperationError: when there is none.
        """
        for each in self.members:
            if each.region == region:
                return each
        known = ", ".join(each.region for each in self.members)
        raise OperationError(f"region must be one of {known}, got {region}; name a member's region")

    def __str__(self) -> str:
        return "\n".join([f"{self.global_id}: {self.status}", *(f"  {each}" for each in self.members)])


def read(client: Any, global_id: str) -> State:
    """The state of a Global Datastore.

    :raises OperationError: when it does not exist in this region.
    """
    try:
        answer = client.describe_global_replication_groups(GlobalReplicationGroupId=global_id, ShowMemberInfo=True)
    except client.exceptions.GlobalReplicationGroupNotFoundFault:
        raise OperationError(
            f"{global_id} must exist in {client.meta.region_name}, and does not; check the id and the region"
        ) from None
    (found,) = answer["GlobalReplicationGroups"]
    members = tuple(
        Member(
            region=each["ReplicationGroupRegion"],
            replication_group_id=each["ReplicationGroupId"],
            role=each["Role"].upper(),
            status=each["Status"],
        )
        for each in found.get("Members", [])
    )
    order = {"PRIMARY": 0, "SECONDARY": 1}
    ordered = sorted(members, key=lambda each: (order.get(each.role, 2), each.region))
    return State(global_id, found["Status"], tuple(ordered))


@dataclass(frozen=True, slots=True)
class Operations:
    """What can be done.

    :param client: makes a client for a region.
    :param say: where lines go.
    :param poll: seconds between two looks.
    :param patience: seconds until it is said to have failed.
    """

    client: Client
    say: Callable[[str], None] = print
    poll: float = 10.0
    patience: float = 1800.0

    def failover(self, global_id: str, region: str, to: str, *, dry_run: bool) -> State:
        """Make a secondary the primary, while both regions are well; nothing that was written is lost.

        :param region: the one to ask, a member's.
        :param to: the region that shall take the writes.
        :raises OperationError: when the Global Datastore is not in a state for it.
        """
        client = self.client(region)
        before = self._show("before", read(client, global_id))
        target = before.member_in(to)
        if target.role == "PRIMARY":
            raise OperationError(f"to must be a secondary's region, got {to}, which is the primary; nothing is to do")
        if before.status != "available" or target.status != "associated":
            raise OperationError(
                f"{global_id} must be available and {to} associated, got {before.status} and {target.status}; wait, or "
                "use promote when the primary's region is lost"
            )
        self.say(
            f"call: elasticache.failover_global_replication_group(GlobalReplicationGroupId={global_id!r}, "
            f"PrimaryRegion={to!r}, PrimaryReplicationGroupId={target.replication_group_id!r}) in {region}"
        )
        if dry_run:
            return self._nothing(before)
        client.failover_global_replication_group(
            GlobalReplicationGroupId=global_id,
            PrimaryRegion=to,
            PrimaryReplicationGroupId=target.replication_group_id,
        )
        after = self._wait(
            lambda: read(client, global_id),
            lambda state: state.status == "available" and state.member_in(to).role == "PRIMARY",
            f"{to} to be the primary",
        )
        return self._show("after", after)

    def promote(self, global_id: str, region: str, *, dry_run: bool) -> State:
        """Detach a secondary, so that it takes writes by itself; what had not arrived is lost.

        :param region: the secondary's, which is asked because the primary's may not answer.
        :raises OperationError: when it is no secondary.
        """
        client = self.client(region)
        before = self._show("before", read(client, global_id))
        target = before.member_in(region)
        if target.role == "PRIMARY":
            raise OperationError(f"region must be a secondary's, got {region}, which is the primary; it takes writes")
        self.say(
            f"call: elasticache.disassociate_global_replication_group(GlobalReplicationGroupId={global_id!r}, "
            f"ReplicationGroupId={target.replication_group_id!r}, ReplicationGroupRegion={region!r}) in {region}"
        )
        if dry_run:
            return self._nothing(before)
        client.disassociate_global_replication_group(
            GlobalReplicationGroupId=global_id,
            ReplicationGroupId=target.replication_group_id,
            ReplicationGroupRegion=region,
        )
        self._wait(
            lambda: self._standalone(client, target.replication_group_id),
            bool,
            f"{target.replication_group_id} to stand alone",
        )
        self.say(f"after\n  {region:<16} STANDALONE available      {target.replication_group_id}")
        return before

    @staticmethod
    def _standalone(client: Any, id: str) -> bool:
        (group,) = client.describe_replication_groups(ReplicationGroupId=id)["ReplicationGroups"]
        linked = group.get("GlobalReplicationGroupInfo", {}).get("GlobalReplicationGroupId")
        return group["Status"] == "available" and not linked

    def _show(self, when: str, state: State) -> State:
        self.say(f"{when}\n{state}")
        return state

    def _nothing(self, state: State) -> State:
        self.say("dry run: nothing was changed")
        return state

    def _wait(self, look: Callable[[], T], done: Callable[[T], bool], what: str) -> T:
        until = time.monotonic() + self.patience
        while True:
            found = look()
            if done(found):
                return found
            if time.monotonic() > until:
                raise OperationError(
                    f"waited {self.patience:g} s for {what}; look at the events: aws elasticache describe-events"
                )
            time.sleep(self.poll)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="global_failover", description="Moves the primary of a Global Datastore.", epilog=_EPILOG
    )
    commands = made.add_subparsers(dest="command", required=True)
    for name, words in (
        ("status", "the members, their roles and their states"),
        ("failover", "make a secondary the primary, while both regions are well"),
        ("promote", "detach a secondary, so that it takes writes by itself, when the primary's region is lost"),
    ):
        command = commands.add_parser(name, help=words, description=words, epilog=_EPILOG)
        command.add_argument("--id", required=True, help="the global replication group's id")
        command.add_argument("--region", required=True, help="the region to ask; with promote the secondary's")
        if name == "failover":
            command.add_argument("--to", required=True, help="the region that shall take the writes")
        if name != "status":
            command.add_argument("--dry-run", action="store_true", help="say what would be called, and call nothing")
    return made


def main(words: Sequence[str] | None = None, client: Client | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    operations = Operations(client or _client)
    try:
        if arguments.command == "status":
            print(read(operations.client(arguments.region), arguments.id))
        elif arguments.command == "failover":
            operations.failover(arguments.id, arguments.region, arguments.to, dry_run=arguments.dry_run)
        else:
            operations.promote(arguments.id, arguments.region, dry_run=arguments.dry_run)
    except OperationError as problem:
        print(f"global_failover: {problem}", file=sys.stderr)
        return 1
    return 0


def _client(region: str) -> Any:
    import boto3  # noqa: PLC0415 - only where it is really asked

    return boto3.client("elasticache", region_name=region)


if __name__ == "__main__":
    sys.exit(main())
