"""User groups: the users that a cache lets in."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import AwsResource
from .._core.checking import is_token, problem
from .._core.imports import Imported, imported, refuse_unknown
from .._core.names import physical_name
from .._core.resource import create, reference_to, update
from .._core.words import Words
from ..values.engine import Engine
from .permissions import allow
from .user import NoPasswordUser
from .user_base import UserBase

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


class UserGroupBase(AwsResource):
    """What a cache asks of a user group, created here or imported."""

    @property
    def user_group_id(self) -> str:
        """The group's id."""
        raise NotImplementedError

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that clients connect as, where they are known; the first is the default choice."""
        return ()

    @property
    def engine(self) -> Engine:
        """The engine of the caches that use it.

        :raises ValueError: for an imported group, when that was not given.
        """
        raise NotImplementedError

    @property
    def user_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:usergroup:<id>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("usergroup", self.user_group_id)

    def add_user(self, user: UserBase) -> None:
        """Add a user to the group.

        :raises ValueError: for an imported group, whose users this stack does not manage.
        """
        raise problem(
            self,
            "users can be added only to a group of this app, got an imported one",
            "add the user where the group is created, and name it in users of from_user_group_id",
        )

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role ElastiCache actions on this user group.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `group.grant(role, "elasticache:ModifyUserGroup")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.user_group_arn])


class UserGroup(UserGroupBase):
    """The users that a cache lets in.

    A redis group must hold a user named `default`; where none is given, one is added that is off.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    Example: `UserGroup(self, "Users", engine=Engine.VALKEY, users=[reader, writer])`.

    :param engine: the engine of the caches that use it.
    :param users: the users, with different names.
    :param user_group_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack's name and the path.
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
        self._engine = engine
        self._added_default: UserBase | None = None
        own_id = physical_name(self) if user_group_id is None else user_group_id
        if engine is Engine.REDIS and not any(user.user_name == "default" for user in users):
            self._added_default = NoPasswordUser(self, "DefaultUser", user_name="default", user_id=_default_id(own_id))
        everyone = _everyone(self._users, self._added_default)
        self._resource = create(
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

    def add_user(self, user: UserBase) -> None:
        """Add a user to the group after it was created; the rules are those of the constructor.

        A user named `default` replaces the one that a redis group adds automatically. A permission to connect
        that was given before does not hold for the new user: call `grant_connect` again.

        Example: `group.add_user(IamUser(self, "Reader", engine=Engine.VALKEY))`.

        :param user: with another name than the users of the group.
        :raises ValueError: for a user that AWS would refuse in this group.
        """
        users = (*self._users, user)
        added_default = None if user.user_name == "default" else self._added_default
        everyone = _everyone(users, added_default)
        update(self, {"UserIds": [each.user_id for each in everyone]}, words=WORDS, around=everyone)
        if added_default is not self._added_default:
            self.node.try_remove_child("DefaultUser")
        self._users, self._added_default = users, added_default

    @property
    def user_group_id(self) -> str:
        """The group's id; a reference, so that what uses it is created after it."""
        return reference_to(self)

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that were given, and those that were added."""
        return self._users

    @property
    def engine(self) -> Engine:
        """The engine of the caches that use it."""
        return self._engine

    @property
    def user_group_status(self) -> str:
        """The status that CloudFormation returns, such as `active`; a token."""
        return self._resource.attr_status

    @staticmethod
    def from_user_group_id(
        scope: Construct, id: str, user_group_id: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """A user group of the stack's account and region that exists already.

        Example: `UserGroup.from_user_group_id(self, "Users", "orders", users=[user])`.

        :param user_group_id: letters, digits and hyphens.
        :param users: the users of it that clients here connect as; grants need them.
        :raises ValueError: for an id that is malformed.
        """
        return UserGroup.from_user_group_attributes(scope, id, user_group_id=user_group_id, users=users)

    @staticmethod
    def from_user_group_arn(
        scope: Construct, id: str, user_group_arn: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """A user group that exists already, by its ARN.

        Example: `UserGroup.from_user_group_arn(self, "Users", cdk.Fn.import_value("UsersArn"))`.

        :param user_group_arn: `arn:aws:elasticache:<region>:<account>:usergroup:<id>`.
        :param users: the users of it that clients here connect as; grants need them.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return UserGroup.from_user_group_attributes(scope, id, user_group_arn=user_group_arn, users=users)

    @staticmethod
    def from_user_group_attributes(
        scope: Construct,
        id: str,
        *,
        user_group_id: str | None = None,
        user_group_arn: str | None = None,
        engine: Engine | None = None,
        users: Sequence[UserBase] = (),
    ) -> UserGroupBase:
        """A user group that exists already.

        :param user_group_id: its id. Default: the one in the ARN.
        :param user_group_arn: its ARN, also of another account or region. Default: made from the id.
        :param engine: the engine of the caches that use it. Default: not known.
        :param users: the users of it that clients here connect as; grants need them. Default: none is known.
        :raises ValueError: for neither an id nor an ARN, for both, and for one that is malformed.
        """
        given = imported(
            scope,
            id,
            kind="usergroup",
            name_prop="user_group_id",
            name=user_group_id,
            arn_prop="user_group_arn",
            arn=user_group_arn,
        )
        return _ImportedUserGroup(scope, id, given, engine, tuple(users))


def _everyone(users: Sequence[UserBase], added_default: UserBase | None) -> tuple[UserBase, ...]:
    """The users, and the `default` user that was added."""
    return tuple(users) if added_default is None else (*users, added_default)


def _default_id(group_id: str) -> str | None:
    """The id of the default user that is added: the group's with a suffix, where that is short enough."""
    id = f"{group_id}-default"
    return None if is_token(id) or len(id) > facts.limit("user_id_length", "max") else id


class _ImportedUserGroup(UserGroupBase):
    def __init__(
        self, scope: Construct, id: str, imported: Imported, engine: Engine | None, users: tuple[UserBase, ...]
    ) -> None:
        super().__init__(scope, id, imported=imported)
        self._id, self._given_engine, self._given = imported.name, engine, users

    @property
    def engine(self) -> Engine:
        if self._given_engine is None:
            refuse_unknown(self, "engine", "from_user_group_attributes")
        return self._given_engine

    @property
    def user_group_id(self) -> str:
        return self._id

    @property
    def users(self) -> tuple[UserBase, ...]:
        return self._given
