"""Every fix in every error message leads to a valid construct."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib._core.checking import ReleaseError
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.conftest import FRANKFURT, existing_vpc
from tests.constructs_lib.corrected_calls import Fix
from tests.constructs_lib.fixes import FIXES
from tests.constructs_lib.sentences import SENTENCES
from tests.constructs_lib.test_words import CONSTRUCTS


def errors(module: str) -> dict[str, tuple[Callable[..., object], str]]:
    """The table of a test module, by id."""
    table: Any = importlib.import_module(f"tests.constructs_lib.{module}").ERRORS
    if isinstance(table, dict):
        return table
    if len(table[0]) == 2:  # without ids
        return dict(zip(FIXES[module], table, strict=True))
    return {id: (make, message) for id, make, message in table}


@pytest.mark.parametrize("module", FIXES)
def test_every_error_has_its_corrected_calls(module: str) -> None:
    assert set(FIXES[module]) == set(errors(module))


@pytest.mark.parametrize(
    "fix",
    [
        pytest.param(fix, id=f"{module}-{id}-{number}")
        for module, table in FIXES.items()
        for id, fixes in table.items()
        for number, fix in enumerate(fixes)
    ],
)
def test_a_fix_that_is_obeyed_leads_to_a_construct(app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc, fix: Fix) -> None:
    fix(stack, vpc, cdk.Stack(app, "Other", env=FRANKFURT))


# Alternatives that no call to a constructor expresses.
OUTSIDE = {"no-subnets": "a VPC that has such subnets", "arn": "the place where the ARN is found"}


@pytest.mark.parametrize(
    ("module", "id"),
    [pytest.param(module, id, id=f"{module}-{id}") for module, table in FIXES.items() for id in table],
)
def test_every_way_out_is_taken(module: str, id: str) -> None:
    _, message = errors(module)[id]
    alternatives = 1 + message.rpartition("; ")[2].count(", or ")
    assert len(FIXES[module][id]) >= alternatives - (id in OUTSIDE), message


def messages_of(stacks: list[cdk.Stack], make: Callable[[], object]) -> str:
    """The error, or all warnings if there is none."""
    try:
        make()
    except ReleaseError:
        raise  # not about the rule: the test is skipped on this release
    except ValueError as error:
        return str(error)
    result = [
        assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value()) for stack in stacks
    ]
    return "\n".join(str(entry.entry.data) for entries in result for entry in entries)


@pytest.mark.parametrize(
    ("key", "broken", "fixes"), [pytest.param(key, *case, id=key) for key, case in SENTENCES.items()]
)
def test_a_sentence_of_a_construct_is_reported_and_its_fixes_silence_it(
    key: str, broken: Fix, fixes: tuple[Fix, ...]
) -> None:
    construct, _, rule = key.partition(": ")
    sentence = CONSTRUCTS[construct][1].sentences[rule]
    problem, fix = (re.split(r"\{\w+\}", part) for part in (sentence.partition("; ")[0], sentence.partition("; ")[2]))
    for make in (broken, *fixes):
        app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
        here, there = cdk.Stack(app, "Stack", env=ENV), cdk.Stack(app, "Other", env=FRANKFURT)
        vpc = existing_vpc(here)
        cdk.CfnWaitConditionHandle(there, "Something")
        message = messages_of([here, there], lambda: make(here, vpc, there))  # noqa: B023 - called at once
        reported = all(part in message for part in (*problem, *fix))
        assert reported is (make is broken), message
        assert make is broken or not message.startswith("Stack/"), message


def test_every_sentence_has_a_case() -> None:
    told = {f"{name}: {key}" for name, (_, words) in CONSTRUCTS.items() for key in words.sentences}
    # The same message of two constructs needs one case.
    texts = {name: CONSTRUCTS[name.partition(": ")[0]][1].sentences[name.partition(": ")[2]] for name in told}
    assert {texts[name] for name in told} == {texts[name] for name in SENTENCES}
