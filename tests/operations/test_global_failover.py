"""Failover of a Global Datastore: every call against the API's own model, the state before and after, dry runs."""

import shlex
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from operations import global_failover
from operations.global_failover import OperationError, Operations, main, read
from tests.conftest import ROOT

ID = "ldgnf-orders"
GROUPS = {"us-east-1": "orders-iad", "eu-west-1": "orders-dub", "ap-southeast-1": "orders-sin"}


class Api:
    """Clients of every region, each with the answers that it is to give; what is not expected fails."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}
        self.clients: dict[str, Any] = {}

    def __call__(self, region: str) -> Any:
        if region not in self.clients:
            self.clients[region] = boto3.client(
                "elasticache", region_name=region, aws_access_key_id="a", aws_secret_access_key="b"
            )
            self.stubs[region] = Stubber(self.clients[region])
            self.stubs[region].activate()
        return self.clients[region]

    def expect(self, region: str, method: str, answer: dict[str, Any], asked: dict[str, Any]) -> None:
        self(region)
        self.stubs[region].add_response(method, answer, asked)

    def state(self, region: str, primary: str, status: str = "available", member: str = "associated") -> None:
        members = [
            {
                "ReplicationGroupId": group,
                "ReplicationGroupRegion": place,
                "Role": "PRIMARY" if place == primary else "SECONDARY",
                "Status": member,
            }
            for place, group in GROUPS.items()
        ]
        self.expect(
            region,
            "describe_global_replication_groups",
            {"GlobalReplicationGroups": [{"GlobalReplicationGroupId": ID, "Status": status, "Members": members}]},
            {"GlobalReplicationGroupId": ID, "ShowMemberInfo": True},
        )


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    for stub in made.stubs.values():
        stub.assert_no_pending_responses()


def operations(api: Api, lines: list[str]) -> Operations:
    return Operations(api, lines.append, poll=0, patience=0.05)


def test_planned_failover(api: Api) -> None:
    api.state("us-east-1", "us-east-1")
    api.expect(
        "us-east-1",
        "failover_global_replication_group",
        {},
        {
            "GlobalReplicationGroupId": ID,
            "PrimaryRegion": "eu-west-1",
            "PrimaryReplicationGroupId": "orders-dub",
        },
    )
    api.state("us-east-1", "us-east-1", status="modifying")
    api.state("us-east-1", "eu-west-1")
    lines: list[str] = []
    after = operations(api, lines).failover(ID, "us-east-1", "eu-west-1", dry_run=False)
    assert after.primary is not None
    assert after.primary.region == "eu-west-1"
    assert lines[0].splitlines() == [
        "before",
        "ldgnf-orders: available",
        "  us-east-1        PRIMARY    associated     orders-iad",
        "  ap-southeast-1   SECONDARY  associated     orders-sin",
        "  eu-west-1        SECONDARY  associated     orders-dub",
    ]
    assert lines[-1].splitlines()[:3] == [
        "after",
        "ldgnf-orders: available",
        "  eu-west-1        PRIMARY    associated     orders-dub",
    ]


def test_a_dry_run_calls_nothing(api: Api) -> None:
    api.state("us-east-1", "us-east-1")
    lines: list[str] = []
    operations(api, lines).failover(ID, "us-east-1", "eu-west-1", dry_run=True)
    assert lines[1] == (
        "call: elasticache.failover_global_replication_group(GlobalReplicationGroupId='ldgnf-orders', "
        "PrimaryRegion='eu-west-1', PrimaryReplicationGroupId='orders-dub') in us-east-1"
    )
    assert lines[2] == "dry run: nothing was changed"


def test_disaster_detaches_the_secondary_through_its_own_region(api: Api) -> None:
    api.state("eu-west-1", "us-east-1", status="modifying")
    api.expect(
        "eu-west-1",
        "disassociate_global_replication_group",
        {},
        {
            "GlobalReplicationGroupId": ID,
            "ReplicationGroupId": "orders-dub",
            "ReplicationGroupRegion": "eu-west-1",
        },
    )
    for status, linked in (("modifying", ID), ("available", ID), ("available", None)):
        info = {"GlobalReplicationGroupInfo": {"GlobalReplicationGroupId": linked}} if linked else {}
        api.expect(
            "eu-west-1",
            "describe_replication_groups",
            {"ReplicationGroups": [{"ReplicationGroupId": "orders-dub", "Status": status, **info}]},
            {"ReplicationGroupId": "orders-dub"},
        )
    lines: list[str] = []
    operations(api, lines).promote(ID, "eu-west-1", dry_run=False)
    assert lines[-1] == "after\n  eu-west-1        STANDALONE available      orders-dub"
    assert set(api.clients) == {"eu-west-1"}, "the lost region is not asked"


def test_a_dry_run_of_promote(api: Api) -> None:
    api.state("eu-west-1", "us-east-1")
    lines: list[str] = []
    operations(api, lines).promote(ID, "eu-west-1", dry_run=True)
    assert lines[1].startswith("call: elasticache.disassociate_global_replication_group(")
    assert lines[2] == "dry run: nothing was changed"


@pytest.mark.parametrize(
    ("to", "status", "member", "message"),
    [
        (
            "us-east-1",
            "available",
            "associated",
            "to must be a secondary's region, got us-east-1, which is the primary; nothing is to do",
        ),
        (
            "eu-north-1",
            "available",
            "associated",
            "region must be one of us-east-1, ap-southeast-1, eu-west-1, got eu-north-1; name a member's region",
        ),
        (
            "eu-west-1",
            "modifying",
            "associated",
            "ldgnf-orders must be available and eu-west-1 associated, got modifying and associated; wait, or use "
            "promote when the primary's region is lost",
        ),
    ],
)
def test_a_failover_that_cannot_be(api: Api, to: str, status: str, member: str, message: str) -> None:
    api.state("us-east-1", "us-east-1", status, member)
    with pytest.raises(OperationError) as caught:
        operations(api, []).failover(ID, "us-east-1", to, dry_run=False)
    assert str(caught.value) == message


def test_the_primary_needs_no_promotion(api: Api) -> None:
    api.state("us-east-1", "us-east-1")
    with pytest.raises(OperationError, match="region must be a secondary's, got us-east-1, which is the primary"):
        operations(api, []).promote(ID, "us-east-1", dry_run=False)


def test_one_that_does_not_come_to_it(api: Api) -> None:
    api.state("us-east-1", "us-east-1")
    request = {"GlobalReplicationGroupId": ID, "PrimaryRegion": "eu-west-1", "PrimaryReplicationGroupId": "orders-dub"}
    api.expect("us-east-1", "failover_global_replication_group", {}, request)
    api.state("us-east-1", "us-east-1", status="modifying")
    with pytest.raises(OperationError, match=r"waited 0 s for eu-west-1 to be the primary; look at the events"):
        Operations(api, lambda line: None, poll=0, patience=0).failover(ID, "us-east-1", "eu-west-1", dry_run=False)


def test_one_that_does_not_exist(api: Api) -> None:
    api("us-east-1")
    api.stubs["us-east-1"].add_client_error(
        "describe_global_replication_groups", "GlobalReplicationGroupNotFoundFault", http_status_code=404
    )
    with pytest.raises(OperationError) as caught:
        read(api("us-east-1"), ID)
    assert str(caught.value) == ("ldgnf-orders must exist in us-east-1, and does not; check the id and the region")


def test_the_command(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.state("us-east-1", "us-east-1")
    assert main(["status", "--id", ID, "--region", "us-east-1"], api) == 0
    assert "us-east-1        PRIMARY" in capsys.readouterr().out
    api.state("us-east-1", "us-east-1")
    assert main(["failover", "--id", ID, "--region", "us-east-1", "--to", "us-east-1"], api) == 1
    assert capsys.readouterr().err.startswith("global_failover: to must be a secondary's region")
    api.state("eu-west-1", "us-east-1")
    assert main(["promote", "--id", ID, "--region", "eu-west-1", "--dry-run"], api) == 0
    with pytest.raises(SystemExit):
        main(["failover", "--id", ID, "--region", "us-east-1"], api)
    assert global_failover.parser().prog == "global_failover"


def test_the_runbooks_commands_are_ones_that_it_takes() -> None:
    text = (ROOT / "docs" / "runbooks" / "global-datastore.md").read_text()
    commands = [line.strip() for line in text.splitlines() if line.strip().startswith("python3 -m operations.")]
    assert len(commands) == 3
    for command in commands:
        words = shlex.split(command)
        assert words[:3] == ["python3", "-m", "operations.global_failover"]
        assert global_failover.parser().parse_args(words[3:]).id == "GLOBAL-ID"
