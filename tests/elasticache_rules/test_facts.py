"""The facts: each with source and date, and none behind the installed botocore and cfn-lint."""

import json
import re
from pathlib import Path

import pytest

from elasticache_rules import facts
from scripts.facts import DERIVED, FACTS, differences
from scripts.rules_docs import document
from tests.conftest import ROOT
from tests.elasticache_rules.examples import EXAMPLES


@pytest.mark.parametrize("path", sorted(FACTS.glob("*.json")), ids=lambda path: path.stem)
def test_each_file_has_a_source_a_date_and_a_page(path: Path) -> None:
    content = json.loads(path.read_text())
    assert content["source"]
    assert content["url"].startswith("https://docs.aws.amazon.com/")
    assert path.stem == "service" or re.fullmatch(r"20\d\d-\d\d-\d\d", content["date"])


@pytest.mark.parametrize("name", DERIVED)
def test_what_is_derived_is_current(name: str) -> None:
    """Fails when botocore or cfn-lint know an engine version, a choice, a property or a node type that is not here."""
    assert list(differences(facts.load(name), DERIVED[name]())) == [], "run 'make facts' and look at what changed"


def test_differences_are_told() -> None:
    old, new = {"a": [1, 2], "b": {"c": 1}}, {"a": [2, 3], "b": {"c": 2}}
    assert list(differences(old, new)) == ["/a: added 3", "/a: removed 1", "/b/c: 1 -> 2"]


def test_engine_versions_are_those_that_cfn_lint_reads_from_the_api() -> None:
    import cfnlint

    folder = Path(cfnlint.__file__).parent / "data/schemas/extensions/aws_elasticache_cachecluster"
    text = (folder / "engine_version.json").read_text()
    known = {version for versions in facts.load("engines")["versions"].values() for version in versions}
    assert set(re.findall(r'"(\d+\.\d+(?:\.\d+)?)"', text)) == known


# What the API takes and CloudFormation does not; a template cannot state it, and so no construct offers it.
API_ONLY = {
    "CreateReplicationGroup": {"ServerlessCacheSnapshotName"},
    "CreateCacheCluster": {
        "AuthToken",
        "CacheClusterId",
        "OutpostMode",
        "PreferredOutpostArn",
        "PreferredOutpostArns",
        "ReplicationGroupId",
        "SecurityGroupIds",
    },
    "CreateServerlessCache": {"Integrations"},
    "CreateUser": set[str](),
    "CreateUserGroup": set[str](),
}
TYPES = {
    "CreateReplicationGroup": "AWS::ElastiCache::ReplicationGroup",
    "CreateCacheCluster": "AWS::ElastiCache::CacheCluster",
    "CreateServerlessCache": "AWS::ElastiCache::ServerlessCache",
    "CreateUser": "AWS::ElastiCache::User",
    "CreateUserGroup": "AWS::ElastiCache::UserGroup",
}


@pytest.mark.parametrize("operation", TYPES)
def test_each_parameter_of_the_api_is_a_property_or_known_to_be_none(operation: str) -> None:
    parameters = set(facts.load("service")["parameters"][operation])
    properties = set(facts.load("schema")["types"][TYPES[operation]]["properties"])
    assert parameters - properties == API_ONLY[operation]


def test_the_page_of_rules_is_current() -> None:
    page = document({id: examples[0] for id, examples in EXAMPLES.items()})
    assert (ROOT / "docs" / "rules.md").read_text() == page, "run 'make docs'"
