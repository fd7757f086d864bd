"""The fault matrix: each fault rolls the stack back, and the reason names stage, cause and what to do next."""

import pytest

from local_cloud.fault import Fault, replace_text, set_property, without_grant, without_rule, without_way
from local_cloud.faults import FAULTS, Outcome, run
from local_cloud.stacks import Deployed, Stacks

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def outcomes(emulated: Stacks) -> dict[str, Outcome]:
    return {each.fault.name: each for each in run(emulated, FAULTS)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_each_fault_ends_as_it_would_on_aws(outcomes: dict[str, Outcome], fault: Fault) -> None:
    outcome = outcomes[fault.name]
    assert outcome.missing == [], outcome.said


def test_nothing_is_left_of_them(outcomes: dict[str, Outcome], emulated: Stacks) -> None:
    assert outcomes
    assert emulated.names == []
    assert list((emulated.session.folder / "caches").glob("*")) == []


def test_an_outcome_says_what_is_missing() -> None:
    fault = Fault(name="none", says=("FAIL at tcp: ",))
    found = Deployed("CREATE_COMPLETE", {"ClientVerdict1": "OK"}, [])
    assert Outcome(fault, found, 1.0).missing == ["ROLLBACK_COMPLETE (it is CREATE_COMPLETE)", "FAIL at tcp: "]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replace_text("no", "yes"), "the template must hold 'no', and does not; correct the fault"),
        (
            set_property("AWS::EC2::VPC", "CidrBlock", ""),
            "the template must have a resource of type AWS::EC2::VPC, and has none; correct the fault",
        ),
        (without_rule(5433), "the template must have a rule for port 5433, and has none; correct the fault"),
        (without_grant("s3:GetObject"), "a policy must allow s3:GetObject, and none does; correct the fault"),
        (without_way("Assets"), "an endpoint's policy must have Assets, and none has; correct the fault"),
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
