"""Subnet group and security groups of a cache: existing ones, or new ones."""

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import Place, error, problem
from .._core.creation import new
from .._core.names import description as describe
from ..network.subnet_group import SubnetGroup, SubnetGroupBase
from ..parameters import Parameters
from .parameter_group import ParameterGroupBase


class InVpc:
    """A mixin for caches of this app: the VPC, which is known unless the caller passes subnets and security groups."""

    _vpc: ec2.IVpc | None

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC of the nodes or endpoints, for clients and other constructs.

        :raises ValueError: if the cache was created without `vpc`.
        """
        if self._vpc is None:
            # All classes with this mixin are constructs.
            cache = cast(Construct, self)
            raise problem(cache, "vpc is not known, because the cache was created without it", "pass vpc to the cache")
        return self._vpc


class InSubnetGroup(InVpc):
    """A mixin for node-based caches of this app: VPC and subnet group."""

    _subnet_group: SubnetGroupBase

    @property
    def subnet_group(self) -> SubnetGroupBase:
        """The subnet group: the value of the parameter, or the group that this construct creates."""
        return self._subnet_group


def security_groups_of(
    scope: Construct, vpc: ec2.IVpc | None, existing: Sequence[ec2.ISecurityGroup] | None
) -> list[ec2.ISecurityGroup]:
    """The existing security groups, or a new one without rules for inbound or outbound traffic.

    :raises ValueError: if a new security group is needed and there is no VPC.
    """
    if existing is not None:
        return list(existing)
    if vpc is None:
        raise error(
            scope,
            "vpc",
            "be given for a new security group",
            "None",
            "pass vpc, or security_groups",
        )
    props = {"vpc": vpc, "description": describe("Cache nodes", scope), "allow_all_outbound": False}
    return [new(ec2.SecurityGroup, scope, props, id="SecurityGroup")]


def subnet_group_of(
    scope: Construct,
    vpc: ec2.IVpc | None,
    vpc_subnets: ec2.SubnetSelection | None,
    existing: SubnetGroupBase | None,
) -> SubnetGroupBase:
    """The existing subnet group, or a new one.

    :raises ValueError: for a subnet group of another region or account.
    """
    if existing is not None:
        require_same_environment(scope, "subnet_group", existing)
    return existing or SubnetGroup(
        scope, "SubnetGroup", vpc=vpc, vpc_subnets=vpc_subnets, description=describe("Cache subnets", scope)
    )


def require_subnets(
    path: Place, vpc: ec2.IVpc | None, vpc_subnets: ec2.SubnetSelection | None, subnet_group: SubnetGroupBase | None
) -> None:
    """Refuse a cache without subnets.

    :raises ValueError: if neither a VPC, nor a list of subnets, nor a subnet group is passed.
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
    path: Place,
    *,
    vpc_subnets: ec2.SubnetSelection | None,
    subnet_group: SubnetGroupBase | None,
    parameter_group: ParameterGroupBase | None,
    parameters: Mapping[str, str | float | bool] | Parameters | None,
) -> None:
    """Refuse props that exclude each other.

    :raises ValueError: for subnets with a subnet group, or parameters with a parameter group.
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
