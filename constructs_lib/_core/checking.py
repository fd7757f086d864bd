"""The constructor's door to the rules: raise at once, in the caller's words."""

import re
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import UNKNOWN, Finding, Severity, Template, check_template

WARNING_ID = "elasticache-constructs"


def is_token(value: object) -> bool:
    """Whether only the deployment knows a value. Plain text and numbers are told apart without asking CDK."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        # A list is encoded as one element that begins with a hash sign.
        return "${Token[" in value or value.startswith("#{Token[")
    if isinstance(value, int | float):
        return value < -1e280
    return bool(cdk.Token.is_unresolved(value))


def must_be_known(owner: str, prop: str, value: object) -> None:
    """Refuse a value that only the deployment knows, where the template depends on it.

    :param owner: the construct's path, or the name of a value object.
    :raises ValueError: for a token, or a list that is one.
    """
    values = value if isinstance(value, list | tuple) else (value,)
    if any(is_token(each) for each in values):
        raise ValueError(f"{owner}: {prop} must be known at synth, got a token; use a literal value")


def error(construct: Construct, prop: str, must: str, value: object, fix: str) -> ValueError:
    """The house's error: `<construct path>: <property> must <rule>, got <value>; <what to change>`."""
    return ValueError(f"{construct.node.path}: {prop} must {must}, got {value}; {fix}")


def check(
    construct: Construct,
    resources: Mapping[str, Mapping[str, Any]],
    *,
    only: str,
    names: Mapping[str, str],
    region: str | None = None,
) -> None:
    """Run the rules on a resource and those around it; raise on the first error, annotate each warning.

    :param resources: a template's resources, with tokens where only the deployment knows the value.
    :param only: the logical id of the resource that this construct makes.
    :param names: what a CloudFormation property is called as a prop of this construct.
    :param region: where it will be deployed, for rules that differ by region.
    :raises ValueError: what AWS would refuse, in the words of the props.
    """
    template = Template.of({"Resources": _without_tokens(resources)}, region=None if is_token(region) else region)
    findings = check_template(template, only=[only])
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise ValueError(_message(construct, finding, names))
    for finding in findings:
        cdk.Annotations.of(construct).add_warning_v2(
            f"{WARNING_ID}:{finding.rule}", f"{_message(construct, finding, names)} ({finding.source})"
        )


def _message(construct: Construct, finding: Finding, names: Mapping[str, str]) -> str:
    words = f"{finding.message}; {finding.fix}"
    pattern = re.compile(r"\b(" + "|".join(sorted(names, key=len, reverse=True)) + r")\b")
    return f"{construct.node.path}: {pattern.sub(lambda found: names[found[1]], words)}"


def _without_tokens(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_tokens(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_tokens(item) for item in value]
    return UNKNOWN if is_token(value) else value
