"""The property that a finding names, where a rule has a choice."""

import pytest

from tests.elasticache_rules.test_rule_fixes import findings


@pytest.mark.parametrize(
    ("id", "number", "path"),
    [
        ("auto-scaling/policy", 8, "TargetTrackingScalingPolicyConfiguration.TargetValue"),
        ("client/security-group", 12, "SecurityGroupIngress.0"),
        ("client/security-group", 13, "SecurityGroupIngress.0"),
        ("client/security-group", 14, "SecurityGroupEgress.0"),
        ("client/security-group", 16, "SecurityGroupIngress.0.CidrIpv6"),
        ("client/security-group-rule", 2, "CidrIp"),
        ("client/security-group-rule", 3, "SourceSecurityGroupId"),
        ("global-datastore/region", 1, "Members.0.ReplicationGroupRegion"),
        ("references/resolved", 6, "Condition"),
        ("references/resolved", 7, "SnapshotRetentionLimit"),
        ("schema/unique", 0, "UserIds"),
        ("schema/unique", 1, "SnapshotArnsToRestore"),
    ],
)
def test_the_property_of_a_finding(id: str, number: int, path: str) -> None:
    assert [each.property_path for each in findings(id, number) if each.rule == id] == [path]


@pytest.mark.parametrize(
    ("number", "value"), [(12, "nothing"), (13, "['CidrIp', 'SourceSecurityGroupId']"), (14, "nothing")]
)
def test_the_sources_that_a_rule_states(number: int, value: str) -> None:
    (found,) = (each for each in findings("client/security-group", number) if each.rule == "client/security-group")
    assert found.value == value
    assert found.must.startswith("name one of CidrIp, CidrIpv6, ")
