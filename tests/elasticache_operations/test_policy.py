"""`elasticache policy`: the actions of each subcommand are those that it calls, no more and no fewer."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from elasticache_operations import deployed_templates, policy
from elasticache_operations.aws import Aws, Call
from elasticache_operations.drills import run_command
from elasticache_operations.drills.failover import drill
from elasticache_operations.drills.global_failover import command as global_failover
from elasticache_operations.drills.restore import command as restore_command
from elasticache_operations.drills.restore.temporary import IMPLIED
from elasticache_operations.drills.rotation import drill as rotation_drill
from elasticache_operations.picture.sources import read_source
from elasticache_operations.registry import leaves
from tests.elasticache_operations.advise.test_command import recorded
from tests.elasticache_operations.capacity.test_command import cache
from tests.elasticache_operations.drills.failing_over import FailingOver
from tests.elasticache_operations.drills.restoring import Region
from tests.elasticache_operations.drills.rotated import ARN as SECRET
from tests.elasticache_operations.drills.rotated import Rotated
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST
from tests.elasticache_operations.global_failover.fake_elasticache import FakeElastiCache
from tests.elasticache_operations.offers import get_products
from tests.elasticache_operations.pricing import LIVE
from tests.elasticache_operations.quota_account import EVERYTHING, account
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import Elasticache
from tests.elasticache_operations.schemas import violations
from tests.elasticache_operations.status.test_command import fleet
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
    monkeypatch.setattr(deployed_templates, "Aws", lambda region: Aws(region, create=aws.session))
    assert elasticache("compare", "stack:Shop", "stack:Shop", "--region", "us-east-1").status == 0
    return aws.operations


def check(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    aws = Recorded(DEPLOYED)
    monkeypatch.setattr(deployed_templates, "Aws", lambda region: Aws(region, create=aws.session))
    assert elasticache("check", "stack:Shop", "--region", "us-east-1").status in (0, 1)
    return aws.operations


def failover(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    called: Operations = set()
    for words in (FAILOVER, LOST):
        fake = FakeElastiCache()
        global_failover.run(words, fake.client, clock=fake.clock, sleep=fake.sleep)
        called |= {("elasticache", operation) for _, operation in fake.requests}
    return called


def failover_of_a_shard(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    for name in ("STEADY", "_QUICK", "_POLL"):
        monkeypatch.setattr(drill, name, 0.05)
    monkeypatch.setattr(run_command, "_POLL", 0.01)
    with tempfile.TemporaryDirectory() as folder:
        aws = FailingOver(Client(Path(folder))).recorded()
        assert elasticache("drill", "failover", "orders", "--run", "--instance", INSTANCE, aws=aws).status == 0
    return aws.operations


def rotation(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    for module in (rotation_drill, run_command):
        monkeypatch.setattr(module, "_POLL", 0.001)
    aws = Rotated().recorded()
    words = ("--secret", SECRET, "--run", "--instance", INSTANCE)
    assert elasticache("drill", "rotation", "orders", *words, aws=aws).status == 0
    # The documentation of RotateSecret requires it of the caller; the request is one of Secrets Manager.
    return {*aws.operations, ("lambda", "InvokeFunction")}


def restore(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    region = Region()
    monkeypatch.setattr(restore_command, "Clock", lambda: region.clock)
    region.add_group("drill-restore-1", [])
    words = ("drill", "restore", "orders", "--create-snapshot")
    aws = Recorded({**LIVE.answers, **region.recorded.answers})
    result = elasticache(*words, "--run", "--most-usd", "1", "--instance", INSTANCE, aws=aws)
    assert result.status == 0, result.err
    assert "the Price List has no price" in elasticache(*words, "--live", aws=aws).out
    # To create something with tags needs this permission too; no request has its name.
    return {*aws.operations, IMPLIED}


def picture(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    stack = Recorded(DEPLOYED)
    read_source(["stack:Shop"], None, Aws(create=stack.session))
    called = stack.operations
    for name, aws in (("orders", running_cache()), ("carts", serverless()), ("pages", memcached())):
        read_source([f"cache:{name}"], None, Aws(create=aws.session))
        called |= aws.operations
    return called


def none(elasticache: Elasticache, monkeypatch: pytest.MonkeyPatch) -> Operations:
    return set()


RUNS: dict[str, Callable[[Elasticache, pytest.MonkeyPatch], Operations]] = {
    "check": check,
    "compare": compare,
    "cost": cost,
    "quotas": quotas,
    "picture": picture,
    "capacity": capacity,
    "status": status,
    "advise": advise,
    "policy": none,
    "drill failover": failover_of_a_shard,
    "drill restore": restore,
    "drill rotation": rotation,
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
    assert elasticache("policy", "policy").out == "policy calls nothing of AWS, and needs no policy\n"
    markdown = elasticache("policy", "cost", "--format", "markdown").out
    assert markdown.startswith("```text\n{\n")
    assert "| pricing:GetProducts | --live |" in markdown


def test_every_other_action_can_be_denied(elasticache: Elasticache) -> None:
    allow, deny = json.loads(elasticache("policy", "quotas", "--deny-others").out)["Statement"]
    assert deny == {"Effect": "Deny", "NotAction": allow["Action"], "Resource": "*"}
    assert (
        json.loads(elasticache("policy", "policy", "--deny-others", "--format", "json").out)["policy"]["Statement"]
        == []
    )


def test_actions_on_one_resource_have_a_statement_of_their_own() -> None:
    calls = (Call("ssm", "SendCommand", resource="arn:aws:ec2:*:*:instance/i-1"), Call("elasticache", "DescribeUsers"))
    assert policy.policy(calls)["Statement"] == [
        {"Effect": "Allow", "Action": ["elasticache:DescribeUsers"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["ssm:SendCommand"], "Resource": "arn:aws:ec2:*:*:instance/i-1"},
    ]


def test_changes_are_allowed_on_one_resource(elasticache: Elasticache) -> None:
    def resources(*words: str) -> dict[str, set[str]]:
        statements = json.loads(elasticache("policy", "drill", "failover", *words).out)["Statement"]
        pairs = [(action, each["Resource"]) for each in statements for action in each["Action"]]
        return {wanted: {resource for action, resource in pairs if action == wanted} for wanted, _ in pairs}

    document = "arn:aws:ssm:*::document/AWS-RunShellScript"
    found = resources()
    assert found["elasticache:TestFailover"] == {"arn:aws:elasticache:*:*:replicationgroup:*"}
    assert found["ssm:SendCommand"] == {"arn:aws:ec2:*:*:instance/*", document}
    found = resources("--cache", "orders", "--instance", INSTANCE)
    assert found["elasticache:TestFailover"] == {"arn:aws:elasticache:*:*:replicationgroup:orders"}
    assert found["ssm:SendCommand"] == {f"arn:aws:ec2:*:*:instance/{INSTANCE}", document}
    assert found["elasticache:DescribeEvents"] == found["ssm:GetCommandInvocation"] == {"*"}
    statements = json.loads(elasticache("policy", "drill", "rotation", "--secret", SECRET).out)["Statement"]
    (resource,) = {each["Resource"] for each in statements if "secretsmanager:RotateSecret" in each["Action"]}
    assert resource == "arn:aws:secretsmanager:*:*:secret:orders-AbCdEf"
    result = elasticache("policy", "quotas", "--cache", "orders")
    assert (result.status, result.error) == (
        2,
        "elasticache policy: --cache has no effect, because quotas changes nothing of that kind; leave it out",
    )


def test_the_schemas_are_of_subcommands() -> None:
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    own = {"picture", "drill global-failover"}
    printed = {name.split()[0] for name, _ in leaves() if name not in own}
    assert {path.stem for path in folder.glob("*.json")} == printed


def test_what_the_restore_drill_deletes_must_have_its_tag(elasticache: Elasticache) -> None:
    statements = json.loads(elasticache("policy", "drill", "restore").out)["Statement"]
    conditions = {action: each.get("Condition") for each in statements for action in each["Action"]}
    own = {"StringLike": {"aws:ResourceTag/operations:drill": "restore:*"}}
    new = {"StringLike": {"aws:RequestTag/operations:drill": "restore:*"}}
    changes = {action: condition for action, condition in conditions.items() if condition}
    assert changes == {
        "elasticache:AddTagsToResource": new,
        "elasticache:CreateReplicationGroup": new,
        "elasticache:CreateSnapshot": new,
        "elasticache:DeleteReplicationGroup": own,
        "elasticache:DeleteSnapshot": own,
    }
    assert "elasticache:DescribeSnapshots" in conditions
