"""Measures one more replication group in an app, compared with the same resources as bare CfnResource."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from bench.floor_app import add_resources
from bench.timing import Pairs, pairs, seconds
from constructs_lib import ReplicationGroup

_ROOT = Path(__file__).parents[1]
_PER_STACK = 25

Add = Callable[[cdk.Stack, ec2.IVpc, int], None]


def one_more(count: int) -> Pairs:
    """Measure the creation and the synthesis of one replication group in an app of `count`."""
    resources = _resources_of_one()

    def own(stack: cdk.Stack, vpc: ec2.IVpc, number: int) -> None:
        ReplicationGroup(stack, f"Cache{number}", vpc=vpc)

    def floor(stack: cdk.Stack, vpc: ec2.IVpc, number: int) -> None:
        add_resources(stack, {"Resources": _renamed(resources, number)})

    # With a warm-up, because an app of one would otherwise measure the loading of the CDK.
    return pairs(lambda: _cost(count, own), lambda: _cost(count, floor), count=11, warm_up=3)


def _cost(count: int, add: Add) -> float:
    """Seconds per group: for the creation, and for the longer synth in comparison with an app without groups."""
    with tempfile.TemporaryDirectory() as folder:
        app, _ = _app(count, folder)
        without = seconds(app.synth)
    with tempfile.TemporaryDirectory() as folder:
        app, stacks = _app(count, folder)

        def make() -> None:
            for number in range(count):
                add(*stacks[number // _PER_STACK], number)

        creation = seconds(make)
        return (creation + seconds(app.synth) - without) / count


def _app(count: int, folder: str) -> tuple[cdk.App, list[tuple[cdk.Stack, ec2.IVpc]]]:
    """Create an app with enough stacks for the groups, each with a VPC."""
    context = json.loads((_ROOT / "cdk.json").read_text())["context"]
    app = cdk.App(context=context, outdir=folder, analytics_reporting=False)
    stacks: list[tuple[cdk.Stack, ec2.IVpc]] = []
    for first in range(0, count, _PER_STACK):
        stack = cdk.Stack(app, f"Stack{first}")
        isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        vpc = ec2.Vpc(
            stack, "Vpc", nat_gateways=0, restrict_default_security_group=False, subnet_configuration=[isolated]
        )
        stacks.append((stack, vpc))
    return app, stacks


def _resources_of_one() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        app, ((stack, vpc),) = _app(1, folder)
        ReplicationGroup(stack, "Cache", vpc=vpc)
        app.synth()
        template = json.loads(Path(folder, "Stack0.template.json").read_text())
        return {name: resource for name, resource in template["Resources"].items() if name.startswith("Cache")}


def _renamed(resources: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy of the resources with unique logical ids, references and user ids."""
    text = json.dumps(resources)
    for name in resources:
        text = text.replace(f'"{name}"', f'"N{number}{name}"')
    renamed: dict[str, Any] = json.loads(text.replace("stack0-", f"stack{number}-"))
    return renamed
