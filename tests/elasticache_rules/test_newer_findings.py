"""Types, versions and families that may have come since the facts: a warning in place of an error."""

import pytest

from elasticache_rules import Severity, Template, check_template


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
