"""Subnet groups: where the nodes of a cache live."""

from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.imports import imported
from .._core.lookups import subnet_ids
from .._core.names import description as describe
from .._core.resource import create, reference_to
from .._core.words import Words
from .subnet_selection import select_cache_subnets

WORDS: Final = Words(
    {"Description": "description", "CacheSubnetGroupName": "subnet_group_name", "SubnetIds": "vpc_subnets"}
)


class SubnetGroupBase(AwsResource):
    """What a cache asks of a subnet group, created here or imported."""

    @property
    def subnet_group_name(self) -> str:
        """The name that a cache refers to."""
        raise NotImplementedError

    @property
    def subnet_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:subnetgroup:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("subnetgroup", self.subnet_group_name)


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
        create(
            self,
            elasticache.CfnSubnetGroup,
            {
                "Description": description or describe("Cache subnets", self),
                "CacheSubnetGroupName": subnet_group_name,
                "SubnetIds": subnet_ids(select_cache_subnets(self, vpc, vpc_subnets)),
            },
            words=WORDS,
        )

    @property
    def subnet_group_name(self) -> str:
        """The name that a cache refers to."""
        return reference_to(self)

    @staticmethod
    def from_subnet_group_name(scope: Construct, id: str, subnet_group_name: str) -> SubnetGroupBase:
        """A subnet group of the stack's account and region that exists already.

        Example: `SubnetGroup.from_subnet_group_name(self, "Subnets", "shared")`.

        :param subnet_group_name: letters, digits, hyphens, dots and underscores.
        :raises ValueError: for a name that is malformed.
        """
        return _ImportedSubnetGroup(scope, id, name=subnet_group_name)

    @staticmethod
    def from_subnet_group_arn(scope: Construct, id: str, subnet_group_arn: str) -> SubnetGroupBase:
        """A subnet group that exists already, by its ARN.

        Example: `SubnetGroup.from_subnet_group_arn(self, "Subnets", cdk.Fn.import_value("SubnetsArn"))`.

        :param subnet_group_arn: `arn:aws:elasticache:<region>:<account>:subnetgroup:<name>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return _ImportedSubnetGroup(scope, id, arn=subnet_group_arn)


class _ImportedSubnetGroup(SubnetGroupBase):
    def __init__(self, scope: Construct, id: str, *, name: str | None = None, arn: str | None = None) -> None:
        given = imported(
            scope,
            id,
            kind="subnetgroup",
            name_prop="subnet_group_name",
            name=name,
            arn_prop="subnet_group_arn",
            arn=arn,
        )
        super().__init__(scope, id, imported=given)
        self._name = given.name

    @property
    def subnet_group_name(self) -> str:
        return self._name
