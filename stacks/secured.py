"""The fields of a cache that has users, keys and data to keep: every kind but Memcached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from constructs_lib import Access, Backup, CacheBase, CredentialRotation
from stacks.acknowledgements import acknowledge_rotation
from stacks.deployment import Deployment

REMOVAL: Final = {"snapshot": cdk.RemovalPolicy.SNAPSHOT, "destroy": cdk.RemovalPolicy.DESTROY}
_ACCESS: Final[dict[str, Callable[[], Access]]] = {
    "iam": Access.iam,
    "password": Access.password,
    "auth-token": Access.auth_token,
    "none": Access.none,
}


@dataclass(frozen=True, kw_only=True)
class SecuredDeployment(Deployment):
    """A cache with authentication, encryption at rest, automatic snapshots and a last snapshot.

    :param access: iam, password, auth-token or none. Default: iam.
    :param customer_managed_key: whether data is encrypted at rest with a KMS key of its own, about 1 USD a month.
    :param backup_retention_days: 0 to 35.
    :param snapshot_window: daily, `hh24:mi-hh24:mi` in UTC; a serverless cache takes its start. Default: the service
        chooses.
    :param removal: snapshot or destroy: what happens to the data when the stack is deleted.
    """

    access: Literal["iam", "password", "auth-token", "none"] = "iam"
    customer_managed_key: bool = False
    backup_retention_days: int = 15
    snapshot_window: str | None = None
    removal: Literal["snapshot", "destroy"] = "snapshot"

    @property
    def reads_secret(self) -> bool:
        """Whether the client reads a password or a token from Secrets Manager."""
        return self.access in ("auth-token", "password")

    def access_value(self) -> Access:
        """How clients authenticate."""
        return _ACCESS[self.access]()

    def backup_value(self) -> Backup:
        """Automatic snapshots."""
        return Backup(retention=cdk.Duration.days(self.backup_retention_days), window=self.snapshot_window)

    def removal_policy_value(self) -> cdk.RemovalPolicy:
        """What happens to the data."""
        return REMOVAL[self.removal]

    def key(self, stack: cdk.Stack) -> kms.IKey | None:
        """A key of its own, where the deployment asks for one."""
        if not self.customer_managed_key:
            return None
        return kms.Key(stack, "Key", description=f"Data of {stack.node.path}", enable_key_rotation=True)


@dataclass(frozen=True, kw_only=True)
class RotatedDeployment(SecuredDeployment):
    """A cache whose password or AUTH token can be rotated.

    :param rotation: whether it is rotated every 30 days, by a Lambda function in the VPC. A new VPC gets the interface
        endpoints that the function needs, about 7 USD a month each in each zone; an existing one must have ways to
        Secrets Manager and to the ElastiCache API.
    """

    rotation: bool = False

    def __post_init__(self) -> None:
        """Refuse a rotation of nothing."""
        super().__post_init__()
        if self.rotation and not self.reads_secret:
            raise ValueError(
                f"{self.name}: rotation must be false with access {self.access}, got true; "
                "choose -c access=password, or leave rotation out"
            )

    @property
    def rotates_secret(self) -> bool:
        """Whether a function rotates that secret."""
        return self.rotation

    def rotate(self, stack: cdk.Stack, cache: CacheBase, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> None:
        """Create the rotation, where the deployment asks for it."""
        if not self.rotation:
            return
        user = next(iter(cache.access.users), None)
        rotation = CredentialRotation(stack, "Rotation", vpc=vpc, vpc_subnets=vpc_subnets, cache=cache, user=user)
        acknowledge_rotation(rotation)


def removal_name(policy: cdk.RemovalPolicy) -> str:
    """The field's value of a removal policy."""
    return next(name for name, each in REMOVAL.items() if each is policy)
