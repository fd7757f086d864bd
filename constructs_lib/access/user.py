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
from .access_string import AccessString, Category
from .passwords import own_passwords
from .user_base import ImportedUser, UserBase

DATA_ACCESS: Final = (
    AccessString.on()
    .keys("*")
    .channels("*")
    .allow(Category.ALL)
    .deny(Category.DANGEROUS)
    .allow("info", "cluster|slots", "cluster|shards", "cluster|nodes", "cluster|info")
)
"""Every key and channel, every command that is not dangerous, and what cluster clients ask of a node."""

NO_ACCESS: Final = AccessString.off().deny(Category.ALL)
"""Switched off, and without a single command."""

PASSWORD_KEY: Final = "password"  # noqa: S105 - the name of a key
"""Where a user's secret, a JSON object, holds the password."""

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
    """One user, whatever way it authenticates.

    :param authentication: the type of its authentication mode.
    :param secret: for a user of this name, the secret that clients read its password from; it may be created below the
        user.
    :param passwords: passwords of the caller's own. Default: the one in the secret.
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
        # CloudFormation wants the keys in capitals; the L1's struct writes `type` (aws-cdk#28780), and takes JSON.
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
        """The engine of its user groups."""
        return self._engine

    @property
    def access_string(self) -> str:
        """What it may do."""
        return self._access_string

    @property
    def user_status(self) -> str:
        """The status that CloudFormation returns, such as `active`; a token."""
        return self._resource.attr_status

    @property
    def user_id(self) -> str:
        """The user's id; a reference, so that what uses it is created after it."""
        return reference_to(self)

    @property
    def user_name(self) -> str:
        """The name that a client gives when it connects."""
        return self._user_name


class IamUser(_CreatedUser):
    """A user that authenticates with IAM: its password is a token of 15 minutes, signed by the client's role.

    Its name equals its id, as the service asks. Needs redis 7.0 or valkey, and TLS.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

    Example: `IamUser(self, "Reader", engine=Engine.VALKEY, access_string="on ~app:* +@read")`.

    :param engine: the engine of its user groups; a redis group holds redis users only.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param user_id: 1 to 40 letters, digits and hyphens, lower case. Default: generated from the stack's name and the
        path.
    :raises ValueError: for an id that AWS would refuse; more than 40 characters are a warning (ADR 9).
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
        """IAM."""
        return Authentication.IAM

    @staticmethod
    def from_user_id(scope: Construct, id: str, user_id: str) -> UserBase:
        """A user of the stack's account and region that exists already.

        Example: `IamUser.from_user_id(self, "Orders", "orders").grant_connect(role)`.

        :param user_id: letters, digits and hyphens; the name of an IAM user is the same.
        :raises ValueError: for an id that is malformed.
        """
        return ImportedUser(scope, id, user_id=user_id, authentication=Authentication.IAM)

    @staticmethod
    def from_user_arn(scope: Construct, id: str, user_arn: str) -> UserBase:
        """A user that exists already, also of another account or region.

        Example: `IamUser.from_user_arn(self, "Orders", cdk.Fn.import_value("OrdersUserArn"))`.

        :param user_arn: `arn:aws:elasticache:<region>:<account>:user:<id>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return ImportedUser(scope, id, user_arn=user_arn, authentication=Authentication.IAM)


class PasswordUser(_CreatedUser):
    """A user with a name and a password, for clients that cannot sign with IAM.

    By default the password is 64 letters and digits, in Secrets Manager, with the name beside it. `CredentialRotation`
    changes it while both the old and the new one work. Passwords of your own come as `SecretValue`, so that CDK keeps
    them out of the template unless they are plain text.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    Example: `PasswordUser(self, "Reader", engine=Engine.VALKEY, passwords=[secret.secret_value_from_json("key")])`.

    :param engine: the engine of its user groups.
    :param user_name: what clients give; not `default` for valkey. Default: the id.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param secret: a JSON object with `username` and `password` of 16 to 128 characters, which clients read. Default: a
        new one, or none with `passwords`.
    :param passwords: one or two passwords of 16 to 128 characters; both are valid, so that clients can change from one
        to the other. Default: the one in `secret`.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack's name and the path.
    :raises ValueError: for a name, an id or a password that AWS would refuse; more than 40 characters in the id are a
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
        """A password."""
        return Authentication.PASSWORD

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret that clients read the password from; None with `passwords` alone."""
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
        """A user that exists already.

        Example: `PasswordUser.from_user_attributes(self, "Reader", user_id="reader", secret=secret)`.

        :param user_id: its id. Default: the one in the ARN.
        :param user_arn: its ARN, also of another account or region. Default: made from the id.
        :param user_name: the name that clients give. Default: the id.
        :param secret: a JSON object whose `password` it connects with. Default: clients are given it in another way.
        :raises ValueError: for neither an id nor an ARN, for both, and for one that is malformed.
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
    """A redis user without a password; for the `default` user that every redis user group holds.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param user_name: the name. Default: the id.
    :param access_string: what it may do. Default: `NO_ACCESS`, because anyone can be this user.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: generated from the stack's name and the path.
    :raises ValueError: for an id that AWS would refuse; more than 40 characters are a warning (ADR 9).
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
