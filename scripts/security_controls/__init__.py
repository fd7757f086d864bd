"""The controls of AWS Security Hub CSPM: claims about the templates as data, and checks of these claims."""

from scripts.security_controls.model import (
    AtRuntime,
    ByDefault,
    ByProp,
    Control,
    Deployed,
    NotApplicable,
    NotMet,
    Outcome,
    Prop,
    Resource,
    Service,
)

__all__ = [
    "AtRuntime",
    "ByDefault",
    "ByProp",
    "Control",
    "Deployed",
    "NotApplicable",
    "NotMet",
    "Outcome",
    "Prop",
    "Resource",
    "Service",
    "all_services",
]


def all_services() -> tuple[Service, ...]:
    """The services in the order of the page, with their controls by number."""
    from scripts.security_controls import (  # noqa: PLC0415 - they import the model
        compute,
        data,
        ec2,
        elasticache,
        rds,
        tags,
        vpc,
    )

    of_ec2 = sorted(
        (*ec2.CONTROLS, *vpc.CONTROLS, *tags.CONTROLS), key=lambda control: int(control.id.partition(".")[2])
    )
    return (
        elasticache.SERVICE,
        Service("EC2", "ec2-controls", tuple(of_ec2)),
        *data.SERVICES,
        rds.SERVICE,
        *compute.SERVICES,
    )
