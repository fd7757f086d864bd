"""Answers of ElastiCache as XML, according to the service model of botocore."""

from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

import botocore.session

MODEL: Final = botocore.session.get_session().get_service_model("elasticache")
NAMESPACE: Final = "http://elasticache.amazonaws.com/doc/2015-02-02/"


@dataclass(slots=True)
class RefusalError(Exception):
    """An error response of the service."""

    code: str
    message: str = "refused by the fake"
    http_status: int = 400


def answer_of(operation: str, result: dict[str, Any]) -> bytes:
    shape = MODEL.operation_model(operation).output_shape
    root = ET.Element(f"{operation}Response", xmlns=NAMESPACE)
    root.append(_element(shape, result, shape.serialization["resultWrapper"]))
    ET.SubElement(ET.SubElement(root, "ResponseMetadata"), "RequestId").text = "fake"
    return ET.tostring(root)


def _element(shape: Any, value: Any, name: str) -> ET.Element:
    element = ET.Element(name)
    if shape.type_name == "structure":
        for key, item in value.items():
            member = shape.members[key]
            element.append(_element(member, item, member.serialization.get("name", key)))
    elif shape.type_name == "list":
        for item in value:
            element.append(_element(shape.member, item, shape.member.serialization.get("name", "member")))
    else:
        assert shape.type_name == "string", f"{name} is a {shape.type_name}"
        element.text = str(value)
    return element


def answer_of_error(refusal: RefusalError) -> bytes:
    root = ET.Element("ErrorResponse", xmlns=NAMESPACE)
    error = ET.SubElement(root, "Error")
    for name, text in (("Type", "Sender"), ("Code", refusal.code), ("Message", refusal.message)):
        ET.SubElement(error, name).text = text
    ET.SubElement(root, "RequestId").text = "fake"
    return ET.tostring(root)
