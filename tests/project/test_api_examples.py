"""The examples of the API pages: each public class has one, and each one runs and synthesises."""

import ast
import inspect
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns

import constructs_lib as lib
from scripts.api_docs import classes, example

CLASSES = classes()


class Region(cdk.Stack):
    """A stack with a VPC."""

    def __init__(self, app: cdk.App, region: str) -> None:
        super().__init__(app, f"Orders-{region}", env=cdk.Environment(region=region, account="111122223333"))
        self.vpc = lib.Network(self, "Network").vpc


def clustered(self: cdk.Stack) -> object:
    return lib.ReplicationGroup(
        self,
        "ExistingClustered",
        vpc=network(self),
        engine=lib.EngineVersion.VALKEY_8_2,
        node_type=lib.NodeType.R7G_LARGE,
        cluster_mode=lib.ClusterMode.enabled(shards=2, replicas_per_shard=1),
    )


def network(self: cdk.Stack) -> ec2.IVpc:
    found = self.node.try_find_child("ExistingNetwork")
    created = found if isinstance(found, lib.Network) else lib.Network(self, "ExistingNetwork")
    return created.vpc


def cache(self: cdk.Stack) -> lib.ReplicationGroup:
    found = self.node.try_find_child("ExistingCache")
    if isinstance(found, lib.ReplicationGroup):
        return found
    return lib.ReplicationGroup(
        self, "ExistingCache", vpc=network(self), engine=lib.EngineVersion.VALKEY_8_2, access=lib.Access.iam()
    )


def database(self: cdk.Stack) -> rds.IDatabaseInstance:
    engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_6)
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return rds.DatabaseInstance(
        self, "ExistingDatabase", engine=engine, vpc=network(self), vpc_subnets=subnets, iam_authentication=True
    )


def global_datastore(self: cdk.Stack) -> object:
    app = cdk.Stage.of(self)
    assert isinstance(app, cdk.App)
    stack = Region(app, "eu-west-1")
    primary = lib.ReplicationGroup(stack, "Primary", vpc=stack.vpc, node_type=lib.NodeType.R7G_LARGE)
    return lib.GlobalDatastore(stack, "Global", primary=primary)


def regional_stacks(self: cdk.Stack) -> list[Region]:
    app = cdk.Stage.of(self)
    assert isinstance(app, cdk.App)
    return [Region(app, region) for region in ("us-west-2", "eu-west-1")]


def function(self: cdk.Stack) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    runtime = lambda_.Runtime.PYTHON_3_13
    return lambda_.Function(self, "Code", runtime=runtime, handler="index.handler", code=code, vpc=network(self))


def service(self: cdk.Stack) -> ecs.FargateService:
    task = ecs.FargateTaskDefinition(self, "Task")
    task.add_container("Shop", image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx"))
    group = ecs.Cluster(self, "Services", vpc=network(self))
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ecs.FargateService(
        self, "Service", cluster=group, task_definition=task, vpc_subnets=subnets, min_healthy_percent=100
    )


def user(self: cdk.Stack, name: str) -> lib.IamUser:
    return lib.IamUser(self, f"Existing{name}", engine=lib.Engine.VALKEY)


EXISTING: dict[str, Callable[[cdk.Stack], object]] = {
    "alarms": lambda self: lib.CacheAlarms(self, "ExistingAlarms", cache=cache(self)),
    "cache": cache,
    "cluster": lambda self: lib.MemcachedCluster(self, "ExistingCluster", vpc=network(self)),
    "clustered": clustered,
    "database": database,
    "function": function,
    "global_datastore": global_datastore,
    "group": lambda self: lib.UserGroup(self, "ExistingUsers", engine=lib.Engine.VALKEY, users=[user(self, "First")]),
    "key": lambda self: kms.Key(self, "Key"),
    "reader": lambda self: user(self, "Reader"),
    "regional_stacks": regional_stacks,
    "role": lambda self: iam.Role(self, "Role", assumed_by=iam.AccountRootPrincipal()),
    "secret": lambda self: secretsmanager.Secret(self, "Secret"),
    "security_group": lambda self: ec2.SecurityGroup(self, "SecurityGroup", vpc=network(self)),
    "serverless": lambda self: lib.ServerlessCache(self, "ExistingServerless", vpc=network(self)),
    "service": service,
    "shop": lambda self: lib.DatabaseCache(self, "ExistingShop", database=database(self)),
    "topic": lambda self: sns.Topic(self, "Topic"),
    "user": lambda self: user(self, "User"),
    "vpc": network,
    "writer": lambda self: user(self, "Writer"),
}
MODULES: dict[str, Any] = {
    "cdk": cdk,
    "cloudwatch": cloudwatch,
    "ec2": ec2,
    "logs": logs,
    "targets": targets,
    **{name: getattr(lib, name) for name in lib.__all__},
}


def inline() -> dict[str, str]:
    """The examples of methods and functions, `Example: ...` in their docstrings, by their qualified names."""
    found = {}
    members = [
        (f"{kind.__name__}.{name}", kind, member)
        for kind in (getattr(lib, name) for name in CLASSES)
        for name, member in vars(kind).items()
        if not name.startswith("_")
    ]
    for name, kind, member in members:
        text = " ".join((inspect.getdoc(member) or "").split())
        for code in re.findall(r"Example: `([^`]+)`", text):
            # A factory is written without its class, when the line would be too long.
            found[name] = f"{kind.__name__}.{code}" if code.startswith("from_") else code
    return found


def run(code: str, folder: Path) -> None:
    """Run an example in a new stack, and synthesise every stack of the app."""
    app = cdk.App(outdir=str(folder / "cdk.out"))
    self = cdk.Stack(app, "Example", env=cdk.Environment(region="us-east-1", account="111122223333"))
    tree = ast.parse(code)
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    # What the example creates itself is not given to it.
    names = {node.id for node in used} - {node.id for node in used if isinstance(node.ctx, ast.Store)}
    existing = {name: EXISTING[name](self) for name in EXISTING if name in names}
    exec(compile(tree, "example", "exec"), {**MODULES, **existing, "self": self})  # noqa: S102 - of this repository
    for stack in app.node.children:
        if isinstance(stack, cdk.Stack):
            assertions.Template.from_stack(stack)


INDIRECT = {
    "AccessRules": "AccessString.on().",
    "BoundAccess": "cache.access",
    "CacheGrants": "cache.grants",
    "Endpoint": "primary_endpoint",
    "MemcachedMetricOptions": "curr_items(node=",
    "MemcachedMetrics": "cluster.metrics",
    "NodeMetricOptions": "evictions(shard=",
    "ReplicationGroupMetrics": "cache.metrics",
    "ServerlessCacheMetrics": "serverless.metrics",
}
"""What the example of a class shows instead of the class, which an app does not name."""


@pytest.mark.parametrize("name", CLASSES)
def test_each_public_class_has_an_example_that_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / ".tools" / "caching-demo.zip"
    program.parent.mkdir()
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("__main__.py", "")
    code = example(name)
    assert code, f"{name} has no example; write one in its docstring, in a fence of Python"
    assert INDIRECT.get(name, name.removesuffix("Base")) in code, f"the example of {name} does not use it"
    run(code, tmp_path)


@pytest.mark.parametrize("name", inline())
def test_each_example_of_a_method_runs(name: str, tmp_path: Path) -> None:
    run(inline()[name], tmp_path)
