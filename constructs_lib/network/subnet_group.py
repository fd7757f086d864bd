"""Subnet groups: where the nodes of a cache live."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.checking import check
from .._core.lookups import subnet_ids
from .._core.names import description as describe
from .subnet_selection import select_cache_subnets

_PROPS = {
    "Description": "description",
    "CacheSubnetGroupName": "subnet_group_name",
    "SubnetIds": "vpc_subnets",
}


class SubnetGroupBase(Construct):
    """What a cache asks of a subnet group, made here or imported."""

    @property
    def subnet_group_name(self) -> str:
        """The name that a cache refers to."""
        raise NotImplementedError


class SubnetGroup(SubnetGroupBase):
    """The subnets that a cache may put its nodes in.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html

    :param vpc: the VPC. Default: none, where `vpc_subnets` lists its subnets.
    :param vpc_subnets: which of its subnets. Default: the isolated ones, or else the private ones.
    :param description: 1 to 255 characters. Default: names the stack.
    :param subnet_group_name: 1 to 255 characters. Default: CloudFormation names it, so that it can be replaced.
    :raises ValueError: when the VPC has no such subnet, or a name AWS would refuse is given.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        description: str | None = None,
        subnet_group_name: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        ids = subnet_ids(select_cache_subnets(self, vpc, vpc_subnets))
        said = description or describe("Cache subnets", self)
        check(
            self,
            {
                "Resource": {
                    "Type": "AWS::ElastiCache::SubnetGroup",
                    "Properties": {
                        "Description": said,
                        "CacheSubnetGroupName": subnet_group_name,
                        "SubnetIds": ids,
                    },
                }
            },
            only="Resource",
            names=_PROPS,
        )
        self._resource = elasticache.CfnSubnetGroup(
            self,
            "Resource",
            description=said,
            subnet_ids=ids,
            cache_subnet_group_name=subnet_group_name,
        )

    @property
    def subnet_group_name(self) -> str:
        """The name that a cache refers to."""
        return self._resource.ref

    @staticmethod
    def from_subnet_group_name(scope: Construct, id: str, subnet_group_name: str) -> SubnetGroupBase:
        """A subnet group that exists already."""
        return _ImportedSubnetGroup(scope, id, subnet_group_name)


class _ImportedSubnetGroup(SubnetGroupBase):
    def __init__(self, scope: Construct, id: str, subnet_group_name: str) -> None:
        super().__init__(scope, id)
        self._name = subnet_group_name

    @property
    def subnet_group_name(self) -> str:
        return self._name
