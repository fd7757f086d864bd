"""The corpus: configurations that AWS refuses, one fault each, and tricky ones that it accepts."""

import json
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import Finding, Severity, Template, check_template

CORPUS = Path(__file__).parent / "corpus"


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text().splitlines()]


def check(case: dict[str, Any]) -> list[Finding]:
    return check_template(Template.of({"Resources": case["resources"]}, region=case.get("region")))


def is_right(case: dict[str, Any], findings: list[Finding]) -> bool:
    """Whether what is said names the fault."""
    output = " ".join(f"{finding} {finding.property_path}" for finding in findings).lower()
    return bool(findings) and all(word.lower() in output for word in case["expected_error_words"])


@pytest.mark.parametrize(("confidence", "share"), [("high", 0.98), ("medium", 0.95)])
def test_bad_cases_are_found_for_the_right_reason(confidence: str, share: float) -> None:
    """High confidence as an error, medium as a warning at least."""
    wanted = [case for case in cases("bad") if case["confidence"] == confidence]
    missed = []
    for case in wanted:
        findings = check(case)
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if not is_right(case, errors if confidence == "high" else findings):
            missed.append(case["id"])
    assert len(wanted) >= 49
    assert len(missed) <= (1 - share) * len(wanted), missed


def test_each_bad_case_has_errors_of_one_rule() -> None:
    result = {
        case["id"]: {finding.rule for finding in check(case) if finding.severity is Severity.ERROR}
        for case in cases("bad")
    }
    assert {id: rules for id, rules in result.items() if len(rules) > 1} == {}


def test_no_good_case_is_an_error() -> None:
    good = cases("good")
    assert len(good) == 85
    refused = {
        case["id"]: str(finding) for case in good for finding in check(case) if finding.severity is Severity.ERROR
    }
    assert refused == {}
