"""`elasticache policy`: the actions of each subcommand are those that it calls, no more and no fewer."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from elasticache_operations import policy
from elasticache_operations.aws import Aws, Call
from elasticache_operations.drills.global_failover import command as global_failover
from elasticache_operations.picture.sources import read_source
from elasticache_operations.registry import leaves
from tests.elasticache_operations.advise.test_command import recorded
from tests.elasticache_operations.capacity.test_command import cache
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST
from tests.elasticache_operations.global_failover.fake_elasticache import FakeElastiCache
from tests.elasticache_operations.offers import get_products
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import Elasticache
from tests.elasticache_operations.schemas import violations
from tests.elasticache_operations.status.test_command import fleet
from tests.elasticache_operations.test_cost import LIVE
from tests.elasticache_operations.test_quotas import EVERYTHING, account
from tests.picture.test_running import memcached, serverless
from tests.picture.test_running import recorded as running_cache

Operations = set[tuple[str, str]]
STACK = json.dumps({"Resources": {**EVERYTHING, "Client": {"Type": "AWS::EC2::Instance"}}})
DEPLOYED = {("cloudformation", "GetTemplate"): {"TemplateBody": STACK}}


def with_prices(aws: Recorded) -> Recorded:
    """The same account, where the Price List API answers."""
    return replace(aws, answers={**aws.answers, ("pricing", "GetProducts"): get_products})


def cost(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = Recorded({**LIVE.answers, **DEPLOYED}, region="eu-west-1")
    elasticache("cost", "stack:Shop", "--live", aws=aws)
    return aws.operations


def quotas(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = account(answers=DEPLOYED)
    elasticache("quotas", "stack:Shop", aws=aws)
    return aws.operations


def capacity(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = with_prices(cache())
    elasticache("capacity", "--from", "orders", "--live", aws=aws)
    return aws.operations


def status(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = with_prices(fleet())
    elasticache("status", "--live", aws=aws)
    return aws.operations


def advise(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = with_prices(recorded(DEPLOYED))
    elasticache("advise", "orders", "--live", aws=aws)
    elasticache("advise", "stack:Shop", aws=aws)
    return aws.operations


def compare(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = Recorded(DEPLOYED)
    monkeypatch.setattr("boto3.client", lambda service, **given: aws.session().client(service, **given))
    assert elasticache("compare", "stack:Shop", "stack:Shop", "--region", "us-east-1").status == 0
    return aws.operations


def failover(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    called: Operations = set()
    for words in (FAILOVER, LOST):
        fake = FakeElastiCache()
        global_failover.run(words, fake.client, clock=fake.clock, sleep=fake.sleep)
        called |= {("elasticache", operation) for _, operation in fake.requests}
    return called


def picture(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    called = set(compare(elasticache, monkeypatch))  # Templates of stacks are read in the same way.
    for name, aws in (("orders", running_cache()), ("carts", serverless()), ("pages", memcached())):
        read_source([f"cache:{name}"], None, Aws(create=aws.session))
        called |= aws.operations
    return called


def none(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    return set()


RUNS: dict[str, Callable[[Elasticache, pytest.MonkeyPatch], Operations]] = {
    "check": none,
    "compare": compare,
    "cost": cost,
    "quotas": quotas,
    "picture": picture,
    "capacity": capacity,
    "status": status,
    "advise": advise,
    "policy": none,
    "drill global-failover": failover,
}
"""For each subcommand, a function that makes every call of it, and returns the operations that botocore has sent."""


@pytest.mark.parametrize("name", [name for name, _ in leaves()])
def test_the_policy_is_what_the_subcommand_calls(
    elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    called = RUNS[name](elasticache, monkeypatch)
    result = elasticache("policy", *name.split(), "--format", "json")
    assert violations("policy", result.data) == []
    statements = result.data["policy"]["Statement"]
    allowed = {action for each in statements for action in each["Action"]}
    prefixes = {"service-quotas": "servicequotas"}
    assert allowed == {f"{prefixes.get(service, service)}:{operation}" for service, operation in called}
    assert {each["Effect"] for each in statements} <= {"Allow"}


def test_the_text_is_the_policy(elasticache: Elasticache) -> None:
    result = elasticache("policy", "quotas")
    assert result.status == 0
    (statement,) = json.loads(result.out)["Statement"]
    assert statement["Resource"] == "*"
    assert "servicequotas:ListServiceQuotas" in statement["Action"]
    assert elasticache("policy", "check").out == "check calls nothing of AWS, and needs no policy\n"
    markdown = elasticache("policy", "cost", "--format", "markdown").out
    assert markdown.startswith("```text\n{\n")
    assert "| pricing:GetProducts | --live |" in markdown


def test_every_other_action_can_be_denied(elasticache: Elasticache) -> None:
    allow, deny = json.loads(elasticache("policy", "quotas", "--deny-others").out)["Statement"]
    assert deny == {"Effect": "Deny", "NotAction": allow["Action"], "Resource": "*"}
    assert (
        json.loads(elasticache("policy", "check", "--deny-others", "--format", "json").out)["policy"]["Statement"] == []
    )


def test_actions_on_one_resource_have_a_statement_of_their_own() -> None:
    calls = (Call("ssm", "SendCommand", resource="arn:aws:ec2:*:*:instance/i-1"), Call("elasticache", "DescribeUsers"))
    assert policy.policy(calls)["Statement"] == [
        {"Effect": "Allow", "Action": ["elasticache:DescribeUsers"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["ssm:SendCommand"], "Resource": "arn:aws:ec2:*:*:instance/i-1"},
    ]


def test_the_schemas_are_of_subcommands() -> None:
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    printed = {command.name for _, command in leaves() if not command.own_parser}
    assert {path.stem for path in folder.glob("*.json")} == printed
