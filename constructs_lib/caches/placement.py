"""Subnet group and security groups: the caller's, or new ones."""

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.checking import error, problem
from .._core.names import description as describe
from ..network.subnet_group import SubnetGroup, SubnetGroupBase
from ..parameters import Parameters
from .parameter_group import ParameterGroupBase


class InVpc:
    """A cache created here, whose VPC is known unless the caller gives its subnets and security groups instead."""

    _vpc: ec2.IVpc | None

    @property
    def vpc(self) -> ec2.IVpc:
        """Where its nodes or its endpoints live.

        :raises ValueError: where the cache was created without `vpc`.
        """
        if self._vpc is None:
            # A mixin: every class that has it is a construct.
            cache = cast(Construct, self)
            raise problem(cache, "vpc is not known, because the cache was created without it", "pass vpc to the cache")
        return self._vpc


class InSubnetGroup(InVpc):
    """A cache of nodes created here, whose VPC and subnet group are known."""

    _subnet_group: SubnetGroupBase

    @property
    def subnet_group(self) -> SubnetGroupBase:
        """The subnet group, given or created."""
        return self._subnet_group


def security_groups_of(
    scope: Construct, vpc: ec2.IVpc | None, given: Sequence[ec2.ISecurityGroup] | None
) -> list[ec2.ISecurityGroup]:
    """The security groups that were given, or a new one that lets nobody in and nothing out.

    :raises ValueError: without a VPC for a new one.
    """
    if given is not None:
        return list(given)
    if vpc is None:
        raise error(
            scope,
            "vpc",
            "be given for a new security group",
            "None",
            "pass vpc, or security_groups",
        )
    return [
        ec2.SecurityGroup(
            scope, "SecurityGroup", vpc=vpc, description=describe("Cache nodes", scope), allow_all_outbound=False
        )
    ]


def subnet_group_of(
    scope: Construct,
    vpc: ec2.IVpc | None,
    vpc_subnets: ec2.SubnetSelection | None,
    given: SubnetGroupBase | None,
) -> SubnetGroupBase:
    """The subnet group that was given, or a new one."""
    return given or SubnetGroup(
        scope, "SubnetGroup", vpc=vpc, vpc_subnets=vpc_subnets, description=describe("Cache subnets", scope)
    )


def require_subnets(
    path: str, vpc: ec2.IVpc | None, vpc_subnets: ec2.SubnetSelection | None, subnet_group: SubnetGroupBase | None
) -> None:
    """Refuse a cache whose subnets are not known.

    :raises ValueError: when neither a VPC, nor subnets, nor a subnet group is given.
    """
    if vpc is None and subnet_group is None and (vpc_subnets is None or vpc_subnets.subnets is None):
        raise error(
            path,
            "vpc",
            "be given for new resources",
            "None",
            "pass vpc, or both subnet_group and security_groups",
        )


def refuse_contradictions(
    path: str,
    *,
    vpc_subnets: ec2.SubnetSelection | None,
    subnet_group: SubnetGroupBase | None,
    parameter_group: ParameterGroupBase | None,
    parameters: Mapping[str, str | float | bool] | Parameters | None,
) -> None:
    """Refuse what is given twice.

    :raises ValueError: for subnets beside a subnet group, or parameters beside a parameter group.
    """
    if subnet_group is not None and vpc_subnets is not None:
        raise error(
            path,
            "vpc_subnets",
            "be absent with subnet_group",
            "both",
            "leave one of them out, because a subnet group names its own subnets",
        )
    if parameter_group is not None and parameters is not None:
        raise error(
            path,
            "parameters",
            "be absent with parameter_group",
            "both",
            "set them in that parameter group",
        )
