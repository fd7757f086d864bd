"""compare: members of a Global Datastore."""

from typing import Any

import pytest

from elasticache_rules import Template
from elasticache_rules.compare import compare
from elasticache_rules.linking import connect
from tests.elasticache_rules.compare_documents import CLUSTER, NONE, ONLINE, Json, beside, group, kinds, of, within


def with_datastore(member: Json, *members: Any, **properties: Any) -> Json:
    listed = [{"ReplicationGroupId": member_id, "Role": "PRIMARY"} for member_id in members or [{"Ref": "Cache"}]]
    return beside(group(member), "Global", "GlobalReplicationGroup", Members=listed, **properties)


MEMBER = ["global-datastore"]
MEMBERS: dict[str, tuple[Json, Json, list[str]]] = {
    "node type": (with_datastore({}), with_datastore({"CacheNodeType": "x"}), MEMBER),
    "version": (with_datastore({}), with_datastore({"EngineVersion": "7.2"}), MEMBER),
    "engine": (with_datastore({}), with_datastore({"Engine": "valkey", "EngineVersion": "8.0"}), MEMBER),
    "parameter group": (with_datastore({}), with_datastore({"CacheParameterGroupName": "x"}), MEMBER),
    "minor versions": (with_datastore({}), with_datastore({"AutoMinorVersionUpgrade": True}), MEMBER),
    "shards": (
        with_datastore(CLUSTER),
        {
            **with_datastore(CLUSTER),
            "Resources": {
                **with_datastore({**CLUSTER, "NumNodeGroups": 4})["Resources"],
                "Cache": group({**CLUSTER, "NumNodeGroups": 4}, **ONLINE)["Resources"]["Cache"],
            },
        },
        MEMBER,
    ),
    "replicas": (with_datastore({}), with_datastore({"NumCacheClusters": 3}), NONE),
    "by name": (
        with_datastore({"ReplicationGroupId": "one"}, "ONE"),
        with_datastore({"ReplicationGroupId": "one", "CacheNodeType": "x"}, "ONE"),
        MEMBER,
    ),
    "by another name": (
        with_datastore({"ReplicationGroupId": "one"}, "two"),
        with_datastore({"ReplicationGroupId": "one", "CacheNodeType": "x"}, "two"),
        NONE,
    ),
    "a secondary": (
        group({"GlobalReplicationGroupId": "g"}),
        group({"GlobalReplicationGroupId": "g", "CacheNodeType": "x"}),
        MEMBER,
    ),
    "a group that joins": (group(), with_datastore({"CacheNodeType": "x"}), NONE),
    "a group that leaves": (with_datastore({}), group({"CacheNodeType": "x"}), [*MEMBER, "removal"]),
    "on the datastore": (
        with_datastore({}, CacheNodeType="cache.r7g.large"),
        with_datastore({}, CacheNodeType="cache.r7g.xlarge"),
        NONE,
    ),
    "to valkey on both": (
        with_datastore({}, Engine="redis"),
        with_datastore({"Engine": "valkey", "EngineVersion": "8.0"}, Engine="valkey"),
        [*MEMBER, "redis-to-valkey"],
    ),
    "created with two": (group(), with_datastore({}, {"Ref": "Cache"}, "two"), MEMBER),
    "a second one added": (with_datastore({}), with_datastore({}, {"Ref": "Cache"}, "two"), NONE),
}


@pytest.mark.parametrize(("old", "new", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_members_of_a_global_datastore(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected


def test_a_member_that_another_stack_imports() -> None:
    """The Global Datastore of one stack, and its primary in another."""
    exporting = within({}, Outputs={"Id": {"Value": {"Ref": "Cache"}, "Export": {"Name": "primary"}}})
    importing = of("GlobalReplicationGroup", Members=[{"ReplicationGroupId": {"Fn::ImportValue": "primary"}}])
    old, beside_it = connect([(exporting, None), (importing, None)])
    new = Template.of(within({"CacheNodeType": "x"}))
    assert [change.kind for change in compare(old, new, beside=[beside_it]) if change.decision] == MEMBER
    assert [change.kind for change in compare(old, new) if change.decision] == []
