"""Existing VPC: the cache and its client are created in existing subnets."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheClient, ReplicationGroup


class OwnVpc(cdk.Stack):
    """The ids are examples; the subnets need an S3 gateway endpoint, or another route to S3."""

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
        cache = ReplicationGroup(self, "Cache", vpc=vpc)
        CacheClient(self, "Client", vpc=vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    OwnVpc(app, "OwnVpc")
    app.synth()
