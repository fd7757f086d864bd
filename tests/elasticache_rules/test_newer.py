"""What may be newer than the facts is a warning, and anything else that is not known an error."""

import pytest

from elasticache_rules import Template, check_template, facts
from elasticache_rules.newer import may_be_newer_family, may_be_newer_type, may_be_newer_version

NODES = frozenset(name.removeprefix("cache.") for name in facts.node_types())
INSTANCES = facts.load("instance_types")["types"]
# Types of botocore 1.44.8 that are later than the facts.
LATER = (
    "m9g.metal-24xl",
    "m9gd.metal-24xl",
    "trn2.3xlarge",
    "trn2u.48xlarge",
    "u7ib-12tb.224xlarge",
    "u7inh-32tb.480xlarge",
    "p6e-gb200.36xlarge",
)


@pytest.mark.parametrize("name", [*LATER, "m19g.large", "c19gn-flex.48xlarge"])
def test_a_later_instance_type_may_exist(name: str) -> None:
    assert may_be_newer_type(name, INSTANCES, any_size=True)


@pytest.mark.parametrize(
    "name", ["t9g.nano", "m5.3xlarge", "m7g.huge", "m19g.huge", "foo", "zz9.large", "m4x.large", "m19g.large\n", "m19g"]
)
def test_another_instance_type_does_not(name: str) -> None:
    assert not may_be_newer_type(name, INSTANCES, any_size=True)


@pytest.mark.parametrize(
    ("name", "newer"),
    [
        ("r9g.large", True),
        ("r8gd.xlarge", True),
        ("x9g.large", True),
        ("x8g.large", True),
        ("x7g.large", False),
        ("z9g.large", False),
        ("r9z.large", False),
        ("r8g.48xlarge", True),
        ("r8g.metal", True),
        ("r8g.medium", False),
        ("r8g.9xlarge", False),
        ("r7g.48xlarge", True),
        ("r7g.medium", False),
        ("r6gd.large", False),
        ("m3.large", False),
        ("R9g.large", False),
        ("t9g.small", False),
    ],
)
def test_node_types_grow_by_families_and_by_larger_sizes(name: str, newer: bool) -> None:
    assert may_be_newer_type(name, NODES) is newer


@pytest.mark.parametrize(
    ("engine", "version", "newer"),
    [
        ("valkey", "9.2", True),
        ("valkey", "10.0", True),
        ("valkey", "9.1", False),
        ("valkey", "9.2.1", False),
        ("valkey", "10", False),
        ("redis", "7.4", False),
        ("memcached", "1.6.99", False),
        ("keydb", "9.9", False),
    ],
)
def test_only_valkey_grows_by_versions(engine: str, version: str, newer: bool) -> None:
    assert may_be_newer_version(engine, version) is newer


@pytest.mark.parametrize(
    ("family", "newer"),
    [
        ("valkey10", True),
        ("valkey9", False),
        ("valkey9.1", False),
        ("valkeyx", False),
        ("redis8", False),
        ("x10", False),
    ],
)
def test_only_valkey_grows_by_families(family: str, newer: bool) -> None:
    assert may_be_newer_family(family) is newer


@pytest.mark.parametrize(
    ("node_type", "text"),
    [
        ("cache.r9g.large", "a node type that is known here, got 'cache.r9g.large'; check that the service offers it"),
        ("cache.r9z.large", "a node type that exists, got 'cache.r9z.large'; use one such as cache.t4g.micro"),
        ("cache.t4g.nano", "a node type that exists, got 'cache.t4g.nano'; use one of cache.t4g.medium, "),
    ],
)
def test_an_unknown_node_type_has_a_fix_that_names_known_ones_unless_it_may_be_newer(node_type: str, text: str) -> None:
    properties = {"Engine": "redis", "NumCacheNodes": 1, "CacheNodeType": node_type}
    cluster = {"Type": "AWS::ElastiCache::CacheCluster", "Properties": properties}
    template = Template.of({"Resources": {"Cache": cluster}})
    (finding,) = (item for item in check_template(template) if item.rule == "node-type/exists")
    assert text in str(finding)
