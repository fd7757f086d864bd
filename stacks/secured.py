"""The fields for authentication, encryption and backups, of all kinds except Memcached clusters."""

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
    """A cache with authentication, encryption at rest, automatic snapshots and a final snapshot.

    :param access: iam, password, auth-token or none. Default: iam.
    :param customer_managed_key: whether data is encrypted at rest with a new KMS key, about 1 USD a month.
    :param backup_retention_days: how long automatic snapshots are kept, 0 to 35 days.
    :param snapshot_window: daily, `hh24:mi-hh24:mi` in UTC; a serverless cache uses the start of it. Default:
        ElastiCache chooses.
    :param removal: snapshot or destroy: what happens to the data when the stack is deleted.
    """

    access: Literal["iam", "password", "auth-token", "none"] = "iam"
    customer_managed_key: bool = False
    backup_retention_days: int = Backup().retention_days
    snapshot_window: str | None = None
    removal: Literal["snapshot", "destroy"] = "snapshot"

    @property
    def reads_secret(self) -> bool:
        """Whether the client reads a password or a token from Secrets Manager."""
        return self.access in ("auth-token", "password")

    def access_value(self) -> Access:
        """The authentication of clients."""
        return _ACCESS[self.access]()

    def backup_value(self) -> Backup:
        """The automatic snapshots."""
        return Backup(retention=cdk.Duration.days(self.backup_retention_days), window=self.snapshot_window)

    def removal_policy_value(self) -> cdk.RemovalPolicy:
        """The removal policy of the cache."""
        return REMOVAL[self.removal]

    def key(self, stack: cdk.Stack) -> kms.IKey | None:
        """A new KMS key; None without `customer_managed_key`."""
        if not self.customer_managed_key:
            return None
        return kms.Key(stack, "Key", description=f"Data of {stack.node.path}", enable_key_rotation=True)


@dataclass(frozen=True, kw_only=True)
class RotatedDeployment(SecuredDeployment):
    """A cache whose password or AUTH token can be rotated.

    :param rotation: whether it is rotated every 30 days, by a Lambda function in the VPC. A new VPC gets the interface
        endpoints that the function needs, for about 7 USD a month each per Availability Zone. An existing VPC needs
        routes to Secrets Manager and the ElastiCache API.
    """

    rotation: bool = False

    def __post_init__(self) -> None:
        """Check that a rotation has a password or a token to rotate."""
        super().__post_init__()
        if self.rotation and not self.reads_secret:
            raise ValueError(
                f"{self.name}: rotation must be false with access {self.access}, got true; "
                "choose -c access=password, or leave rotation out"
            )

    @property
    def rotates_secret(self) -> bool:
        """Whether the deployment rotates that secret."""
        return self.rotation

    def rotate(self, stack: cdk.Stack, cache: CacheBase, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> None:
        """Create the rotation, if the deployment has one."""
        if not self.rotation:
            return
        user = next(iter(cache.access.users), None)
        rotation = CredentialRotation(stack, "Rotation", vpc=vpc, vpc_subnets=vpc_subnets, cache=cache, user=user)
        acknowledge_rotation(rotation)


def removal_name(policy: cdk.RemovalPolicy) -> str:
    """The value of the field `removal` for a removal policy."""
    return next(name for name, removal in REMOVAL.items() if removal is policy)
