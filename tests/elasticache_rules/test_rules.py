"""Each rule on its example: a configuration and its one-fault neighbour differ in exactly that finding."""

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from elasticache_rules import Finding, Template, all_rules, check_template
from tests.conftest import ROOT
from tests.elasticache_rules.examples import ACCEPTED, BASE, EXAMPLES, OTHERS, document, region_of, resources
from tests.elasticache_rules.findings import findings


@pytest.mark.parametrize("name", BASE)
def test_bases_are_valid(name: str) -> None:
    assert findings(resources(name)) == []
    assert set(OTHERS) <= set(BASE)


def cases(table: dict[str, list[tuple[str, dict[str, Any]]]]) -> list[Any]:
    return [
        pytest.param(id, base, change, id=f"{id}-{number}")
        for id, examples in table.items()
        for number, (base, change) in enumerate(examples)
    ]


def check(id: str, base: str, change: dict[str, Any]) -> list[Finding]:
    return check_template(Template.of(document(base, change), region=region_of(id, change)))


@pytest.mark.parametrize(("id", "base", "change"), cases(EXAMPLES))
def test_each_rule_finds_exactly_its_fault(id: str, base: str, change: dict[str, Any]) -> None:
    assert {(finding.rule, finding.logical_id) for finding in check(id, base, change)} == {(id, "It")}


@pytest.mark.parametrize(("id", "base", "change"), cases(ACCEPTED))
def test_the_nearest_valid_neighbours_are_no_finding(id: str, base: str, change: dict[str, Any]) -> None:
    assert (id, "It") not in {(finding.rule, finding.logical_id) for finding in check(id, base, change)}


def test_the_severity_of_each_example_is_as_recorded(snapshot: SnapshotAssertion) -> None:
    """A warning that turns into an error refuses templates; a change is reviewed in the snapshot."""
    assert {
        id: [[finding.severity.value for finding in check(id, *example)] for example in examples]
        for id, examples in sorted(EXAMPLES.items())
    } == snapshot


def test_the_examples_alone_run_every_branch_of_the_rules() -> None:
    words = [sys.executable, "-m", "tests.elasticache_rules.branches"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == ""
    counted = re.search(r"([0-9]+) of ([0-9]+) branches", done.stderr)
    assert counted is not None
    assert int(counted[1]) == int(counted[2]) > 1300


@given(
    id=st.sampled_from(sorted(EXAMPLES)),
    others=st.lists(
        st.sampled_from(["group", "redis", "cluster", "shards", "memcached", "node", "secondary"]), max_size=3
    ),
    description=st.from_regex(r"[a-z][a-z ]{0,40}[a-z]", fullmatch=True),
    owner=st.none() | st.from_regex(r"[a-z]{1,12}", fullmatch=True),
)
def test_neighbours_differ_in_exactly_that_finding(
    id: str, others: list[str], description: str, owner: str | None
) -> None:
    """Whatever stands around it, and whatever else it says: the base has no finding, the change has its own."""
    base, change = EXAMPLES[id][0]
    region = region_of(id, change)
    groups = {"memcached": "VpcSecurityGroupIds", "node": "VpcSecurityGroupIds"}
    # In subnets of its own: a cache without a subnet group leaves that of the example unused.
    around = {
        f"Other{number}": resources(
            other,
            {groups.get(other, "SecurityGroupIds"): ["sg-0123456789abcdef0"], "CacheSubnetGroupName": "subnets"},
        )["It"]
        for number, other in enumerate(others)
    }

    def varied(document: dict[str, Any]) -> dict[str, Any]:
        properties = dict(document["It"]["Properties"])
        if "ReplicationGroupDescription" in properties and properties["ReplicationGroupDescription"].strip():
            properties["ReplicationGroupDescription"] = description
        if owner is not None and "Tags" not in properties and "ElastiCache" in document["It"]["Type"]:
            properties["Tags"] = [{"Key": "owner", "Value": owner}]
        return {**around, **document, "It": {**document["It"], "Properties": properties}}

    assert findings(varied(resources(base)), region) == []
    sections = {name[1:]: value for name, value in change.items() if name.startswith("/")}
    assert set(findings(varied(resources(base, change)), region, **sections)) == {(id, "It")}


def test_each_example_belongs_to_a_rule() -> None:
    assert set(EXAMPLES) == {rule.id for rule in all_rules()}
    assert set(ACCEPTED) <= set(EXAMPLES)


@pytest.mark.parametrize(("id", "base", "change"), cases(EXAMPLES))
def test_each_finding_says_what_and_how(id: str, base: str, change: dict[str, Any]) -> None:
    for finding in check(id, base, change):
        assert finding.message == f"{finding.property_path} must {finding.must}, got {finding.value}"
        assert finding.fix
        assert not finding.fix.endswith(".")
        assert finding.source.startswith("https://docs.aws.amazon.com/")
        assert len(finding.value) < 400
