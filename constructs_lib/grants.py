"""Permissions on a replication group."""

from dataclasses import dataclass
from typing import Final, final

from aws_cdk import aws_iam as iam

from constructs_lib.access import Authentication, BoundAccess

CONNECT_ACTION: Final = "elasticache:Connect"


@final
@dataclass(frozen=True, slots=True)
class ReplicationGroupGrants:
    """What a role may be given.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

    :param path: the replication group's construct path, for messages.
    :param replication_group_arn: the group.
    :param access: how clients authenticate.
    """

    path: str
    replication_group_arn: str
    access: BoundAccess

    def connect(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a role authenticate, in the way that this group asks for.

        With IAM: `elasticache:Connect` on both the group and its users. With an AUTH token: to read its secret.

        :raises ValueError: when a role cannot be given that, because users have passwords or none.
        """
        if self.access.secret is not None:
            return self.access.secret.grant_read(grantee)
        if self.access.authentication is not Authentication.IAM:
            raise ValueError(
                f"{self.path}: grants.connect must be called on a cache whose access is IAM or an AUTH token, "
                f"got {self.access.authentication}; hand the client its credentials, or use Access.iam()"
            )
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[CONNECT_ACTION],
            resource_arns=[self.replication_group_arn, *(user.user_arn for user in self.access.users)],
        )
