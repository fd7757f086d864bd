"""Templates of deployed stacks, read with boto3 if it is installed."""

import json
from collections.abc import Callable
from typing import Any, Final

from elasticache_rules.documents import Document
from elasticache_rules.parsing import DocumentError, parse_text

PREFIX: Final = "stack:"

ReadStack = Callable[[str, str | None], Document]
"""Reads the template of a deployed stack, with the arguments of `read_stack`."""


def read_stack(name: str, region: str | None) -> Document:
    """The template that a stack was deployed with, as CloudFormation has processed it.

    :param name: of the stack, in the account of the default credentials.
    :param region: Default: that of the credentials' profile.
    :raises DocumentError: without boto3, without credentials, or when there is no such stack.
    """
    if not name:
        raise DocumentError(f"{PREFIX} must be followed by a stack's name, got none; write it like {PREFIX}NAME")
    try:
        import boto3  # noqa: PLC0415 - wanted only where a stack is read
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError:
        raise DocumentError(
            f"{PREFIX}{name}: must be read with boto3, got none; install it with: pip install boto3"
        ) from None
    try:
        settings = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
        client = boto3.client("cloudformation", region_name=region, config=settings)
        body: Any = client.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
        actual_region = str(client.meta.region_name)
    # Besides its own errors, boto3 raises ValueError for an invalid endpoint URL and OSError for a settings file.
    except (BotoCoreError, ClientError, ValueError, OSError) as problem:
        cause = " ".join(str(problem).split())
        raise DocumentError(
            f"{PREFIX}{name}: must be a stack that can be read, got {cause}; check the name, region and credentials"
        ) from None
    return Document(f"{PREFIX}{name}", parse(body, name), actual_region)


def refuse_offline(name: str, region: str | None) -> Document:
    """Takes the place of `read_stack` with --offline.

    :raises DocumentError: always.
    """
    raise DocumentError(f"{PREFIX}{name}: must be read from AWS, got --offline; leave --offline out")


def parse(body: object, name: str) -> dict[str, Any]:
    """Parse a template body: boto3 has already parsed JSON, and returns YAML as text."""
    compact = (",", ":")
    text = body if isinstance(body, str) else json.dumps(body, default=str, ensure_ascii=False, separators=compact)
    document, _ = parse_text(text, f"{PREFIX}{name}")
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise DocumentError(f"{PREFIX}{name}: must have a template with resources, got none; name another stack")
    return document
