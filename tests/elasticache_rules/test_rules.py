"""Each rule on its example: a configuration and its one-fault neighbour differ in exactly that finding."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_rules import Severity, Template, all_rules, check_template
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


WRONG_VERSIONS: dict[str, object] = {
    **{repr(each): each for each in ("7-1", "latest", "v7.1", "redis7", "", "7.", ".7", "7..1", "7.1 ", "²")},
    "5,000 digits": "9" * 5000,
    "5,000 digits after the point": "7." + "1" * 5000,
    "integer of 5,001 digits": 10**5000,
    "integer": 71,
    "boolean": True,
    "null": None,
    "1e300": 1e300,
}


@pytest.mark.parametrize("engine", ["redis", "valkey", "memcached"])
@pytest.mark.parametrize("version", WRONG_VERSIONS.values(), ids=WRONG_VERSIONS)
def test_an_engine_version_of_another_form_is_one_error_with_a_fix(engine: str, version: object) -> None:
    kind = "AWS::ElastiCache::CacheCluster" if engine == "memcached" else "AWS::ElastiCache::ReplicationGroup"
    properties = {"Engine": engine, "EngineVersion": version, "ReplicationGroupDescription": "x"}
    found = check_template(Template.of({"Resources": {"It": {"Type": kind, "Properties": properties}}}))
    (finding,) = (each for each in found if each.property_path == "EngineVersion")
    assert (finding.rule, finding.severity) == ("engine/version", Severity.ERROR)
    assert f"EngineVersion must be a version of {engine} that the service offers (" in finding.message
    assert len(finding.value) < 80
    offered = finding.fix.removeprefix("choose one of them, such as ")
    assert [
        each
        for each in check_template(
            Template.of({"Resources": {"It": {"Type": kind, "Properties": {**properties, "EngineVersion": offered}}}})
        )
        if each.property_path == "EngineVersion"
    ] == []


@pytest.mark.parametrize("version", [["7.1"], {"Major": 7, "Minor": 1}])
def test_an_engine_version_that_is_no_text_is_an_error_of_its_type(version: object) -> None:
    found = findings(resources("redis", {"EngineVersion": version}))
    assert found == [("schema/type", "It")]


@pytest.mark.parametrize(
    "version",
    [
        {"Ref": "Version"},
        {"Fn::FindInMap": ["A", "B", "C"]},
        {"Fn::Sub": "${Version}"},
        "{{resolve:ssm:version}}",
        "${Token[TOKEN.1]}",
        {"Fn::If": ["C", "7.1", {"Ref": "AWS::NoValue"}]},
    ],
)
def test_an_engine_version_that_only_the_deployment_knows_is_no_finding(version: object) -> None:
    assert findings(resources("redis", {"EngineVersion": version})) == []


@pytest.mark.parametrize(
    "number", ["²", "9" * 5000, 1 << 20000], ids=["superscript", "5,000 digits", "integer of 6,021 digits"]
)
def test_a_number_that_python_cannot_read_or_write_is_a_finding(number: object) -> None:
    for document in (
        resources("parameters", {"CacheParameterGroupFamily": f"valkey{number}"} if isinstance(number, str) else {}),
        resources("group", {"Port": number}),
        resources("group", {"SnapshotRetentionLimit": number}),
        resources("serverless", {"MajorEngineVersion": number, "ConnectionType": "public"}),
        resources("shards", {"NodeGroupConfiguration": [{"Slots": f"0-{number}"}]} if isinstance(number, str) else {}),
    ):
        for finding in check_template(Template.of({"Resources": document})):
            assert str(finding)
    assert ("schema/type", "It") in findings(resources("group", {"Port": number}))


@pytest.mark.parametrize(
    ("node_type", "severity"),
    [
        ("cache.t4g.large", Severity.WARNING),
        ("cache.r7g.24xlarge", Severity.WARNING),
        ("cache.t4g.nano", Severity.ERROR),
        ("cache.t4g.mirco", Severity.ERROR),
        ("cache.r6gd.large", Severity.ERROR),
        ("cache.r9g.large", Severity.WARNING),
        ("cache.r9g.mirco", Severity.ERROR),
        ("cache.z9z.large", Severity.ERROR),
    ],
)
def test_a_node_type_that_may_have_come_since_is_a_warning(node_type: str, severity: Severity) -> None:
    group = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"CacheNodeType": node_type}}
    found = check_template(Template.of({"Resources": {"Cache": group}}), only=["Cache"])
    assert [each.severity for each in found if each.rule == "node-type/exists"] == [severity]
