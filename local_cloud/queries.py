"""The query protocol of the ElastiCache API: lists in the parameters of a request, XML in the answer, and errors."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

NAMESPACE: Final = "http://elasticache.amazonaws.com/doc/2015-02-02/"
Parameters = Mapping[str, str]


class ApiError(ValueError):
    """An action that cannot be carried out.

    :param code: error code of the ElastiCache API.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def items(parameters: Parameters, name: str) -> Iterator[str]:
    """The items of a list, such as those of `SecurityGroupIds.SecurityGroupId`."""
    number = 1
    while (value := parameters.get(f"{name}.{number}")) is not None:
        yield value
        number += 1


def tags(parameters: Parameters) -> list[dict[str, str]]:
    """The tags, in the form of a template."""
    found, number = [], 1
    while (key := parameters.get(f"Tags.Tag.{number}.Key")) is not None:
        found.append({"Key": key, "Value": parameters.get(f"Tags.Tag.{number}.Value", "")})
        number += 1
    return found


def required(parameters: Parameters, name: str) -> str:
    """The value of a parameter.

    :raises ApiError: without it.
    """
    if not parameters.get(name):
        raise ApiError("InvalidParameterValue", f"{name} must be provided.")
    return parameters[name]


def texts(parent: Element, **values: str) -> None:
    """Add an element with a text for each value."""
    for name, text in values.items():
        SubElement(parent, name).text = text


def tag_list(action: str, listed: Mapping[str, str]) -> Element:
    """The answer of an action that returns tags."""
    result = Element(f"{action}Result")
    parent = SubElement(result, "TagList")
    for key, value in listed.items():
        texts(SubElement(parent, "Tag"), Key=key, Value=value)
    return result


def tags_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """The tags in the properties of a resource."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags") or ()}


def error(code: str, message: str) -> Element:
    """The answer to an action that cannot be carried out."""
    root = Element("ErrorResponse", xmlns=NAMESPACE)
    texts(SubElement(root, "Error"), Type="Sender", Code=code, Message=message)
    return root
