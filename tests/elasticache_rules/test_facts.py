"""The facts: each with source and date, and none behind the installed botocore and cfn-lint."""

import json
import re
from pathlib import Path

import pytest

from elasticache_rules import facts
from scripts.facts import DERIVED, FACTS, behind, differences
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
    """Fails when botocore or cfn-lint know a choice, a property or a node type that is not here.

    The facts may be ahead of both.
    """
    assert behind(facts.load(name), DERIVED[name]()) == [], "run 'make facts' and look at what changed"


def test_facts_may_be_ahead_and_not_behind() -> None:
    derived = {"source": "1", "date": "2026-01-01", "types": ["a"], "by": {"r": ["x"]}, "n": 1}
    ahead = {"source": "2", "date": "2026-02-01", "types": ["a", "b"], "by": {"r": ["x"], "s": []}, "n": 1, "m": 2}
    assert behind(ahead, derived) == []
    assert behind(derived, ahead) == ["/by/s: None -> []", "/m: None -> 2", "/types: added b"]
    assert behind({**derived, "n": 2}, derived) == ["/n: 2 -> 1"]


def test_differences_are_told() -> None:
    old, new = {"a": [1, 2], "b": {"c": 1}}, {"a": [2, 3], "b": {"c": 2}}
    assert list(differences(old, new)) == ["/a: added 3", "/a: removed 1", "/b/c: 1 -> 2"]


def test_every_engine_version_that_cfn_lint_reads_from_the_api_is_known() -> None:
    import cfnlint

    folder = Path(cfnlint.__file__).parent / "data/schemas/extensions/aws_elasticache_cachecluster"
    text = (folder / "engine_version.json").read_text()
    known = {version for versions in facts.load("engines")["versions"].values() for version in versions}
    assert set(re.findall(r'"(\d+\.\d+(?:\.\d+)?)"', text)) <= known


def test_the_parameters_of_every_family_are_known() -> None:
    """Also those of families that have no version any more, and of all that have one."""
    assert facts.load("parameters")["families"].keys() == set(facts.all_families())


PARAMETERS = {
    ("redis3.2", "list-max-ziplist-entries"): None,
    ("redis6.x", "hash-max-ziplist-entries"): "0-",
    ("redis7", "hash-max-ziplist-entries"): None,
    ("redis7", "hash-max-listpack-entries"): "0-",
    ("redis7", "maxmemory-samples"): "1-",
    ("redis7", "lazyfree-lazy-eviction"): "yes,no",
    ("redis7", "repl-backlog-size"): "16384-",
    ("redis7", "client-query-buffer-limit"): "1048576-1073741824",
    ("valkey7", "lazyfree-lazy-eviction"): "yes,no",
    ("valkey8", "lazyfree-lazy-eviction"): None,
    ("valkey8", "lazyfree-lazy-expire"): None,
    ("valkey8", "lazyfree-lazy-server-del"): None,
    ("valkey8", "lazyfree-lazy-user-del"): None,
    ("valkey8", "replica-lazy-flush"): None,
    ("valkey8", "maxmemory-samples"): "1-64",
    ("valkey8", "extended-redis-compatibility"): "yes,no",
    ("valkey7", "extended-redis-compatibility"): None,
    ("valkey8", "commandlog-large-reply-max-len"): "0-1024",
    ("valkey8", "search-default-timeout-ms"): "1-60000",
    ("valkey8", "search-fanout-target-mode"): "client,throughput",
    ("valkey8", "cluster-databases"): None,
    ("valkey9", "cluster-databases"): "0-10000",
    ("valkey9", "search-enable-partial-results"): "yes,no",
}


@pytest.mark.parametrize(("family", "name"), PARAMETERS)
def test_what_the_guide_says_of_a_parameter(family: str, name: str) -> None:
    known = facts.load("parameters")["families"][family].get(name)
    assert (known and known["allowed"]) == PARAMETERS[family, name]


def test_each_range_can_be_read() -> None:
    for names in facts.load("parameters")["families"].values():
        for name, item in names.items():
            for part in item["allowed"].split(",") if item["allowed"] else ():
                first, dash, last = part.partition("-")
                bounds = [int(bound) for bound in (first, last) if bound.isdigit()]
                assert bounds == sorted(bounds), name
                assert part == "-" or bounds or not (dash and first.isdigit()), name


def test_every_node_type_has_a_capacity() -> None:
    capacity = facts.load("node_capacity")["types"]
    assert capacity.keys() >= set(facts.load("node_types")["types"])
    for name, item in capacity.items():
        assert item["maxmemory"] > 100_000_000, name
        assert item["vcpus"] >= 1, name
        assert 0 < item["baseline_gbps"] <= (item["burst_gbps"] or item["baseline_gbps"]), name
        assert item["maxclients"] in (20_000, 46_000, 65_000), name


@pytest.mark.parametrize(
    ("node_type", "most"),
    [
        ("cache.t2.medium", 20_000),
        ("cache.t3.micro", 20_000),
        ("cache.t3.small", 46_000),
        ("cache.t3.medium", 46_000),
        ("cache.t4g.micro", 20_000),
        ("cache.t4g.small", 65_000),
        ("cache.r7g.large", 65_000),
        ("cache.z9z.large", 65_000),
    ],
)
def test_how_many_clients_a_node_takes(node_type: str, most: int) -> None:
    assert facts.maximum_connections(node_type) == most


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
