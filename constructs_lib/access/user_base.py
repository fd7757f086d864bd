"""What other constructs ask of a user, created here or imported."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.checking import error
from .._core.imports import imported
from ..values.authentication import Authentication
from .permissions import CONNECT_ACTION, allow, read_secret


class UserBase(AwsResource):
    """What a user group and a grant ask of a user, created here or imported."""

    @property
    def authentication(self) -> Authentication:
        """How it authenticates; `USERS` where that is not known."""
        return Authentication.USERS

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """Where its password is, with the key `password`; None for a user without one."""
        return None

    @property
    def user_id(self) -> str:
        """The user's id."""
        raise NotImplementedError

    @property
    def user_name(self) -> str:
        """The name that a client gives when it connects."""
        raise NotImplementedError

    @property
    def user_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:user:<id>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("user", self.user_id)

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role ElastiCache actions on this user.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `user.grant(role, "elasticache:DescribeUsers")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.user_arn])

    def grant_connect(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a role authenticate as this user.

        With IAM: `elasticache:Connect` on the user. AWS asks for the same action on the cache, which
        `cache.grant_connect(role)` gives together with it. With a password: reading the secret.

        :raises ValueError: for a user whose password is in no secret, or that has none.
        """
        if self.authentication is Authentication.IAM:
            return allow(self.node.path, grantee, [CONNECT_ACTION], [self.user_arn])
        if self.secret is None:
            raise error(
                self,
                "grant_connect",
                "be called on a user that authenticates with IAM or with a password in a secret",
                self.authentication.value,
                "use an IamUser, or a PasswordUser with secret",
            )
        return read_secret(self.secret, grantee)


class ImportedUser(UserBase):
    """What the `from_...` methods of the users return."""

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
        given = imported(scope, id, kind="user", name_prop="user_id", name=user_id, arn_prop="user_arn", arn=user_arn)
        super().__init__(scope, id, imported=given)
        self._user_id, self._user_name = given.name, user_name or given.name
        self._authentication, self._secret = authentication, secret

    @property
    def user_id(self) -> str:
        """The id that it was imported by."""
        return self._user_id

    @property
    def user_name(self) -> str:
        """The name that a client gives when it connects."""
        return self._user_name

    @property
    def authentication(self) -> Authentication:
        """How it authenticates."""
        return self._authentication

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret that clients read its password from, where that was given."""
        return self._secret
