"""Users of role-based access control (RBAC)."""

from typing import Final

from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.checking import check
from .._core.names import description, format_arn, physical_name
from ..values.authentication import Authentication
from ..values.engine import Engine
from .access_string import AccessString, Category

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
}


class UserBase(Construct):
    """What a user group and a grant ask of a user, made here or imported."""

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
        return format_arn(self, "user", self.user_id)


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
        self._user_id = user_id or physical_name(self)
        self._user_name = user_name or self._user_id
        mode: dict[str, object] = {"Type": authentication}
        passwords = self._passwords()
        if passwords:
            mode["Passwords"] = passwords
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

    :param engine: the engine of its user groups; a redis group holds redis users only.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param user_id: 1 to 40 letters, digits and hyphens, lower case. Default: made from the path.
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
            user_name=None,
        )

    @property
    def authentication(self) -> Authentication:
        """IAM."""
        return Authentication.IAM

    @staticmethod
    def from_user_id(scope: Construct, id: str, user_id: str) -> UserBase:
        """A user that exists already."""
        return _ImportedUser(scope, id, user_id=user_id, user_name=user_id, authentication=Authentication.IAM)


class PasswordUser(_User):
    """A user with a name and a password, for clients that cannot sign with IAM.

    The password is 64 letters and digits, in Secrets Manager, with the name beside it. `CredentialRotation` changes
    it while both the old and the new one work.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param engine: the engine of its user groups.
    :param user_name: what clients give; not `default` for valkey. Default: the id.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param secret: a JSON object with `username` and `password` of 16 to 128 characters. Default: a new one.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
    :raises ValueError: for a name or an id that AWS would refuse; more than 40 characters are a warning (ADR 9).
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
        user_id: str | None = None,
    ) -> None:
        self._given_secret = secret
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
        self._secret = self._given_secret or secretsmanager.Secret(
            self,
            "Secret",
            description=description("Password of a cache user", self),
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
    def secret(self) -> secretsmanager.ISecret:
        """Where the password is."""
        return self._secret

    @staticmethod
    def from_user_attributes(
        scope: Construct, id: str, *, user_id: str, user_name: str, secret: secretsmanager.ISecret
    ) -> UserBase:
        """A user that exists already.

        :param secret: a JSON object whose `password` it connects with.
        """
        return _ImportedUser(
            scope, id, user_id=user_id, user_name=user_name, authentication=Authentication.PASSWORD, secret=secret
        )


class NoPasswordUser(_User):
    """A redis user without a password; for the `default` user that every redis user group holds.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param user_name: the name. Default: the id.
    :param access_string: what it may do. Default: `NO_ACCESS`, because anyone can be this user.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
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


class _ImportedUser(UserBase):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        user_id: str,
        user_name: str,
        authentication: Authentication,
        secret: secretsmanager.ISecret | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._user_id, self._user_name = user_id, user_name
        self._authentication, self._secret = authentication, secret

    @property
    def user_id(self) -> str:
        return self._user_id

    @property
    def user_name(self) -> str:
        return self._user_name

    @property
    def authentication(self) -> Authentication:
        return self._authentication

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        return self._secret
