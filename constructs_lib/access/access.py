"""How clients of a cache authenticate."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, final

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.names import description, physical_name
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import AccessString
from .user import DATA_ACCESS, IamUser, PasswordUser, UserBase
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
    def none() -> "Access":
        """Whoever reaches the port may do everything."""
        return Access()

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        """Make what this choice needs, below a cache of this path."""
        return BoundAccess(authentication=Authentication.NONE)


class _OneUser(Access):
    """A user in a group of its own; a subclass says which kind."""

    _feature: str
    _before: str

    def __init__(self, access_string: AccessString | str) -> None:
        self._access_string = access_string

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        raise NotImplementedError

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        if not engine.has(self._feature):
            raise ValueError(
                f"{path}: access must be other than {self._before}, got {engine}; "
                "use a later version, or access=Access.auth_token()"
            )
        # Users and groups have names of their own each, so that one name serves for both.
        name, of = physical_name(scope, path), Engine(engine.engine.value)
        user = self._user(scope, of, name)
        group = UserGroup(scope, "UserGroup", engine=of, users=[user], user_group_id=name)
        return BoundAccess(authentication=user.authentication, user_group=group, users=(user,))


@final
class _IamAccess(_OneUser):
    _feature = "iam_authentication"
    _before = "IAM before redis 7.0"

    def _user(self, scope: Construct, engine: Engine, name: str) -> UserBase:
        return IamUser(scope, "User", engine=engine, access_string=self._access_string, user_id=name)


@final
class _PasswordAccess(_OneUser):
    _feature = "user_groups"
    _before = "users with passwords before redis 6.0"

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
            description=description("AUTH token of a cache", scope),
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        return BoundAccess(authentication=Authentication.TOKEN, secret=secret)


@final
class _UserGroupAccess(Access):
    def __init__(self, group: UserGroupBase) -> None:
        self._group = group

    def _bind(self, scope: Construct, path: str, engine: CacheEngine) -> BoundAccess:
        users = self._group.users
        kinds = {user.authentication for user in users}
        return BoundAccess(
            authentication=kinds.pop() if len(kinds) == 1 else Authentication.USERS,
            user_group=self._group,
            users=users,
        )
