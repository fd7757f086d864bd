"""Each rule on its example: a configuration and its one-fault neighbour differ in exactly that finding."""

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from elasticache_rules import Finding, Severity, Template, all_rules, check_template, facts
from tests.conftest import ROOT
from tests.elasticache_rules.examples import ACCEPTED, BASE, EXAMPLES, OTHERS, document, region_of, resources

REGION = "us-east-1"


def findings(document: dict[str, Any], region: str = REGION, **sections: Any) -> list[tuple[str, str]]:
    """The rules that speak, and of what."""
    results = check_template(Template.of({"Resources": document, **sections}, region=region))
    return [(finding.rule, finding.logical_id) for finding in results]


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


WRONG_VERSIONS: dict[str, object] = {
    **{repr(version): version for version in ("7-1", "latest", "v7.1", "redis7", "", "7.", ".7", "7..1", "7.1 ", "²")},
    "5,000 digits": "9" * 5000,
    "5,000 digits after the point": "7." + "1" * 5000,
    "integer of 5,001 digits": 10**5000,
    "integer": 71,
    "boolean": True,
    "1e300": 1e300,
}


@pytest.mark.parametrize("engine", ["redis", "valkey", "memcached"])
@pytest.mark.parametrize("version", WRONG_VERSIONS.values(), ids=WRONG_VERSIONS)
def test_an_engine_version_of_another_form_is_one_error_with_a_fix(engine: str, version: object) -> None:
    kind = "AWS::ElastiCache::CacheCluster" if engine == "memcached" else "AWS::ElastiCache::ReplicationGroup"
    properties = {"Engine": engine, "EngineVersion": version, "ReplicationGroupDescription": "x"}
    results = check_template(Template.of({"Resources": {"It": {"Type": kind, "Properties": properties}}}))
    (finding,) = (candidate for candidate in results if candidate.property_path == "EngineVersion")
    assert (finding.rule, finding.severity) == ("engine/version", Severity.ERROR)
    assert f"EngineVersion must be a version of {engine} that the service offers (" in finding.message
    assert len(finding.value) < 80
    offered = finding.fix.removeprefix("choose one of them, such as ")
    assert offered == facts.engine_versions(engine)[-1]
    assert [
        item
        for item in check_template(
            Template.of({"Resources": {"It": {"Type": kind, "Properties": {**properties, "EngineVersion": offered}}}})
        )
        if item.property_path == "EngineVersion"
    ] == []


@pytest.mark.parametrize("version", [None, ["7.1"], {"Major": 7, "Minor": 1}])
def test_an_engine_version_that_is_no_text_is_an_error_of_its_type(version: object) -> None:
    results = findings(resources("redis", {"EngineVersion": version}))
    assert results == [("schema/type", "It")]


@pytest.mark.parametrize(
    "version",
    [
        {"Ref": "Version"},
        {"Fn::FindInMap": ["A", {"Ref": "Version"}, "C"]},
        {"Fn::Sub": "${Version}"},
        "{{resolve:ssm:version}}",
        "${Token[TOKEN.1]}",
        {"Fn::If": ["C", "7.1", {"Ref": "AWS::NoValue"}]},
    ],
)
def test_an_engine_version_that_only_the_deployment_knows_is_no_finding(version: object) -> None:
    sections = {
        "Parameters": {"Version": {"Type": "String"}},
        "Mappings": {"A": {"B": {"C": "7.1"}, "D": {"C": "7.0"}}},
    }
    whole = {**document("redis", {"EngineVersion": version}), **sections}
    assert check_template(Template.of(whole)) == []


@pytest.mark.parametrize(
    "number", ["²", "9" * 5000, 1 << 20000], ids=["superscript", "5,000 digits", "integer of 6,021 digits"]
)
def test_a_number_that_python_cannot_read_or_write_is_a_finding(number: object) -> None:
    for whole in (
        resources("parameters", {"CacheParameterGroupFamily": f"valkey{number}"} if isinstance(number, str) else {}),
        resources("group", {"Port": number}),
        resources("group", {"SnapshotRetentionLimit": number}),
        resources("serverless", {"MajorEngineVersion": number, "ConnectionType": "public"}),
        resources("shards", {"NodeGroupConfiguration": [{"Slots": f"0-{number}"}]} if isinstance(number, str) else {}),
    ):
        for finding in check_template(Template.of({"Resources": whole})):
            assert str(finding)
    assert ("schema/type", "It") in findings(resources("group", {"Port": number}))


NO_INTEGERS: tuple[object, ...] = (
    "\u0663",
    "1_000",
    "1e3",
    " 3",
    "+3",
    "3.0",
    "--5",
    "",
    "0x3",
    3.5,
    True,
    [],
    {},
    None,
)


@pytest.mark.parametrize("value", NO_INTEGERS, ids=repr)
@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("group", "NumCacheClusters"),
        ("group", "Port"),
        ("group", "SnapshotRetentionLimit"),
        ("group", "NumNodeGroups"),
        ("group", "ReplicasPerNodeGroup"),
        ("memcached", "NumCacheNodes"),
        ("serverless", "SnapshotRetentionLimit"),
    ],
)
def test_what_only_python_reads_as_an_integer_is_an_error(base: str, name: str, value: object) -> None:
    results = check_template(Template.of({"Resources": resources(base, {name: value})}))
    assert ("schema/type", name) in [(finding.rule, finding.property_path) for finding in results]


@pytest.mark.parametrize("value", ["\u0663", "1_000", "1e3", [], True])
@pytest.mark.parametrize(
    ("type", "properties", "rule"),
    [
        ("AWS::EC2::SecurityGroupIngress", {"FromPort": 0}, "client/security-group-rule"),
        ("AWS::EC2::SecurityGroupEgress", {"ToPort": 0}, "client/security-group-rule"),
        (
            "AWS::ApplicationAutoScaling::ScalableTarget",
            {"ScalableDimension": "elasticache:replication-group:Replicas", "MinCapacity": 0},
            "auto-scaling/capacity",
        ),
        ("Custom::ElastiCacheOutpostCluster", {"NumCacheNodes": 0}, "outposts/engine"),
    ],
)
def test_the_same_holds_for_other_types(type: str, properties: dict[str, Any], rule: str, value: object) -> None:
    for declared, count in ((value, 1), ("6", 0), (6, 0), ({"Ref": "AWS::Region"}, 0)):
        changed = {
            name: declared if property_value == 0 else property_value for name, property_value in properties.items()
        }
        results = check_template(Template.of({"Resources": {"It": {"Type": type, "Properties": changed}}}))
        assert [finding.rule for finding in results if finding.must == "be an integer"] == [rule] * count


@pytest.mark.parametrize(
    ("base", "name", "value", "rule"),
    [
        ("group", "SnapshotWindow", "0\u0663:00-04:00", "backup/snapshot-window"),
        ("group", "PreferredMaintenanceWindow", "sun:0\u0663:00-sun:05:00", "backup/maintenance-window"),
        ("serverless", "DailySnapshotTime", "0\u0664:00", "serverless/snapshot-time"),
        ("ingress", "CidrIp", "10.0.0.0/255.255.0.0", "client/security-group-rule"),
        ("ingress", "CidrIp", "10.0.0.0/0.0.255.255", "client/security-group-rule"),
        ("ingress", "CidrIp", "10.0.0.0", "client/security-group-rule"),
        ("ingress", "CidrIp", "10.0.0.0/16\n", "client/security-group-rule"),
        ("ingress", "CidrIpv6", "fe80::1%eth0/64", "client/security-group-rule"),
        ("ingress", "CidrIpv6", "::/129", "client/security-group-rule"),
        ("user", "AccessString", "on ~* +@re\u00e4d", "users/access-string"),
        ("user", "AccessString", "on ~* +ge\u00e4t", "users/access-string"),
        ("user", "AccessString", "on ~* db=\u0663", "users/access-string"),
    ],
)
def test_digits_and_letters_are_those_of_ascii(base: str, name: str, value: str, rule: str) -> None:
    assert (rule, "It") in findings(resources(base, {name: value}))


@pytest.mark.parametrize("value", ["10.0.0.0/16", "0.0.0.0/0", "10.1.2.3/32"])
def test_cidr_ranges(value: str) -> None:
    assert findings(resources("ingress", {"CidrIp": value})) == []
    assert findings(resources("ingress", {"CidrIp": {"Ref": "AWS::NoValue"}, "CidrIpv6": "2001:db8::/32"})) == []


@pytest.mark.parametrize(
    ("instance_type", "severity"),
    [
        ("m19g.large", Severity.WARNING),
        ("c19gn-flex.48xlarge", Severity.WARNING),
        ("m19g.huge", Severity.ERROR),
        ("m7g.huge", Severity.ERROR),
        ("t9g.nano", Severity.ERROR),
        ("foo", Severity.ERROR),
        ("m19g.large\n", Severity.ERROR),
    ],
)
def test_an_instance_type_of_a_new_family_is_a_warning(instance_type: str, severity: Severity) -> None:
    document = {"Resources": {"It": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": instance_type}}}}
    assert [(finding.rule, finding.severity) for finding in check_template(Template.of(document))] == [
        ("client/instance-type", severity)
    ]


@pytest.mark.parametrize(("version", "severity"), [("99", Severity.WARNING), ("latest", Severity.ERROR)])
def test_a_serverless_version_of_another_form_is_an_error(version: str, severity: Severity) -> None:
    results = check_template(Template.of({"Resources": resources("serverless", {"MajorEngineVersion": version})}))
    assert [(finding.rule, finding.severity) for finding in results] == [("serverless/version", severity)]


@pytest.mark.parametrize(("version", "errors"), [("7-1", 1), ("latest", 1), ("7.1", 0), ({"Ref": "X"}, 0)])
def test_the_form_of_a_version_is_checked_also_where_the_engine_is_not_known(version: object, errors: int) -> None:
    for kind, properties in (
        ("GlobalReplicationGroup", {}),
        ("ReplicationGroup", {"Engine": {"Ref": "Engine"}}),
        ("CacheCluster", {"Engine": {"Ref": "Engine"}}),
    ):
        entry = {"Type": f"AWS::ElastiCache::{kind}", "Properties": {**properties, "EngineVersion": version}}
        results = check_template(Template.of({"Resources": {"It": entry}}))
        output = [str(finding) for finding in results if finding.rule == "engine/version"]
        assert (
            output
            == [
                f"It: EngineVersion must have the form of an engine version, such as 7.1, got {version!r}; "
                "write the version alone, like 7.1"
            ]
            * errors
        )


def test_a_long_value_is_cut_in_a_finding() -> None:
    for length, shown in ((998, f"'{'x' * 998}'"), (999, f"'{'x' * 999}..."), (5000, f"'{'x' * 999}...")):
        (finding,) = check_template(Template.of({"Resources": resources("group", {"Port": "x" * length})}))
        assert finding.value == shown


@pytest.mark.parametrize(("length", "known"), [(100_000, True), (100_001, False)])
def test_a_join_that_multiplies_its_delimiter_is_unknown(length: int, known: bool) -> None:
    joined = {"Fn::Join": ["-" * (length - 2), ["a", "b"]]}
    template = Template.of({"Resources": resources("group", {"ReplicationGroupDescription": joined})})
    assert (template.resources["It"].text("ReplicationGroupDescription") is not None) is known


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
    results = check_template(Template.of({"Resources": {"Cache": group}}), only=["Cache"])
    assert [finding.severity for finding in results if finding.rule == "node-type/exists"] == [severity]


@pytest.mark.parametrize(
    ("node_type", "region", "severity"),
    [
        ("cache.t4g.micro", "me-south-1", Severity.WARNING),
        ("cache.t4g.micro", "me-central-1", Severity.WARNING),
        ("cache.r8g.large", "il-central-1", Severity.WARNING),
        ("cache.c8gn.large", "eu-west-3", Severity.WARNING),
        ("cache.c7gn.large", "eu-west-3", Severity.ERROR),
        ("cache.m7g.large", "ca-west-1", Severity.ERROR),
        ("cache.r6gd.xlarge", "eu-west-2", Severity.ERROR),
        ("cache.t3.micro", "ap-southeast-6", Severity.ERROR),
        ("cache.t2.micro", "me-south-1", Severity.ERROR),
    ],
)
def test_the_newest_generation_may_have_come_to_a_region(node_type: str, region: str, severity: Severity) -> None:
    """The regions are those with a price; AWS adds the newest generation to one after the other."""
    group = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"CacheNodeType": node_type}}
    results = check_template(Template.of({"Resources": {"Cache": group}}, region=region), only=["Cache"])
    (finding,) = [each for each in results if each.rule == "node-type/exists"]
    assert finding.severity is severity
    assert ("check that the service offers it there, or use another" in str(finding.fix)) is (
        severity is Severity.WARNING
    )


@pytest.mark.parametrize(
    ("type", "engine", "version", "severity"),
    [
        ("ReplicationGroup", "redis", "7.2", Severity.ERROR),
        ("ReplicationGroup", "redis", "8.0", Severity.ERROR),
        ("ReplicationGroup", "redis", "7.1.1", Severity.ERROR),
        ("ReplicationGroup", "redis", "6.1", Severity.ERROR),
        ("ReplicationGroup", "redis", "7.x", Severity.ERROR),
        ("ReplicationGroup", "valkey", "9.2", Severity.WARNING),
        ("ReplicationGroup", "valkey", "8.3", Severity.ERROR),
        ("ReplicationGroup", "valkey", "9.x", Severity.ERROR),
        ("CacheCluster", "memcached", "1.6.23", Severity.ERROR),
        ("CacheCluster", "memcached", "1.7.0", Severity.ERROR),
        ("CacheCluster", "memcached", "1.6.21", Severity.ERROR),
        ("CacheCluster", "memcached", "2.0", Severity.ERROR),
    ],
)
def test_a_version_that_may_have_come_since_is_a_warning(
    type: str, engine: str, version: str, severity: Severity
) -> None:
    cache = {"Type": f"AWS::ElastiCache::{type}", "Properties": {"Engine": engine, "EngineVersion": version}}
    results = check_template(Template.of({"Resources": {"Cache": cache}}), only=["Cache"])
    assert [finding.severity for finding in results if finding.rule == "engine/version"] == [severity]


@pytest.mark.parametrize(
    ("family", "severity"),
    [
        ("redis8", Severity.ERROR),
        ("redis6", Severity.ERROR),
        ("redis8.0", Severity.ERROR),
        ("redis8.x", Severity.ERROR),
        ("valkey10", Severity.WARNING),
        ("valkey6", Severity.ERROR),
        ("memcached1.7", Severity.ERROR),
        ("memcached1.3", Severity.ERROR),
        ("memcached2", Severity.ERROR),
    ],
)
def test_a_family_that_may_have_come_since_is_a_warning(family: str, severity: Severity) -> None:
    group = {"Type": "AWS::ElastiCache::ParameterGroup", "Properties": {"CacheParameterGroupFamily": family}}
    results = check_template(Template.of({"Resources": {"Group": group}}))
    assert [finding.severity for finding in results if finding.rule == "engine/family-known"] == [severity]
