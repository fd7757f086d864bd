"""How clients of a cache authenticate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, final, runtime_checkable

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import error, problem
from .._core.factories import no_constructor
from .._core.names import description, physical_name
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import AccessString
from .user import DATA_ACCESS, IamUser, PasswordUser
from .user_base import UserBase
from .user_group import UserGroup, UserGroupBase


@runtime_checkable
class CacheEngine(Protocol):
    """What access asks of an engine and its version."""

    @property
    def engine(self) -> StrEnum:
        """The engine."""

    def has(self, feature: str) -> bool:
        """Whether it has a feature, by its name in the facts."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAccess:
    """What a choice of access became in one cache.

    :param authentication: what clients send.
    :param user_group: the user group, where there is one.
    :param users: the users that clients may connect as; the first one is the default.
    :param secret: the AUTH token.
    """

    authentication: Authentication
    user_group: UserGroupBase | None = None
    users: tuple[UserBase, ...] = ()
    secret: secretsmanager.ISecret | None = field(default=None, repr=False)

    def render(self) -> dict[str, Any]:
        """The AUTH token and the user group, by the CloudFormation names of a replication group."""
        return {
            "AuthToken": self.secret.secret_value.unsafe_unwrap() if self.secret else None,
            "UserGroupIds": [self.user_group.user_group_id] if self.user_group else None,
        }

    def current(self) -> "BoundAccess":
        """The same with the users that its group has by now, because `UserGroup.add_user` adds some later."""
        if self.user_group is None or self.user_group.users == self.users:
            return self
        return of_user_group(self.user_group)


class Access:
    """How clients authenticate; created by `iam`, `password`, `auth_token`, `user_group`, `users` or `none`."""

    _factory: str

    def __init__(self) -> None:
        raise no_constructor(
            "Access", ("iam()", "password()", "auth_token()", "user_group(...)", "users([...])", "none()")
        )

    def __repr__(self) -> str:
        return f"Access.{self._factory}"

    @staticmethod
    def iam(*, access_string: AccessString | str = DATA_ACCESS) -> "Access":
        """One user that authenticates with IAM, in a user group of its own; the default everywhere here.

        No secret to keep: a client's role signs a token, where `grants.connect` allows it.
        Needs redis 7.0 or valkey, and TLS.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

        :param access_string: what the user may do. Default: all data, nothing dangerous.
        """
        return _IamAccess(access_string)

    @staticmethod
    def password(*, access_string: AccessString | str = DATA_ACCESS) -> "Access":
        """One user with a password in Secrets Manager, in a user group of its own.

        Needs redis 6.0 or valkey, and TLS.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        :param access_string: what the user may do. Default: all data, nothing dangerous.
        """
        return _PasswordAccess(access_string)

    @staticmethod
    def auth_token(secret: secretsmanager.ISecret | None = None) -> "Access":
        """One password for everyone, in Secrets Manager; for versions before redis 7.0.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html

        :param secret: its whole text is the token, 16 to 128 characters. Default: one is generated.
        """
        return _TokenAccess(secret)

    @staticmethod
    def user_group(group: UserGroupBase) -> "Access":
        """The users of a group made elsewhere.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        :param group: of the cache's engine.
        """
        return _UserGroupAccess(group)

    @staticmethod
    def users(users: Sequence[UserBase]) -> "Access":
        """These users: of an imported cache those that clients connect as, else in a user group of the cache's own.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        Example: `Access.users([IamUser.from_user_id(self, "Orders", "orders")])`.

        :param users: one or more, with different names. The first is the default choice of a client.
        """
        return _UsersAccess(users)

    @staticmethod
    def none() -> "Access":
        """Whoever reaches the port may do everything."""
        return NoAccess()

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        """Create what this choice needs, below a cache of this path.

        :param or_auth_token: whether the cache could have an AUTH token instead, for the way out of an error.
        """
        raise NotImplementedError

    def bind_imported(self, path: str) -> BoundAccess:
        """The same for an imported cache, for which nothing is created.

        :raises ValueError: for a choice that would create something.
        """
        raise NotImplementedError


@final
class NoAccess(Access):
    """What `Access.none` returns."""

    _factory = "none()"

    def __init__(self) -> None:
        pass

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        """Create nothing."""
        return BoundAccess(authentication=Authentication.NONE)

    def bind_imported(self, path: str) -> BoundAccess:
        """Create nothing."""
        return BoundAccess(authentication=Authentication.NONE)


class _OneUser(Access):
    """A user in a group of its own; a subclass says which kind."""

    _feature: str
    _import: str

    def _instead(self, engine: CacheEngine) -> list[str]:
        """Other users that this version has."""
        return []

    def __init__(self, access_string: AccessString | str) -> None:
        self._access_string = access_string

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        raise NotImplementedError

    def bind_imported(self, path: str) -> BoundAccess:
        raise _creates(path, f"{self!r}, which creates a user", f"Access.users([{self._import}])")

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        if not engine.has(self._feature):
            token = ["access=Access.auth_token()"] if or_auth_token else []
            ways_out = ["a later version", *self._instead(engine), *token, "access=Access.none()"]
            first = facts.minimum_version(self._feature, engine.engine.value)
            raise problem(
                path,
                f"access is {self!r}, which needs {engine.engine.value} {first} or later, and engine is {engine}",
                f"use {', '.join(ways_out[:-1])} or {ways_out[-1]}",
            )
        # Users and groups have names of their own each, so that one name serves for both.
        name, of = physical_name(scope, path), Engine(engine.engine.value)
        user = self._user(scope, of, name)
        group = UserGroup(scope, "UserGroup", engine=of, users=[user], user_group_id=name)
        return BoundAccess(authentication=user.authentication, user_group=group, users=(user,))


@final
class _IamAccess(_OneUser):
    _factory = "iam()"
    _feature = "iam_authentication"
    _import = "IamUser.from_user_id(...)"

    def _instead(self, engine: CacheEngine) -> list[str]:
        return ["access=Access.password()"] if engine.has("user_groups") else []

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        return IamUser(scope, "User", engine=engine, access_string=self._access_string, user_id=name)


@final
class _PasswordAccess(_OneUser):
    _factory = "password()"
    _feature = "user_groups"
    _import = "PasswordUser.from_user_attributes(...)"

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        return PasswordUser(scope, "User", engine=engine, access_string=self._access_string, user_id=name)


@final
class _TokenAccess(Access):
    _factory = "auth_token()"

    def __init__(self, secret: secretsmanager.ISecret | None) -> None:
        self._secret = secret

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        secret = self._secret or secretsmanager.Secret(
            scope,
            "AuthToken",
            description=description("AUTH token of a cache", scope),
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        return BoundAccess(authentication=Authentication.TOKEN, secret=secret)

    def bind_imported(self, path: str) -> BoundAccess:
        if self._secret is None:
            raise _creates(path, f"{self!r}, which creates a secret", "Access.auth_token(secret)")
        return BoundAccess(authentication=Authentication.TOKEN, secret=self._secret)


@final
class _UserGroupAccess(Access):
    _factory = "user_group(...)"

    def __init__(self, group: UserGroupBase) -> None:
        self._group = group

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        return of_user_group(self._group)

    def bind_imported(self, path: str) -> BoundAccess:
        return of_user_group(self._group)


@final
class _UsersAccess(Access):
    _factory = "users([...])"

    def __init__(self, users: Sequence[UserBase]) -> None:
        self._users = tuple(users)

    def bind(self, scope: Construct, path: str, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        return of_user_group(
            UserGroup(
                scope,
                "UserGroup",
                engine=Engine(engine.engine.value),
                users=self._users,
                user_group_id=physical_name(scope, path),
            )
        )

    def bind_imported(self, path: str) -> BoundAccess:
        if not self._users:
            raise error(
                path,
                "access",
                "name at least one user",
                "none",
                "pass one such as IamUser.from_user_id(...), or use Access.none()",
            )
        return BoundAccess(authentication=_common(self._users), users=self._users)


def _creates(path: str, given: str, instead: str) -> ValueError:
    return error(path, "access", "name what exists already for an imported cache", given, f"use {instead}")


def _common(users: Sequence[UserBase]) -> Authentication:
    """The authentication of all users if they share one, otherwise `USERS`."""
    kinds = {user.authentication for user in users}
    return kinds.pop() if len(kinds) == 1 else Authentication.USERS


def of_user_group(group: UserGroupBase) -> BoundAccess:
    """The access of a user group; its authentication is `USERS` if the users authenticate in different ways."""
    return BoundAccess(authentication=_common(group.users), user_group=group, users=group.users)
