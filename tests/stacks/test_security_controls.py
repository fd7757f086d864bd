"""Each claim of docs/security-controls.md, against the templates of every deployment, switch and preset."""

import functools
import inspect
import re
from dataclasses import replace
from typing import Any, cast

import pytest

import constructs_lib
from scripts.security_controls import (
    AtRuntime,
    ByDefault,
    ByProp,
    Control,
    Deployed,
    NotApplicable,
    NotMet,
    Outcome,
    Resource,
    all_services,
)
from scripts.security_controls.model import Claim
from scripts.security_docs import document, result
from stacks.deployments import DEPLOYMENTS, field_types
from tests.conftest import ROOT
from tests.stacks.assembly import VARIANTS, assembly
from tests.stacks.security_cases import CASES, CONTEXTS, WITHOUT_OPTIONS, deployed
from tests.stacks.security_changes import BREAKS, MAKES, Change

CONTROLS = {control.id: control for service in all_services() for control in service.controls}
# As the user guide lists them; numbers that are missing are not in use.
OF_EC2 = (
    *range(1, 5),
    *range(6, 11),
    *range(12, 26),
    28,
    *range(33, 59),
    60,
    *range(170, 184),
)
OF_RDS = (*range(1, 18), *range(19, 49), 50, 51)


FIELDS = {field for deployment in DEPLOYMENTS.values() for field in field_types(type(deployment))}


def having(kind: type) -> list[Control]:
    return [control for control in CONTROLS.values() if isinstance(control.claim, kind)]


def claims() -> list[Claim]:
    return [control.claim for control in CONTROLS.values()]


def text_of(claim: Claim) -> str:
    """All claims."""
    said = claim.how if isinstance(claim, ByDefault | ByProp) else claim.reason
    return " ".join((said, *(claim.exceptions.values() if isinstance(claim, ByDefault) else ())))


def outcomes(control: Control) -> dict[str, Outcome]:
    return {case: control.outcome(deployed(case)) for case in CASES}


def name_of(value: object) -> str:
    return value.id if isinstance(value, Control) else ""


def test_every_control_of_the_named_services_has_a_claim() -> None:
    assert len(CONTROLS) == sum(len(service.controls) for service in all_services()), "an id is there twice"
    expected = {f"EC2.{number}" for number in OF_EC2}
    expected |= {f"ElastiCache.{number}" for number in range(1, 8)}
    expected |= {f"SecretsManager.{number}" for number in range(1, 6)}
    expected |= {f"RDS.{number}" for number in OF_RDS}
    services = ("EC2.", "ElastiCache.", "RDS.", "SecretsManager.")
    assert {id for id in CONTROLS if id.startswith(services)} == expected


@pytest.mark.parametrize("control", having(ByDefault), ids=name_of)
def test_what_is_met_by_default_is_met_in_every_deployment(control: Control) -> None:
    claim, found = control.claim, outcomes(control)
    assert isinstance(claim, ByDefault)
    failed = {case: control.failures(deployed(case)) for case, outcome in found.items() if outcome is Outcome.FAILED}
    assert set(failed) == set(claim.exceptions), failed
    without_options = {found[case] for case in WITHOUT_OPTIONS.values()}
    if claim.only:
        assert without_options == {Outcome.NOT_EVALUATED}
        assert {found[case] for case in claim.only} == {Outcome.MET}
    else:
        assert Outcome.MET in without_options


@pytest.mark.parametrize("control", having(ByProp), ids=name_of)
def test_the_prop_is_what_makes_it_met(control: Control) -> None:
    claim, found = control.claim, outcomes(control)
    assert isinstance(claim, ByProp)
    assert found[claim.without] is Outcome.FAILED
    assert found[claim.having] is Outcome.MET
    if claim.context is not None:
        assert claim.context in CONTEXTS[claim.having]
        assert claim.context not in CONTEXTS[claim.without]
        assert claim.context[0] in FIELDS
        for case, outcome in found.items():
            if claim.context in CONTEXTS.get(case, ()):
                assert outcome is not Outcome.FAILED or claim.context[0] == "access", case


def test_the_props_exist() -> None:
    props = {(prop.construct, prop.name) for claim in claims() if isinstance(claim, ByProp) for prop in claim.props}
    assert len(props) >= 7
    for claim in claims():
        for construct, names in re.findall(r"`([A-Za-z_.]+)\(([a-z_]+=(?:, [a-z_]+=)*)\)`", text_of(claim)):
            props |= {(construct, name.strip().rstrip("=")) for name in names.split(",")}
    assert ("LogDestination.log_group", "retention") in props
    for construct, name in props:
        made: Any = functools.reduce(getattr, construct.split("."), cast("Any", constructs_lib))
        signature = inspect.signature(made.__init__ if inspect.isclass(made) else made)
        assert name in signature.parameters, f"{construct}({name}=)"


def test_the_options_of_the_app_exist() -> None:
    named = {name for claim in claims() for name in re.findall(r"`(?:-c )?([a-z_]+)=[a-z0-9]+`", text_of(claim))}
    assert {"preset", "customer_managed_key", "termination_protection"} <= named
    assert named <= FIELDS


@pytest.mark.parametrize("control", having(NotMet), ids=name_of)
def test_what_is_not_met_fails_wherever_it_is_evaluated(control: Control) -> None:
    by_case = set(outcomes(control).values())
    assert by_case in ({Outcome.FAILED}, {Outcome.FAILED, Outcome.NOT_EVALUATED})


@pytest.mark.parametrize("control", having(NotApplicable), ids=name_of)
def test_what_is_not_applicable_is_in_no_template(control: Control) -> None:
    claim = control.claim
    assert isinstance(claim, NotApplicable)
    assert control.check is None
    assert claim.absent or claim.engines or "setting of the account" in claim.reason
    for case in CASES:
        assert [resource.name for resource in deployed(case).of(*claim.absent) if claim.absent] == []
        databases = deployed(case).of("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
        engines = {database.properties["Engine"] for database in databases}
        engines |= {f"{database.kind.rpartition('::')[2]} {database.properties['Engine']}" for database in databases}
        assert [engine for engine in engines if engine.startswith(claim.engines)] == []


def test_no_type_of_a_service_that_is_not_listed_is_in_a_template() -> None:
    kinds = {resource.kind for case in CASES for resource in deployed(case).of()}
    assert {kind for kind in kinds if kind.startswith(("AWS::ECS::", "AWS::ElasticLoadBalancing"))} == set()


@pytest.mark.parametrize("control", [*having(AtRuntime), *having(NotApplicable)], ids=name_of)
def test_what_no_template_decides_has_no_check(control: Control) -> None:
    assert control.outcome(deployed("default")) is Outcome.NOT_EVALUATED


@pytest.mark.parametrize(
    ("id", "change"), [(id, change) for id, changes in BREAKS.items() for change in changes], ids=lambda v: str(v)[:60]
)
def test_a_check_finds_what_it_is_for(id: str, change: Change) -> None:
    before = deployed(change.case)
    assert CONTROLS[id].outcome(before) is (Outcome.FAILED if change.case in _exceptions(id) else Outcome.MET)
    after = change.apply(before)
    assert CONTROLS[id].outcome(after) is Outcome.FAILED
    assert CONTROLS[id].failures(after)


def _exceptions(id: str) -> set[str]:
    claim = CONTROLS[id].claim
    return set(claim.exceptions) if isinstance(claim, ByDefault) else set()


def test_every_check_that_is_met_by_default_is_tried_with_a_fault() -> None:
    assert {control.id for control in having(ByDefault)} - set(BREAKS) == {"CloudFormation.4"}


@pytest.mark.parametrize(("id", "change"), MAKES.items(), ids=lambda v: str(v)[:60])
def test_a_check_that_fails_can_pass(id: str, change: Change) -> None:
    before = deployed(change.case)
    assert CONTROLS[id].outcome(before) is Outcome.FAILED
    assert CONTROLS[id].outcome(change.apply(before)) is Outcome.MET


def test_every_check_that_is_not_met_passes_with_the_required_settings() -> None:
    assert {control.id for control in having(NotMet)} - set(MAKES) == {"CloudFormation.2", "CloudFormation.3", "EC2.28"}


def test_a_backup_plan_would_cover_the_volume() -> None:
    deployment = deployed("default")
    plan = {"Resources": {"Selection": {"Type": "AWS::Backup::BackupSelection"}}}
    assert (
        CONTROLS["EC2.28"].outcome(replace(deployment, templates={**deployment.templates, "Backup": plan}))
        is Outcome.MET
    )


@pytest.mark.parametrize(
    ("id", "option"),
    [
        ("CloudFormation.2", "tagged"),
        ("CloudFormation.3", "termination_protection"),
        ("CloudFormation.4", "service_role"),
    ],
)
def test_the_options_of_stacks(id: str, option: str) -> None:
    deployment = deployed("default")
    assert len(deployment.stacks) == 3
    for value, expected in ((True, Outcome.MET), (False, Outcome.FAILED)):
        stacks = tuple(replace(stack, **{option: value}) for stack in deployment.stacks)  # type: ignore[arg-type]
        assert CONTROLS[id].outcome(replace(deployment, stacks=stacks)) is expected
    one = (replace(deployment.stacks[0], **{option: False}), *stacks[1:])  # type: ignore[arg-type]
    assert CONTROLS[id].failures(replace(deployment, stacks=one))


@pytest.mark.parametrize(
    ("days", "expected"), [("90 days", Outcome.MET), ("91 days", Outcome.FAILED), ("1 day", Outcome.MET)]
)
def test_the_bound_of_rotation(days: str, expected: Outcome) -> None:
    change = Change(
        "AWS::SecretsManager::RotationSchedule", "RotationRules.ScheduleExpression", f"rate({days})", "rotation"
    )
    assert CONTROLS["SecretsManager.4"].outcome(change.apply(deployed("rotation"))) is expected


@pytest.mark.parametrize(("days", "expected"), [(365, Outcome.MET), (364, Outcome.FAILED)])
def test_the_bound_of_retention(days: int, expected: Outcome) -> None:
    change = Change("AWS::Logs::LogGroup", "RetentionInDays", days)
    assert CONTROLS["CloudWatch.16"].outcome(change.apply(deployed("default"))) is expected


@pytest.mark.parametrize("case", ["token-single-node", "serverless-memcached", "global-datastore-cluster"])
def test_a_key_outlives_its_stack(case: str) -> None:
    """What is said of KMS.3, which no template decides."""
    resources = [
        resource for template in deployed(case).templates.values() for resource in template["Resources"].values()
    ]
    keys = [resource for resource in resources if resource["Type"] == "AWS::KMS::Key"]
    assert keys
    assert {key["DeletionPolicy"] for key in keys} == {"Retain"}


def test_a_rule_for_the_web_alone_is_authorized() -> None:
    rule = [{"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}]
    change = Change("AWS::EC2::SecurityGroup", "SecurityGroupIngress", rule)
    after = change.apply(deployed("default"))
    assert CONTROLS["EC2.18"].outcome(after) is Outcome.MET
    assert CONTROLS["EC2.53"].outcome(after) is Outcome.MET


def test_a_secondary_is_read_with_what_its_primary_states() -> None:
    change = Change("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", 1, "global-datastore")
    after = change.apply(deployed("global-datastore"))
    assert CONTROLS["ElastiCache.4"].outcome(after) is Outcome.MET
    groups = after.of("AWS::ElastiCache::ReplicationGroup")
    assert len([group for group in groups if "AtRestEncryptionEnabled" in group.properties]) == 1


def test_nothing_is_evaluated_where_nothing_is() -> None:
    empty = Deployed({"Empty": {"Resources": {}}})
    assert {control.outcome(empty) for control in CONTROLS.values()} == {Outcome.NOT_EVALUATED}
    assert empty.of() == []
    assert Resource("A", "B", "C", {}).name == "A/B"


def test_every_reason_says_something() -> None:
    for control in CONTROLS.values():
        assert len(text_of(control.claim)) > 2, control.id
        assert result(control)


def test_the_page_is_current() -> None:
    current = (ROOT / "docs" / "security-controls.md").read_text()
    assert current == document(assembly(*VARIANTS[name]) for name in VARIANTS), "run 'make docs'"
