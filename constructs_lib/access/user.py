"""Users of role-based access control (RBAC)."""

from collections.abc import Callable
from typing import Any, Final

from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.names import description, format_arn, physical_name
from .._core.resource import create, reference_to
from .._core.words import Words
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

WORDS: Final = Words(
    {
        "UserId": "user_id",
        "UserName": "user_name",
        "AccessString": "access_string",
        "Engine": "engine",
    }
)


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


class _CreatedUser(UserBase):
    """One user, whatever way it authenticates.

    :param authentication: the type of its authentication mode.
    :param secret: for a user of this name, the secret that holds its password; it may be created below the user.
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
        secret: Callable[[Construct, str], secretsmanager.ISecret] | None = None,
    ) -> None:
        super().__init__(scope, id)
        own_id = user_id or physical_name(self.node.path)
        self._user_name = user_name or own_id
        self._secret = secret(self, self._user_name) if secret else None
        # CloudFormation wants the keys in capitals; the L1's struct writes `type` (aws-cdk#28780), and takes JSON.
        mode: dict[str, Any] = {
            "Type": authentication,
            "Passwords": [self._secret.secret_value_from_json(PASSWORD_KEY).unsafe_unwrap()] if self._secret else None,
        }
        create(
            self,
            elasticache.CfnUser,
            {
                "UserId": own_id,
                "UserName": self._user_name,
                "Engine": engine.value,
                "AccessString": str(access_string),
                "AuthenticationMode": mode,
            },
            words=WORDS,
        )

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
        )

    @property
    def authentication(self) -> Authentication:
        """IAM."""
        return Authentication.IAM

    @staticmethod
    def from_user_id(scope: Construct, id: str, user_id: str) -> UserBase:
        """A user that exists already.

        :param user_id: its id, which is its name as well.
        """
        return _ImportedUser(scope, id, user_id=user_id, user_name=user_id, authentication=Authentication.IAM)


class PasswordUser(_CreatedUser):
    """A user with a name and a password, for clients that cannot sign with IAM.

    The password is 64 letters and digits, in Secrets Manager, with the name beside it. `CredentialRotation` changes
    it while both the old and the new one work.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    :param engine: the engine of its user groups.
    :param user_name: what clients give; not `default` for valkey. Default: the id.
    :param access_string: what it may do. Default: `DATA_ACCESS`.
    :param secret: a JSON object with `username` and `password` of 16 to 128 characters. Default: a new one.
    :param user_id: 1 to 40 letters, digits and hyphens. Default: made from the path.
    :raises ValueError: for a name or an id that AWS would refuse.
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
        super().__init__(
            scope,
            id,
            engine=engine,
            access_string=access_string,
            authentication="password",
            user_id=user_id,
            user_name=user_name,
            secret=lambda user, name: secret or _generated_secret(user, name),
        )

    @property
    def authentication(self) -> Authentication:
        """A password."""
        return Authentication.PASSWORD

    @property
    def secret(self) -> secretsmanager.ISecret:
        """Where the password is."""
        assert self._secret is not None  # noqa: S101 - the constructor passes a secret
        return self._secret

    @staticmethod
    def from_user_attributes(
        scope: Construct, id: str, *, user_id: str, user_name: str, secret: secretsmanager.ISecret
    ) -> UserBase:
        """A user that exists already.

        :param user_id: its id.
        :param user_name: the name that clients give.
        :param secret: a JSON object whose `password` it connects with.
        """
        return _ImportedUser(
            scope, id, user_id=user_id, user_name=user_name, authentication=Authentication.PASSWORD, secret=secret
        )


class NoPasswordUser(_CreatedUser):
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


def _generated_secret(user: Construct, name: str) -> secretsmanager.ISecret:
    return secretsmanager.Secret(
        user,
        "Secret",
        description=description("Password of", user),
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=f'{{"username": "{name}"}}',
            generate_string_key=PASSWORD_KEY,
            password_length=64,
            exclude_punctuation=True,
        ),
    )
