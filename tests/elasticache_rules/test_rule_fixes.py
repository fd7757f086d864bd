"""Following the fix of a finding removes it, and leads to no other finding."""

import copy
import re
from functools import cache
from typing import Any

import pytest

from elasticache_rules import Finding, Template, check_template
from tests.elasticache_rules import (
    fixes_access,
    fixes_caches,
    fixes_databases,
    fixes_global,
    fixes_network,
    fixes_sections,
    fixes_topology,
    fixes_values,
)
from tests.elasticache_rules.examples import ABSENT, EXAMPLES, document, region_of
from tests.elasticache_rules.fixes_parts import Change, Fixes

_MODULES = (
    fixes_access,
    fixes_caches,
    fixes_databases,
    fixes_global,
    fixes_network,
    fixes_sections,
    fixes_topology,
    fixes_values,
)
FIXES: Fixes = {key: changes for module in _MODULES for key, changes in module.FIXES.items()}
# Fixes, or alternatives of one, that no change of a template expresses.
OUTSIDE = {
    "check that CloudFormation has it": "the function is later than the facts, and the answer is with AWS",
    "check that EC2 offers it": "the type is later than the facts, and the answer is with AWS",
    "check that the service offers it": "the version or type is later than the facts, and the answer is with AWS",
    "ask for a higher quota before you deploy": "a request to AWS",
    "copy them to S3": "a job outside of the template",
    "from aws outposts list-outposts": "another place to copy the same ARN from",
}


def applied(whole: dict[str, Any], change: Change) -> dict[str, Any]:
    """The document with a change."""
    result = copy.deepcopy(whole)
    for path, value in change.items():
        if path.startswith("/"):
            _, section, name = path.split("/")
            result[section][name] = value
            continue
        resource, mark, attribute = path.partition("!")
        id, _, nested = resource.partition(".")
        entry: Any = result["Resources"]
        *parents, last = [id, attribute] if mark else [id, "Properties", *nested.split(".")] if nested else [id]
        for name in parents:
            entry = entry[int(name)] if isinstance(entry, list) else entry[name]
        key = int(last) if isinstance(entry, list) else last
        if value is ABSENT:
            del entry[key]
        else:
            entry[key] = value
    return result


def findings(id: str, number: int, change: Change | None = None) -> list[Finding]:
    """What is found in an example of a rule, with a change."""
    base, example = EXAMPLES[id][number]
    whole = applied(document(base, example), change or {})
    return check_template(Template.of(whole, region=region_of(id, example)))


@cache
def fixes_of(id: str, number: int) -> frozenset[str]:
    """The fixes of the findings that an example of a rule shows."""
    return frozenset(each.fix for each in findings(id, number) if each.rule == id and each.logical_id == "It")


def kind(fix: str) -> str:
    """A fix without the names and numbers of its example."""
    return re.sub(r"\(.*\)|\S*\d\S*|\b[A-Z]\w+", "…", fix)


def needed(fix: str) -> int:
    """How many changes show a fix with its alternatives."""
    return sum(not any(text in each for text in OUTSIDE) for each in fix.split(", or "))


@pytest.mark.parametrize(
    ("id", "number", "change"),
    [
        pytest.param(id, number, change, id=f"{id}-{number}-{alternative}")
        for (id, number), changes in FIXES.items()
        for alternative, change in enumerate(changes)
    ],
)
def test_a_fix_that_is_applied_removes_the_finding(id: str, number: int, change: Change) -> None:
    def texts(found: list[Finding]) -> set[str]:
        return {f"{each.logical_id} {each.rule} {each}" for each in found}

    before = texts(findings(id, number))
    own = {text for text in before if text.startswith(f"It {id} ")}
    after = texts(findings(id, number, change))
    assert own
    assert not after & own
    assert after <= before


@pytest.mark.parametrize("id", EXAMPLES)
def test_every_fix_of_a_rule_is_applied(id: str) -> None:
    """Each text of a rule, in one of its examples."""
    tried = {kind(fix) for rule, number in FIXES if rule == id for fix in fixes_of(rule, number)}
    shown = {fix for number in range(len(EXAMPLES[id])) for fix in fixes_of(id, number)}
    assert {kind(fix) for fix in shown if needed(fix)} - tried == set()


@pytest.mark.parametrize(("id", "number"), FIXES)
def test_every_alternative_of_a_fix_is_applied(id: str, number: int) -> None:
    most = max(needed(fix) for fix in fixes_of(id, number))
    assert len(FIXES[id, number]) >= most


def test_what_lies_outside_of_a_template_is_still_asked_for() -> None:
    shown = {
        fix for id, examples in EXAMPLES.items() for number in range(len(examples)) for fix in fixes_of(id, number)
    }
    assert {text for text in OUTSIDE if not any(text in fix for fix in shown)} == set()


@pytest.mark.parametrize(
    ("id", "number", "fix"),
    [
        ("auto-scaling/policy", 8, "use 35"),
        ("auto-scaling/policy", 9, "use 70"),
        ("backup/retention", 0, "keep them for a shorter time, or copy them to S3"),
        ("backup/retention", 2, "use 0 to turn snapshots off"),
        ("client/security-group", 1, "shorten it"),
        ("client/security-group", 2, "write it in letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"),
        ("client/security-group", 9, "write it like 10.0.0.0/16"),
        ("client/security-group", 12, "add CidrIp, or a security group"),
        ("client/security-group", 13, "write a rule for each, or remove SourceSecurityGroupId"),
        ("client/security-group", 16, "write it like 2001:db8::/64"),
        ("client/security-group", 17, "write it in letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"),
        ("network/cache-security-groups", 0, "use SecurityGroupIds"),
        ("network/cache-security-groups", 1, "use VpcSecurityGroupIds"),
        ("serverless/retention", 0, "keep them for less time"),
        ("serverless/retention", 1, "use 0 to turn snapshots off"),
        ("shards/replica-count", 0, "use fewer replicas"),
        ("shards/replica-count", 1, "use 0 or more"),
        ("topology/counts", 0, "use fewer replicas, or more shards"),
        ("topology/counts", 1, "use one node or more"),
        ("topology/counts", 2, "use fewer replicas, or more shards"),
        ("topology/counts", 3, "use 0 or more"),
        ("topology/counts", 4, "use one shard or more"),
        ("topology/counts", 5, "use fewer shards of a larger node type"),
        ("topology/shards-need-cluster-mode", 0, "use default.valkey9.cluster.on"),
        (
            "topology/shards-need-cluster-mode",
            1,
            "set cluster-enabled to yes in it, or use default.<family>.cluster.on",
        ),
        ("users/name", 0, "shorten it"),
        ("users/name", 1, "write it without spaces"),
    ],
)
def test_the_fix_suits_the_value(id: str, number: int, fix: str) -> None:
    assert fixes_of(id, number) == {fix}
