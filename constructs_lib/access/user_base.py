"""The base class of users, and imported users."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.checking import problem
from .._core.imports import imported
from ..values.authentication import Authentication
from .permissions import CONNECT_ACTION, allow, read_secret


class UserBase(AwsResource):
    """A user, created in this app or imported.

    ```python
    orders = IamUser.from_user_id(self, "Orders", "orders")
    orders.grant_connect(role)
    ```
    """

    @property
    def authentication(self) -> Authentication:
        """The authentication mechanism; `USERS` if it is not known."""
        return Authentication.USERS

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret with the password in the key `password`; None if there is none."""
        return None

    @property
    def user_id(self) -> str:
        """The id of the user; a token unless it is imported by a literal id."""
        raise NotImplementedError

    @property
    def user_name(self) -> str:
        """The name with which clients authenticate."""
        raise NotImplementedError

    @property
    def user_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:user:<id>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("user", self.user_id)

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role to call ElastiCache API actions on this user.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `user.grant(role, "elasticache:DescribeUsers")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.user_arn])

    def grant_connect(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a role to authenticate as this user.

        With IAM, this allows `elasticache:Connect` on the user. IAM also needs that action on the cache;
        `cache.grant_connect(role)` allows both. With a password, this allows reading the secret.

        :raises ValueError: for a user without a password, or whose password is not in a secret.
        """
        if self.authentication is Authentication.IAM:
            return allow(self.node.path, grantee, [CONNECT_ACTION], [self.user_arn])
        if self.secret is None:
            raise problem(
                self,
                "grant_connect needs a user with IAM authentication or with a password in a secret, and the "
                f"authentication is {self.authentication.value} without a secret",
                "use an IamUser, or a PasswordUser with secret",
            )
        return read_secret(self.secret, grantee)


class ImportedUser(UserBase):
    """An imported user; created by the `from_...` methods of the user classes."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        user_id: str | None = None,
        user_arn: str | None = None,
        user_name: str | None = None,
        authentication: Authentication,
        secret: secretsmanager.ISecret | None = None,
    ) -> None:
        identity = imported(
            scope, id, kind="user", name_prop="user_id", name=user_id, arn_prop="user_arn", arn=user_arn
        )
        super().__init__(scope, id, imported=identity)
        self._user_id, self._user_name = identity.name, user_name or identity.name
        self._authentication, self._secret = authentication, secret

    @property
    def user_id(self) -> str:
        """The id that was passed to the import, or the id in the ARN."""
        return self._user_id

    @property
    def user_name(self) -> str:
        """The name with which clients authenticate."""
        return self._user_name

    @property
    def authentication(self) -> Authentication:
        """The authentication mechanism; it depends on the class that imported the user."""
        return self._authentication

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret with the password; None if none was passed to the import."""
        return self._secret
