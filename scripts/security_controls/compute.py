"""The controls for Systems Manager, IAM, Lambda, CloudFormation and Step Functions."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import (
    AtRuntime,
    ByDefault,
    ByProp,
    Check,
    Control,
    Deployed,
    Finding,
    NotApplicable,
    NotMet,
    Prop,
    Service,
    Stack,
    each_of,
)
from scripts.security_controls.policies import listed, on_everything, statements
from scripts.security_controls.tags import tagged

_FUNCTION: Final = "AWS::Lambda::Function"
_ACCOUNT: Final = "a setting of the account and region"
_OF_CDK: Final = "`restrict_default_security_group=true`: the resources of its function are CDK's own and take no tags"
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html (2026-11-26)
_RUNTIMES: Final = ("python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x")
_ROTATION_CASES: Final = ("rotation", "rotation-of-a-token", "serverless-rotation")


def _managed_by_ssm(deployed: Deployed) -> Iterator[Finding]:
    """Whether the role has the policy for Systems Manager; EC2.57 evaluates the endpoints."""
    allowed = "AmazonSSMManagedInstanceCore"
    for instance in deployed.of("AWS::EC2::Instance"):
        roles = [role for role in deployed.of("AWS::IAM::Role") if role.stack == instance.stack]
        yield instance.name, any(allowed in str(role.properties.get("ManagedPolicyArns")) for role in roles)


def _not_administrator(statement: Mapping[str, Any]) -> bool:
    return not ("*" in listed(statement["Action"]) and on_everything(statement))


def _no_wildcard_service(statement: Mapping[str, Any]) -> bool:
    return not any(re.fullmatch(r"\*|[a-z0-9-]+:\*", str(action)) for action in listed(statement["Action"]))


def _in_a_vpc(properties: Mapping[str, Any]) -> bool:
    return bool(properties.get("VpcConfig", {}).get("SubnetIds"))


def _in_several_zones(deployed: Deployed) -> Iterator[Finding]:
    for function in deployed.of(_FUNCTION):
        if _in_a_vpc(function.properties):
            yield function.name, len(function.properties["VpcConfig"]["SubnetIds"]) > 1


def _each_stack(passes: Callable[[Stack], bool]) -> Check:
    def check(deployed: Deployed) -> Iterator[Finding]:
        for stack in deployed.stacks:
            yield stack.name, passes(stack)

    return check


def _logs_delivered(deployed: Deployed) -> Iterator[Finding]:
    for machine in deployed.of("AWS::StepFunctions::StateMachine"):
        level = machine.properties.get("LoggingConfiguration", {}).get("Level", "OFF")
        yield machine.name, level != "OFF"


SERVICES: Final = (
    Service(
        "Systems Manager",
        "ssm-controls",
        (
            Control(
                "SSM.1",
                "Amazon EC2 instances should be managed by AWS Systems Manager",
                ByProp(
                    "the options add the policy to the role, and the endpoints of EC2.57 to the VPC",
                    (Prop("CacheClient", "session_manager"), Prop("Network", "ssm_endpoints")),
                    ("ssm_endpoints", "true"),
                    without="default",
                    having="every-switch",
                ),
                _managed_by_ssm,
            ),
            Control(
                "SSM.2",
                "Amazon EC2 instances managed by Systems Manager should have a patch compliance status of COMPLIANT "
                "after a patch installation",
                AtRuntime("for instances of SSM.1; each new instance has the newest image"),
            ),
            Control(
                "SSM.3",
                "Amazon EC2 instances managed by Systems Manager should have an association compliance status of "
                "COMPLIANT",
                AtRuntime("for instances of SSM.1, with associations of the account"),
            ),
            Control(
                "SSM.4",
                "SSM documents should not be public",
                NotApplicable("no documents", ("AWS::SSM::Document",)),
            ),
            Control("SSM.5", "SSM documents should be tagged", NotApplicable("no documents", ("AWS::SSM::Document",))),
            Control("SSM.6", "SSM Automation should have CloudWatch logging enabled", NotApplicable(_ACCOUNT)),
            Control(
                "SSM.7", "SSM documents should have the block public sharing setting enabled", NotApplicable(_ACCOUNT)
            ),
        ),
    ),
    Service(
        "IAM",
        "iam-controls",
        (
            Control(
                "IAM.1",
                'IAM policies should not allow full "*" administrative privileges',
                ByDefault("each role has the actions and resources that it needs; checked on inline policies as well"),
                statements(_not_administrator),
            ),
            Control(
                "IAM.2",
                "IAM users should not have IAM policies attached",
                NotApplicable("no IAM users", ("AWS::IAM::User",)),
            ),
            Control(
                "IAM.21",
                "IAM customer managed policies that you create should not allow wildcard actions for services",
                ByDefault("checked on inline policies as well"),
                statements(_no_wildcard_service),
            ),
            Control(
                "IAM.24",
                "IAM roles should be tagged",
                ByDefault("tags of the app", exceptions={"every-switch": _OF_CDK}),
                each_of("AWS::IAM::Role", passes=tagged),
            ),
        ),
    ),
    Service(
        "Lambda, for rotation and clusters on Outposts",
        "lambda-controls",
        (
            Control(
                "Lambda.1",
                "Lambda function policies should prohibit public access",
                ByDefault("only Secrets Manager may call the rotation function", only=_ROTATION_CASES),
                each_of(
                    "AWS::Lambda::Permission", passes=lambda p: p.get("Principal") == "secretsmanager.amazonaws.com"
                ),
            ),
            Control(
                "Lambda.2",
                "Lambda functions should use supported runtimes",
                ByDefault("Python 3.14; functions of the CDK use Node.js 22 or later", only=_ROTATION_CASES),
                each_of(_FUNCTION, passes=lambda p: str(p.get("Runtime")) in _RUNTIMES),
            ),
            Control(
                "Lambda.3",
                "Lambda functions should be in a VPC",
                ByDefault(
                    "`CredentialRotation`",
                    exceptions={
                        "every-switch": "`restrict_default_security_group=true`: its function calls the EC2 API, and "
                        "nothing in the VPC",
                        "outposts": "`OutpostCluster`: its functions call the ElastiCache API, but nothing in the VPC",
                    },
                    only=_ROTATION_CASES,
                ),
                each_of(_FUNCTION, passes=_in_a_vpc),
            ),
            Control(
                "Lambda.5",
                "VPC Lambda functions should operate in multiple Availability Zones",
                ByDefault("`CredentialRotation`: every subnet of the cache", only=_ROTATION_CASES),
                _in_several_zones,
            ),
            Control(
                "Lambda.6",
                "Lambda functions should be tagged",
                ByDefault(
                    "tags of the app",
                    exceptions={"every-switch": _OF_CDK},
                    only=_ROTATION_CASES,
                ),
                each_of(_FUNCTION, passes=tagged),
            ),
            Control(
                "Lambda.7",
                "Lambda functions should have AWS X-Ray active tracing enabled",
                NotMet(
                    "the rotation function runs once a month and logs its steps; in an isolated VPC, X-Ray would need "
                    "another interface endpoint"
                ),
                each_of(_FUNCTION, passes=lambda p: p.get("TracingConfig", {}).get("Mode") == "Active"),
            ),
        ),
    ),
    Service(
        "CloudFormation",
        "cloudformation-controls",
        (
            Control(
                "CloudFormation.2",
                "CloudFormation stacks should be tagged",
                NotMet(
                    "the resources are tagged instead. CloudFormation applies tags of a stack to its resources; add "
                    "them with `cdk deploy --tags key=value`"
                ),
                _each_stack(lambda stack: stack.tagged),
            ),
            Control(
                "CloudFormation.3",
                "CloudFormation stacks should have termination protection enabled",
                NotMet(
                    "`-c termination_protection=true` protects the stack that holds the data. That of the network "
                    "cannot be deleted before it, and that of the client contains no data"
                ),
                _each_stack(lambda stack: stack.termination_protection),
            ),
            Control(
                "CloudFormation.4",
                "CloudFormation stacks should have associated service roles",
                ByDefault("the execution role of the CDK bootstrap"),
                _each_stack(lambda stack: stack.service_role),
            ),
        ),
    ),
    Service(
        "Step Functions, for clusters on Outposts",
        "stepfunctions-controls",
        (
            Control(
                "StepFunctions.1",
                "Step Functions state machines should have logging turned on",
                ByDefault("`OutpostCluster` logs errors", only=("outposts",)),
                _logs_delivered,
            ),
        ),
    ),
)
