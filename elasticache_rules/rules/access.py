"""AUTH tokens, users and user groups."""

import re
from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    GUIDE,
    REPLICATION_GROUP,
    USER,
    USER_GROUP,
    duplicates,
    engine_of,
    has_user_groups,
    is_secondary,
    version_of,
)
from elasticache_rules.template import Resource

_AUTH = f"{GUIDE}auth.html"
_RBAC = f"{GUIDE}Clusters.RBAC.html"
_TLS_OFF = (None, False, "false")
_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]*\Z")


@rule(
    "access/token-needs-tls",
    REPLICATION_GROUP,
    source=_AUTH,
    absent=("ReplicationGroup.GlobalReplicationGroupId", "ReplicationGroup.TransitEncryptionEnabled"),
)
def token_needs_tls(group: Resource) -> Iterator[Violation]:
    """An AUTH token needs encryption in transit."""
    if group.has("AuthToken") and group.get("TransitEncryptionEnabled") in _TLS_OFF and not is_secondary(group):
        yield Violation(
            property="TransitEncryptionEnabled",
            value=group.get("TransitEncryptionEnabled"),
            must="be true with an AUTH token",
            fix="set it to true",
        )


@rule("access/token-shape", REPLICATION_GROUP, source=_AUTH)
def token_shape(group: Resource) -> Iterator[Violation]:
    """An AUTH token has 16 to 128 characters from the set that the service accepts."""
    token = group.text("AuthToken")
    if token is None:
        return
    shortest, longest = facts.limit("auth_token_length", "min"), facts.limit("auth_token_length", "max")
    if not shortest <= len(token) <= longest:
        yield Violation(
            property="AuthToken",
            value=f"a token of {counted(len(token), 'character')}",
            must=f"have {shortest} to {longest} characters",
            fix="generate one in Secrets Manager",
        )
    elif not _TOKEN.match(token):
        refused = any(c in '/"@' or not c.isascii() or not c.isprintable() for c in token)
        yield Violation(
            property="AuthToken",
            value="a token with other characters",
            must="hold only letters, digits and ! & # $ ^ < > -",
            fix="generate one in Secrets Manager",
            severity=None if refused else Severity.WARNING,
        )


@rule("access/token-or-users", REPLICATION_GROUP, source=_RBAC, severity=Severity.WARNING)
def token_or_users(group: Resource) -> Iterator[Violation]:
    """A replication group has an AUTH token or user groups, not both."""
    if group.has("AuthToken") and has_user_groups(group):
        yield Violation(
            property="AuthToken",
            value="a token beside UserGroupIds",
            must="be absent with user groups",
            fix="choose one of the two",
        )


@rule("access/not-with-preferred", REPLICATION_GROUP, source=f"{GUIDE}in-transit-encryption-enable.html")
def not_with_preferred(group: Resource) -> Iterator[Violation]:
    """Access control needs the transit encryption mode required."""
    if group.text("TransitEncryptionMode") == "preferred" and (group.has("AuthToken") or has_user_groups(group)):
        yield Violation(
            property="TransitEncryptionMode",
            value="preferred",
            must="be required with an AUTH token or user groups",
            fix="move the clients to TLS first, then set it to required",
            severity=None if group.has("AuthToken") else Severity.WARNING,
        )


@rule(
    "access/users-need-tls",
    REPLICATION_GROUP,
    source=_RBAC,
    absent=("ReplicationGroup.GlobalReplicationGroupId", "ReplicationGroup.TransitEncryptionEnabled"),
)
def users_need_tls(group: Resource) -> Iterator[Violation]:
    """User groups need encryption in transit."""
    if has_user_groups(group) and group.get("TransitEncryptionEnabled") in _TLS_OFF and not is_secondary(group):
        yield Violation(
            property="TransitEncryptionEnabled",
            value=group.get("TransitEncryptionEnabled"),
            must="be true with user groups",
            fix="set it to true",
        )


@rule("access/users-version", REPLICATION_GROUP, source=_RBAC)
def users_version(group: Resource) -> Iterator[Violation]:
    """User groups need redis 6.0 or valkey; users that authenticate with IAM need redis 7.0 or valkey."""
    engine, version = engine_of(group), version_of(group)
    if engine not in ("redis", "valkey") or version is None or not has_user_groups(group):
        return
    iam = any(_authentication(user) == "iam" for user in _users_of(group))
    feature = "iam_authentication" if iam else "user_groups"
    if not facts.has_feature(feature, engine, version):
        first = facts.minimum_version(feature, engine)
        what = "users that authenticate with IAM" if iam else "user groups"
        yield Violation(
            property="EngineVersion",
            value=version,
            must=f"be {first} or later with {what}",
            fix="raise the version, or use an AUTH token",
            severity=Severity.WARNING if iam else None,
        )


@rule("access/group-engine", REPLICATION_GROUP, source=_RBAC)
def group_engine(group: Resource) -> Iterator[Violation]:
    """A redis replication group takes redis user groups only."""
    if engine_of(group) != "redis":
        return
    for users in group.targets("UserGroupIds") or []:
        if users is not None and users.type == USER_GROUP and engine_of(users) == "valkey":
            yield Violation(
                property="UserGroupIds",
                value=users.logical_id,
                must="be a user group of engine redis on a redis replication group",
                fix="set the user group's Engine to redis, or the replication group's to valkey",
            )


@rule("access/one-group", REPLICATION_GROUP, source=f"{API}API_CreateReplicationGroup.html", severity=Severity.WARNING)
def one_group(group: Resource) -> Iterator[Violation]:
    """A replication group has one user group."""
    groups = group.items("UserGroupIds") or []
    if len(groups) > 1:
        yield Violation(
            property="UserGroupIds", value=groups, must="name one user group", fix="put all users into one group"
        )


@rule("access/default-user", USER_GROUP, source=_RBAC)
def default_user(group: Resource) -> Iterator[Violation]:
    """A redis user group holds exactly one user named default, and no valkey user."""
    users = group.targets("UserIds")
    if engine_of(group) != "redis" or users is None:
        return
    known = [user for user in users if user is not None and user.type == USER]
    names = [user.get("UserName") for user in known]
    complete = len(known) == len(users) and all(isinstance(name, str) for name in names)
    if complete and "default" not in names:
        yield Violation(
            property="UserIds",
            value=names,
            must="hold a user whose UserName is 'default'",
            fix="add one that is off",
        )
    for user in known:
        if engine_of(user) == "valkey":
            yield Violation(
                property="UserIds",
                value=user.logical_id,
                must="hold only redis users in a group of engine redis",
                fix="set the user's Engine to redis",
                severity=Severity.WARNING,
            )


@rule("access/unique-names", USER_GROUP, source=f"{API}API_CreateUserGroup.html")
def unique_names(group: Resource) -> Iterator[Violation]:
    """The user names within one user group are unique."""
    users = group.targets("UserIds") or []
    names = [user.text("UserName") for user in users if user is not None]
    twice = duplicates(name for name in names if name is not None)
    if twice:
        yield Violation(property="UserIds", value=twice, must="hold each user name once", fix="rename one of the users")


@rule("access/no-password-valkey", USER_GROUP, USER, source=_RBAC)
def no_password_valkey(resource: Resource) -> Iterator[Violation]:
    """With valkey, every user authenticates."""
    if engine_of(resource) != "valkey":
        return
    if resource.type == USER:
        if _authentication(resource) == "no-password-required":
            yield Violation(
                property="AuthenticationMode",
                value="no-password-required",
                must="be password or iam for engine valkey",
                fix="give the user a password, or let it authenticate with IAM",
            )
        return
    for user in resource.targets("UserIds") or []:
        if user is None or user.type != USER or engine_of(user) != "redis":
            continue
        if _authentication(user) == "no-password-required":
            yield Violation(
                property="UserIds",
                value=user.logical_id,
                must="hold no user without a password in a group of engine valkey",
                fix="give the user a password, or let it authenticate with IAM",
            )


@rule(
    "access/authentication",
    USER,
    source=f"{API}API_CreateUser.html",
    absent=("User.AuthenticationMode", "User.NoPasswordRequired", "User.Passwords"),
)
def authentication_stated(user: Resource) -> Iterator[Violation]:
    """A user specifies how it authenticates: a password, no password or IAM."""
    silent = user.lacks("NoPasswordRequired") or user.boolean("NoPasswordRequired") is False
    if user.lacks("AuthenticationMode") and silent and (user.lacks("Passwords") or user.get("Passwords") == []):
        yield Violation(
            property="AuthenticationMode",
            value=None,
            must="be password, no-password-required or iam",
            fix="state one of them",
        )


@rule("access/iam-name", USER, source=f"{GUIDE}auth-iam.html")
def iam_name(user: Resource) -> Iterator[Violation]:
    """A user that authenticates with IAM has the same id and name."""
    id, name = user.text("UserId"), user.text("UserName")
    if _authentication(user) == "iam" and id is not None and name is not None and id != name:
        yield Violation(
            property="UserName",
            value=name,
            must=f"equal UserId ({id!r}) with IAM authentication",
            fix="give both the same value",
        )


def _users_of(group: Resource) -> Iterator[Resource]:
    for users in group.targets("UserGroupIds") or []:
        for user in (users.targets("UserIds") or []) if users is not None else []:
            if user is not None:
                yield user


def _authentication(user: Resource) -> str | None:
    mode = user.get("AuthenticationMode")
    if isinstance(mode, dict):
        kind = mode.get("Type", mode.get("type"))
        return kind if isinstance(kind, str) else None
    if user.boolean("NoPasswordRequired"):
        return "no-password-required"
    return "password" if user.get("Passwords") else None
