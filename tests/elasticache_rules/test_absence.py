"""A rule that takes an absent property for a value names the source that says so; without one it is unknown."""

import pytest

from elasticache_rules import Rule, Template, all_rules, check_template, facts
from elasticache_rules.rules.common import engine_of
from tests.elasticache_rules.absence import taken_for_a_value
from tests.elasticache_rules.examples import resources


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_each_rule_names_the_absent_properties_that_it_takes_for_a_value(rule: Rule) -> None:
    assert set(rule.absent) == taken_for_a_value(rule)


def test_each_absent_property_has_a_meaning_and_a_source() -> None:
    stated = facts.load("absent")["properties"]
    assert set(stated) == {name for rule in all_rules() for name in rule.absent}
    for name, fact in stated.items():
        assert set(fact) == {"means", "source"}, name
        assert fact["source"].startswith(("https://docs.aws.amazon.com/", "cdk-preflight ")), name


@pytest.mark.parametrize("engine", [{"Ref": "AWS::NoValue"}, {"Fn::ImportValue": "engine"}])
@pytest.mark.parametrize(
    ("version", "rules"),
    [
        ("7.1", []),
        ("6.x", []),
        ("8.2", []),
        ("9.2", []),
        ("2.8.24", ["engine/version"]),
        ("6.1", ["engine/version"]),
    ],
)
def test_an_absent_engine_is_unknown(engine: object, version: str, rules: list[str]) -> None:
    document = resources("group", {"Engine": engine, "EngineVersion": version})
    template = Template.of({"Resources": document})
    assert engine_of(template.resources["It"]) is None
    assert [finding.rule for finding in check_template(template)] == rules
    fixed = resources("group", {"Engine": engine, "EngineVersion": "9.1"})
    assert check_template(Template.of({"Resources": fixed})) == []


@pytest.mark.parametrize(("network", "count"), [(None, 0), ("ipv4", 1), ("ipv6", 0), ("dual_stack", 0)])
def test_an_absent_network_type_is_unknown(network: str | None, count: int) -> None:
    stated = {} if network is None else {"NetworkType": network}
    results = check_template(Template.of({"Resources": resources("group", {"IpDiscovery": "ipv6", **stated})}))
    assert [finding.rule for finding in results].count("network/ip-discovery") == count


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_finding_about_a_member_of_a_list_has_its_index(number: int) -> None:
    tags = [{"Key": f"key{each}", "Value": "x"} for each in range(3)]
    for name, value in (("Key", "aws:x"), ("Key", "x" * 129), ("Key", ""), ("Value", "x" * 257)):
        changed = [{**tag, name: value} if each == number else tag for each, tag in enumerate(tags)]
        results = check_template(Template.of({"Resources": resources("group", {"Tags": changed})}))
        assert [finding.property_path for finding in results] == [f"Tags.{number}.{name}"]
        fixed = [{**tag, name: "ok"} if each == number else tag for each, tag in enumerate(tags)]
        assert check_template(Template.of({"Resources": resources("group", {"Tags": fixed})})) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_finding_about_a_member_of_a_global_datastore_has_its_index(number: int) -> None:
    roles = ["PRIMARY", "SECONDARY", "SECONDARY"]
    regions = ["us-east-1", "eu-west-1", "eu-west-2"]

    def paths(**change: str) -> set[tuple[str, str]]:
        members = [
            {"ReplicationGroupId": f"g{each}", "ReplicationGroupRegion": region, "Role": role}
            for each, (role, region) in enumerate(zip(roles, regions, strict=True))
        ]
        members[number].update(change)
        results = check_template(Template.of({"Resources": resources("global", {"Members": members})}))
        return {(finding.rule, finding.property_path) for finding in results}

    mixed = {("global-datastore/mixed-members", f"Members.{each}.Role") for each in (1, 2)}
    assert paths() == mixed
    assert paths(ReplicationGroupRegion="us-east-1") == {
        *mixed,
        ("global-datastore/members", f"Members.{number}.ReplicationGroupRegion"),
    }
    assert paths(ReplicationGroupRegion="mx-central-1") == {
        *mixed,
        ("global-datastore/region", f"Members.{number}.ReplicationGroupRegion"),
    }
