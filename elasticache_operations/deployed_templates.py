"""Templates of deployed stacks, `stack:NAME`, read as every call of AWS: a failure has the exit status of its kind."""

from typing import Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.errors import InputError
from elasticache_operations.progress import Progress
from elasticache_rules import deployed
from elasticache_rules.documents import Document
from elasticache_rules.parsing import DocumentError

GET_TEMPLATE: Final = Call("cloudformation", "GetTemplate", when="stack:NAME")
"""The call that reads the template of a deployed stack."""


def read_deployed(name: str, aws: Aws, progress: Progress) -> Document:
    """The template of a deployed stack, as CloudFormation has processed it.

    :raises InputError: for a stack that does not exist, or without a template.
    :raises AwsError: for credentials, permissions, throttling and the network.
    """
    if not name:
        raise InputError("stack: must be followed by a stack's name, got none; write it like stack:NAME")
    with progress.step(f"reading the template of stack {name}"):
        answer = aws.call("cloudformation", "GetTemplate", StackName=name, TemplateStage="Processed")
    try:
        content = deployed.parse(answer["TemplateBody"], name)
    except DocumentError as problem:
        raise InputError(str(problem)) from None
    return Document(f"{deployed.PREFIX}{name}", content, aws.default_region())


def read_stack(name: str, region: str | None) -> Document:
    """The template of a deployed stack, for the commands of `elasticache_rules`.

    :param region: Default: that of the profile.
    :raises InputError: for a stack that does not exist, or without a template.
    :raises AwsError: for credentials, permissions, throttling and the network.
    """
    return read_deployed(name, Aws(region), Progress())
