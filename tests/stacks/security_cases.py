"""The templates for the security controls: every deployment and option, and features that the app does not use."""

from collections.abc import Callable
from functools import cache

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns

from constructs_lib import CacheAlarms, LogDelivery, LogDestination, Network, OutpostCluster, ReplicationGroup
from scripts.security_controls import Deployed
from scripts.security_controls.model import Stack
from stacks.deployments import DEFAULT, DEPLOYMENTS
from tests.conftest import CONTEXT, ENV
from tests.stacks.assembly import VARIANTS, assembly

Context = tuple[tuple[str, str], ...]

_DEFAULTS: dict[str, Context] = {
    f"{name}-without-options": (("deployment", name),)
    for name in DEPLOYMENTS
    if name != DEFAULT and (("deployment", name),) not in VARIANTS.values()
}
_OLD: Context = (("engine_version", "5.0.6"),)
CONTEXTS: dict[str, Context] = {
    **_DEFAULTS,
    **VARIANTS,
    "old-redis": (*_OLD, ("access", "none")),
    "old-redis-token": (*_OLD, ("access", "auth-token")),
}
"""The app's cases by name, each with its context."""

WITHOUT_OPTIONS = {
    name: next(
        case for case, context in CONTEXTS.items() if context == (() if name == DEFAULT else (("deployment", name),))
    )
    for name in DEPLOYMENTS
}
"""By deployment, the case that has nothing else."""


def _outposts(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        isolated_subnet_ids=["subnet-0a1b2c3d4e5f60711"],
        isolated_subnet_route_table_ids=["rtb-0a1b2c3d4e5f60711"],
    )
    OutpostCluster(
        stack,
        "Cache",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnets=vpc.isolated_subnets),
        outpost_arn="arn:aws:outposts:eu-west-1:111111111111:outpost/op-0123456789abcdef0",
    )


def _cache(stack: cdk.Stack) -> ReplicationGroup:
    to = LogDestination.firehose()
    return ReplicationGroup(stack, "Cache", vpc=Network(stack, "Network").vpc, logs=[LogDelivery.slow_log(to)])


def _alarms(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic", enforce_ssl=True)
    CacheAlarms(stack, "Alarms", cache=_cache(stack), topic=topic)


def _alarms_without_topic(stack: cdk.Stack) -> None:
    CacheAlarms(stack, "Alarms", cache=_cache(stack))


CONSTRUCTS: dict[str, Callable[[cdk.Stack], None]] = {
    "outposts": _outposts,
    "alarms": _alarms,
    "alarms-without-topic": _alarms_without_topic,
}
"""Constructs that the app does not use, each in a stack that is tagged as the app tags its own."""

CASES = (*CONTEXTS, *CONSTRUCTS)


@cache
def deployed(case: str) -> Deployed:
    """The templates of a case."""
    if case in CONTEXTS:
        deployment = assembly(*CONTEXTS[case])
        stacks = tuple(
            Stack(
                name,
                termination_protection=bool(stack["properties"].get("terminationProtection")),
                tagged=bool(stack["properties"].get("tags")),
                service_role="cloudFormationExecutionRoleArn" in stack["properties"],
            )
            for name, stack in deployment.manifest["artifacts"].items()
            if stack["type"] == "aws:cloudformation:stack"
        )
        return Deployed(deployment.templates, stacks)
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    stack = cdk.Stack(app, "Probe", env=ENV)
    CONSTRUCTS[case](stack)
    cdk.Tags.of(stack).add("project", "elasticache-stack")
    return Deployed({"Probe": assertions.Template.from_stack(stack).to_json()})
