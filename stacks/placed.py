"""A deployment in one region: three stacks, network, cache and client."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheBase, ClientProgram, DatabaseTarget, presets
from stacks.cache import CacheStack
from stacks.client import ClientStack, Place, in_network
from stacks.deployment import Deployment
from stacks.forms import check_existing_network, check_region
from stacks.network import NetworkStack

Preset = Literal["demo", "dev-test", "production"]
PRESETS: Final = {"demo": presets.demo, "dev-test": presets.dev_test, "production": presets.production}
"""What the console's easy create would choose, by name."""


@dataclass(frozen=True, kw_only=True)
class PlacedDeployment(Deployment):
    """A deployment in one region, in a new VPC or in one that exists.

    :param preset: demo, dev-test or production: other defaults for size, copies, backups, logs and removal.
    :param region: where to deploy. Default: the region of the CLI's profile.
    :param vpc_id: an existing VPC, instead of a new one; with subnet_ids and availability_zones.
    :param subnet_ids: its subnets, comma-separated.
    :param availability_zones: their zones, in the same order.
    """

    CACHE_DESCRIPTION: ClassVar[str]
    """The description of the cache's stack."""

    preset: Preset | None = None
    region: str | None = None
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no place can be."""
        super().__post_init__()
        check_region(self.name, self.region)
        check_existing_network(self.name, self.vpc_id, self.subnet_ids, self.availability_zones)

    @abstractmethod
    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the cache and what belongs to it in a stack, with the stack's outputs."""

    @abstractmethod
    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """What a preset of easy create says, as fields of this deployment."""

    def create_database(
        self, scope: Construct, place: Place, environment: cdk.Environment | None
    ) -> DatabaseTarget | None:
        """Create the stack of the database behind the cache, where there is one."""
        return None

    def program(self) -> ClientProgram | None:
        """What the client runs after its connection test, where there is something."""
        return None

    def implied(self, given: dict[str, object]) -> dict[str, object]:
        """The fields that follow from others, where they are not given themselves."""
        return {}

    def build(self, scope: Construct, env: cdk.Environment | None = None) -> None:
        """Network, then database and cache, then client; each depends on those before and on no later one."""
        where = cdk.Environment(
            account=self.account or (env.account if env else None),
            region=self.region or (env.region if env else None),
        )
        stack = (
            NetworkStack(scope, f"{self.stack_prefix}-Network", deployment=self, env=where)
            if self.vpc_id is None
            else None
        )
        network = stack.network if stack else None
        place = self._existing_place if network is None else in_network(network)
        database = self.create_database(scope, place, where)
        cache = CacheStack(
            scope,
            f"{self.stack_prefix}-Cache",
            description=self.CACHE_DESCRIPTION,
            termination_protection=self.termination_protection,
            env=where,
        )
        created = self.create_cache(cache, *place(cache))
        ClientStack(
            scope,
            f"{self.stack_prefix}-Client",
            deployment=self,
            place=place,
            cache=created,
            network=network,
            database=database,
            program=self.program(),
            env=where,
        )

    def _existing_place(self, stack: cdk.Stack) -> tuple[ec2.IVpc, ec2.SubnetSelection]:
        """The VPC that exists and its subnets, as a stack sees them."""
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=str(self.vpc_id),
            availability_zones=list(self.availability_zones),
            isolated_subnet_ids=list(self.subnet_ids),
        )
        cdk.Annotations.of(vpc).acknowledge_warning(
            "@aws-cdk/aws-ec2:noSubnetRouteTableId", "Nothing here adds a route or a gateway endpoint."
        )
        return vpc, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
