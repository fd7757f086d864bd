"""User groups: the users that a cache lets in."""

from collections.abc import Sequence

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import check, is_token
from .._core.names import physical_name
from ..values.engine import Engine
from .user import NoPasswordUser, UserBase, _User

_PROPS = {"UserGroupId": "user_group_id", "UserIds": "users", "Engine": "engine"}


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
    :raises ValueError: for an id or a set of users that AWS would refuse; more than 40 characters, and a valkey user in
        a redis group, are warnings (ADR 9).
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
        self._id = user_group_id or physical_name(self)
        if engine is Engine.REDIS and not any(user.user_name == "default" for user in users):
            everyone.append(NoPasswordUser(self, "DefaultUser", user_name="default", user_id=self._default_id()))
        self._engine = engine
        self._everyone = tuple(everyone)
        check(self, self.as_resources(), only="Resource", names=_PROPS)
        self._resource = elasticache.CfnUserGroup(
            self,
            "Resource",
            engine=engine.value,
            user_group_id=self._id,
            user_ids=[user.user_id for user in everyone],
        )

    def _default_id(self) -> str | None:
        """The id of the default user that is added: the group's with a suffix, where that is short enough."""
        id = f"{self._id}-default"
        return None if is_token(id) or len(id) > facts.limit("user_id_length", "max") else id

    def as_resources(self) -> dict[str, dict[str, object]]:
        """The group and its users as the rules read them."""
        users = {
            f"User{index}": user.as_resource() for index, user in enumerate(self._everyone) if isinstance(user, _User)
        }
        ids: list[object] = [
            {"Ref": f"User{index}"} if f"User{index}" in users else user.user_id
            for index, user in enumerate(self._everyone)
        ]
        group: dict[str, object] = {
            "Type": "AWS::ElastiCache::UserGroup",
            "Properties": {"Engine": self._engine.value, "UserGroupId": self._id, "UserIds": ids},
        }
        return {"Resource": group, **users}

    @property
    def user_group_id(self) -> str:
        """The group's id; a reference, so that what uses it is created after it."""
        return self._resource.ref

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that were given."""
        return self._users

    @staticmethod
    def from_user_group_id(
        scope: Construct, id: str, user_group_id: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """A user group that exists already.

        :param users: the users of it that clients here connect as; grants need them.
        """
        return _ImportedUserGroup(scope, id, user_group_id, tuple(users))


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
