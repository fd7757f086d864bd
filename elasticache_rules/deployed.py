"""Templates of deployed stacks, read with boto3 where it is installed."""

import json
from typing import Any, Final

from elasticache_rules.documents import Document, DocumentError, parse_text

PREFIX: Final = "stack:"


def read_stack(name: str, region: str | None) -> Document:
    """The template that a stack was deployed with, as CloudFormation has processed it.

    :param name: of the stack, in the account of the default credentials.
    :param region: Default: that of the credentials' profile.
    :raises DocumentError: without boto3, without credentials, or when there is no such stack.
    """
    try:
        import boto3  # noqa: PLC0415 - wanted only where a stack is read
        import botocore.exceptions  # noqa: PLC0415
    except ImportError:
        raise DocumentError(
            f"{PREFIX}{name}: must be read with boto3, got none; install it with: pip install boto3"
        ) from None
    try:
        client = boto3.client("cloudformation", region_name=region)
        body: Any = client.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
        found = str(client.meta.region_name)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
        raise DocumentError(
            f"{PREFIX}{name}: must be a stack that can be read, got {problem}; check the name, region and credentials"
        ) from None
    return Document(f"{PREFIX}{name}", parse(body, name), found)


def parse(body: object, name: str) -> dict[str, Any]:
    """A template body: boto3 has read JSON already, and leaves YAML as text."""
    if isinstance(body, str):
        body = parse_text(body, f"{PREFIX}{name}")
    document = json.loads(json.dumps(body, default=str))
    if not isinstance(document, dict) or "Resources" not in document:
        raise DocumentError(f"{PREFIX}{name}: must have a template with resources, got none; name another stack")
    return document
