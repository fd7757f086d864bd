"""The authentication of one cache, with what it renders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

from aws_cdk import aws_secretsmanager as secretsmanager

from ..values.authentication import Authentication
from .user_base import UserBase
from .user_group import UserGroupBase


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAccess:
    """The authentication of one cache, with its users or its AUTH token.

    ```python
    for user in cache.access.current().users:
        cdk.CfnOutput(self, f"User-{user.node.id}", value=user.user_id)
    ```

    :param authentication: the mechanism.
    :param user_group: the user group of the cache. Default: none.
    :param users: the users that clients may connect as; a client uses the first by default.
    :param secret: the secret with the AUTH token. Default: none.
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
        """The same with the current users of the user group, because `UserGroup.add_user` may have added some."""
        if self.user_group is None or self.user_group.users == self.users:
            return self
        return of_user_group(self.user_group)


def common_authentication(users: Sequence[UserBase]) -> Authentication:
    """The authentication of all users if they share one, otherwise `USERS`."""
    kinds = {user.authentication for user in users}
    return kinds.pop() if len(kinds) == 1 else Authentication.USERS


def of_user_group(group: UserGroupBase) -> BoundAccess:
    """The access of a user group; its authentication is `USERS` if the users authenticate in different ways."""
    return BoundAccess(authentication=common_authentication(group.users), user_group=group, users=group.users)
