"""Every rule in the messages of every construct: no CloudFormation names or values remain."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from constructs_lib._core.words import Prop, Words
from constructs_lib.access import user, user_group
from constructs_lib.caches import (
    global_datastore,
    memcached_cluster,
    outpost_cluster,
    parameter_group,
    replication_group_words,
    serverless_cache,
    snapshot,
)
from constructs_lib.management import scaling
from constructs_lib.network import subnet_group
from elasticache_rules import Finding, Template, all_rules, check_template, facts
from tests.elasticache_rules.examples import EXAMPLES, document, region_of

CONSTRUCTS: dict[str, tuple[str, Words]] = {
    "User": ("User", user.WORDS),
    "UserGroup": ("UserGroup", user_group.WORDS),
    "SubnetGroup": ("SubnetGroup", subnet_group.WORDS),
    "ParameterGroup": ("ParameterGroup", parameter_group.WORDS),
    "Snapshot": ("Snapshot", snapshot.WORDS),
    "ServerlessCacheSnapshot": ("ServerlessCacheSnapshot", snapshot.WORDS),
    "ServerlessCache": ("ServerlessCache", serverless_cache.WORDS),
    "MemcachedCluster": ("CacheCluster", memcached_cluster.WORDS),
    "ReplicationGroup": ("ReplicationGroup", replication_group_words.WORDS),
    "ReplicationGroup with derived failover": ("ReplicationGroup", replication_group_words.DERIVED_FAILOVER),
    "GlobalDatastoreSecondary": ("ReplicationGroup", replication_group_words.SECONDARY_WORDS),
    "GlobalDatastore": ("GlobalReplicationGroup", global_datastore.WORDS),
    "GlobalDatastore with a node type": ("GlobalReplicationGroup", global_datastore.WORDS_FOR_NODE_TYPE),
    "OutpostCluster": ("ElastiCacheOutpostCluster", outpost_cluster.WORDS),
    "OutpostCluster as a cluster": ("CacheCluster", outpost_cluster.WORDS),
    "scaling": ("ScalableTarget", scaling.WORDS),
}
# Findings that the types of the props exclude, so that no constructor reports them.
UNREACHABLE = {
    "access/token-or-users": "an Access is one or the other",
    "access/token-shape": "a token is in a secret, and so not known",
    "auto-scaling/global-datastore": "the global group is not around the target",
    "cache-cluster/cluster-mode": "a Memcached family has no cluster-enabled",
    "cache-cluster/engine": "the engine is a class",
    "encryption/mode-needs-tls": "TransitEncryption is one or the other",
    "encryption/valkey-states-tls": "it is always stated",
    "engine/family-known": "the family follows from the version",
    "engine/replication": "Engine has these two",
    "global-datastore/inherited": "a secondary has no such props",
    "global-datastore/members": "the primary is the one member",
    "placement/preferred-zones": "ClusterMode.disabled counts the zones",
    "placement/zones-have-subnets": "the subnets are not around the cluster",
    "references/attribute": "a construct refers to other constructs",
    "references/circular": "a construct refers to others that exist already",
    "references/endpoint": "a cache offers the endpoints that it has",
    "references/kind": "a construct refers to others of the right class",
    "references/resolved": "a construct refers to others of the same tree",
    "schema/required": "it is always stated",
    "serverless/engine": "ServerlessEngineName has these three",
    "shards/count": "ClusterMode.per_shard counts the shards",
    "shards/one-way-to-count-replicas": "ClusterMode renders one",
    "topology/cluster-mode-shards": "ClusterMode is one or the other",
    "topology/one-count-of-nodes": "ClusterMode renders one",
    "topology/size-stated": "ClusterMode states it",
}
# Single examples, by their number, of rules that a constructor reports otherwise.
UNREACHABLE_EXAMPLES = {
    ("access/token-needs-tls", 2): "a boolean is no text",
    ("auto-scaling/cluster-mode", 5): "the target is a replication group",
    ("auto-scaling/cluster-mode", 6): "the target is a replication group",
    ("encryption/key-needs-at-rest", 3): "a boolean is no text",
    ("schema/type", 8): "the users are a list",
}


@cache
def cloudformation_names() -> re.Pattern[str]:
    """The names of all properties, nested ones as well, that are more than one English word."""
    names: set[str] = set()
    for schema in facts.load("schema")["types"].values():
        names |= set(schema["properties"])
        for definition in schema["definitions"].values():
            names |= set(definition.get("properties", {}))
    compound = sorted(
        (name for name in names if re.search(r"[A-Z].*[a-z].*[A-Z]|[A-Z]{2,}[a-z]", name)), key=len, reverse=True
    )
    return re.compile(r"AWS::|(?<![\w'])(" + "|".join(compound) + r")(?![\w.('])")


def messages() -> Iterator[tuple[str, str, int, Finding, Words]]:
    for id, number, example in (
        (name, number, each) for name, examples in EXAMPLES.items() for number, each in enumerate(examples)
    ):
        template = Template.of(document(*example), region=region_of(id, example[1]))
        for finding in check_template(template, only=["It"]):
            kind = template.resources["It"].type.rpartition(":")[2]
            path = re.sub(r"\.[0-9]+(?=\.|$)", "", finding.property_path)
            for construct, (of, words) in CONSTRUCTS.items():
                if of == kind and path in words.props:
                    yield construct, id, number, finding, words


def is_reachable(rule: str, number: int) -> bool:
    return rule not in UNREACHABLE and (rule, number) not in UNREACHABLE_EXAMPLES


FOUND = {(construct, id, number): (finding, words) for construct, id, number, finding, words in messages()}


@pytest.mark.parametrize(
    ("finding", "words"),
    [finding for (_, rule, number), finding in FOUND.items() if is_reachable(rule, number)],
    ids=[f"{construct}-{rule}-{number}" for construct, rule, number in FOUND if is_reachable(rule, number)],
)
def test_a_message_is_in_the_words_of_the_props(finding: Finding, words: Words) -> None:
    message = words.of(finding)
    assert not cloudformation_names().search(message), message
    assert not re.search(r"(?<![\w.])(true|false)(?!\w)", message), message
    problem = message.partition(", got ")[0].partition("; ")[0]
    prop, must, rest = problem.partition(" must ")
    assert not (must and ("_" in prop or "." in prop) and re.search(rf"(?<!\w){re.escape(prop)}(?!\w)", rest)), message
    assert "; " in message
    assert not message.endswith(".")


def test_unreachable_rules_are_reached_by_nothing_else() -> None:
    assert set(UNREACHABLE) <= {rule.id for rule in all_rules()}
    assert set(UNREACHABLE) <= {rule for _, rule, _ in FOUND}
    assert set(UNREACHABLE_EXAMPLES) <= {(rule, number) for _, rule, number in FOUND}


def test_every_sentence_is_of_a_rule_and_property_that_exist() -> None:
    ids = {rule.id for rule in all_rules()}
    for construct, (_, words) in CONSTRUCTS.items():
        for key in words.sentences:
            rule, _, name = key.partition(" ")
            assert rule in ids, (construct, key)
            assert not name or name in words.props, (construct, key)


def test_a_value_is_what_the_caller_writes() -> None:
    words = Words({"TransitEncryptionEnabled": Prop("tls", {"False": "Tls.OFF", "True": "Tls.ON"}), "KmsKeyId": "key"})
    finding = Finding(
        rule="a/b",
        severity=all_rules()[0].severity,
        logical_id="It",
        path="",
        property_path="TransitEncryptionEnabled",
        value="False",
        must="be true with KmsKeyId",
        fix="set it to true, or leave out KmsKeyId",
        source="",
    )
    assert words.of(finding) == "tls must be Tls.ON with key, got Tls.OFF; set it to Tls.ON, or leave out key"


def test_a_finding_about_the_replicas_names_the_argument_that_sets_them() -> None:
    properties = {"NumNodeGroups": 3, "ReplicasPerNodeGroup": 0, "CacheParameterGroupName": "default.redis7.cluster.on"}
    group = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}
    findings = check_template(Template.of({"Resources": {"Cache": group}}))
    (finding,) = (finding for finding in findings if finding.rule == "topology/updates-need-replica")
    text = replication_group_words.WORDS.of(finding)
    assert text.startswith("cluster_mode.replicas_per_shard must be at least 1 for later updates")
