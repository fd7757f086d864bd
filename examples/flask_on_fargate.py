"""Flask on Fargate with PostgreSQL: products cached in front of the database, and carts as sessions in the cache."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_rds as rds
from constructs import Construct

from constructs_lib import CacheClient, DatabaseCache, DatabaseTarget, ReplicationGroup

_USER = "shop"


class FlaskOnFargate(cdk.Stack):
    """The image is built from `examples/flask_shop`; the role of its task signs in to both with IAM.

    Before the first start, create the table, and the user: `CREATE ROLE shop LOGIN; GRANT rds_iam TO shop`.
    """

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        private = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        database = rds.DatabaseInstance(
            self,
            "Database",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17),
            instance_type=ec2.InstanceType("t4g.micro"),
            vpc=vpc,
            vpc_subnets=private,
            database_name="shop",
            iam_authentication=True,
            storage_encrypted=True,
            parameters={"rds.force_ssl": "1"},
        )
        cached = DatabaseCache(self, "Cache", database=database)
        service = self._service(vpc, private, database, cached.cache)
        cached.connections.allow_default_port_from(service, "shop")
        database.connections.allow_default_port_from(service, "shop")
        cached.grant_connect(service.task_definition.task_role, database_user=_USER)
        CacheClient(
            self,
            "Client",
            vpc=vpc,
            vpc_subnets=private,
            cache=cached.cache,
            database=DatabaseTarget.instance(database, user=_USER, name="shop"),
            on_failure="report",
        )

    def _service(
        self, vpc: ec2.Vpc, subnets: ec2.SubnetSelection, database: rds.DatabaseInstance, cache: object
    ) -> ecs.FargateService:
        if not isinstance(cache, ReplicationGroup):
            raise TypeError("the preset must be one of a replication group")
        task = ecs.FargateTaskDefinition(self, "Task", cpu=256, memory_limit_mib=512)
        task.add_container(
            "Shop",
            image=ecs.ContainerImage.from_asset(
                str(Path(__file__).parents[1]),
                file="examples/flask_shop/Dockerfile",
                exclude=["*", "!examples/__init__.py", "!examples/flask_shop", "!elasticache_caching"],
                ignore_mode=cdk.IgnoreMode.DOCKER,
                platform=ecr_assets.Platform.LINUX_AMD64,
            ),
            port_mappings=[ecs.PortMapping(container_port=8000)],
            logging=ecs.LogDrivers.aws_logs(stream_prefix="shop"),
            environment={
                "CACHE_HOST": cache.primary_endpoint.address,
                "CACHE_PORT": str(cache.port),
                "CACHE_NAME": cache.cache_name,
                "CACHE_USER": cache.access.users[0].user_name,
                "DATABASE_AUTHORITIES": "/etc/rds.pem",
                "DATABASE_HOST": database.db_instance_endpoint_address,
                "DATABASE_NAME": "shop",
                "DATABASE_PORT": database.db_instance_endpoint_port,
                "DATABASE_USER": _USER,
            },
        )
        return ecs.FargateService(
            self,
            "Service",
            cluster=ecs.Cluster(self, "Cluster", vpc=vpc),
            task_definition=task,
            vpc_subnets=subnets,
            desired_count=2,
            min_healthy_percent=50,
        )


if __name__ == "__main__":
    app = cdk.App()
    FlaskOnFargate(app, "FlaskOnFargate")
    app.synth()
