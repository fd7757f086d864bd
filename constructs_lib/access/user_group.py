"""User groups: the users that may connect to a cache."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import AwsResource, require_same_environment
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
            "users must contain no NoPasswordUser in a user group for valkey, got {value}; use a PasswordUser or an "
            "IamUser"
        ),
        "access/default-user": (
            "users must contain only redis users in a user group for redis, got {value}; create the user with "
            "engine=Engine.REDIS"
        ),
    },
)


class UserGroupBase(AwsResource):
    """A user group, created in this app or imported.

    ```python
    users = UserGroup.from_user_group_id(self, "Users", "orders")
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(users))
    ```
    """

    @property
    def user_group_id(self) -> str:
        """The id of the user group; a token unless it is imported by a literal id."""
        raise NotImplementedError

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The known users of the group. Clients use the first by default."""
        return ()

    @property
    def engine(self) -> Engine:
        """The engine of the caches that can use the group.

        :raises ValueError: for an imported group, if the engine was not passed to the import.
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

        :param user: the user.
        :raises ValueError: for an imported group, whose users the stack does not manage.
        """
        raise problem(
            self,
            "users cannot be added to an imported user group",
            "add the user where the group is created, and list it in users of from_user_group_id",
        )

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role to call ElastiCache API actions on this user group.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `group.grant(role, "elasticache:ModifyUserGroup")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.user_group_arn])


class UserGroup(UserGroupBase):
    """The users that may connect to a cache.

    A redis user group must contain a user named `default`. If `users` has none, the construct adds a disabled one.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    ```python
    reader = IamUser(self, "Reader", engine=Engine.VALKEY, access_string="on ~app:* +@read")
    writer = IamUser(self, "Writer", engine=Engine.VALKEY)
    users = UserGroup(self, "Users", engine=Engine.VALKEY, users=[reader, writer])
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(users))
    ```

    :param engine: the engine of the caches that use the group.
    :param users: one or more users with different names.
    :param user_group_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack name and the construct
        path.
    :raises ValueError: for an id or users that AWS would refuse. An id of more than 40 characters, and a valkey user in
        a redis user group, are warnings (ADR 9).
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
        for user in users:
            require_same_environment(self, "users", user)
        self._users = tuple(users)
        self._engine = engine
        self._added_default: UserBase | None = None
        own_id = physical_name(self) if user_group_id is None else user_group_id
        if engine is Engine.REDIS and not any(user.user_name == "default" for user in users):
            self._added_default = NoPasswordUser(self, "DefaultUser", user_name="default", user_id=_default_id(own_id))
        all_users = _all_users(self._users, self._added_default)
        self._resource = create(
            self,
            elasticache.CfnUserGroup,
            {
                "Engine": engine.value,
                "UserGroupId": own_id,
                "UserIds": [user.user_id for user in all_users],
            },
            words=WORDS,
            related=all_users,
        )

    def add_user(self, user: UserBase) -> None:
        """Add a user to the group, with the same checks as in the constructor.

        A user named `default` replaces the default user that is added to a redis user group automatically. Earlier
        calls of `grant_connect` do not include the new user: call it again.

        Example: `group.add_user(IamUser(self, "Reader", engine=Engine.VALKEY))`.

        :param user: a user whose name differs from those in the group.
        :raises ValueError: for a user that AWS would refuse in this group.
        """
        require_same_environment(self, "user", user)
        users = (*self._users, user)
        added_default = None if user.user_name == "default" else self._added_default
        all_users = _all_users(users, added_default)
        update(self, {"UserIds": [user.user_id for user in all_users]}, words=WORDS, related=all_users)
        if added_default is not self._added_default:
            self.node.try_remove_child("DefaultUser")
        self._users, self._added_default = users, added_default

    @property
    def user_group_id(self) -> str:
        """The id of the user group. It is a token that makes resources depend on the group."""
        return reference_to(self)

    @property
    def users(self) -> tuple[UserBase, ...]:
        """The users that were passed to the constructor and to `add_user`."""
        return self._users

    @property
    def engine(self) -> Engine:
        """The engine of the caches that can use the group."""
        return self._engine

    @property
    def user_group_status(self) -> str:
        """The status that CloudFormation returns, such as `active`; a token."""
        return self._resource.attr_status

    @staticmethod
    def from_user_group_id(
        scope: Construct, id: str, user_group_id: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """Import a user group of the stack's account and region by its id.

        Example: `UserGroup.from_user_group_id(self, "Users", "orders", users=[user])`.

        :param user_group_id: letters, digits and hyphens.
        :param users: the users of the group that clients of this app use; `grant_connect` needs them.
        :raises ValueError: for an id that is malformed.
        """
        return UserGroup.from_user_group_attributes(scope, id, user_group_id=user_group_id, users=users)

    @staticmethod
    def from_user_group_arn(
        scope: Construct, id: str, user_group_arn: str, *, users: Sequence[UserBase] = ()
    ) -> UserGroupBase:
        """Import a user group by its ARN.

        Example: `UserGroup.from_user_group_arn(self, "Users", cdk.Fn.import_value("UsersArn"))`.

        :param user_group_arn: `arn:aws:elasticache:<region>:<account>:usergroup:<id>`.
        :param users: the users of the group that clients of this app use; `grant_connect` needs them.
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
        """Import a user group by its id or its ARN, with its engine.

        :param user_group_id: the id. Default: the id in the ARN.
        :param user_group_arn: the ARN, also from another account or region. Default: built from the id.
        :param engine: the engine of the caches that can use the group. Default: not known.
        :param users: the users of the group that clients of this app use; `grant_connect` needs them. Default: none.
        :raises ValueError: if both or neither of id and ARN are passed, or if one is malformed.
        """
        identity = imported(
            scope,
            id,
            kind="usergroup",
            name_prop="user_group_id",
            name=user_group_id,
            arn_prop="user_group_arn",
            arn=user_group_arn,
        )
        return _ImportedUserGroup(scope, id, identity, engine, tuple(users))


def _all_users(users: Sequence[UserBase], added_default: UserBase | None) -> tuple[UserBase, ...]:
    """The users, with the added `default` user."""
    return tuple(users) if added_default is None else (*users, added_default)


def _default_id(group_id: str) -> str | None:
    """The id of the added default user: the group id with a suffix; None if that would be too long."""
    id = f"{group_id}-default"
    return None if is_token(id) or len(id) > facts.limit("user_id_length", "max") else id


class _ImportedUserGroup(UserGroupBase):
    def __init__(
        self, scope: Construct, id: str, imported: Imported, engine: Engine | None, users: tuple[UserBase, ...]
    ) -> None:
        super().__init__(scope, id, imported=imported)
        self._id, self._known_engine, self._users = imported.name, engine, users

    @property
    def engine(self) -> Engine:
        if self._known_engine is None:
            refuse_unknown(self, "engine", "from_user_group_attributes")
        return self._known_engine

    @property
    def user_group_id(self) -> str:
        return self._id

    @property
    def users(self) -> tuple[UserBase, ...]:
        return self._users
