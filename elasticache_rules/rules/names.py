"""Names, ids and descriptions."""

import re
from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
)
from elasticache_rules.template import Composite, Resource

_SHAPE = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*\Z")
_USER_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")
_SHAPE_WORDS = (
    "be an identifier: begin with a letter, hold only alphanumeric characters and single hyphens, "
    "and not end with a hyphen"
)
_NAMES = {
    REPLICATION_GROUP: ("ReplicationGroupId", "replication_group_id_length"),
    CACHE_CLUSTER: ("ClusterName", "cluster_name_length"),
    SUBNET_GROUP: ("CacheSubnetGroupName", "subnet_group_name_length"),
    USER: ("UserId", "user_id_length"),
    USER_GROUP: ("UserGroupId", "user_id_length"),
}


@rule("names/identifier", *_NAMES, source=f"{API}API_CreateReplicationGroup.html")
def identifier_shape(resource: Resource) -> Iterator[Violation]:
    """An identifier begins with a letter and has letters, digits and single hyphens, up to its length limit."""
    name, limit = _NAMES[resource.type]
    value = resource.get(name)
    if not isinstance(value, str | Composite):
        return
    longest = facts.limit(limit, "max")
    shape = _USER_SHAPE if resource.type in (USER, USER_GROUP) else _SHAPE
    known = "".join(part for part in value.parts if isinstance(part, str)) if isinstance(value, Composite) else value
    if not shape.match(value if isinstance(value, str) else _with_letters(value)):
        yield Violation(property=name, value=value, must=_SHAPE_WORDS, fix="rename it, or leave it out")
    elif len(known) > longest:
        yield Violation(
            property=name,
            value=value,
            must=f"have at most {longest} characters",
            fix="shorten it",
            # Neither the API nor the schema limits a user id; other tools state 40 characters.
            severity=Severity.WARNING if resource.type == USER else None,
        )


def _with_letters(value: Composite) -> str:
    """A text whose unknown parts are replaced by a letter, which an identifier takes at every place."""
    return "".join(part if isinstance(part, str) else "a" for part in value.parts)


@rule("names/default-user-id", USER, source=f"{API}API_CreateUser.html")
def default_user_id(user: Resource) -> Iterator[Violation]:
    """The user id `default` exists in every account and cannot be created."""
    if user.text("UserId") == "default":
        yield Violation(
            property="UserId",
            value="default",
            must="be an id other than the account's own default user",
            fix="choose another UserId and keep UserName 'default'",
        )


@rule(
    "names/description",
    REPLICATION_GROUP,
    SUBNET_GROUP,
    PARAMETER_GROUP,
    source=f"{API}API_CreateReplicationGroup.html",
)
def description(resource: Resource) -> Iterator[Violation]:
    """A description is required and not blank."""
    name = "ReplicationGroupDescription" if resource.type == REPLICATION_GROUP else "Description"
    value = resource.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        yield Violation(property=name, value=value, must="be stated and not blank", fix="say what it is for")
    elif isinstance(value, str) and len(value) > facts.limit("description_length", "max"):
        longest = facts.limit("description_length", "max")
        yield Violation(property=name, value=value, must=f"have at most {longest} characters", fix="shorten it")


_UNIQUE = {
    REPLICATION_GROUP: "ReplicationGroupId",
    CACHE_CLUSTER: "ClusterName",
    SUBNET_GROUP: "CacheSubnetGroupName",
    SERVERLESS_CACHE: "ServerlessCacheName",
    USER: "UserId",
    USER_GROUP: "UserGroupId",
}


@rule("names/unique", *_UNIQUE, source=f"{API}API_CreateReplicationGroup.html")
def unique(resource: Resource) -> Iterator[Violation]:
    """Resources of the same type have different names, compared without case."""
    name = _UNIQUE[resource.type]
    value = resource.text(name)
    if value is None or "Condition" in resource.attributes:
        return  # with a condition, only one of the two may be created
    other = resource.template.once(f"names/unique {resource.type}", lambda: _first_of_each(resource, name))[
        value.lower()
    ]
    if other is not resource:
        yield Violation(
            property=name,
            value=value,
            must=f"be unique, and {other.logical_id} has the same, a duplicate ({value.lower()})",
            fix="rename one of the two, or leave the name out",
        )


def _first_of_each(resource: Resource, name: str) -> dict[str, Resource]:
    """The first resource of the same type without a condition for each name, in lower case."""
    first: dict[str, Resource] = {}
    for other in resource.template.of_type(resource.type):
        text = other.text(name)
        if text is not None and "Condition" not in other.attributes:
            first.setdefault(text.lower(), other)
    return first
