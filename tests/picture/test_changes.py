"""The picture of a change: what is added, changed in place, replaced and removed, and what is lost."""

from typing import Any

import pytest

from elasticache_operations.picture.changes import delta_of, headline
from elasticache_operations.picture.model import ADDED, CHANGED, REMOVED, REPLACED, Delta
from elasticache_operations.picture.page import page
from tests.picture.templates import (
    Resources,
    changed,
    group,
    instance,
    network,
    resource,
    sharded,
    source,
    standard,
    user,
)


def delta(before: Resources, after: Resources) -> Delta:
    return delta_of(source(before), source(after))


def marks(change: Delta) -> tuple[list[str], list[str]]:
    """The marks of the caches and the clients, before and after."""
    before, after = (
        [*(item.change for item in picture.caches), *(client.change for _, client in picture.clients)]
        for picture in (change.before, change.after)
    )
    return before, after


def test_no_change_is_said() -> None:
    change = delta(standard(), standard())
    assert headline(change) == ("Nothing changes.", "")
    assert marks(change) == (["", ""], ["", ""])
    assert change.rows == ()


def test_a_change_in_place_loses_nothing() -> None:
    change = delta(standard(), changed(standard(), "Cache", SnapshotRetentionLimit=9))
    assert headline(change) == ("No cache is replaced; no data is lost.", "Resources: 1 changed in place.")
    assert marks(change) == ([CHANGED, ""], [CHANGED, ""])
    (row,) = change.rows
    assert row.effect == CHANGED
    assert not row.decision


def test_a_replacement_says_what_is_lost_and_what_keeps_it() -> None:
    change = delta(standard(), changed(standard(), "Cache", AtRestEncryptionEnabled=False))
    first, counts = headline(change)
    assert first == "Replaced or removed: Stack0/Cache."
    assert counts == "Resources: 1 replaced."
    assert marks(change) == ([REPLACED, ""], [REPLACED, ""])
    (row,) = change.decisions
    assert row.effect == REPLACED
    assert row.lost == "all keys, and the endpoints that clients use"
    assert "Snapshot" in row.kept_by
    text = page(change.after, change)
    assert "Lost: all keys, and the endpoints that clients use." in text
    assert "! replaced" in text


def test_a_removed_cache_is_drawn_before_and_missed_after() -> None:
    change = delta(standard(Other=group()), standard())
    assert marks(change) == (["", REMOVED, ""], ["", ""])
    assert change.count(REMOVED) == 1
    assert [row.effect for row in change.decisions] == [REMOVED]
    assert headline(change)[0] == "Replaced or removed: Stack0/Other."


def test_an_added_client_and_an_added_user_are_marked() -> None:
    after = standard(
        More=instance(1),
        App=user(),
        Group=resource("ElastiCache::UserGroup", Engine="valkey", UserGroupId="users", UserIds=[{"Ref": "App"}]),
    )
    change = delta(standard(), changed(after, "Cache", UserGroupIds=[{"Ref": "Group"}]))
    assert [client.change for _, client in change.after.clients] == ["", ADDED]
    assert [item.change for item in change.after.users] == [ADDED]
    assert change.count(ADDED) == 3
    assert change.count(CHANGED) == 1


def test_shards_and_replicas_that_are_new_are_marked() -> None:
    before, after = {**network(), "Cache": sharded(3, 1)}, {**network(), "Cache": sharded(5, 1)}
    change = delta(before, after)
    shards = change.after.caches[0].shards
    assert shards is not None
    assert [shard.change for shard in shards] == ["", "", "", ADDED, ADDED]
    grown = delta(before, {**network(), "Cache": sharded(3, 2)}).after.caches[0].shards
    assert grown is not None
    assert [[node.change for node in shard.nodes] for shard in grown] == [["", "", ADDED]] * 3
    shrunk = delta(after, before)
    for picture in (shrunk.before, shrunk.after):
        assert not any(shard.change for shard in picture.caches[0].shards or ()), "which shards go is not known"


def test_a_replaced_cache_has_no_new_shards() -> None:
    after = {**network(), "Cache": sharded(5, 1, AtRestEncryptionEnabled=False)}
    change = delta({**network(), "Cache": sharded(3, 1)}, after)
    assert change.after.caches[0].change == REPLACED
    assert not any(shard.change for shard in change.after.caches[0].shards or ())


def test_what_takes_several_deploys_has_its_steps() -> None:
    change = delta(standard(), changed(standard(), "Cache", EngineVersion="7.2"))
    assert change.decisions
    assert headline(change)[0] != "No cache is replaced; no data is lost."


def test_single_stacks_are_compared_whatever_their_names_are() -> None:
    change = delta_of(source(Old=standard()), source(New=changed(standard(), "Cache", SnapshotRetentionLimit=9)))
    assert marks(change) == ([CHANGED, ""], [CHANGED, ""])
    assert change.count(CHANGED) == 1
    after = changed({**network(), "Cache": sharded(5)}, "Cache", SnapshotRetentionLimit=9)
    grown = delta_of(source(Old={**network(), "Cache": sharded(3)}), source(New=after)).after.caches[0].shards
    assert [shard.change for shard in grown or ()] == ["", "", "", ADDED, ADDED]


def test_stacks_are_compared_by_name() -> None:
    topic: Resources = {"Topic": resource("SNS::Topic")}
    change = delta_of(source(A=standard(), B=topic), source(A=standard(), C=standard()))
    assert change.effects["B", "Topic"] == REMOVED
    assert change.effects["C", "Cache"] == ADDED
    assert ("A", "Cache") not in change.effects
    assert [cache.change for cache in change.after.caches] == ["", ADDED]


def test_other_resources_are_folded() -> None:
    after = changed(standard(Topic=resource("SNS::Topic")), "Client", InstanceType="t4g.micro")
    change = delta(standard(), after)
    assert [(row.effect, row.main) for row in change.rows] == [(CHANGED, False), (ADDED, False)]
    text = page(change.after, change)
    assert "<details><summary>2 other changes, of clients, networks and permissions</summary>" in text


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"CacheNodeType": "cache.r7g.xlarge"}, CHANGED),
    ({"KmsKeyId": "key"}, REPLACED),
    ({"Port": 7000}, REPLACED),
]


@pytest.mark.parametrize(("properties", "effect"), CHANGES, ids=["type", "key", "port"])
def test_the_effect_is_that_of_the_comparison(properties: dict[str, Any], effect: str) -> None:
    change = delta(standard(), changed(standard(), "Cache", **properties))
    assert change.effects["Stack0", "Cache"] == effect
