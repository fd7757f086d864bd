"""compare: every property of the schema, its effect, and how its value is shown."""

from collections.abc import Iterator
from typing import Any

import pytest

from elasticache_rules import facts
from elasticache_rules.compare import IN_PLACE, STATEFUL
from elasticache_rules.compare.access import STEPS
from tests.elasticache_rules.compare_documents import ONLINE, TYPES, changed, changes_of, group, of, template

EFFECTS = facts.load("updates")["effects"]


def properties_of(key: str) -> Iterator[tuple[str, str]]:
    for kind, schema in TYPES.items():
        for name in schema[key]:
            yield kind.rpartition("::")[2], name


@pytest.mark.parametrize(("kind", "name"), list(properties_of("create_only")))
@pytest.mark.parametrize(("old", "new"), [("one", "two"), (None, "one"), ("one", None)])
def test_every_create_only_property(kind: str, name: str, old: str | None, new: str | None) -> None:
    changes = [change for change in changed(kind, name, old, new) if change.kind == "replacement"]
    assert [change.properties for change in changes] == [(name,)]
    assert changes[0].decision is (f"AWS::ElastiCache::{kind}" in {*STATEFUL, *STEPS})
    assert changes[0].lost
    assert changes[0].kept_by


@pytest.mark.parametrize(("kind", "name"), list(properties_of("conditional_create_only")))
@pytest.mark.parametrize(("old", "new"), [("one", "two"), (None, "one"), ("one", None)])
def test_every_conditionally_create_only_property(kind: str, name: str, old: str | None, new: str | None) -> None:
    changes = [change for change in changed(kind, name, old, new) if change.decision]
    if name == "AuthToken" and old:
        assert [change.kind for change in changes] == ([] if new else ["access-dropped"])
        return
    assert [change.properties for change in changes] == [(name,)]
    assert changes[0].kind in ("replacement", "may-replace")
    assert changes[0].lost
    assert changes[0].kept_by


IN_PLACE_PROPERTIES = [
    (kind.rpartition("::")[2], name)
    for kind, schema in TYPES.items()
    for name in schema["properties"]
    if name not in {*schema["create_only"], *schema["conditional_create_only"], *schema["read_only"]}
]


@pytest.mark.parametrize(("kind", "name"), IN_PLACE_PROPERTIES)
def test_every_property_in_place_has_its_own_effect(kind: str, name: str) -> None:
    """Listed with its effect, and without a decision unless another kind of change is told as well."""
    online = (name == "NumNodeGroups" and ONLINE) or {}
    sides = [template(kind, {"Engine": "redis", name: value}, **online) for value in ("one", "two")]
    (result,) = [change for change in changes_of(*sides) if change.kind == IN_PLACE]
    assert result.properties == (name,)
    assert result.what.endswith(f" in place: {EFFECTS[f'AWS::ElastiCache::{kind}'][name]}")
    assert not result.decision


def test_each_effect_is_of_a_property_and_the_only_one_of_its_kind() -> None:
    assert EFFECTS.keys() == TYPES.keys()
    for kind, effects in EFFECTS.items():
        assert effects.keys() <= TYPES[kind]["properties"].keys()
        assert all(effects.values())


def test_changes_in_place_beside_a_replacement() -> None:
    changes = changes_of(group(), group({"Port": 7000, "CacheNodeType": "cache.r7g.xlarge"}))
    assert [(change.kind, change.properties) for change in changes] == [
        ("replacement", ("Port",)),
        (IN_PLACE, ("CacheNodeType",)),
    ]
    assert changes[1].what == (
        "Cache changes CacheNodeType from 'cache.r7g.large' to 'cache.r7g.xlarge' in place: the new resource has it "
        "from the start"
    )


def test_a_property_that_may_change_in_place() -> None:
    (change,) = changes_of(group({"NumCacheClusters": {"Ref": "A"}}), group({"NumCacheClusters": {"Ref": "B"}}))
    assert change.what.startswith("Cache may change NumCacheClusters from Ref A to Ref B in place: replicas are added")


def test_a_property_that_the_schema_does_not_have() -> None:
    (change,) = changes_of(group(), group({"Prot": 1}))
    assert change.what.endswith("in place: the schema of the resource type does not have this property")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("ReplicationGroup", "AuthToken"), ("User", "Passwords"), ("User", "AuthenticationMode")],
)
@pytest.mark.parametrize("old", [None, ["a-password-of-before"]])
def test_secrets_are_not_shown(kind: str, name: str, old: Any) -> None:
    for change in changes_of(of(kind, **({name: old} if old else {})), of(kind, **{name: ["a-password-of-now"]})):
        assert "a-password" not in str(change)
        assert f"{name} from" in change.what
