"""Subnet groups: the subnets for the nodes of a cache."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.imports import imported
from .._core.installed import takes_subnets
from .._core.lookups import subnet_ids
from .._core.names import description as describe
from .._core.resource import create, reference_to
from .._core.words import Words
from .subnet_selection import select_cache_subnets

WORDS: Final = Words(
    {"Description": "description", "CacheSubnetGroupName": "subnet_group_name", "SubnetIds": "vpc_subnets"}
)


class SubnetGroupBase(AwsResource):
    """A subnet group, created in this app or imported.

    ```python
    shared = SubnetGroup.from_subnet_group_name(self, "Subnets", "shared")
    ReplicationGroup(self, "Cache", subnet_group=shared, security_groups=[security_group])
    ```
    """

    @property
    def subnet_group_name(self) -> str:
        """The name of the subnet group; a token unless it is imported by a literal name."""
        raise NotImplementedError

    @property
    def subnet_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:subnetgroup:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("subnetgroup", self.subnet_group_name)


class SubnetGroup(SubnetGroupBase):
    """The subnets in which ElastiCache may place the nodes of a cache.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html

    ```python
    subnets = SubnetGroup(self, "Subnets", vpc=vpc)
    ReplicationGroup(self, "Cache", vpc=vpc, subnet_group=subnets)
    ```

    :param vpc: the VPC. Default: none, if `vpc_subnets` lists the subnets.
    :param vpc_subnets: the subnets of the VPC. Default: the isolated subnets, or the private subnets if there are none.
    :param description: 1 to 255 characters. Default: a text with the name of the stack.
    :param subnet_group_name: 1 to 255 characters. Default: CloudFormation generates a name, so that the subnet group
        can be replaced.
    :raises ValueError: if the VPC has no such subnets, or AWS would refuse the name.
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
                "SubnetIds": _ids_or_subnets(select_cache_subnets(self, vpc, vpc_subnets)),
            },
            words=WORDS,
        )

    @property
    def subnet_group_name(self) -> str:
        """The name of the subnet group; a token unless it is imported by a literal name."""
        return reference_to(self)

    @staticmethod
    def from_subnet_group_name(scope: Construct, id: str, subnet_group_name: str) -> SubnetGroupBase:
        """Import a subnet group of the stack's account and region by its name.

        Example: `SubnetGroup.from_subnet_group_name(self, "Subnets", "shared")`.

        :param subnet_group_name: letters, digits, hyphens, dots and underscores.
        :raises ValueError: for a name that is malformed.
        """
        return _ImportedSubnetGroup(scope, id, name=subnet_group_name)

    @staticmethod
    def from_subnet_group_arn(scope: Construct, id: str, subnet_group_arn: str) -> SubnetGroupBase:
        """Import a subnet group by its ARN.

        Example: `SubnetGroup.from_subnet_group_arn(self, "Subnets", cdk.Fn.import_value("SubnetsArn"))`.

        :param subnet_group_arn: `arn:aws:elasticache:<region>:<account>:subnetgroup:<name>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return _ImportedSubnetGroup(scope, id, arn=subnet_group_arn)


def _ids_or_subnets(subnets: Sequence[ec2.ISubnet]) -> list[str] | list[ec2.ISubnet]:
    """The ids of subnets; subnets of this app themselves if the L1 takes them, because reading an id is a jsii call."""
    if takes_subnets() and all(isinstance(subnet, ec2.Subnet) for subnet in subnets):
        return list(subnets)
    return subnet_ids(subnets)


class _ImportedSubnetGroup(SubnetGroupBase):
    def __init__(self, scope: Construct, id: str, *, name: str | None = None, arn: str | None = None) -> None:
        identity = imported(
            scope,
            id,
            kind="subnetgroup",
            name_prop="subnet_group_name",
            name=name,
            arn_prop="subnet_group_arn",
            arn=arn,
        )
        super().__init__(scope, id, imported=identity)
        self._name = identity.name

    @property
    def subnet_group_name(self) -> str:
        return self._name
