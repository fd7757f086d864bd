"""Users of role-based access control (RBAC)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.names import description, physical_name
from .._core.resource import create, reference_to
from .._core.words import Words
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import DATA_ACCESS, NO_ACCESS, AccessString
from .passwords import own_passwords
from .user_base import ImportedUser, UserBase

PASSWORD_KEY: Final = "password"  # noqa: S105 - the name of a key
"""The key of the password in the secret of a user, which is a JSON object."""

WORDS: Final = Words(
    {
        "UserId": "user_id",
        "UserName": "user_name",
        "AccessString": "access_string",
        "Engine": "engine",
        "Passwords": "passwords",
    }
)


class _CreatedUser(UserBase):
    """The base class of the users of this app.

    :param authentication: the type of the authentication mode in the ElastiCache API.
    :param secret: returns the secret with the password of the user, from the user and its name; it may create it.
    :param passwords: the passwords of the user. Default: the password in the secret.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: Engine,
        access_string: AccessString | str,
        authentication: str,
        user_id: str | None,
        user_name: str | None = None,
        secret: Callable[[Construct, str], secretsmanager.ISecret | None] | None = None,
        passwords: Sequence[cdk.SecretValue] | None = None,
    ) -> None:
        super().__init__(scope, id)
        own_id = physical_name(self) if user_id is None else user_id
        self._user_name = own_id if user_name is None else user_name
        self._engine, self._access_string = engine, str(access_string)
        self._secret = secret(self, self._user_name) if secret else None
        # CloudFormation needs capitalized keys, but the struct of the L1 writes `type` (aws-cdk#28780).
        mode: dict[str, Any] = {
            "Type": authentication,
            "Passwords": own_passwords(self, passwords) if passwords is not None else _passwords_in(self._secret),
        }
        self._resource = create(
            self,
            elasticache.CfnUser,
            {
                "UserId": own_id,
                "UserName": self._user_name,
                "Engine": engine.value,
                "AccessString": self._access_string,
                "AuthenticationMode": mode,
            },
            words=WORDS,
        )

    @property
    def engine(self) -> Engine:
        """The engine of the user groups that can contain the user."""
        return self._engine

    @property
    def access_string(self) -> str:
        """The access string, as it is written to the template."""
        return self._access_string

    @property
    def user_status(self) -> str:
        """The status that CloudFormation returns, such as `active`; a token."""
        return self._resource.attr_status

    @property
    def user_id(self) -> str:
        """The id of the user. It is a token that makes resources depend on the user."""
        return reference_to(self)

    @property
    def user_name(self) -> str:
        """The name with which clients authenticate."""
        return self._user_name


class IamUser(_CreatedUser):
    """A user that authenticates with IAM: clients sign a token with their role, which is valid for 15 minutes.

    The user name is the user id, as ElastiCache requires. Needs redis 7.0 or valkey, and TLS.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

    ```python
    reader = IamUser(self, "Reader", engine=Engine.VALKEY, access_string="on ~app:* +@read")
    reader.grant_connect(role)
    ```

    :param engine: the engine of its user groups; a redis user group can contain only redis users.
    :param access_string: the permissions of the user. Default: `DATA_ACCESS`.
    :param user_id: 1 to 40 lower case letters, digits and hyphens. Default: generated from the stack name and the
        construct path.
    :raises ValueError: for an id that AWS would refuse. An id of more than 40 characters is a warning (ADR 9).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: Engine,
        access_string: AccessString | str = DATA_ACCESS,
        user_id: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            engine=engine,
            access_string=access_string,
            authentication="iam",
            user_id=user_id,
        )

    @property
    def authentication(self) -> Authentication:
        """Always `Authentication.IAM`."""
        return Authentication.IAM

    @staticmethod
    def from_user_id(scope: Construct, id: str, user_id: str) -> UserBase:
        """Import a user of the stack's account and region by its id.

        Example: `IamUser.from_user_id(self, "Orders", "orders").grant_connect(role)`.

        :param user_id: letters, digits and hyphens. It is also the user name.
        :raises ValueError: for an id that is malformed.
        """
        return ImportedUser(scope, id, user_id=user_id, authentication=Authentication.IAM)

    @staticmethod
    def from_user_arn(scope: Construct, id: str, user_arn: str) -> UserBase:
        """Import a user by its ARN, also from another account or region.

        Example: `IamUser.from_user_arn(self, "Orders", cdk.Fn.import_value("OrdersUserArn"))`.

        :param user_arn: `arn:aws:elasticache:<region>:<account>:user:<id>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return ImportedUser(scope, id, user_arn=user_arn, authentication=Authentication.IAM)


class PasswordUser(_CreatedUser):
    """A user with a name and a password, for clients that do not support IAM authentication.

    By default a new secret in Secrets Manager contains the user name and a password of 64 letters and digits.
    `CredentialRotation` rotates it without an interruption. Pass your own passwords as `SecretValue`: CDK writes
    dynamic references to the template, unless the values are plain text.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    ```python
    report = PasswordUser(self, "Report", engine=Engine.VALKEY, access_string="on ~report:* +@read")
    report.secret.grant_read(role)
    ```

    :param engine: the engine of its user groups; a redis user group can contain only redis users.
    :param user_name: the name with which clients authenticate; not `default` for valkey. Default: the id.
    :param access_string: the permissions of the user. Default: `DATA_ACCESS`.
    :param secret: a secret that clients read: a JSON object with `username`, and `password` of 16 to 128 characters.
        Default: a new secret, or none if `passwords` is set.
    :param passwords: one or two passwords of 16 to 128 characters. Two are valid at the same time, so that clients can
        move from one to the other. Default: the password in `secret`.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack name and the construct path.
    :raises ValueError: for a name, an id or a password that AWS would refuse. An id of more than 40 characters is a
        warning (ADR 9).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: Engine,
        user_name: str | None = None,
        access_string: AccessString | str = DATA_ACCESS,
        secret: secretsmanager.ISecret | None = None,
        passwords: Sequence[cdk.SecretValue] | None = None,
        user_id: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            engine=engine,
            access_string=access_string,
            authentication="password",
            user_id=user_id,
            user_name=user_name,
            secret=lambda user, name: _generated_secret(user, name) if secret is None and passwords is None else secret,
            passwords=passwords,
        )

    @property
    def authentication(self) -> Authentication:
        """Always `Authentication.PASSWORD`."""
        return Authentication.PASSWORD

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret with the password, for clients; None if only `passwords` is set."""
        return self._secret

    @staticmethod
    def from_user_attributes(
        scope: Construct,
        id: str,
        *,
        user_id: str | None = None,
        user_arn: str | None = None,
        user_name: str | None = None,
        secret: secretsmanager.ISecret | None = None,
    ) -> UserBase:
        """Import a user by its id or its ARN.

        Example: `PasswordUser.from_user_attributes(self, "Reader", user_id="reader", secret=secret)`.

        :param user_id: the id. Default: the id in the ARN.
        :param user_arn: the ARN, also from another account or region. Default: built from the id.
        :param user_name: the name with which clients authenticate. Default: the id.
        :param secret: a secret with a JSON object whose key `password` has the password. Default: none; clients get the
            password in another way.
        :raises ValueError: if both or neither of id and ARN are passed, or if one is malformed.
        """
        return ImportedUser(
            scope,
            id,
            user_id=user_id,
            user_arn=user_arn,
            user_name=user_name,
            authentication=Authentication.PASSWORD,
            secret=secret,
        )


class NoPasswordUser(_CreatedUser):
    """A redis user without a password; for the user `default` that every redis user group must contain.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    ```python
    off = NoPasswordUser(self, "Default", user_name="default")
    orders = IamUser(self, "Orders", engine=Engine.REDIS)
    UserGroup(self, "Users", engine=Engine.REDIS, users=[off, orders])
    ```

    :param user_name: the name with which clients authenticate. Default: the id.
    :param access_string: the permissions of the user. Default: `NO_ACCESS`, because no password protects this user.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack name and the construct path.
    :raises ValueError: for an id that AWS would refuse. An id of more than 40 characters is a warning (ADR 9).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        user_name: str | None = None,
        access_string: AccessString | str = NO_ACCESS,
        user_id: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            engine=Engine.REDIS,
            access_string=access_string,
            authentication="no-password-required",
            user_id=user_id,
            user_name=user_name,
        )


def _passwords_in(secret: secretsmanager.ISecret | None) -> list[str] | None:
    return None if secret is None else [secret.secret_value_from_json(PASSWORD_KEY).unsafe_unwrap()]


def _generated_secret(user: Construct, name: str) -> secretsmanager.ISecret:
    return secretsmanager.Secret(
        user,
        "Secret",
        description=description("Password of a cache user", user),
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=f'{{"username": "{name}"}}',
            generate_string_key=PASSWORD_KEY,
            password_length=64,
            exclude_punctuation=True,
        ),
    )
