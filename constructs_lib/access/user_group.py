"""User groups: the users that a cache lets in."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import is_token
from .._core.names import physical_name
from .._core.resource import create, reference_to
from .._core.words import Words
from ..values.engine import Engine
from .user import NoPasswordUser, UserBase

WORDS: Final = Words(
    {"UserGroupId": "user_group_id", "UserIds": "users", "Engine": "engine"},
    {
        "access/no-password-valkey": (
            "users must hold no NoPasswordUser in a group of engine valkey, got {value}; use a PasswordUser or an "
            "IamUser"
        ),
        "access/default-user": (
            "users must hold only redis users in a group of engine redis, got {value}; create the user with "
            "engine=Engine.REDIS"
        ),
    },
)


class UserGroupBase(Construct):
    """What a cache asks of a user group, made here or imported."""

    @property
    def user_group_id(self) -> str:
        """The group's id."""
        raise NotImplementedError

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that clients connect as, where they are known; the first is the default choice."""
        return ()


class UserGroup(UserGroupBase):
    """The users that a cache lets in.

    A redis group must hold a user named `default`; where none is given, one is added that is off.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param engine: the engine of the caches that use it.
    :param users: the users, with different names.
    :param user_group_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
    :raises ValueError: for an id or a set of users that AWS would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: Engine,
        users: Sequence[UserBase],
        user_group_id: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._users = tuple(users)
        everyone = list(users)
        own_id = user_group_id or physical_name(self.node.path)
        if engine is Engine.REDIS and not any(user.user_name == "default" for user in users):
            everyone.append(NoPasswordUser(self, "DefaultUser", user_name="default", user_id=_default_id(own_id)))
        create(
            self,
            elasticache.CfnUserGroup,
            {
                "Engine": engine.value,
                "UserGroupId": own_id,
                "UserIds": [user.user_id for user in everyone],
            },
            words=WORDS,
            around=everyone,
        )

    @property
    def user_group_id(self) -> str:
        """The group's id; a reference, so that what uses it is created after it."""
        return reference_to(self)

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that were given."""
        return self._users

    @staticmethod
    def from_user_group_id(
        scope: Construct, id: str, user_group_id: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """A user group that exists already.

        :param user_group_id: its id.
        :param users: the users of it that clients here connect as; grants need them.
        """
        return _ImportedUserGroup(scope, id, user_group_id, tuple(users))


def _default_id(group_id: str) -> str | None:
    """The id of the default user that is added: the group's with a suffix, where that is short enough."""
    id = f"{group_id}-default"
    return None if is_token(id) or len(id) > facts.limit("user_id_length", "max") else id


class _ImportedUserGroup(UserGroupBase):
    def __init__(self, scope: Construct, id: str, user_group_id: str, users: tuple[UserBase, ...]) -> None:
        super().__init__(scope, id)
        self._id = user_group_id
        self._given = users

    @property
    def user_group_id(self) -> str:
        return self._id

    @property
    def users(self) -> tuple[UserBase, ...]:
        return self._given
