"""A cache for a database that exists: in its VPC, for those who use it."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from constructs_lib import CacheClient, DatabaseCache, DatabaseTarget


class ExistingDatabase(cdk.Stack):
    """The ids are examples; the database needs IAM authentication for the client to test it."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"],
            private_subnet_route_table_ids=["rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60722"],
        )
        database = rds.DatabaseInstance.from_database_instance_attributes(
            self,
            "Database",
            instance_identifier="shop",
            instance_endpoint_address="shop.abc123.eu-west-1.rds.amazonaws.com",
            instance_resource_id="db-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            port=5432,
            security_groups=[ec2.SecurityGroup.from_security_group_id(self, "Group", "sg-0123456789abcdef0")],
        )
        application = ec2.SecurityGroup.from_security_group_id(self, "Application", "sg-0fedcba9876543210")
        cached = DatabaseCache(
            self,
            "Cache",
            database=database,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=vpc.private_subnets),
            clients=[application],
        )
        CacheClient(
            self,
            "Client",
            vpc=vpc,
            cache=cached.cache,
            database=DatabaseTarget.instance(database, user="shop_admin", name="shop"),
        )


if __name__ == "__main__":
    app = cdk.App()
    ExistingDatabase(app, "ExistingDatabase")
    app.synth()
