"""Numbers, texts and ranges that only Python reads, and values that are cut or unknown."""

from typing import Any

import pytest

from elasticache_rules import Template, check_template
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.findings import findings


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


def test_a_long_value_is_cut_in_a_finding() -> None:
    for length, shown in ((998, f"'{'x' * 998}'"), (999, f"'{'x' * 999}..."), (5000, f"'{'x' * 999}...")):
        (finding,) = check_template(Template.of({"Resources": resources("group", {"Port": "x" * length})}))
        assert finding.value == shown


@pytest.mark.parametrize(("length", "known"), [(100_000, True), (100_001, False)])
def test_a_join_that_multiplies_its_delimiter_is_unknown(length: int, known: bool) -> None:
    joined = {"Fn::Join": ["-" * (length - 2), ["a", "b"]]}
    template = Template.of({"Resources": resources("group", {"ReplicationGroupDescription": joined})})
    assert (template.resources["It"].text("ReplicationGroupDescription") is not None) is known
