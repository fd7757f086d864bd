"""A Lambda function as a client, which signs IAM tokens with its role and connects with TLS."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib import Network, ServerlessCache


class LambdaClient(cdk.Stack):
    """The function returns the answer of the cache to PING; see `examples/lambda_client_function`."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ServerlessCache(self, "Cache", vpc=network.vpc)
        function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(Path(__file__).parent / "lambda_client_function")),
            timeout=cdk.Duration.seconds(10),
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            allow_all_outbound=False,
            environment={
                "CACHE_HOST": cache.endpoint.address,
                "CACHE_PORT": str(cache.endpoint.port),
                "CACHE_NAME": cache.serverless_cache_name,
                "CACHE_USER": cache.access.users[0].user_name,
                "SERVERLESS": "true",
            },
        )
        function.connections.allow_to_default_port(cache)
        cache.grants.connect(function)


if __name__ == "__main__":
    app = cdk.App()
    LambdaClient(app, "LambdaClient")
    app.synth()
