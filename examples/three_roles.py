"""Role-based access control with three roles: an application, a report, and monitoring."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import (
    Access,
    AccessString,
    CacheClient,
    Category,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    KeyAccess,
    Network,
    PasswordUser,
    ReplicationGroup,
    UserGroup,
)


class ThreeRoles(cdk.Stack):
    """The application uses IAM, the report a rotated password, and monitoring can only read statistics."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        # The rotation function calls both APIs from an isolated subnet.
        network = Network(self, "Network", secrets_manager_endpoint=True, elasticache_endpoint=True)
        application = IamUser(
            self,
            "Application",
            engine=Engine.VALKEY,
            access_string=AccessString.on()
            .keys("*")
            .channels("*")
            .allow(Category.READ, Category.WRITE, Category.CONNECTION, Category.PUBSUB, "info", "cluster|slots"),
        )
        report = PasswordUser(
            self,
            "Report",
            engine=Engine.VALKEY,
            user_name="report",
            access_string=AccessString.on()
            .keys("orders:*", access=KeyAccess.READ)
            .allow(Category.READ, Category.CONNECTION)
            .deny("keys"),
        )
        operator = IamUser(
            self,
            "Operator",
            engine=Engine.VALKEY,
            access_string=AccessString.on().allow(
                Category.CONNECTION, "info", "slowlog|get", "latency|latest", "memory|usage"
            ),
        )
        users = UserGroup(self, "Users", engine=Engine.VALKEY, users=[application, report, operator])
        cache = ReplicationGroup(
            self, "Cache", vpc=network.vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(users)
        )
        CredentialRotation(self, "Rotation", vpc=network.vpc, cache=cache, user=report)
        CacheClient(self, "Client", vpc=network.vpc, cache=cache, user=application)


if __name__ == "__main__":
    app = cdk.App()
    ThreeRoles(app, "ThreeRoles")
    app.synth()
