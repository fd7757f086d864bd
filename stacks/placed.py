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
"""The presets of "Easy create" in the console, by name."""


@dataclass(frozen=True, kw_only=True)
class PlacedDeployment(Deployment):
    """A deployment in one region, in a new or an existing VPC.

    :param preset: demo, dev-test or production: changes the defaults for size, replicas, backups, logs and removal.
    :param region: the region to deploy to. Default: the region of the CLI profile.
    :param vpc_id: an existing VPC, instead of a new one; requires subnet_ids and availability_zones.
    :param subnet_ids: the subnets in the VPC, comma-separated.
    :param availability_zones: the Availability Zones of the subnets, in the same order.
    """

    CACHE_DESCRIPTION: ClassVar[str]
    """The description of the stack of the cache."""

    preset: Preset | None = None
    region: str | None = None
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the region and the VPC."""
        super().__post_init__()
        check_region(self.name, self.region)
        check_existing_network(self.name, self.vpc_id, self.subnet_ids, self.availability_zones)

    @abstractmethod
    def create_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> CacheBase:
        """Create the cache with its related resources and outputs in a stack."""

    @abstractmethod
    def preset_fields(self, preset: Preset) -> dict[str, object]:
        """The settings of a preset, as fields of this deployment."""

    def create_database(
        self, scope: Construct, place: Place, environment: cdk.Environment | None
    ) -> DatabaseTarget | None:
        """Create the stack of the database behind the cache; None for a deployment without database."""
        return None

    def program(self) -> ClientProgram | None:
        """The program that the client runs after the connection test; None for no program."""
        return None

    @property
    def needs_cache(self) -> bool:
        """Whether the stack of the client fails when the client cannot use the cache."""
        return True

    def implied(self, given: dict[str, object]) -> dict[str, object]:
        """Fields that are derived from other fields, unless the context sets them."""
        return {}

    def build(self, scope: Construct, env: cdk.Environment | None = None) -> None:
        """Create the stacks of the network, the database, the cache and the client, in the order of dependencies."""
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
            cache_optional=not self.needs_cache,
            env=where,
        )

    def _existing_place(self, stack: cdk.Stack) -> tuple[ec2.IVpc, ec2.SubnetSelection]:
        """The existing VPC and its subnets, imported into a stack."""
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
