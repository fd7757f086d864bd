"""Generated contexts: templates or one line, within bounds on time and memory."""

from typing import Any

import pytest
from jsii.errors import JavaScriptError

import app as project
from stacks.deployments import DEPLOYMENTS, field_types
from tests.bounded import run_cases
from tests.stacks import fuzzing

CASES = 60
SECONDS = 200
"""For the whole process, which takes 6 s alone on one core."""
SLOWEST = 30
"""Seconds of wall time for one case, which takes 0.1 to 1 s on a machine that is not busy."""
PEAK_MIB = 600
"""Of Python or of Node, whichever has more; Node takes about 250 MiB."""


def test_generated_contexts_end_in_templates_or_in_one_line() -> None:
    results = run_cases("tests.stacks.fuzzing", "0", str(CASES), seconds=SECONDS)
    assert results.failures == []
    assert sum(results.outcomes.values()) == CASES
    assert results.outcomes["built"] > CASES / 5
    assert results.outcomes["refused"] > CASES / 5
    assert results.slowest < SLOWEST, results.slowest_case
    assert results.peak_mib < PEAK_MIB


def test_the_generator_reaches_every_deployment_and_field() -> None:
    reached: dict[str, set[str]] = {}
    for number in range(1000):
        given = fuzzing.context(fuzzing.numbered(number))
        if isinstance(given["deployment"], str):
            reached.setdefault(given["deployment"], set()).update(given)
    missed = {name: set(field_types(type(deployment))) - reached[name] for name, deployment in DEPLOYMENTS.items()}
    assert missed == {name: set() for name in DEPLOYMENTS}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"@aws-cdk/core:defaultCrossStackReferences": "moon"},
            "error: CDK: InvalidReferenceStrength: Invalid value for @aws-cdk/core:defaultCrossStackReferences: ",
        ),
        ({"@aws-cdk/core:bootstrapQualifier": "../x"}, "error: CDK: Invalid S3 bucket name (value: cdk-../x-assets-"),
    ],
)
def test_what_cdk_refuses_is_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        fuzzing.run_app(given, {"CDK_DEFAULT_ACCOUNT": "111111111111", "CDK_DEFAULT_REGION": "eu-west-1"})
    assert str(ended.value).startswith(said)
    assert str(ended.value).endswith("; correct what it names")
    assert str(ended.value).isprintable()


def test_an_error_of_python_keeps_its_traceback_and_one_of_cdk_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, cause: Exception | None) -> None:
        def build_app(**_: object) -> None:
            raise RuntimeError(text) from cause

        monkeypatch.setattr(project, "build_app", build_app)
        project.main()

    with pytest.raises(RuntimeError, match="a defect"):
        fail("a defect", ValueError("of Python"))
    cause = JavaScriptError("stack")  # type: ignore[no-untyped-call]  # jsii leaves it without types
    with pytest.raises(SystemExit) as ended:
        fail("refused\nat line 1", cause)
    assert ended.value.code == "error: CDK: refused; correct what it names"
    with pytest.raises(SystemExit) as ended:
        fail("ValidationFailed: one\ntwo", cause)
    assert ended.value.code == "error: CDK: ValidationFailed: one\ntwo; correct what it names"


def test_findings_of_the_checks_end_the_app_without_a_traceback() -> None:
    assert fuzzing.check({"instance_type": "zz9.large"}, {}) == "findings"
