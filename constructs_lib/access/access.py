"""How clients of a cache authenticate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, final

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.names import description, physical_name
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import AccessString
from .user import DATA_ACCESS, IamUser, PasswordUser
from .user_base import UserBase
from .user_group import UserGroup, UserGroupBase


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

    :param users: whom clients may connect as; the first is the default choice.
    :param secret: the AUTH token.
    """

    authentication: Authentication
    user_group: UserGroupBase | None = None
    users: tuple[UserBase, ...] = ()
    secret: secretsmanager.ISecret | None = field(default=None, repr=False)

    def current(self) -> "BoundAccess":
        """The same with the users that its group has by now, because `UserGroup.add_user` adds some later."""
        if self.user_group is None or self.user_group.users == self.users:
            return self
        return of_user_group(self.user_group)


class Access:
    """How clients authenticate; made by `iam`, `password`, `auth_token`, `user_group` or `none`."""

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
        return Access()

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        """Create what this choice needs, below a cache of this path."""
        return BoundAccess(authentication=Authentication.NONE)

    def _bind_imported(self, path: str) -> BoundAccess:
        """The same for an imported cache, for which nothing is created.

        :raises ValueError: for a choice that would create something.
        """
        return BoundAccess(authentication=Authentication.NONE)


class _OneUser(Access):
    """A user in a group of its own; a subclass says which kind."""

    _feature: str
    _before: str
    _name: str
    _import: str

    def __init__(self, access_string: AccessString | str) -> None:
        self._access_string = access_string

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        raise NotImplementedError

    def _bind_imported(self, path: str) -> BoundAccess:
        raise _creates(path, f"Access.{self._name}(), which creates a user", f"Access.users([{self._import}])")

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        if not engine.has(self._feature):
            raise ValueError(
                f"{path}: access must be other than {self._before}, got {engine}; "
                "use a later version, or access=Access.auth_token()"
            )
        # Users and groups have names of their own each, so that one name serves for both.
        name, of = physical_name(path), Engine(engine.engine.value)
        user = self._user(scope, of, name)
        group = UserGroup(scope, "UserGroup", engine=of, users=[user], user_group_id=name)
        return BoundAccess(authentication=user.authentication, user_group=group, users=(user,))


@final
class _IamAccess(_OneUser):
    _feature = "iam_authentication"
    _before = "IAM before redis 7.0"
    _name = "iam"
    _import = "IamUser.from_user_id(...)"

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        return IamUser(scope, "User", engine=engine, access_string=self._access_string, user_id=name)


@final
class _PasswordAccess(_OneUser):
    _feature = "user_groups"
    _before = "users with passwords before redis 6.0"
    _name = "password"
    _import = "PasswordUser.from_user_attributes(...)"

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        return PasswordUser(scope, "User", engine=engine, access_string=self._access_string, user_id=name)


@final
class _TokenAccess(Access):
    def __init__(self, secret: secretsmanager.ISecret | None) -> None:
        self._secret = secret

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        secret = self._secret or secretsmanager.Secret(
            scope,
            "AuthToken",
            description=description("AUTH token of", path),
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        return BoundAccess(authentication=Authentication.TOKEN, secret=secret)

    def _bind_imported(self, path: str) -> BoundAccess:
        if self._secret is None:
            raise _creates(path, "Access.auth_token(), which creates a secret", "Access.auth_token(secret)")
        return BoundAccess(authentication=Authentication.TOKEN, secret=self._secret)


@final
class _UserGroupAccess(Access):
    def __init__(self, group: UserGroupBase) -> None:
        self._group = group

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        return of_user_group(self._group)

    def _bind_imported(self, path: str) -> BoundAccess:
        return of_user_group(self._group)


@final
class _UsersAccess(Access):
    def __init__(self, users: Sequence[UserBase]) -> None:
        self._users = tuple(users)

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        return of_user_group(
            UserGroup(
                scope,
                "UserGroup",
                engine=Engine(engine.engine.value),
                users=self._users,
                user_group_id=physical_name(path),
            )
        )

    def _bind_imported(self, path: str) -> BoundAccess:
        if not self._users:
            raise ValueError(
                f"{path}: access must name at least one user, got none; pass one such as "
                "IamUser.from_user_id(...), or use Access.none()"
            )
        return BoundAccess(authentication=_common(self._users), users=self._users)


def _creates(path: str, given: str, instead: str) -> ValueError:
    return ValueError(f"{path}: access must name what exists already for an imported cache, got {given}; use {instead}")


def _common(users: Sequence[UserBase]) -> Authentication:
    """How all of the users authenticate; `USERS` unless they do it alike."""
    kinds = {user.authentication for user in users}
    return kinds.pop() if len(kinds) == 1 else Authentication.USERS


def of_user_group(group: UserGroupBase) -> BoundAccess:
    """The access that a user group gives; its authentication is `USERS` unless all users authenticate alike."""
    return BoundAccess(authentication=_common(group.users), user_group=group, users=group.users)
