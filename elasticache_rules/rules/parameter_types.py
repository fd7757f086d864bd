"""The type of a value that is only known at deployment: text or a list, and of which kind of resource.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import json
import re
from typing import Any, Final

from elasticache_rules.alternatives import template_parameters
from elasticache_rules.template import Template, Unknown

_CALL: Final = re.compile(r'\{"(Ref|Fn::[A-Za-z0-9]{1,40})":')
_LIST_FUNCTIONS: Final = ("Fn::Split", "Fn::GetAZs", "Fn::Cidr")
_TEXT_FUNCTIONS: Final = ("Fn::Join", "Fn::Sub", "Fn::Base64", "Fn::ImportValue")
_STORED: Final = "AWS::SSM::Parameter::Value<"
_LISTS: Final = ("CommaDelimitedList", "List<")
_OF_RESOURCES: Final = ("AWS::EC2::", "AWS::Route53::")


def declared_type(template: Template, value: Any) -> str:  # noqa: ANN401 - of any property
    """The `Type` of the parameter that a value is the `Ref` of; empty for any other value.

    The value of a parameter of the Parameter Store has the type in the angle brackets.
    """
    name = _referred(value)
    entry = template_parameters(template).get(name) if name else None
    if not isinstance(entry, dict) or template.rewritten:
        return ""
    kind = str(entry.get("Type", ""))
    return kind[len(_STORED) : -1] if kind.startswith(_STORED) else kind


def resource_type(template: Template, value: Any) -> str:  # noqa: ANN401 - of any property
    """The kind of resource whose ids or names a parameter takes, such as `AWS::EC2::VPC::Id`; empty if it takes any."""
    kind = declared_type(template, value)
    kind = kind[len("List<") : -1] if kind.startswith("List<") else kind
    return kind if kind.startswith(_OF_RESOURCES) else ""


def is_list(template: Template, value: Unknown) -> bool | None:
    """Whether a value that is only known at deployment is a list; None if it may be one or not."""
    call = _CALL.match(value.text)
    if call is None or template.rewritten:
        return None
    if call[1] == "Ref":
        name = _referred(value)
        if name.startswith("AWS::"):
            return name == "AWS::NotificationARNs"
        kind = declared_type(template, value)
        return kind.startswith(_LISTS) if kind else None
    return True if call[1] in _LIST_FUNCTIONS else False if call[1] in _TEXT_FUNCTIONS else None


def _referred(value: Any) -> str:  # noqa: ANN401 - of any property
    if not isinstance(value, Unknown) or not value.text.startswith('{"Ref":'):
        return ""
    try:
        name = json.loads(value.text)["Ref"]
    except ValueError:  # cut, because it is long
        return ""
    return name if isinstance(name, str) else ""
