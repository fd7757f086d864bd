"""Resolution of a `SubnetSelection` to subnets, as in the L2 constructs of CDK."""

import re
from collections.abc import Sequence
from typing import Final, cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.checking import error
from .._core.lookups import isolated_or_private_subnets, zone_of

# Placeholder ids, as in the dummy VPC of CDK, until the CLI has looked up the VPC and runs the app again.
_PENDING: Final = {
    "PendingSubnet1": ("subnet-00000000000000001", "dummy1a"),
    "PendingSubnet2": ("subnet-00000000000000002", "dummy1b"),
}
_MOST_OF_SERVERLESS: Final = 3


def select_cache_subnets(
    construct: Construct, vpc: ec2.IVpc | None, selection: ec2.SubnetSelection | None
) -> Sequence[ec2.ISubnet]:
    """The subnets of a selection; by default the isolated subnets, or the private subnets if there are none.

    :param vpc: not needed if the selection lists its subnets.
    :raises ValueError: if the selection is empty. The default never includes public subnets.
    """
    if selection is not None and selection.subnets is not None:
        if not selection.subnets:
            raise error(construct, "vpc_subnets", "name at least one subnet", "subnets=[]", "list the subnets")
        # As in CDK. `select_subnets` would read the zones, which subnets imported by id do not have.
        return selection.subnets
    if vpc is None:
        raise error(construct, "vpc", "be given", "None", "pass vpc, or vpc_subnets=ec2.SubnetSelection(subnets=[...])")
    if selection is None:
        return _default_subnets(construct, vpc)
    selected = _select(construct, vpc, selection)
    if selected.subnets:
        return selected.subnets
    if selected.is_pending_lookup:
        return [_pending_subnet(construct, id) for id in _PENDING]
    raise _nothing_selected(construct, vpc, selection)


def select_private_subnets(
    construct: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection | None, because: str
) -> list[ec2.ISubnet]:
    """As `select_cache_subnets`, without public subnets.

    :param because: why a public subnet does not work, for the error.
    """
    chosen = list(select_cache_subnets(construct, vpc, selection))
    public = {subnet.subnet_id for subnet in vpc.public_subnets}
    if any(subnet.subnet_id in public for subnet in chosen):
        raise error(construct, "vpc_subnets", "be isolated or private", "public subnets", f"choose others, {because}")
    return chosen


def require_zone(construct: Construct, subnet: ec2.ISubnet) -> None:
    """Refuse a subnet that was imported without its Availability Zone, which an instance needs.

    :raises ValueError: if the zone is not known.
    """
    try:
        _ = subnet.availability_zone
    except RuntimeError as unknown:
        raise error(
            construct,
            "vpc_subnets",
            "name subnets whose Availability Zone is known",
            f"{subnet.node.path} without it",
            "import the subnet with ec2.Subnet.from_subnet_attributes(..., availability_zone=...)",
        ) from unknown


def one_per_zone(subnets: Sequence[ec2.ISubnet]) -> list[ec2.ISubnet]:
    """The first subnet of each Availability Zone, at most three, as a serverless cache requires."""
    chosen = {zone_of(subnet): subnet for subnet in reversed(subnets)}
    return [subnet for subnet in subnets if chosen[zone_of(subnet)] is subnet][:_MOST_OF_SERVERLESS]


def _default_subnets(construct: Construct, vpc: ec2.IVpc) -> Sequence[ec2.ISubnet]:
    subnets = isolated_or_private_subnets(vpc)
    if not subnets:
        raise error(
            construct,
            "vpc_subnets",
            "name at least one subnet",
            "a VPC with neither isolated nor private subnets",
            "pass vpc_subnets, or a VPC that has them",
        )
    return subnets


def _select(construct: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection) -> ec2.SelectedSubnets:
    try:
        return vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnet_type=selection.subnet_type,
        )
    except RuntimeError as cdk_error:
        if selection.subnet_type is None or selection.subnet_group_name is None:
            raise _nothing_selected(construct, vpc, selection) from cdk_error
        raise error(
            construct,
            "vpc_subnets",
            "have either subnet_type or subnet_group_name",
            "both",
            "leave one of them out",
        ) from cdk_error


def _nothing_selected(construct: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection) -> ValueError:
    """The error for an empty selection, with the names that exist."""
    all_subnets = [*vpc.public_subnets, *vpc.private_subnets, *vpc.isolated_subnets]
    # CDK derives the name of a subnet group from the construct id of a subnet in the same way.
    groups = sorted({re.sub(r"Subnet\d+\Z", "", subnet.node.id) for subnet in all_subnets})
    if selection.subnet_group_name is not None and selection.subnet_group_name not in groups:
        return error(
            construct,
            "vpc_subnets",
            "name a subnet group of the VPC",
            f"subnet_group_name={selection.subnet_group_name!r}",
            f"use one of {', '.join(groups)}",
        )
    zones = sorted({zone_of(subnet) for subnet in all_subnets})
    if selection.availability_zones is not None and not set(selection.availability_zones) & set(zones):
        return error(
            construct,
            "vpc_subnets",
            "name zones in which the VPC has subnets",
            f"availability_zones={selection.availability_zones!r}",
            f"use {' or '.join(zones)}",
        )
    if selection.subnet_type is not None:
        types = {
            "PUBLIC": vpc.public_subnets,
            "PRIVATE_WITH_EGRESS": vpc.private_subnets,
            "PRIVATE_ISOLATED": vpc.isolated_subnets,
        }
        return error(
            construct,
            "vpc_subnets",
            "name a type of subnet that the VPC has",
            f"subnet_type={selection.subnet_type.name}",
            f"use {' or '.join(name for name, subnets in types.items() if subnets)}",
        )
    return error(
        construct,
        "vpc_subnets",
        "name at least one subnet",
        "a selection that no subnet of the VPC meets",
        "remove a filter, or list the subnets",
    )


def _pending_subnet(construct: Construct, id: str) -> ec2.ISubnet:
    existing = construct.node.try_find_child(id)
    if existing is not None:
        return cast(ec2.ISubnet, existing)
    subnet_id, zone = _PENDING[id]
    return ec2.Subnet.from_subnet_attributes(construct, id, subnet_id=subnet_id, availability_zone=zone)
