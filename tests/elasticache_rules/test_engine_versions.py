"""Engine versions of another form, of another type, and of an engine that is not known."""

import pytest

from elasticache_rules import Severity, Template, check_template, facts
from tests.elasticache_rules.examples import document, resources
from tests.elasticache_rules.findings import findings

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
