"""Users of role-based access control (RBAC)."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.checking import check
from .._core.names import description, physical_name
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

_PROPS = {
    "UserId": "user_id",
    "UserName": "user_name",
    "AccessString": "access_string",
    "AuthenticationMode": "the user's class",
    "Engine": "engine",
    "Passwords": "passwords",
}


class _User(UserBase):
    """One user, whatever way it authenticates."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: Engine,
        access_string: AccessString | str,
        authentication: str,
        user_id: str | None,
        user_name: str | None,
    ) -> None:
        super().__init__(scope, id)
        self._user_id = user_id or physical_name(self.node.path)
        self._user_name = user_name or self._user_id
        mode: dict[str, object] = {"Type": authentication}
        passwords = self._passwords()
        if passwords:
            mode["Passwords"] = passwords
        self._engine, self._access_string = engine, access_string
        self._properties: dict[str, object] = {
            "UserId": self._user_id,
            "UserName": self._user_name,
            "Engine": engine.value,
            "AccessString": str(access_string),
            "AuthenticationMode": mode,
        }
        check(self, {"Resource": self.as_resource()}, only="Resource", names=_PROPS)
        self._resource = elasticache.CfnUser(
            self,
            "Resource",
            user_id=self._user_id,
            user_name=self._user_name,
            engine=engine.value,
            access_string=str(access_string),
            # The L1 writes the struct's key in lower case, CloudFormation wants `Type` (aws-cdk#28780).
            authentication_mode=mode,
        )

    def _passwords(self) -> list[str]:
        """What the template says of its passwords: references to a secret."""
        return []

    def as_resource(self) -> dict[str, object]:
        """The resource as the rules read it."""
        return {"Type": "AWS::ElastiCache::User", "Properties": self._properties}

    @property
    def engine(self) -> Engine:
        """The engine of its user groups."""
        return self._engine

    @property
    def access_string(self) -> str:
        """What it may do."""
        return str(self._access_string)

    @property
    def user_status(self) -> str:
        """The status that CloudFormation returns, such as `active`; a token."""
        return self._resource.attr_status

    @property
    def user_id(self) -> str:
        """The user's id; a reference, so that what uses it is created after it."""
        return self._resource.ref

    @property
    def user_name(self) -> str:
        """The name that a client gives when it connects."""
        return self._user_name


class IamUser(_User):
    """A user that authenticates with IAM: its password is a token of 15 minutes, signed by the client's role.

    Its name equals its id, as the service asks. Needs redis 7.0 or valkey, and TLS.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

    Example: `IamUser(self, "Reader", engine=Engine.VALKEY, access_string="on ~app:* +@read")`.

    :param engine: the engine of its user groups; a redis group holds redis users only.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param user_id: 1 to 40 letters, digits and hyphens, lower case. Default: made from the path.
    :raises ValueError: for an id that AWS would refuse.
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
            user_name=None,
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


class PasswordUser(_User):
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
    :param user_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
    :raises ValueError: for a name, an id or a password that AWS would refuse.
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
        self._secret = secret
        self._given_passwords = passwords
        super().__init__(
            scope,
            id,
            engine=engine,
            access_string=access_string,
            authentication="password",
            user_id=user_id,
            user_name=user_name,
        )

    def _passwords(self) -> list[str]:
        if self._given_passwords is not None:
            return own_passwords(self, self._given_passwords)
        if self._secret is None:
            self._secret = secretsmanager.Secret(
                self,
                "Secret",
                description=description("Password of", self),
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    secret_string_template=f'{{"username": "{self._user_name}"}}',
                    generate_string_key=PASSWORD_KEY,
                    password_length=64,
                    exclude_punctuation=True,
                ),
            )
        return [self._secret.secret_value_from_json(PASSWORD_KEY).unsafe_unwrap()]

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


class NoPasswordUser(_User):
    """A redis user without a password; for the `default` user that every redis user group holds.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param user_name: the name. Default: the id.
    :param access_string: what it may do. Default: `NO_ACCESS`, because anyone can be this user.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
    :raises ValueError: for an id that AWS would refuse.
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
