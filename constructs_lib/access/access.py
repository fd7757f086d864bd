"""Authentication of the clients of a cache."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, final, runtime_checkable

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import require_same_environment
from .._core.checking import Place, error, problem
from .._core.factories import no_constructor
from .._core.names import description, physical_name
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import DATA_ACCESS, AccessString
from .bound_access import BoundAccess, common_authentication, of_user_group
from .user import IamUser, PasswordUser
from .user_base import UserBase
from .user_group import UserGroup, UserGroupBase


@runtime_checkable
class CacheEngine(Protocol):
    """An engine and its version, for any kind of cache."""

    @property
    def engine(self) -> StrEnum:
        """The engine, without the version."""

    def has(self, feature: str) -> bool:
        """Whether the version has a feature, by its name in `elasticache_rules.facts`."""


class Access:
    """The authentication of a cache; created by `iam`, `password`, `auth_token`, `user_group`, `users` or `none`.

    ```python
    # The user that the cache accepts, with the permissions that its clients need.
    reader = IamUser(self, "Reader", engine=Engine.VALKEY, access_string="on ~app:* +@read")
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.users([reader]))
    ```
    """

    _factory: str

    def __init__(self) -> None:
        raise no_constructor(
            "Access", ("iam()", "password()", "auth_token()", "user_group(...)", "users([...])", "none()")
        )

    def __repr__(self) -> str:
        return f"Access.{self._factory}"

    @staticmethod
    def iam(*, access_string: AccessString | str = DATA_ACCESS) -> "Access":
        """One user that authenticates with IAM, in a new user group; the default of all caches except memcached.

        There is no secret: clients sign a token with their IAM role, which needs the permission of `grants.connect`.
        Needs redis 7.0 or valkey, and TLS.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

        :param access_string: the permissions of the user. Default: `DATA_ACCESS`, all keys and all
            commands that are not dangerous.
        """
        return _IamAccess(access_string)

    @staticmethod
    def password(*, access_string: AccessString | str = DATA_ACCESS) -> "Access":
        """One user with a password in Secrets Manager, in a new user group.

        Needs redis 6.0 or valkey, and TLS.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        :param access_string: the permissions of the user. Default: `DATA_ACCESS`, all keys and all
            commands that are not dangerous.
        """
        return _PasswordAccess(access_string)

    @staticmethod
    def auth_token(secret: secretsmanager.ISecret | None = None) -> "Access":
        """One token in Secrets Manager that all clients share; for versions without user groups or IAM.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html

        :param secret: a secret whose whole string is the token, 16 to 128 characters. Default: a new secret with a
            generated token.
        """
        return _TokenAccess(secret)

    @staticmethod
    def user_group(group: UserGroupBase) -> "Access":
        """The users of an existing user group.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        :param group: the user group, for the engine of the cache.
        """
        return _UserGroupAccess(group)

    @staticmethod
    def users(users: Sequence[UserBase]) -> "Access":
        """A list of users. A cache of this app gets a new user group for them; an imported cache has them already.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

        Example: `Access.users([IamUser.from_user_id(self, "Orders", "orders")])`.

        :param users: one or more users with different names. Clients use the first by default.
        """
        return _UsersAccess(users)

    @staticmethod
    def none() -> "Access":
        """No authentication: every client that can connect may run all commands."""
        return NoAccess()

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        """Create users, groups or secrets as children of a cache.

        :param scope: the cache.
        :param path: the construct path of the cache, for errors.
        :param engine: the engine and version of the cache.
        :param or_auth_token: whether an error may suggest an AUTH token instead.
        """
        raise NotImplementedError

    def bind_imported(self, path: str) -> BoundAccess:
        """The authentication of an imported cache; creates nothing.

        :param path: the construct path of the cache, for errors.
        :raises ValueError: if this kind of access would have to create a user or a secret.
        """
        raise NotImplementedError


@final
class NoAccess(Access):
    """No authentication; returned by `Access.none`."""

    _factory = "none()"

    def __init__(self) -> None:
        pass

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        """See `Access`; creates nothing."""
        return BoundAccess(authentication=Authentication.NONE)

    def bind_imported(self, path: str) -> BoundAccess:
        """See `Access`; creates nothing."""
        return BoundAccess(authentication=Authentication.NONE)


class _OneUser(Access):
    """One user in a new user group; a subclass creates the user."""

    _feature: str
    _import: str

    def _alternatives(self, engine: CacheEngine) -> list[str]:
        """Alternatives that the engine version supports, for an error."""
        return []

    def __init__(self, access_string: AccessString | str) -> None:
        self._access_string = access_string

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        raise NotImplementedError

    def bind_imported(self, path: str) -> BoundAccess:
        raise _creates(path, f"{self!r}, which creates a user", f"Access.users([{self._import}])")

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        if not engine.has(self._feature):
            token = ["access=Access.auth_token()"] if or_auth_token else []
            alternatives = ["a later version", *self._alternatives(engine), *token, "access=Access.none()"]
            first = facts.minimum_version(self._feature, engine.engine.value)
            raise problem(
                path,
                f"access is {self!r}, which needs {engine.engine.value} {first} or later, and engine is {engine}",
                f"use {', '.join(alternatives[:-1])} or {alternatives[-1]}",
            )
        # Users and user groups have separate namespaces, so the same name can be used for both.
        name, of = physical_name(scope), Engine(engine.engine.value)
        user = self._user(scope, of, name)
        group = UserGroup(scope, "UserGroup", engine=of, users=[user], user_group_id=name)
        return BoundAccess(authentication=user.authentication, user_group=group, users=(user,))


@final
class _IamAccess(_OneUser):
    _factory = "iam()"
    _feature = "iam_authentication"
    _import = "IamUser.from_user_id(...)"

    def _alternatives(self, engine: CacheEngine) -> list[str]:
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

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
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

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        require_same_environment(scope, "access", self._group)
        return of_user_group(self._group)

    def bind_imported(self, path: str) -> BoundAccess:
        return of_user_group(self._group)


@final
class _UsersAccess(Access):
    _factory = "users([...])"

    def __init__(self, users: Sequence[UserBase]) -> None:
        self._users = tuple(users)

    def bind(self, scope: Construct, path: Place, engine: CacheEngine, *, or_auth_token: bool = True) -> BoundAccess:
        return of_user_group(
            UserGroup(
                scope,
                "UserGroup",
                engine=Engine(engine.engine.value),
                users=self._users,
                user_group_id=physical_name(scope),
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
        return BoundAccess(authentication=common_authentication(self._users), users=self._users)


def _creates(path: str, given: str, instead: str) -> ValueError:
    return error(path, "access", "name what exists already for an imported cache", given, f"use {instead}")
