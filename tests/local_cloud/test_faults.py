"""The fault matrix: each fault rolls the stack back, and the reason names the stage, the cause and the next action."""

import pytest

from local_cloud.fault import (
    Fault,
    replace_text,
    set_property,
    without_endpoint_statement,
    without_grant,
    without_rule,
)
from local_cloud.faults import FAULTS, Outcome, run
from local_cloud.stacks import Deployed, Stacks

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def outcomes(emulated: Stacks) -> dict[str, Outcome]:
    return {outcome.fault.name: outcome for outcome in run(emulated, FAULTS)}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_ends_as_it_would_on_aws(outcomes: dict[str, Outcome], fault: Fault) -> None:
    outcome = outcomes[fault.name]
    assert outcome.missing == [], outcome.message


@pytest.mark.slow
def test_the_stacks_of_faults_are_deleted(outcomes: dict[str, Outcome], emulated: Stacks) -> None:
    assert outcomes
    assert emulated.names == []
    assert list((emulated.session.folder / "caches").glob("*")) == []


def test_an_outcome_lists_what_is_missing() -> None:
    fault = Fault(name="none", expected=("FAIL at tcp: ",))
    result = Deployed("CREATE_COMPLETE", {"ClientVerdict1": "OK"}, [])
    assert Outcome(fault, result, 1.0).missing == ["ROLLBACK_COMPLETE (it is CREATE_COMPLETE)", "FAIL at tcp: "]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replace_text("no", "yes"), "the template does not contain 'no'; correct the fault"),
        (
            set_property("AWS::EC2::VPC", "CidrBlock", ""),
            "the template has no resource of type AWS::EC2::VPC; correct the fault",
        ),
        (without_grant("s3:GetObject"), "no policy of the template allows s3:GetObject; correct the fault"),
        (
            without_endpoint_statement("Assets"),
            "no endpoint policy of the template has the statement Assets; correct the fault",
        ),
        (without_rule(5433), "the template has no rule for port 5433; correct the fault"),
    ],
)
def test_a_fault_that_changes_nothing_is_refused(change, message: str) -> None:  # type: ignore[no-untyped-def]
    template = {
        "Resources": {
            "A": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": []}}},
            "B": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {}},
        }
    }
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - compared as a whole below
        change(template)
    assert str(raised.value) == message
