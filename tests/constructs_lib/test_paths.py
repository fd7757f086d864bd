"""The path of a construct in its stack: that of CDK, without a call."""

from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct
from jsii._kernel.providers.process import _NodeProcess

from constructs_lib._core.aws_resource import AwsResource
from constructs_lib._core.checking import problem
from constructs_lib._core.lookups import ChildPath, path_in_stack, stack_name_of


def test_reading_a_path_takes_no_call_unless_an_error_needs_it(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = _NodeProcess.send

    def send(self: _NodeProcess, request: Any, *rest: Any) -> Any:
        asked.append(str(getattr(request, "property", None)))
        return original(self, request, *rest)

    cache = AwsResource(stack, "Orders/Cache")
    child = AwsResource(cache, "User")
    assert stack_name_of(child) == "Stack"
    monkeypatch.setattr(_NodeProcess, "send", send)
    where = ChildPath(cache, "Group")
    assert path_in_stack(child) == "Orders--Cache/User"
    assert asked == []
    assert str(problem(where, "it is wrong", "correct it")) == "Stack/Orders--Cache/Group: it is wrong; correct it"
    assert asked == ["node", "path"]


def test_the_path_in_the_stack_is_that_of_cdk(stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(Construct(stack, "Part"), "Nested")
    for scope, path in ((stack, "It"), (Construct(stack, "Own"), "Own/It"), (nested, "Part/Nested/It")):
        assert path_in_stack(AwsResource(scope, "It")) == path
        assert stack_name_of(AwsResource(scope, "Other")) == "Stack"
