"""Each rule on its example: a configuration and its one-fault neighbour differ in exactly that finding."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_rules import Template, all_rules, check_template
from tests.elasticache_rules.examples import BASE, EXAMPLES, OTHERS, REGIONS, resources

REGION = "us-east-1"


def findings(document: dict[str, Any], region: str = REGION) -> list[tuple[str, str]]:
    """The rules that speak, and of what."""
    found = check_template(Template.of({"Resources": document}, region=region))
    return [(each.rule, each.logical_id) for each in found]


@pytest.mark.parametrize("name", BASE)
def test_bases_are_valid(name: str) -> None:
    assert findings(resources(name)) == []
    assert set(OTHERS) <= set(BASE)


@pytest.mark.parametrize("id", [rule.id for rule in all_rules()])
def test_each_rule_finds_exactly_its_fault(id: str) -> None:
    base, change = EXAMPLES[id]
    assert findings(resources(base, change), REGIONS.get(id, REGION)) == [(id, "It")]


@given(
    id=st.sampled_from(sorted(EXAMPLES)),
    others=st.lists(
        st.sampled_from(["group", "redis", "cluster", "shards", "memcached", "node", "subnets"]), max_size=3
    ),
    description=st.from_regex(r"[a-z][a-z ]{0,40}[a-z]", fullmatch=True),
    owner=st.none() | st.from_regex(r"[a-z]{1,12}", fullmatch=True),
)
def test_neighbours_differ_in_exactly_that_finding(
    id: str, others: list[str], description: str, owner: str | None
) -> None:
    """Whatever stands around it, and whatever else it says: the base has no finding, the change has its own."""
    base, change = EXAMPLES[id]
    region = REGIONS.get(id, REGION)
    around = {f"Other{number}": resources(other)["It"] for number, other in enumerate(others)}

    def varied(document: dict[str, Any]) -> dict[str, Any]:
        properties = dict(document["It"]["Properties"])
        if "ReplicationGroupDescription" in properties and properties["ReplicationGroupDescription"].strip():
            properties["ReplicationGroupDescription"] = description
        if owner is not None and "Tags" not in properties and "ElastiCache" in document["It"]["Type"]:
            properties["Tags"] = [{"Key": "owner", "Value": owner}]
        return {**around, **document, "It": {**document["It"], "Properties": properties}}

    assert findings(varied(resources(base)), region) == []
    assert findings(varied(resources(base, change)), region) == [(id, "It")]


def test_each_example_belongs_to_a_rule() -> None:
    assert set(EXAMPLES) == {rule.id for rule in all_rules()}


@pytest.mark.parametrize("id", [rule.id for rule in all_rules()])
def test_each_finding_says_what_and_how(id: str) -> None:
    base, change = EXAMPLES[id]
    region = REGIONS.get(id, REGION)
    (finding,) = check_template(Template.of({"Resources": resources(base, change)}, region=region))
    assert finding.message == f"{finding.property_path} must {finding.must}, got {finding.value}"
    assert finding.fix
    assert not finding.fix.endswith(".")
    assert finding.source.startswith("https://docs.aws.amazon.com/")
    assert len(finding.value) < 400 or id == "client/user-data"
