"""compare: resources that a condition creates or removes, and serverless caches that lose their users."""

from typing import Any

import pytest

from elasticache_rules.compare import STATEFUL
from tests.elasticache_rules.compare_documents import Json, changes_of, kinds, template

STAGE = {"Ref": "Stage"}
NEVER, ALWAYS = {"Fn::Equals": ["a", "b"]}, {"Fn::Equals": ["a", "a"]}
IN_PROD, IN_TEST = {"Fn::Equals": [STAGE, "prod"]}, {"Fn::Equals": [STAGE, "test"]}
NOT = {"Fn::Not": [{"Condition": "Other"}]}
KIND, GROUP = "ReplicationGroup", {"ReplicationGroupDescription": "x"}


def created(condition: Any = None, *, name: str = "Wanted", other: Any = None, kind: str = KIND, **more: Any) -> Json:
    """A template whose resource has a condition with this definition."""
    document = template(kind, {**GROUP, **more})
    if condition is not None:
        document["Resources"]["Cache"]["Condition"] = name
        document["Conditions"] = {name: condition, **({"Other": other} if other else {})}
    return document


MAY, SURE, NONE = ["may-remove"], ["removal"], list[str]()
CASES: dict[str, tuple[Json, Json, list[str]]] = {
    "a condition that does not hold": (created(), created(NEVER), SURE),
    "a condition that holds": (created(), created(ALWAYS), NONE),
    "a condition that may hold": (created(), created(IN_PROD), MAY),
    "a condition that is dropped": (created(IN_PROD), created(), NONE),
    "the same condition": (created(IN_PROD), created(IN_PROD), NONE),
    "the same condition by another name": (created(IN_PROD), created(IN_PROD, name="Needed"), NONE),
    "another condition of the same name": (created(IN_PROD), created(IN_TEST), MAY),
    "another condition below": (created(NOT, other=IN_PROD), created(NOT, other=IN_TEST), MAY),
    "the same condition below": (created(NOT, other=IN_PROD), created(NOT, other=IN_PROD), NONE),
    "a condition that holds no longer": (created(ALWAYS), created(NEVER), SURE),
    "a condition that may have held": (created(IN_PROD), created(NEVER), SURE),
    "a condition that has never held": (created(NEVER), created(NEVER, CacheSubnetGroupName="net"), NONE),
    "a resource that did not exist is omitted": (created(NEVER), {"Resources": {}}, NONE),
    "a resource that did not exist may exist": (created(NEVER), created(IN_PROD, CacheSubnetGroupName="net"), NONE),
    "a resource that is replaced and may be removed": (
        created(),
        created(IN_PROD, CacheSubnetGroupName="net"),
        ["may-remove", "replacement"],
    ),
    "a resource that is removed is not replaced": (created(), created(NEVER, CacheSubnetGroupName="net"), SURE),
    "a resource without data": (created(kind="SubnetGroup"), created(NEVER, kind="SubnetGroup"), NONE),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_a_condition_of_a_cache(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected


@pytest.mark.parametrize("kind", [kind.removeprefix("AWS::ElastiCache::") for kind in STATEFUL])
def test_every_type_with_data_may_be_removed(kind: str) -> None:
    assert kinds(created(kind=kind), created(NEVER, kind=kind)) == SURE


def test_the_words_of_a_removal() -> None:
    (sure,) = changes_of(created(), created(NEVER))
    (unsure,) = changes_of(created(), created(IN_PROD))
    assert sure.what == "Cache is removed, because the condition Wanted does not hold"
    assert unsure.what == "Cache is removed unless the condition Wanted holds, which is new or changed"
    assert sure.lost == unsure.lost == "all keys, and the endpoints that clients use"
    assert sure.kept_by.startswith("DeletionPolicy Snapshot, for a final snapshot")
    assert sure.decision
    assert unsure.decision


def test_a_policy_keeps_what_a_condition_removes() -> None:
    old = created()
    old["Resources"]["Cache"]["DeletionPolicy"] = "Retain"
    (change,) = changes_of(old, created(NEVER))
    assert change.kept_by == "DeletionPolicy Retain, as stated: the old resource stays, outside of the stack"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("g", None, ["access-dropped"]),
        ("g", "h", []),
        (None, "g", []),
        ("g", {"Fn::If": ["Prod", "g", {"Ref": "AWS::NoValue"}]}, []),
    ],
)
def test_the_users_of_a_serverless_cache(old: Any, new: Any, expected: list[str]) -> None:
    def cache(users: Any) -> Json:
        return template("ServerlessCache", {"Engine": "valkey", **({} if users is None else {"UserGroupId": users})})

    changes = [change for change in changes_of(cache(old), cache(new)) if change.decision]
    assert [change.kind for change in changes] == expected
    for change in changes:
        assert change.properties == ("UserGroupId",)
        assert change.what.endswith("loses UserGroupId: without users, everybody who reaches the cache may use it")
